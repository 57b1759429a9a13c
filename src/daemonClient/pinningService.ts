import type { PeerAnswer } from './peerAnswer';
import { askWho } from './peerAnswer';
import type { RpcAccess } from './rpcAddress';
import { countIn } from './rpcJson';

/**
 * At most a second, by the Pinning Service API (https://ipfs.github.io/pinning-services-api-spec/). The one of IPFS Cluster waits for the Kubo below
 * and may take longer: then it is `busy`. Never rejects, but for `cancelled`.
 */
export function probePinningService(access: RpcAccess, signal?: AbortSignal): Promise<PeerAnswer> {
  return askWho(
    access,
    {
      method: 'GET',
      route: '/pins?limit=1',
      who: 'the pinning service',
      judge: ({ count, results }) =>
        countIn(count) !== undefined && Array.isArray(results) ? undefined : 'its answer is no list of pins',
    },
    signal,
  );
}

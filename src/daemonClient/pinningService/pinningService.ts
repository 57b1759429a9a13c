import { nameOf } from '../../base/asker';
import type { HttpAnswer } from '../http';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { RpcAccess } from '../rpcAddress';
import { objectIn, objectInBytes } from '../../pin/looseJson';
import { countIn } from '../rpcJson';

/**
 * At most a second, by the Pinning Service API (https://ipfs.github.io/pinning-services-api-spec/). The one of IPFS Cluster waits for the Kubo below
 * and may take longer: then it is `busy`. Never rejects, but for `cancelled`.
 */
export function probePinningService(access: RpcAccess, signal?: AbortSignal): Promise<DaemonAnswer> {
  return askWho(
    access,
    {
      method: 'GET',
      route: '/pins?limit=1',
      who: 'the pinning service',
      setting: nameOf('services'),
      judge: ({ count, results }) =>
        countIn(count) !== undefined && (Array.isArray(results) || results === null || (results === undefined && count === 0))
          ? undefined
          : "its response isn't a list of pins",
      accepts: saysNoPins,
    },
    signal,
  );
}

/** Some services answer 404 where there are no pins. An error as the API writes it, with its reason, tells them from a server without that route. */
export function saysNoPins({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): boolean {
  return status === 404 && typeof objectIn(objectInBytes(body)?.['error'])?.['reason'] === 'string';
}

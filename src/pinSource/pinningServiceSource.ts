import { probePinningService } from '../daemonClient/pinningService';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { accessWith, parseRpcUrl } from '../daemonClient/rpcUrl';
import { answered, openFromPeer } from './peerListing';
import type { PinSource } from './pinSource';

export interface PinningServiceOptions {
  /** What it is called in the settings; no two are called the same. */
  readonly name: string;
  readonly url: string;
  /** The value of the header Authorization for a URL, if one is kept. */
  readonly authorization: (place: string) => Promise<string | undefined>;
}

/** A remote pinning service, by the Pinning Service API. Read only. */
export function createPinningServiceSource({ name, url, authorization }: PinningServiceOptions): PinSource {
  const access = async (): Promise<RpcAccess> => {
    const where = { url: parseRpcUrl(url) };
    return accessWith(where, await authorization(where.url));
  };
  return {
    id: `service:${name}`,
    name,
    capabilities: { names: true, sizes: 'none', times: true, actions: [], stop: false },
    place: () => Promise.resolve(parseRpcUrl(url)),
    probe: (signal) => answered(access().then((where) => probePinningService(where, signal))),
    open: async (options) => openFromPeer('pinning-service', { access: await access(), name }, options),
  };
}

import { probePinningService } from '../daemonClient/pinningService/pinningService';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { accessTo, parseRpcUrl } from '../daemonClient/rpcUrl';
import type { WayTo } from '../daemonClient/way';
import type { TokenOf } from '../daemonClient/keptTokens';
import { keptTokens } from '../daemonClient/keptTokens';
import { answered } from '../daemonClient/daemonAnswer';
import { openList } from './listing';
import type { PinSource } from './pinSource';

export interface PinningServiceOptions {
  /** What it is called in the settings; no two are called the same. */
  readonly name: string;
  readonly url: string;
  readonly authorization: TokenOf;
  readonly wayTo?: WayTo | undefined;
}

/** A remote pinning service, by the Pinning Service API. Read only. */
export function createPinningServiceSource({ name, url, authorization, wayTo }: PinningServiceOptions): PinSource {
  const tokens = keptTokens(authorization);
  const access = async (): Promise<RpcAccess> => tokens.accessTo(accessTo(url, wayTo));
  return {
    id: `service:${name}`,
    name,
    capabilities: { names: true, sizes: 'none', times: true, actions: [], stop: false },
    watch: tokens.watch,
    place: () => Promise.resolve(parseRpcUrl(url)),
    probe: (signal) => answered(access().then((where) => probePinningService(where, signal))),
    open: async (options) => openList({ kind: 'pinning-service', query: { access: await access(), name } }, options),
  };
}

import { createHash } from 'node:crypto';
import { countServicePins, probePinningService } from '../daemonClient/pinningService/pinningService';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { accessTo } from '../daemonClient/rpcAccess';
import { createPatience } from '../daemonClient/retryAfter';
import { parseServiceUrl } from '../daemonClient/rpcUrl';
import type { WayTo } from '../daemonClient/proxyAndCertificate';
import { usualWay } from '../daemonClient/proxyAndCertificate';
import type { TokenOf } from '../daemonClient/tokenCache';
import { savedTokens } from '../daemonClient/tokenCache';
import { answered } from '../daemonClient/daemonAnswer';
import { openList } from './listing';
import { madeOnce } from './madeOnce';
import type { PinSource } from './pinSource';
import type { SourceKind } from './sourceKind';

/** How often a service is asked how many pins it has (ms): it may be far away, and count the requests of each user. */
const COUNT_EVERY_MS = 60_000;
/** The longest time for which a service isn't asked that said so (ms). */
const LONGEST_REST_MS = 24 * 60 * 60_000;

export interface PinningServiceOptions {
  /** The name in the settings, where it is unique. */
  readonly name: string;
  readonly url: string;
  readonly authorization: TokenOf;
  readonly wayTo?: WayTo | undefined;
}

export const pinningServiceKind: SourceKind = {
  id: 'services',
  create: ({ settings, authorization, ways }) => {
    const once = madeOnce();
    const wayTo = usualWay(ways);
    return () =>
      settings().services.map(({ name, url }) =>
        once(`${name}\n${url}`, () => createPinningServiceSource({ name, url, authorization, wayTo })),
      );
  },
};

/** A remote pinning service with the Pinning Service API, read-only. */
export function createPinningServiceSource({ name, url, authorization, wayTo }: PinningServiceOptions): PinSource {
  const tokens = savedTokens(authorization);
  const access = async (): Promise<RpcAccess> => tokens.accessTo(accessTo(url, wayTo, parseServiceUrl));
  // It never waits: until the service may be asked again, the number isn't known.
  const patiently = createPatience(url, { longestMs: 0, longestRestMs: LONGEST_REST_MS });
  return {
    id: `service:${name}`,
    name,
    welcome: 'service',
    capabilities: {
      actions: [],
      token: true,
      statuses: 'listed',
      sizes: 'listed',
      lacks: ['folder', 'type', 'tier', 'backend'],
    },
    watch: tokens.watch,
    tokenAddress: () => new Promise((resolve) => resolve(parseServiceUrl(url))),
    probe: (signal) => answered(access().then((where) => probePinningService(where, signal))),
    open: async (options) => {
      const where = await access();
      return {
        ...(await openList({ kind: 'pinning-service', query: { access: where, name } }, options)),
        identity: accountOf(where),
      };
    },
    hint: {
      everyMs: COUNT_EVERY_MS,
      ask: async (signal) => (await countServicePins(await access(), patiently, signal))?.toString(),
    },
  };
}

/** The account is known by its token only: with another one, other pins may be listed. Two bytes of a hash tell accounts apart, and no token can be guessed from them. */
function accountOf({ url, authorization = '' }: RpcAccess): string {
  return createHash('sha256').update(`${url}\n${authorization}`).digest('hex').slice(0, 4);
}

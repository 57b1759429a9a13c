import { tryAgain } from '../base/settingOrOption';
import type { KuboPin, KuboPinType, PinAddOptions } from '../daemonClient/kubo/kuboRpc';
import { isStored, pinAdd, pinOf, pinRename, pinRm, pinVerify, refuseProxy } from '../daemonClient/kubo/kuboRpc';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { failAs } from '../daemonClient/rpcJson';
import { IpfsKitError } from '../base/ipfsKitError';
import { openList } from './listing';
import { safeText } from '../base/safeText';
import { sizeText } from '../base/sizeAndAge';
import { withCommas } from '../base/withCommas';
import type { KuboAccessOptions } from './kuboAccess';
import { createKuboAccess, sourcesAtKubo } from './kuboAccess';
import { sizesFromKubo } from './kuboSizes';
import type { PinAgain, PinSource, RunPinAction } from './pinSource';
import type { SourceKind } from './sourceKind';

export interface KuboSourceOptions extends KuboAccessOptions {
  /** Whether indirect pins, those below a recursive pin, are listed too. That takes seconds more. */
  readonly indirect: () => boolean;
}

export interface KuboSource extends PinSource {
  readonly run: RunPinAction;
  readonly keep: NonNullable<PinSource['keep']>;
}

export const kuboKind: SourceKind = {
  id: 'kubo',
  create: (parts) => {
    const indirect = (): boolean => parts.settings().indirect;
    return sourcesAtKubo(parts, (options) => createKuboSource({ ...options, indirect }));
  },
};

/** Kubo, also as part of IPFS Desktop. Pins are read only from the daemon, because only Kubo can find them in its repository. */
export function createKuboSource({ indirect, ...options }: KuboSourceOptions): KuboSource {
  const kubo = createKuboAccess(options);
  const { probe, proven, openProven, watch, tokenAddress } = kubo;
  /** The daemon of the last list; undefined before the first. */
  let listed: { readonly peerId: string | undefined } | undefined;

  return {
    id: 'kubo',
    name: 'Kubo',
    welcome: 'kubo',
    capabilities: {
      actions: ['pin', 'unpin', 'rename', 'verify'],
      token: true,
      statuses: 'none',
      sizes: 'asked',
      lacks: ['date', 'folder', 'tier', 'backend'],
      start: 'startKubo',
      // A daemon at an address from the settings may run on another machine.
      stop: options.url === undefined ? 'stopKubo' : undefined,
    },
    probe,
    open: async (options) => {
      let from: typeof listed;
      const opened = await openProven(async (access, peerId) => {
        from = { peerId };
        return { ...(await openList({ kind: 'kubo', query: { access, indirect: indirect() } }, options)), identity: peerId };
      }, options);
      listed = from;
      return opened;
    },
    run: (action, { cid, name, type }, { signal, onProgress }) => {
      const kind: KuboPinType = type === 'direct' ? 'direct' : 'recursive';
      const act = async (where: RpcAccess, peerId: string | undefined): Promise<string | undefined> => {
        if (action !== 'pin' && listed && listed.peerId !== peerId)
          throw new IpfsKitError(
            'foreign',
            `${cid} was listed from another Kubo than the one that responds now. Nothing was changed. ${tryAgain()}.`,
          );
        switch (action) {
          case 'pin':
            return pinned(where, cid, kind, name, { signal, onProgress });
          case 'unpin':
            await pinRm(where, cid, { signal });
            return undefined;
          case 'rename':
            await pinRename(where, cid, name ?? '', kind, { signal });
            return undefined;
          case 'verify':
            return verified(cid, await pinVerify(where, cid, kind, { signal }));
        }
      };
      return proven(act, `It isn't known whether Kubo completed the action on ${cid}.`, signal);
    },
    keep: ({ cid, type }, signal) => {
      const kind: KuboPinType = type === 'direct' ? 'direct' : 'recursive';
      const kept = proven(
        async (where, peerId) => {
          const pin = await pinOf(where, cid, kind, { signal });
          refuseProxy(where, pin);
          return { name: pin.name, peerId };
        },
        `${cid} was not unpinned.`,
        signal,
      );
      return kept.then(
        ({ name, peerId }): PinAgain =>
          (options) =>
            proven(
              (where, nowPeerId) => {
                if (nowPeerId === peerId) return pinnedAgain(where, cid, kind, name, options);
                throw new IpfsKitError(
                  'foreign',
                  `${cid} was unpinned from another Kubo than the one that responds now. Nothing was pinned.`,
                );
              },
              `It isn't known whether ${cid} was pinned again.`,
              options.signal,
            ),
      );
    },
    ...sizesFromKubo(kubo),
    watch,
    tokenAddress,
  };
}

/** Pins a CID. Without a new name the pin keeps the name that it has; Kubo itself would remove that. */
async function pinned(
  where: RpcAccess,
  cid: string,
  kind: KuboPinType,
  given: string | undefined,
  options: Pick<PinAddOptions, 'signal' | 'onProgress'>,
): Promise<string | undefined> {
  const before = await pinAs(where, cid, kind, options);
  if (before) refuseProxy(where, before);
  // Kubo turns a direct pin into a recursive one, whose name must stay.
  const name = given ?? (before ?? (await pinAs(where, cid, 'direct', options)))?.name;
  await pinAdd(where, cid, { ...options, recursive: kind === 'recursive', name });
  if (!before) return undefined;
  const calledBefore = before.name === undefined ? '' : `, as “${safeText(before.name, 80)}”`;
  return `It was already pinned${calledBefore}; all of it is stored locally.`;
}

/** The pin of this type before the CID is pinned; undefined where there is none. */
function pinAs(
  where: RpcAccess,
  cid: string,
  type: KuboPinType,
  { signal }: Pick<PinAddOptions, 'signal'>,
): Promise<KuboPin | undefined> {
  return pinOf(where, cid, type, { signal }).catch((error: unknown) => {
    if (IpfsKitError.is(error, 'not-pinned')) return undefined;
    return failAs(error, `${cid} was not pinned, because IPFS Kit couldn't check whether its pin already has a name`);
  });
}

/** How long Kubo looks for content that it has deleted (ms): shorter than for a new pin, since it was stored here a moment ago. */
const GONE_MS = 20_000;

/**
 * Pins a CID that was pinned before. Its content is still stored, unless garbage has been collected meanwhile. A pin that was made meanwhile keeps its name.
 */
async function pinnedAgain(
  where: RpcAccess,
  cid: string,
  kind: KuboPinType,
  name: string | undefined,
  options: Parameters<PinAgain>[0],
): Promise<string | undefined> {
  if (await pinAs(where, cid, kind, options)) return 'It was pinned again meanwhile, and keeps that name.';
  if (await isStored(where, cid, options)) {
    options.onProgress?.({ content: 'stored' });
    return (await pinned(where, cid, kind, name, options)) ?? 'Its content was still stored locally.';
  }
  options.onProgress?.({ content: 'deleted' });
  try {
    await pinAdd(where, cid, { ...options, recursive: kind === 'recursive', name, patienceMs: GONE_MS });
  } catch (error) {
    if (!IpfsKitError.is(error, 'timeout', 'truncated', 'http-status')) throw error;
    throw new IpfsKitError('missing', "Kubo has deleted its content, and couldn't fetch it again.", { cause: error });
  }
  return 'Kubo had deleted its content, and fetched it again.';
}

function verified(cid: string, { isWhole, bytes, localBytes }: Awaited<ReturnType<typeof pinVerify>>): string {
  if (isWhole) return `All of it is stored locally${bytes === undefined ? '' : ` (${sizeText(bytes)})`}.`;
  const some = bytes === undefined ? '' : `: ${withCommas(localBytes ?? 0)} of ${withCommas(bytes)} bytes are stored locally`;
  throw new IpfsKitError('missing', `${cid} is pinned but incomplete${some}. Pin it again to fetch the rest.`);
}

import { nameOf, tryAgain } from '../base/settingOrOption';
import { sentences } from '../base/causes';
import { kuboAddress, peerIdIn, repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import type { KuboPin, KuboPinType, PinAddOptions } from '../daemonClient/kubo/kuboRpc';
import {
  isStored,
  pinAdd,
  pinOf,
  pinRename,
  pinRm,
  pinVerify,
  probeKubo,
  refuseProxy,
  sizeOfDag,
} from '../daemonClient/kubo/kuboRpc';
import type { KuboProof } from '../daemonClient/kubo/kuboProof';
import { proveKubo } from '../daemonClient/kubo/kuboProof';
import { watchKuboAddress } from '../daemonClient/kubo/watchKuboAddress';
import type { DaemonAnswer } from '../daemonClient/daemonAnswer';
import { answered, notUp } from '../daemonClient/daemonAnswer';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { failAs } from '../daemonClient/rpcJson';
import { accessTo } from '../daemonClient/rpcAccess';
import { parseKuboUrl } from '../daemonClient/rpcUrl';
import type { WayTo } from '../daemonClient/proxyAndCertificate';
import { usualWay } from '../daemonClient/proxyAndCertificate';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Listing } from './listing';
import { closeListing, openList } from './listing';
import { safeText } from '../base/safeText';
import { sizeText } from '../base/sizeAndAge';
import { withCommas } from '../base/withCommas';
import { createSemaphore } from '../base/semaphore';
import type { TokenOf } from '../daemonClient/tokenCache';
import { savedTokens } from '../daemonClient/tokenCache';
import type { AskedSizes } from '../pinWorker/protocol';
import { askInStretches } from './askedSizes';
import { createRowFacts } from './rowFacts';
import type { AskedFacts, PinAgain, PinSource, RunPinAction, SourceAnswer } from './pinSource';
import { ofOlderVersion } from './olderVersion';
import { hasKubo } from './expectedSources';
import { madeOnce } from './madeOnce';
import type { SourceKind } from './sourceKind';
import { together } from '../base/disposable';
import { watchByProbe } from './watchByProbe';

export interface KuboSourceOptions {
  /** Absolute path; it need not exist. */
  readonly repository: string;
  /** An address from the settings that replaces the one in the repository. Its daemon isn't checked against the repository. */
  readonly url: string | undefined;
  readonly authorization: TokenOf;
  /** Whether indirect pins, those below a recursive pin, are listed too. That takes seconds more. */
  readonly indirect: () => boolean;
  readonly wayTo?: WayTo | undefined;
  /** Receives lines for the log. */
  readonly note?: ((line: string) => void) | undefined;
}

export interface KuboSource extends PinSource {
  readonly run: RunPinAction;
  readonly keep: NonNullable<PinSource['keep']>;
}

export const kuboKind: SourceKind = {
  id: 'kubo',
  create: (parts) => {
    const once = madeOnce();
    const { authorization, note } = parts;
    const options = { authorization, note, indirect: () => parts.settings().indirect, wayTo: usualWay(parts.ways) };
    return () => {
      if (!hasKubo(parts)) return [];
      const [repository, url] = [parts.repository(), parts.settings().kuboUrl];
      return [once(`${repository}\n${url ?? ''}`, () => createKuboSource({ ...options, repository, url }))];
    };
  },
};

/** Kubo walks a DAG for each size. More at once would delay lists and pins. */
const SIZES_AT_ONCE = 4;
const SIZES_DISCARDED = 'The sizes were discarded.';

/** Kubo, also as part of IPFS Desktop. Pins are read only from the daemon, because only Kubo can find them in its repository. */
export function createKuboSource({ repository, url, authorization, indirect, wayTo, note }: KuboSourceOptions): KuboSource {
  const semaphore = createSemaphore(() => SIZES_AT_ONCE);
  const tokens = savedTokens(authorization);
  /** The daemon of the last list; undefined before the first. */
  let listed: { readonly peerId: string | undefined } | undefined;

  /** The address of the daemon; undefined where the repository names none. Throws where it can't be read, or names an address on another machine. */
  const address = (): RpcAccess | undefined => {
    return url === undefined ? kuboAddress(repository) : accessTo(url, wayTo, parseKuboUrl);
  };
  /** Probes the daemon and checks that it belongs to the repository. Gives `access` for further requests where it does. */
  const look = async (
    where: RpcAccess | undefined,
    signal?: AbortSignal,
  ): Promise<Partial<KuboProof> & Pick<KuboProof, 'answer'>> => {
    if (!where) return { answer: noDaemon(repository) };
    if (url !== undefined) {
      const access = await tokens.accessTo(where);
      return { access, answer: await probeKubo(access, undefined, signal) };
    }
    const peerId = peerIdIn(repository);
    if (peerId === undefined) return { answer: noPeer(repository) };
    const proof = await proveKubo(where, { repository, peerId, withToken: tokens.accessTo }, signal);
    // A daemon that was killed leaves its address behind.
    return proof.answer.state === 'absent' ? { answer: noDaemon(repository) } : proof;
  };

  const probe = async (signal?: AbortSignal): Promise<SourceAnswer> => {
    const looked = async (): Promise<DaemonAnswer> => (await readable(() => look(address(), signal))).answer;
    return answered(looked());
  };

  /**
   * Runs `work` between two checks that the daemon belongs to the repository: another program may have taken its port. Each request opens its own
   * connection, so that only the second check shows that the result came from the same daemon; without it the work rejects with `foreign`, and `what` says
   * what that means. A daemon at an address from the settings isn't checked.
   */
  const proven = async <Result>(
    work: (access: RpcAccess, peerId: string | undefined) => Promise<Result>,
    what: string,
    signal?: AbortSignal,
  ): Promise<Result> => {
    const { where, answer, access } = await readable(async () => {
      const at = address();
      return { where: at, ...(await look(at, signal)) };
    });
    if (answer.state !== 'up' || !access) throw notUp(answer);
    const stillKubo = async (): Promise<void> => {
      if (url !== undefined) return;
      const { answer: after } = await look(where, signal);
      // A daemon that has stopped or is busy by now was the right one when it responded.
      if (after.state === 'foreign' || after.state === 'needs-token')
        throw new IpfsKitError('foreign', sentences(what, 'Another program took over the address of Kubo', after.detail));
    };
    let result: Result;
    try {
      result = await work(access, answer.identity);
    } catch (error) {
      if (!IpfsKitError.is(error, 'cancelled')) await stillKubo();
      throw ofOlderVersion(error, answer.version === undefined ? undefined : { ...NEEDED, version: answer.version });
    }
    await stillKubo();
    return result;
  };

  const factsOf = (cids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, AskedFacts>> =>
    proven(
      async (where) => {
        const facts = new Map<string, AskedFacts>();
        const ask = async (cid: string): Promise<void> => {
          const dag = await semaphore.run(() => sizeOfDag(where, cid, { signal }), signal);
          if (dag) facts.set(cid, { sizeBytes: dag.bytes, isFile: dag.isFile });
        };
        await Promise.allSettled(cids.map(ask)); // a block that is missing for one size doesn't concern the others
        return facts;
      },
      SIZES_DISCARDED,
      signal,
    );

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
      stop: url === undefined ? 'stopKubo' : undefined,
    },
    probe,
    open: async (options) => {
      let listing: Listing | undefined;
      let from: typeof listed;
      const list = async (access: RpcAccess, peerId: string | undefined): Promise<Listing> => {
        from = { peerId };
        return (listing = await openList({ kind: 'kubo', query: { access, indirect: indirect() } }, options));
      };
      try {
        const opened = await proven(list, 'The list was discarded.', options.signal);
        listed = from;
        return opened;
      } catch (error) {
        if (listing) void closeListing(options.worker, listing);
        throw error;
      }
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
    rowFacts: (tell) => createRowFacts(factsOf, tell),
    askSizes: (options) => {
      const { worker, signal, table, of } = options;
      const daemon = { id: `kubo ${url ?? peerIdIn(repository) ?? repository}`, isProven: url === undefined };
      const ask = (from: number): Promise<AskedSizes> =>
        proven((access) => worker.request('askSizes', { table, of, from, access, daemon }, { signal }), SIZES_DISCARDED, signal);
      return askInStretches(ask, options);
    },
    watch: (changed) =>
      together(
        url === undefined ? watchKuboAddress(repository, changed, { note }) : watchByProbe(probe, changed),
        tokens.watch(changed),
      ),
    tokenAddress: () =>
      new Promise((resolve) => {
        const where = address(); // what it throws becomes a rejection
        resolve(where?.socketPath ?? where?.url);
      }),
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
  options: Pick<PinAddOptions, 'signal' | 'onProgress'>,
): Promise<string | undefined> {
  if (await pinAs(where, cid, kind, options)) return 'It was pinned again meanwhile, and keeps that name.';
  if (await isStored(where, cid, options)) return pinned(where, cid, kind, name, options);
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

/** The first version with names of pins, which every list requests. */
const NEEDED = { name: 'Kubo', needed: '0.26' } as const;

/** Adds the next step to an `unreadable` error: another user's daemon can be listed by its address, even if only that user may read its repository. */
async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!IpfsKitError.is(error, 'unreadable')) throw error;
    const step = `To list its daemon's pins anyway, set ${nameOf('kubo')} to the address of that daemon`;
    throw new IpfsKitError(error.reason, sentences(error.message, step), { cause: error });
  }
}

/** The answer for a config without a peer ID: no daemon can prove that it belongs to the repository, so none is contacted and no token is sent. */
function noPeer(repository: string): DaemonAnswer {
  const { state, detail, reason } = noDaemon(repository);
  if (reason !== undefined) return { state, detail, reason };
  const why = `The config of ${repository} has no peer ID. To list a daemon anyway, set ${nameOf('kubo')} to its address.`;
  return { state: 'foreign', detail: why };
}

/** The answer for a repository whose daemon isn't running. Throws `unreadable`. */
function noDaemon(repository: string): DaemonAnswer {
  const problem = repositoryProblem(repository);
  if (problem?.reason === 'missing') return { state: 'absent', reason: 'missing', detail: problem.message };
  if (problem) throw problem;
  return { state: 'absent', detail: `Kubo isn't running for ${repository}. Open IPFS Desktop or start Kubo to see its pins.` };
}

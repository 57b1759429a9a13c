import path from 'node:path';
import { nameOf, tryAgain } from '../base/settingOrOption';
import { sentences } from '../base/causes';
import type { ClusterPinned, PinStatus } from '../daemonClient/cluster/clusterRest';
import {
  clusterMembers,
  clusterPin,
  clusterPinAs,
  clusterRecover,
  clusterUnpin,
  countFailedPins,
  pinStatus,
  pinStatuses,
  probeCluster,
} from '../daemonClient/cluster/clusterRest';
import type { OptionChange } from '../daemonClient/cluster/clusterPinOptions';
import { changesText } from '../daemonClient/cluster/clusterPinOptions';
import { clusterStatus, FAILED, HAS_IT, peerStatusText } from '../daemonClient/cluster/clusterStatus';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { accessTo } from '../daemonClient/rpcAccess';
import { parseRpcUrl } from '../daemonClient/rpcUrl';
import type { WayTo } from '../daemonClient/proxyAndCertificate';
import { usualWay } from '../daemonClient/proxyAndCertificate';
import { IpfsKitError } from '../base/ipfsKitError';
import { safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import { createPeerLook } from './clusterPeers';
import type { TokenOf } from '../daemonClient/tokenCache';
import { savedTokens } from '../daemonClient/tokenCache';
import { answered } from '../daemonClient/daemonAnswer';
import { openList } from './listing';
import { createRowFacts } from './rowFacts';
import type { AskedFacts, Peer, PinAgain, PinSource, Recovered, RunPinAction, SourceAnswer } from './pinSource';
import { ofOlderVersion } from './olderVersion';
import { clusterAddress, ownCluster } from './clusterAddress';
import { clusterFolder, hasCluster } from './expectedSources';
import { madeOnce } from './madeOnce';
import type { SourceKind } from './sourceKind';
import { together } from '../base/disposable';
import { watchByProbe } from './watchByProbe';

export interface ClusterSourceOptions {
  /** The URL of the cluster's REST API. */
  readonly url: () => string;
  /** The path of the `service.json` that names the URL; left out where the user has set the URL. */
  readonly namedBy?: () => string;
  readonly authorization: TokenOf;
  readonly wayTo?: WayTo;
  /** After the cluster has accepted a pin, its status is read every `everyMs` for at most `settleMs`. Default 500 and 10,000. */
  readonly settleMs?: number;
  readonly everyMs?: number;
}

export interface ClusterSource extends PinSource {
  readonly run: RunPinAction;
  readonly keep: NonNullable<PinSource['keep']>;
  readonly recover: NonNullable<PinSource['recover']>;
  /** The peers of the cluster, each with its problems: its own errors, and the alerts of the cluster. */
  peers(signal?: AbortSignal): Promise<readonly Peer[]>;
}

export const clusterKind: SourceKind = {
  id: 'cluster',
  create: (parts) => {
    const { settings, authorization, ways } = parts;
    const usual = usualWay(ways);
    const once = madeOnce();
    const serviceFile = (): string => path.join(clusterFolder(), 'service.json');
    const own = (): ClusterSource =>
      createClusterSource({
        url: () => clusterAddress(clusterFolder()),
        wayTo: (url) => {
          const way = usual(url);
          const { certificate } = ownCluster(clusterFolder());
          if (way?.certificate !== undefined || certificate === undefined) return way;
          return { ...way, certificate, certificateNamedIn: serviceFile() };
        },
        namedBy: serviceFile,
        authorization,
      });
    const at = (url: string): ClusterSource => createClusterSource({ url: () => url, wayTo: usual, authorization });
    return () => {
      if (!hasCluster(parts)) return [];
      const { clusterUrl } = settings();
      return [clusterUrl === undefined ? once('', own) : once(clusterUrl, () => at(clusterUrl))];
    };
  },
};

const SETTLE_MS = 10_000;
const EVERY_MS = 500;
/** How long a list waits for the peers of its cluster (ms): `/id` also asks the Kubo below, which may be stuck. */
const MEMBERS_MS = 1000;
/** The most peers in the details of a pin; the error of each may have 300 characters. */
const MOST_PEERS_NAMED = 50;

/** IPFS Cluster: one set of pins over many machines. */
export function createClusterSource({
  url,
  namedBy,
  authorization,
  wayTo,
  settleMs = SETTLE_MS,
  everyMs = EVERY_MS,
}: ClusterSourceOptions): ClusterSource {
  const lookAtPeers = createPeerLook();
  const tokens = savedTokens(authorization);
  /** The peers of the cluster of the last list; undefined where they are unknown, and before the first list. */
  let listed: Promise<ReadonlySet<string> | undefined> | undefined;
  const access = async (): Promise<RpcAccess> => {
    const where = accessTo(url(), wayTo);
    const file = namedBy?.();
    // The passwords are in that file, so a server of its owner may receive the token; another user's program on the port must not.
    return tokens.accessTo(where, file === undefined ? undefined : { file, setting: nameOf('cluster') });
  };
  /** As `access`, for a change of a listed pin. Rejects with `foreign` where another cluster responds than the one that was listed. */
  const accessToListed = async (cid: string, signal: AbortSignal): Promise<RpcAccess> => {
    const where = await access();
    const members = await listed;
    if (members)
      refuseOther(
        members,
        await clusterMembers(where, { signal }),
        `${cid} was listed from another cluster than the one that responds now. Nothing was changed. ${tryAgain()}.`,
      );
    return where;
  };
  /** The status at the peers of a pin that the cluster has accepted: read until no peer has work left, or `settleMs` are over. */
  const statusAtRest = async (where: RpcAccess, cid: string, signal: AbortSignal): Promise<PinStatus> => {
    for (const until = performance.now() + settleMs; ; await rest(everyMs, signal)) {
      const status = await pinStatus(where, cid, { signal });
      if (isSettled(status) || performance.now() >= until) return status;
    }
  };
  const settled = async (where: RpcAccess, cid: string, signal: AbortSignal): Promise<string> => {
    let status: PinStatus;
    try {
      status = await statusAtRest(where, cid, signal);
    } catch (error) {
      const why = IpfsKitError.is(error, 'cancelled') ? '' : IpfsKitError.from(error).message;
      return sentences('The cluster accepted the pin, but its status at the peers is unknown', why);
    }
    return outcome(status);
  };

  const probe = (signal?: AbortSignal): Promise<SourceAnswer> => answered(access().then((where) => probeCluster(where, signal)));

  /** The status of single pins at the peers. A list of all statuses (readClusterPins) would wait for the Kubo of every peer. */
  const factsOf = async (cids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, AskedFacts>> => {
    const statuses = await pinStatuses(await access(), cids, { signal });
    return new Map(statuses.map((status) => [status.cid, factsIn(status)]));
  };

  return {
    id: 'cluster',
    name: 'IPFS Cluster',
    welcome: 'cluster',
    capabilities: {
      actions: ['pin', 'unpin', 'recover'],
      unpinEffect: 'IPFS Cluster also unpins from the Kubo of each peer, even if the content was pinned there by hand.',
      token: true,
      statuses: 'asked',
      sizes: 'none',
      lacks: ['folder', 'tier'],
    },
    probe,
    open: async ({ beforeLive, ...options }) => {
      const { statuses = false } = options;
      // Reading statuses is slow, so the previous list stays open meanwhile.
      const where = await access();
      const members = clusterMembers(where, { totalMs: MEMBERS_MS }).catch(() => undefined);
      try {
        const release = statuses ? undefined : beforeLive;
        const query = { access: where, statuses };
        const listing = await openList({ kind: 'cluster', query }, { ...options, beforeLive: release });
        listed = members;
        return listing;
      } catch (error) {
        // Version 1.0 was the first to send lists as streams of lines.
        const { version } = IpfsKitError.is(error, 'cancelled') ? {} : await probeCluster(where, options.signal);
        throw ofOlderVersion(error, version === undefined ? undefined : { name: 'IPFS Cluster', version, needed: '1.0' });
      }
    },
    rowFacts: (tell) => createRowFacts(factsOf, tell),
    countFailed: async (signal) => countFailedPins(await access(), { signal }),
    watch: (changed) => together(watchByProbe(probe, changed), tokens.watch(changed)),
    tokenAddress: () => new Promise((resolve) => resolve(parseRpcUrl(url()))),
    peers: async (signal) => lookAtPeers(await access(), signal),
    keep: async ({ cid }, signal): Promise<PinAgain> => {
      const from = await access();
      const members = await clusterMembers(from, { signal });
      const as = await clusterPinAs(from, cid, { signal });
      return async (options) => {
        const where = await access();
        refuseOther(
          members,
          await clusterMembers(where, options),
          `${cid} was unpinned from another cluster than the one that responds now. Nothing was pinned.`,
        );
        const { before, changes } = await clusterPin(where, cid, { signal: options.signal, settleMs, everyMs, as });
        if (before) return 'It was pinned again meanwhile, and keeps those options.';
        refuseLost(cid, changes ?? []);
        return settled(where, cid, options.signal);
      };
    },
    recover: async (cid, signal) => {
      const where = await accessToListed(cid, signal);
      await clusterRecover(where, cid, { signal });
      try {
        return recovered(await statusAtRest(where, cid, signal));
      } catch (error) {
        if (IpfsKitError.is(error, 'cancelled')) throw error;
        return { state: 'pinning', detail: IpfsKitError.from(error).message };
      }
    },
    run: async (action, { cid, name }, { signal }) => {
      switch (action) {
        case 'pin': {
          const where = await access();
          const kept = keptText(cid, name, await clusterPin(where, cid, { signal, settleMs, everyMs, name }));
          return [kept, await settled(where, cid, signal)].filter(Boolean).join(' ');
        }
        case 'unpin':
          await clusterUnpin(await accessToListed(cid, signal), cid, { signal });
          return undefined;
        case 'rename':
        case 'verify':
          throw new IpfsKitError('unsupported', `IPFS Cluster can't ${action} a pin.`);
      }
    },
  };
}

/** Throws `foreign` where two clusters have no peer in common: any peer may respond, and some may leave. */
function refuseOther(members: ReadonlySet<string>, now: ReadonlySet<string>, message: string): void {
  if (![...now].some((peer) => members.has(peer))) throw new IpfsKitError('foreign', message);
}

/** A sentence about a pin that the cluster had already; empty for a new pin. Throws `unsupported` where the cluster lost an option of the pin. */
function keptText(cid: string, given: string | undefined, { before, changes }: ClusterPinned): string {
  if (!before) return '';
  const called = typeof before['name'] === 'string' && before['name'] !== '' ? `, as “${safeText(before['name'], 80)}”` : '';
  const was = `It was already pinned${called}`;
  if (!changes) return `${was}; whether the cluster kept its options isn't known yet.`;
  refuseLost(cid, changes);
  const moved = changes.length > 0 ? ` The cluster chose other peers for it: ${changesText(changes)}.` : '';
  return `${was}; its ${given === undefined ? '' : 'other '}options were kept.${moved}`;
}

/** Throws `unsupported` where the cluster has lost options of a pin. It may choose other peers. */
function refuseLost(cid: string, changes: readonly OptionChange[]): void {
  if (changes.every(({ field }) => field === 'allocations')) return;
  throw new IpfsKitError(
    'unsupported',
    `${cid} is pinned, but the cluster didn't keep all its options: ${changesText(changes)}.`,
  );
}

/** The status in a few words (`pinned`, `failed on alder (2 of 3 pinned)`, `pinning 1 of 3`), and a line for each peer. */
function factsIn({ peers, missing }: PinStatus): AskedFacts {
  const wanted = peers.filter(({ status }) => status !== 'remote');
  const lines = peers
    .slice(0, MOST_PEERS_NAMED)
    .map(({ name, status: at, error }) => `${name}: ${peerStatusText(at)}${error === undefined ? '' : `, ${error}`}`);
  if (peers.length > lines.length) lines.push(`and ${withCommas(peers.length - lines.length)} more`);
  return { status: wanted.length + missing > 0 ? statusOf(wanted, missing) : undefined, detail: lines.join('\n') };
}

/** `peers`: those that should have the pin and report something about it. `missing`: how many report nothing. */
function statusOf(peers: PinStatus['peers'], missing: number): string {
  const have = peers.filter(({ status }) => HAS_IT.has(status)).length;
  const total = peers.length + missing;
  const word = clusterStatus(
    peers.map(({ status }) => status),
    missing,
  );
  const ofAll = total === 1 ? '' : `${have} of ${total}`;
  if (word === 'pinned') return word;
  if (word === 'pinning') return `${word} ${ofAll}`.trim();
  const [failed, ...others] = word === 'failed' ? peers.filter(({ status }) => FAILED.has(status)) : [];
  const where = failed ? ` on ${failed.name}${others.length > 0 ? ` and ${others.length} more` : ''}` : '';
  return `${word}${where}${have > 0 ? ` (${ofAll} pinned)` : ''}`;
}

function isSettled({ peers }: PinStatus): boolean {
  return peers.length > 0 && peers.every(({ status }) => HAS_IT.has(status) || FAILED.has(status) || status === 'remote');
}

/** How many peers have pinned it, and the errors of the others. Throws `http-status` where every peer that should pin it failed. */
function outcome({ cid, peers }: PinStatus): string {
  const wanted = peers.filter(({ status }) => status !== 'remote');
  const have = wanted.filter(({ status }) => HAS_IT.has(status)).length;
  const failures = wanted.filter(({ status }) => FAILED.has(status));
  const wrong = failureText(failures);
  if (wanted.length > 0 && failures.length === wanted.length)
    throw new IpfsKitError('http-status', `No peer of the cluster could pin ${cid}. ${wrong}`);
  const pending = wanted.length - have - failures.length;
  const first = `Pinned by ${have} of ${wanted.length} ${wanted.length === 1 ? 'peer' : 'peers'}`;
  return `${first}${pending > 0 ? `, ${pending} in progress` : ''}.${wrong === '' ? '' : ` ${wrong}`}`;
}

/** What came of a recovery, from the status at the peers after it. */
function recovered({ peers, missing }: PinStatus): Recovered {
  const wanted = peers.filter(({ status }) => status !== 'remote');
  const failures = wanted.filter(({ status }) => FAILED.has(status));
  const have = wanted.filter(({ status }) => HAS_IT.has(status)).length;
  return {
    state: failures.length > 0 ? 'failed' : have > 0 && have === wanted.length && missing === 0 ? 'pinned' : 'pinning',
    detail: failureText(failures),
  };
}

function failureText(failures: PinStatus['peers']): string {
  return failures.map(({ name, status, error }) => `${name}: ${error ?? peerStatusText(status)}`).join('; ');
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new IpfsKitError('cancelled', 'Canceled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  });
}

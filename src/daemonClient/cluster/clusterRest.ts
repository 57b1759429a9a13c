import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf } from '../../base/asker';
import { IpfsKitError } from '../../base/ipfsKitError';
import { checkedCid, isSameCid } from '../../pin/cid';
import type { ClusterPinRecord, OptionChange } from './clusterPinOptions';
import { changedOptions, changesText, clusterPinRecord, isOlder, optionsQuery } from './clusterPinOptions';
import { missingPeers } from './clusterStatus';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { RpcAccess } from '../rpcAddress';
import type { JsonObject } from '../../pin/looseJson';
import { objectIn } from '../../pin/looseJson';
import { askObject, askRows, eachObject, failAs, textIn } from '../rpcJson';
import { told } from '../serverWords';
import { withCommas } from '../../base/withCommas';

/** ms. A status waits for the Kubo below: 1.5 s over 100,000 pins. */
const TOTAL_MS = 30_000;
const MOST_PEERS = 10_000;
const MOST_ALERTS = 1000;
/** Of alerts, and of what each peer tells. */
const LIST_LIMITS = { totalMs: TOTAL_MS, maxBytes: 2 ** 23, mostRows: 100_000 };
/** CIDs in one question: a URL of some 5 kB. */
const CIDS_AT_ONCE = 50;
/** Bytes of a query; Cluster takes some 8,000 of a request's head, unless it is told otherwise. */
const LONG_QUERY = 4000;

interface ClusterOptions {
  readonly signal?: AbortSignal | undefined;
}

/** At most a second. Never rejects, but for `cancelled`. */
export function probeCluster(access: RpcAccess, signal?: AbortSignal): Promise<DaemonAnswer> {
  const judge = (answer: JsonObject): string | undefined =>
    textIn(answer['id']) !== '' && Array.isArray(answer['cluster_peers']) ? undefined : "its response doesn't identify a cluster";
  const question = { method: 'GET', route: '/id', who: 'the IPFS Cluster', setting: nameOf('cluster'), judge } as const;
  return askWho(access, { ...question, versionIn: ({ version }) => version }, signal);
}

/** A machine of the cluster. Texts are the daemon's, cut and made safe to show. */
export interface ClusterPeer {
  readonly id: string;
  readonly name: string;
  /** Why it can't be reached; undefined where it can. */
  readonly error: string | undefined;
  /** As `error`, of the Kubo below it. */
  readonly ipfsError: string | undefined;
}

export async function clusterPeers(access: RpcAccess, { signal }: ClusterOptions = {}): Promise<readonly ClusterPeer[]> {
  const peers: ClusterPeer[] = [];
  const options = { totalMs: TOTAL_MS, maxLines: MOST_PEERS, maxBytes: 2 ** 25, signal };
  await eachObject(access, '/peers', options, (peer) => {
    const ipfs = objectIn(peer['ipfs']) ?? {};
    peers.push({
      id: told(peer['id']),
      name: told(peer['peername']),
      error: told(peer['error'], access) || undefined,
      ipfsError: told(ipfs['error'], access) || undefined,
    });
  });
  return peers;
}

/** That nothing was heard of a peer, once: alerts are kept while the daemon runs, also when the peer is back. */
export interface ClusterAlert {
  readonly peer: string;
  /** What the peer was last called; empty where that is not told. */
  readonly name: string;
  /** What was last heard of it, and is out of date: `ping`, `freespace`. */
  readonly metric: string;
}

/** The latest first. */
export async function clusterAlerts(access: RpcAccess, { signal }: ClusterOptions = {}): Promise<readonly ClusterAlert[]> {
  const alerts = await askRows(access, '/health/alerts', { ...LIST_LIMITS, signal });
  return alerts.slice(0, MOST_ALERTS).map((alert) => ({
    peer: told(alert['peer']),
    name: nameIn(alert['value']),
    metric: told(alert['name']),
  }));
}

/** The peers that tell a metric now: the daemon leaves out what is out of date. */
export async function clusterMetric(
  access: RpcAccess,
  metric: string,
  { signal }: ClusterOptions = {},
): Promise<ReadonlySet<string>> {
  const route = `/monitor/metrics/${encodeURIComponent(metric)}`;
  const options = { ...LIST_LIMITS, signal };
  return new Set((await askRows(access, route, options)).map(({ peer }) => told(peer)));
}

/** A ping holds JSON in a text: `{"peer_name":"beta","ipfs_id":"12D3…"}`. */
function nameIn(value: unknown): string {
  try {
    return told(objectIn(JSON.parse(textIn(value)))?.['peer_name']);
  } catch {
    return '';
  }
}

/** How a pin stands at one peer. */
interface PeerPin {
  /** The peer's name, or its id where it has none. */
  readonly name: string;
  /** `pinned`, `pinning`, `pin_queued`, `pin_error`, `remote`, `unpinned` … */
  readonly status: string;
  readonly error: string | undefined;
}

export interface PinStatus {
  readonly cid: string;
  /** A peer that is down may be missing. */
  readonly peers: readonly PeerPin[];
  /** How many others should have it. */
  readonly missing: number;
}

/** How one pin stands at every peer. Of a CID that the cluster does not know, `unpinned`. */
export async function pinStatus(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<PinStatus> {
  const route = `/pins/${checkedCid(cid)}`;
  const answer = await askObject(access, route, { totalMs: TOTAL_MS, signal });
  return statusIn(ownPin(answer, cid, access, route), access, route);
}

/** The same for many, in whatever order. A CID that is not among the pins is left out, or `unpinned`; what was not asked for is left out. */
export async function pinStatuses(
  access: RpcAccess,
  cids: readonly string[],
  { signal }: ClusterOptions = {},
): Promise<readonly PinStatus[]> {
  const wanted = cids.map(checkedCid);
  const statuses: PinStatus[] = [];
  for (let at = 0; at < wanted.length; at += CIDS_AT_ONCE) {
    const route = `/pins?cids=${wanted.slice(at, at + CIDS_AT_ONCE).join(',')}`;
    const options = { totalMs: TOTAL_MS, maxLines: CIDS_AT_ONCE, maxBytes: 2 ** 26, signal };
    await eachObject(access, route, options, (line) => {
      const status = statusIn(line, access, route);
      if (wanted.some((cid) => isSameCid(status.cid, cid))) statuses.push(status);
    });
  }
  return statuses;
}

export interface ClusterPinOptions extends ClusterOptions {
  readonly name?: string | undefined;
  /** How many peers at least and at most are to have it; -1 is all of them. Of the cluster's own settings where left out. */
  readonly replicationMin?: number | undefined;
  readonly replicationMax?: number | undefined;
  /** How long a cluster that writes pins in batches is waited for before they are compared, and how often it is asked, in ms. Default 10,000 and 500. */
  readonly settleMs?: number | undefined;
  readonly everyMs?: number | undefined;
}

export interface ClusterPinned {
  /** As the cluster had it before; undefined where it was not pinned. */
  readonly before: ClusterPinRecord | undefined;
  /** What the cluster has changed though it was not asked to; undefined where that isn't known. */
  readonly changes: readonly OptionChange[] | undefined;
}

/**
 * Resolves when the cluster has taken it on; its peers pin it then, and pinStatus tells how far they are. A pin that the cluster has already keeps all its
 * options but those that are given: they are read, sent back and compared, since Cluster resets what it isn't sent. Nothing is sent where they can't be read,
 * or can't be sent. There is no compare-and-set: what another program changes between reading and sending is lost.
 */
export async function clusterPin(access: RpcAccess, cid: string, options: ClusterPinOptions = {}): Promise<ClusterPinned> {
  const { name, replicationMin, replicationMax, signal, settleMs = 10_000, everyMs = 500 } = options;
  const stop = { signal };
  const record = async (of: string): Promise<ClusterPinRecord | undefined> => {
    const pin = await clusterPinRecord(access, checkedCid(of), { totalMs: TOTAL_MS, ...stop });
    return pin && ownPin(pin, of, access, `/allocations/${of}`);
  };
  const before = await record(cid).catch((error: unknown) =>
    failAs(error, `${cid} was not pinned, since its options can't be read`),
  );
  const wanted = {
    ...before,
    ...(name !== undefined && { name }),
    ...(replicationMin !== undefined && { replication_factor_min: replicationMin }),
    ...(replicationMax !== undefined && { replication_factor_max: replicationMax }),
  };
  let query: string;
  try {
    query = await optionsQuery(wanted, record);
  } catch (error) {
    return failAs(error, `${cid} is pinned already, and was not pinned again`);
  }
  const route = `/pins/${checkedCid(cid)}${query === '' ? '' : `?${query}`}`;
  let taken: JsonObject;
  try {
    taken = ownPin(await askObject(access, route, { method: 'POST', totalMs: TOTAL_MS, ...stop }), cid, access, route);
  } catch (error) {
    // Cluster may have written it all the same, for one with the options that it could parse.
    const after = before && !IpfsKitError.is(error, 'cancelled') ? await record(cid).catch(() => undefined) : undefined;
    const changes = before && after ? changedOptions(before, after) : [];
    const what = changes.length === 0 ? 'was not pinned' : `was changed all the same, ${changesText(changes)}`;
    const isLong = query.length > LONG_QUERY && IpfsKitError.is(error, 'http-status');
    const limit = isLong
      ? ` (its options take ${withCommas(query.length)} bytes of a URL: see max_header_bytes in service.json)`
      : '';
    return failAs(error, `${cid} ${what}${limit}`);
  }
  if (!before) return { before, changes: [] };
  try {
    for (const until = performance.now() + settleMs; ; await sleep(everyMs, undefined, stop)) {
      const after = await record(cid);
      if (!after) break;
      const changes = changedOptions(wanted, after);
      if (changes.length === 0 || !isOlder(after, taken)) return { before, changes };
      if (performance.now() >= until) break;
    }
  } catch {
    // The pin has been taken on: that it can't be compared, or was canceled only now, is no failure of it.
  }
  return { before, changes: undefined };
}

/** Unpins at every peer, and in the Kubo below each, also what was pinned there by hand. Rejects with `missing` where it is no pin of the cluster. */
export async function clusterUnpin(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<void> {
  const route = `/pins/${checkedCid(cid)}`;
  try {
    ownPin(await askObject(access, route, { method: 'DELETE', totalMs: TOTAL_MS, signal }), cid, access, route);
  } catch (error) {
    if (IpfsKitError.is(error, 'no-such-route'))
      throw new IpfsKitError('missing', `${cid} is not a pin of the cluster at ${access.url}.`, { cause: error });
    failAs(error, `${cid} was not unpinned`);
  }
}

/** Has every peer that failed try again; how it stands then. */
export async function clusterRecover(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<PinStatus> {
  const route = `/pins/${checkedCid(cid)}/recover`;
  try {
    const answer = await askObject(access, route, { method: 'POST', totalMs: TOTAL_MS, signal });
    return statusIn(ownPin(answer, cid, access, route), access, route);
  } catch (error) {
    return failAs(error, `${cid} was not recovered`);
  }
}

/** The answer to what is asked about a pin, or done to it, is that pin: another proves nothing. */
function ownPin(answer: JsonObject, cid: string, access: RpcAccess, route: string): JsonObject {
  const told = textIn(answer['cid']);
  if (told === '' || !isSameCid(told, cid)) throw foreign(access, route);
  return answer;
}

function statusIn(answer: JsonObject, access: RpcAccess, route: string): PinStatus {
  const map = objectIn(answer['peer_map']);
  if (!map || textIn(answer['cid']) === '') throw foreign(access, route);
  const peers = Object.entries(map)
    .slice(0, MOST_PEERS)
    .map(([id, value]): PeerPin => {
      const pin = objectIn(value) ?? {};
      return {
        name: told(pin['peername']) || told(id),
        status: told(pin['status']),
        error: told(pin['error'], access) || undefined,
      };
    });
  return { cid: told(answer['cid']), peers, missing: missingPeers(answer['allocations'], map) };
}

function foreign({ url }: RpcAccess, route: string): IpfsKitError {
  return new IpfsKitError('foreign', `${url}${route} responded with something else than what was requested.`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf } from '../../base/settingOrOption';
import { IpfsKitError } from '../../base/ipfsKitError';
import { checkedCid, isSameCid } from '../../pin/cid';
import type { ClusterPinRecord, OptionChange } from './clusterPinOptions';
import { changedOptions, changesText, clusterPinRecord, isOlder, optionsQuery } from './clusterPinOptions';
import { clusterStatus, missingPeers } from './clusterStatus';
import type { DaemonAnswer } from '../daemonAnswer';
import { askWho } from '../daemonAnswer';
import type { RpcAccess } from '../rpcAccess';
import type { JsonObject } from '../../pin/looseJson';
import { objectIn } from '../../pin/looseJson';
import { askObject, askRows, eachObject, failAs, textIn } from '../rpcJson';
import { serverText } from '../serverMessages';
import { withCommas } from '../../base/withCommas';

/** The time for a request (ms). A status waits for the Kubo below: 1.5 s for 100,000 pins. */
const TOTAL_MS = 30_000;
const MOST_PEERS = 10_000;
const MOST_ALERTS = 1000;
/** The limits for alerts, and for metrics of peers. */
const LIST_LIMITS = { totalMs: TOTAL_MS, maxBytes: 2 ** 23, mostRows: 100_000 };
/** The most CIDs in one request: a URL of some 5 kB. */
const CIDS_AT_ONCE = 50;
/** The most bytes of a query; Cluster accepts some 8,000 in the head of a request by default. */
const LONG_QUERY = 4000;

interface ClusterOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Takes at most a second. Never rejects, except with `cancelled`. */
export function probeCluster(access: RpcAccess, signal?: AbortSignal): Promise<DaemonAnswer> {
  const judge = (answer: JsonObject): string | undefined =>
    textIn(answer['id']) !== '' && Array.isArray(answer['cluster_peers']) ? undefined : "its response doesn't identify a cluster";
  const question = { method: 'GET', route: '/id', who: 'the IPFS Cluster', setting: nameOf('cluster'), judge } as const;
  return askWho(access, { ...question, versionIn: ({ version }) => version }, signal);
}

/** The IDs of the peers of a cluster, by which it can be told from others. Any of them may respond, and some may leave. */
export async function clusterMembers(
  access: RpcAccess,
  { signal, totalMs = TOTAL_MS }: ClusterOptions & { readonly totalMs?: number } = {},
): Promise<ReadonlySet<string>> {
  const { id, cluster_peers: peers } = await askObject(access, '/id', { totalMs, signal });
  const others: readonly unknown[] = Array.isArray(peers) ? peers : [];
  return new Set([id, ...others].map(textIn).filter((peer) => peer !== ''));
}

/** A peer of the cluster. Texts come from the daemon, cut and made safe to show. */
export interface ClusterPeer {
  readonly id: string;
  readonly name: string;
  /** Why the peer can't be reached; undefined where it can. */
  readonly error: string | undefined;
  /** As `error`, for the Kubo below the peer. */
  readonly ipfsError: string | undefined;
}

export async function clusterPeers(access: RpcAccess, { signal }: ClusterOptions = {}): Promise<readonly ClusterPeer[]> {
  const peers: ClusterPeer[] = [];
  const options = { totalMs: TOTAL_MS, maxLines: MOST_PEERS, maxBytes: 2 ** 25, signal };
  await eachObject(access, '/peers', options, (peer) => {
    const ipfs = objectIn(peer['ipfs']) ?? {};
    peers.push({
      id: serverText(peer['id']),
      name: serverText(peer['peername']),
      error: serverText(peer['error'], access) || undefined,
      ipfsError: serverText(ipfs['error'], access) || undefined,
    });
  });
  return peers;
}

/** An alert that a peer wasn't heard from. The daemon stores alerts while it runs, even when the peer is back. */
export interface ClusterAlert {
  readonly peer: string;
  /** The last known name of the peer; empty where it isn't known. */
  readonly name: string;
  /** The metric that was last received and has expired: `ping`, `freespace`. */
  readonly metric: string;
}

/** The alerts, the latest first. */
export async function clusterAlerts(access: RpcAccess, { signal }: ClusterOptions = {}): Promise<readonly ClusterAlert[]> {
  const alerts = await askRows(access, '/health/alerts', { ...LIST_LIMITS, signal });
  return alerts.slice(0, MOST_ALERTS).map((alert) => ({
    peer: serverText(alert['peer']),
    name: nameIn(alert['value']),
    metric: serverText(alert['name']),
  }));
}

/** The peers with a current value of a metric: the daemon leaves out expired values. */
export async function clusterMetric(
  access: RpcAccess,
  metric: string,
  { signal }: ClusterOptions = {},
): Promise<ReadonlySet<string>> {
  const route = `/monitor/metrics/${encodeURIComponent(metric)}`;
  const options = { ...LIST_LIMITS, signal };
  return new Set((await askRows(access, route, options)).map(({ peer }) => serverText(peer)));
}

/** The value of a ping is JSON in a text: `{"peer_name":"beta","ipfs_id":"12D3…"}`. */
function nameIn(value: unknown): string {
  try {
    return serverText(objectIn(JSON.parse(textIn(value)))?.['peer_name']);
  } catch {
    return '';
  }
}

/** The status of a pin at one peer. */
interface PeerPin {
  /** The peer's name, or its ID where it has none. */
  readonly name: string;
  /** `pinned`, `pinning`, `pin_queued`, `pin_error`, `remote`, `unpinned` … */
  readonly status: string;
  readonly error: string | undefined;
}

export interface PinStatus {
  readonly cid: string;
  /** A peer that is down may be missing. */
  readonly peers: readonly PeerPin[];
  /** How many other peers should have the pin. */
  readonly missing: number;
}

/** The status of one pin at every peer. `unpinned` for a CID that the cluster doesn't know. */
export async function pinStatus(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<PinStatus> {
  const route = `/pins/${checkedCid(cid)}`;
  const answer = await askObject(access, route, { totalMs: TOTAL_MS, signal });
  return statusIn(ownPin(answer, cid, access, route), access, route);
}

/** The status of many pins, in any order. A CID that isn't pinned is left out, or `unpinned`; a CID that wasn't requested is left out. */
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

/** How many pins have failed at any peer. The cluster sends only those, but each peer asks its Kubo for all pins. Rejects with IpfsKitError. */
export async function countFailedPins(access: RpcAccess, { signal }: ClusterOptions = {}): Promise<number> {
  const route = '/pins?filter=error,unexpectedly_unpinned';
  let failed = 0;
  await eachObject(access, route, { totalMs: TOTAL_MS, maxBytes: 2 ** 25, signal }, (line) => {
    const { peers, missing } = statusIn(line, access, route);
    const statuses = peers.map(({ status }) => status);
    if (clusterStatus(statuses, missing) === 'failed') failed++;
  });
  return failed;
}

export interface ClusterPinOptions extends ClusterOptions {
  readonly name?: string | undefined;
  /** The least and the most peers that pin it; -1 means all of them. The cluster's own settings by default. */
  readonly replicationMin?: number | undefined;
  readonly replicationMax?: number | undefined;
  /** The pin as it was before it was unpinned: its options are sent, unless the CID is pinned again. */
  readonly as?: ClusterPinRecord | undefined;
  /** How long to wait for a cluster that writes pins in batches before they are compared, and the interval of requests (ms). Default 10,000 and 500. */
  readonly settleMs?: number | undefined;
  readonly everyMs?: number | undefined;
}

export interface ClusterPinned {
  /** The pin as the cluster stored it before; undefined where it wasn't pinned. */
  readonly before: ClusterPinRecord | undefined;
  /** What the cluster has changed without being asked to; undefined where that isn't known. */
  readonly changes: readonly OptionChange[] | undefined;
}

/**
 * Resolves when the cluster has accepted the pin; its peers pin it then, and pinStatus shows their progress. An existing pin keeps all its options but those
 * that are given: they are read, sent back and compared, since Cluster resets options that aren't sent. Nothing is sent where they can't be read, or can't be
 * sent. There is no compare-and-set: a change by another program between the read and the write is lost.
 */
export async function clusterPin(access: RpcAccess, cid: string, options: ClusterPinOptions = {}): Promise<ClusterPinned> {
  const { name, replicationMin, replicationMax, as, signal, settleMs = 10_000, everyMs = 500 } = options;
  const stop = { signal };
  const record = (of: string): Promise<ClusterPinRecord | undefined> => recordOf(access, of, stop);
  const before = await record(cid).catch((error: unknown) =>
    failAs(error, `${cid} was not pinned, since its options can't be read`),
  );
  if (before && as) return { before, changes: [] };
  const kept = before ?? as;
  const wanted = {
    ...kept,
    ...(name !== undefined && { name }),
    ...(replicationMin !== undefined && { replication_factor_min: replicationMin }),
    ...(replicationMax !== undefined && { replication_factor_max: replicationMax }),
  };
  let query: string;
  try {
    query = await optionsQuery(wanted, record);
  } catch (error) {
    return failAs(error, `${cid} ${before ? 'is pinned already, and ' : ''}was not pinned again`);
  }
  const route = `/pins/${checkedCid(cid)}${query === '' ? '' : `?${query}`}`;
  let taken: JsonObject;
  try {
    taken = ownPin(await askObject(access, route, { method: 'POST', totalMs: TOTAL_MS, ...stop }), cid, access, route);
  } catch (error) {
    // Cluster may still have written the pin, with the options that it could parse.
    const after = before && !IpfsKitError.is(error, 'cancelled') ? await record(cid).catch(() => undefined) : undefined;
    const changes = before && after ? changedOptions(before, after) : [];
    const what = changes.length === 0 ? 'was not pinned' : `was changed nevertheless: ${changesText(changes)}`;
    const isLong = query.length > LONG_QUERY && IpfsKitError.is(error, 'http-status');
    const limit = isLong
      ? ` (its options take ${withCommas(query.length)} bytes of a URL: see max_header_bytes in service.json)`
      : '';
    return failAs(error, `${cid} ${what}${limit}`);
  }
  if (!kept) return { before, changes: [] };
  try {
    for (const until = performance.now() + settleMs; ; await sleep(everyMs, undefined, stop)) {
      const after = await record(cid);
      if (!after) break;
      const changes = changedOptions(wanted, after);
      if (changes.length === 0 || !isOlder(after, taken)) return { before, changes };
      if (performance.now() >= until) break;
    }
  } catch {
    // The pin has been accepted: a failed comparison, or a cancellation only now, doesn't make it fail.
  }
  return { before, changes: undefined };
}

async function recordOf(access: RpcAccess, cid: string, options: ClusterOptions): Promise<ClusterPinRecord | undefined> {
  const pin = await clusterPinRecord(access, checkedCid(cid), { totalMs: TOTAL_MS, ...options });
  return pin && ownPin(pin, cid, access, `/allocations/${cid}`);
}

/** The pin as the cluster stores it, with all its options. Rejects with `not-pinned` where the cluster doesn't have the pin. */
export async function clusterPinAs(access: RpcAccess, cid: string, options: ClusterOptions = {}): Promise<ClusterPinRecord> {
  const pin = await recordOf(access, cid, options);
  if (!pin) throw new IpfsKitError('not-pinned', `${cid} is not a pin of the cluster at ${access.url}.`);
  return pin;
}

/** Unpins at every peer, and in the Kubo below each, including pins made there by hand. Rejects with `not-pinned` where the cluster doesn't have the pin. */
export async function clusterUnpin(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<void> {
  const route = `/pins/${checkedCid(cid)}`;
  try {
    ownPin(await askObject(access, route, { method: 'DELETE', totalMs: TOTAL_MS, signal }), cid, access, route);
  } catch (error) {
    if (IpfsKitError.is(error, 'no-such-route'))
      throw new IpfsKitError('not-pinned', `${cid} is not a pin of the cluster at ${access.url}.`, { cause: error });
    failAs(error, `${cid} was not unpinned`);
  }
}

/** Makes every peer that failed try again; returns the status after that. Rejects with `not-pinned` where the cluster doesn't have the pin. */
export async function clusterRecover(access: RpcAccess, cid: string, { signal }: ClusterOptions = {}): Promise<PinStatus> {
  const route = `/pins/${checkedCid(cid)}/recover`;
  try {
    const answer = await askObject(access, route, { method: 'POST', totalMs: TOTAL_MS, signal });
    const status = statusIn(ownPin(answer, cid, access, route), access, route);
    // Cluster accepts any CID, and each peer reports one that it doesn't have (pintracker/stateless, Recover).
    if (status.peers.length > 0 && status.peers.every((peer) => peer.status === 'unpinned'))
      throw new IpfsKitError('not-pinned', `it is not a pin of the cluster at ${access.url}.`);
    return status;
  } catch (error) {
    return failAs(error, `${cid} was not recovered`);
  }
}

/** The response to a request about a pin must be about that pin: any other proves nothing. */
function ownPin(answer: JsonObject, cid: string, access: RpcAccess, route: string): JsonObject {
  const answered = textIn(answer['cid']);
  if (answered === '' || !isSameCid(answered, cid)) throw foreign(access, route);
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
        name: serverText(pin['peername']) || serverText(id),
        status: serverText(pin['status']),
        error: serverText(pin['error'], access) || undefined,
      };
    });
  return { cid: serverText(answer['cid']), peers, missing: missingPeers(answer['allocations'], map) };
}

function foreign({ url }: RpcAccess, route: string): IpfsKitError {
  return new IpfsKitError('foreign', `${url}${route} responded with something other than what was requested.`);
}

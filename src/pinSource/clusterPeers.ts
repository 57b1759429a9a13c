import type { ClusterAlert, ClusterPeer } from '../daemonClient/cluster/clusterRest';
import { clusterAlerts, clusterMetric, clusterPeers } from '../daemonClient/cluster/clusterRest';
import type { RpcAccess } from '../daemonClient/rpcAddress';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Peer } from './pinSource';

/** ping, freespace, and few more that can be set. */
const MOST_METRICS = 8;
const MOST_KNOWN = 10_000;

const LOST = 'it no longer responds';

/** Who tells what now: peers by metric. */
type Told = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The machines of a cluster, with what is wrong with each: what it says itself, and what the cluster has noticed.
 * A CRDT cluster names a peer that falls silent with an error at first and, after half a minute, no more: that it was there is remembered.
 */
export function createPeerLook(): (access: RpcAccess, signal?: AbortSignal) => Promise<readonly Peer[]> {
  /** Names by id, of one cluster. */
  const known = new Map<string, string>();
  let knownAt = '';
  const nameOf = (id: string): string => [known.get(id), id].find(Boolean) ?? id;

  return async (access, signal) => {
    const stop = signal && { signal };
    const [peers, noticed] = await Promise.all([
      clusterPeers(access, stop),
      clusterAlerts(access, stop).catch((): readonly ClusterAlert[] => []), // what a peer says itself is there all the same
    ]);
    if (knownAt !== access.url) known.clear();
    knownAt = access.url;
    for (const { peer, name } of noticed) if (name !== '' || !known.has(peer)) known.set(peer, name);
    for (const { id, name } of peers) if (name !== '' || !known.has(id)) known.set(id, name);
    for (const [oldest] of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }

    const told = await toldNow(access, noticed, signal);
    const alerts = noticed.filter(({ peer, metric }) => told.get(metric)?.has(peer) !== true);
    const there = new Set(peers.map(({ id }) => id));
    return [
      ...peers.map((peer) => ({ id: peer.id, name: nameOf(peer.id), ...problemOf(peer, alerts) })),
      ...[...known.keys()].filter((id) => !there.has(id)).map((id) => ({ id, name: nameOf(id), problem: LOST })),
    ];
  };
}

/** Alerts are kept as they were raised, also when the peer is back: what it tells now makes up for them. */
async function toldNow(access: RpcAccess, alerts: readonly ClusterAlert[], signal?: AbortSignal): Promise<Told> {
  const metrics = [...new Set(alerts.map(({ metric }) => metric))].slice(0, MOST_METRICS);
  const ask = async (metric: string): Promise<readonly [string, ReadonlySet<string>]> => {
    try {
      return [metric, await clusterMetric(access, metric, signal && { signal })];
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      return [metric, new Set()]; // the alert stands
    }
  };
  return new Map(await Promise.all(metrics.map(ask)));
}

function problemOf({ id, error, ipfsError }: ClusterPeer, alerts: readonly ClusterAlert[]): Pick<Peer, 'problem'> {
  const metrics = alerts.filter(({ peer }) => peer === id).map(({ metric }) => metric);
  const problems = [
    ...(error === undefined ? [] : [error]),
    ...(ipfsError === undefined ? [] : [`its Kubo: ${ipfsError}`]),
    ...(metrics.length === 0 ? [] : [`no report of its ${[...new Set(metrics)].join(', ')}`]),
  ];
  return problems.length > 0 ? { problem: problems.join('; ') } : {};
}

import type { ClusterAlert, ClusterPeer } from '../daemonClient/cluster/clusterRest';
import { clusterAlerts, clusterMetric, clusterPeers } from '../daemonClient/cluster/clusterRest';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Peer } from './pinSource';

/** A cluster has the metrics ping, freespace and the few others that its configuration may add. */
const MOST_METRICS = 8;
const MOST_KNOWN = 10_000;

const LOST = 'it no longer responds';

/** The ids of the peers that report each metric now. */
type Reported = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Gives a function that reads the peers of a cluster, each with its problems: its own errors, and the alerts of the cluster.
 * A CRDT cluster lists a peer that stops responding with an error for half a minute, and then no longer. So peers that were listed once are remembered.
 */
export function createPeerLook(): (access: RpcAccess, signal?: AbortSignal) => Promise<readonly Peer[]> {
  /** The peers of the cluster at `knownAt`: names by id. */
  const known = new Map<string, string>();
  let knownAt = '';
  const nameOf = (id: string): string => [known.get(id), id].find(Boolean) ?? id;

  return async (access, signal) => {
    const stop = signal && { signal };
    const [peers, noticed] = await Promise.all([
      clusterPeers(access, stop),
      clusterAlerts(access, stop).catch((): readonly ClusterAlert[] => []), // the peers' own errors are still shown
    ]);
    if (knownAt !== access.url) known.clear();
    knownAt = access.url;
    for (const { peer, name } of noticed) if (name !== '' || !known.has(peer)) known.set(peer, name);
    for (const { id, name } of peers) if (name !== '' || !known.has(id)) known.set(id, name);
    for (const [oldest] of known) {
      if (known.size <= MOST_KNOWN) break;
      known.delete(oldest);
    }

    const reported = await reportedNow(access, noticed, signal);
    const alerts = noticed.filter(({ peer, metric }) => reported.get(metric)?.has(peer) !== true);
    const there = new Set(peers.map(({ id }) => id));
    return [
      ...peers.map((peer) => ({ id: peer.id, name: nameOf(peer.id), ...problemOf(peer, alerts) })),
      ...[...known.keys()].filter((id) => !there.has(id)).map((id) => ({ id, name: nameOf(id), problem: LOST })),
    ];
  };
}

/** The cluster keeps an alert after the peer is back. An alert about a metric that the peer reports again is outdated. */
async function reportedNow(access: RpcAccess, alerts: readonly ClusterAlert[], signal?: AbortSignal): Promise<Reported> {
  const metrics = [...new Set(alerts.map(({ metric }) => metric))].slice(0, MOST_METRICS);
  const ask = async (metric: string): Promise<readonly [string, ReadonlySet<string>]> => {
    try {
      return [metric, await clusterMetric(access, metric, signal && { signal })];
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      return [metric, new Set()]; // the alerts remain
    }
  };
  return new Map(await Promise.all(metrics.map(ask)));
}

function problemOf({ id, error, ipfsError }: ClusterPeer, alerts: readonly ClusterAlert[]): Pick<Peer, 'problem'> {
  const metrics = alerts.filter(({ peer }) => peer === id).map(({ metric }) => metric);
  const problems = [
    ...(error === undefined ? [] : [error]),
    ...(ipfsError === undefined ? [] : [`its Kubo: ${ipfsError}`]),
    ...(metrics.length === 0 ? [] : [`no recent report of ${[...new Set(metrics)].join(', ')}`]),
  ];
  return problems.length > 0 ? { problem: problems.join('; ') } : {};
}

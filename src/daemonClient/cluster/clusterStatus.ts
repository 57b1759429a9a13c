/** The statuses of pins at the peers of a cluster, as in api/types.go of ipfs-cluster. `remote`: other peers pin it. */

export const HAS_IT: ReadonlySet<string> = new Set(['pinned', 'sharded']);
export const FAILED: ReadonlySet<string> = new Set([
  'pin_error',
  'unpin_error',
  'cluster_error',
  'error',
  'unexpectedly_unpinned',
]);

/**
 * One status over all peers, the worst first; `failed` to `pinned` are those of the Pinning Service API. `unknown`: a peer that should have the pin wasn't
 * heard from.
 */
export const CLUSTER_STATUSES = ['failed', 'unpinning', 'pinning', 'queued', 'unpinned', 'unknown', 'pinned'] as const;
type ClusterStatus = (typeof CLUSTER_STATUSES)[number];

const WORD_OF_PEER = new Map<string, ClusterStatus>(
  Object.entries({
    unpinning: 'unpinning',
    unpin_queued: 'unpinning',
    pinning: 'pinning',
    pin_queued: 'queued',
    queued: 'queued',
    unpinned: 'unpinned',
  } as const),
);

/** The status of a pin at one peer, in words. */
export function peerStatusText(status: string): string {
  if (status === 'remote') return 'stored by other peers';
  return status === 'pin_error' ? 'failed' : status.replaceAll('_', ' ');
}

/** `missing`: how many peers should have the pin and aren't among these. */
export function clusterStatus(peers: readonly string[], missing: number): ClusterStatus {
  const wanted = peers.filter((status) => status !== 'remote');
  const words = wanted.map((status) =>
    FAILED.has(status) ? 'failed' : HAS_IT.has(status) ? 'pinned' : (WORD_OF_PEER.get(status) ?? 'unknown'),
  );
  if (missing > 0 || words.length === 0) words.push('unknown');
  return CLUSTER_STATUSES.find((word) => words.includes(word)) ?? 'unknown';
}

/** The peers that a pin was allocated to and that report nothing about it. Without allocations, all peers should have it. */
export function missingPeers(allocations: unknown, heard: Readonly<Record<string, unknown>>): number {
  return Array.isArray(allocations)
    ? allocations.filter((peer) => typeof peer === 'string' && !Object.hasOwn(heard, peer)).length
    : 0;
}

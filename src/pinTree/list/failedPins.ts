import type { Listing } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';

/** How the status of a failed pin begins: in a pinning service and a cluster as a whole, at one peer of a cluster, and in databases. */
const FAILED_STARTS = ['fail', 'error', 'pin_error', 'unpin_error', 'cluster_error', 'unexpected'];

/** The filter that matches failed pins. */
const FAILED_FILTER = FAILED_STARTS.map((start) => `status:${start}`).join(' ');

export function hasFailed(status = ''): boolean {
  return FAILED_STARTS.some((start) => status.toLowerCase().startsWith(start));
}

/**
 * The most pins of a SQLite file whose failed ones are counted. SQL can't be interrupted, and takes 1.5 s for a million, during which a filter would wait;
 * other tables are counted in steps.
 */
const MOST_IN_SQL = 100_000;

/** The most pins of a list without statuses whose source is asked how many have failed: in a cluster, each peer asks its Kubo for all of them. */
const MOST_ASKED = 10_000;

/** Whether failed pins may be counted by asking the source, since the list has no statuses. */
export function asksForFailed({ opened }: Listing): boolean {
  return opened.statuses === 'unasked' && opened.atMost <= MOST_ASKED;
}

/** Whether a list may have the statuses of its pins. */
export function hasStatuses({ opened }: Listing): boolean {
  return opened.statuses !== 'unasked' && opened.statuses !== 'none';
}

/** Whether the failed pins of a list with `total` pins can be counted. `isSeen`: whether a person sees the view. */
export function canCountFailed(listing: Listing, total: number | undefined, isSeen: boolean): boolean {
  if (listing.incomplete === 'receiving') return false;
  if (!hasStatuses(listing)) return isSeen && asksForFailed(listing);
  return listing.opened.source !== 'sqlite' || (total ?? Infinity) <= MOST_IN_SQL;
}

/** Rejects with IpfsKitError. */
export function countFailed(worker: PinWorkerHandle, table: number, signal: AbortSignal): Promise<number> {
  return worker.request('count', { table, of: { filter: FAILED_FILTER } }, { signal });
}

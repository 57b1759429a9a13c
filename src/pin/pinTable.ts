import type { Pin } from './pin';
import type { PinWalk } from './pinWalk';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection } from './pinQuery';

/** The names and values of the columns of one row, as the source has them. */
export type PinDetails = readonly (readonly [column: string, value: string])[];

/**
 * The longest list that is shown by name unless another order is chosen: 100 ms are the most that this may cost its first rows. On 2 cores the first 200 names
 * of a million take SQLite 500 ms of the processor (440 of them more than the first rows as stored), 1,100 in a thread that has just started, and 100 to 150
 * in columns. So a list of this length takes at most 55 ms more.
 */
export const MOST_BY_NAME = 50_000;

/** The most rows of one CID. */
export const MOST_DETAILS = 20;

/**
 * A list that has been opened, inside the pin worker: an Arrow or JSON body, or a database on disk. Every method may reject with an IpfsKitError. A table is
 * used by one caller at a time.
 */
export interface PinTable {
  /** What was read, for people: `19 columns, 3 record batches` or `table pins`. */
  readonly detail: string;
  /** The number of pins or more: what is known of it without counting. Infinity where nothing is, or where a pin may take any time to read. */
  readonly atMost: number;
  /** The pins of one page, at most query.limit. */
  page(query: PinQuery, signal: AbortSignal): Promise<Pin[]>;
  /** All pins of a query, regardless of its offset and limit. */
  walk(query: PinQuery): PinWalk;
  /** Every column of the rows with this CID, at most 20 rows. */
  details(cid: string, signal: AbortSignal): Promise<readonly PinDetails[]>;
  /** How many pins match. */
  count(of: PinSelection, signal: AbortSignal): Promise<number>;
  /** The groups of all pins that match the filter, in natural order of their keys, with the group without a key last. */
  groups(key: GroupKey, of: PinFilter, signal: AbortSignal): Promise<PinGroup[]>;
  /** Frees files and memory. A second call does nothing. */
  close(): void;
}

import type { Pin } from './pin';
import type { PinWalk } from './pinWalk';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection } from './pinQuery';
import type { SoughtPin } from './soughtPin';

/** The names and values of the columns of one row, as the source has them. */
export type PinDetails = readonly (readonly [column: string, value: string])[];

/** The most rows of one CID. */
export const MOST_DETAILS = 20;

/** Where a pin is in a list. */
export interface FoundPin {
  /** The index among the pins of the query or, where it groups them, among those of the pin's group. */
  readonly at: number;
  /** The key of that group. */
  readonly group?: string | undefined;
}

/**
 * A list that has been opened, inside the pin worker: an Arrow or JSON body, or a database on disk. Every method may reject with an IpfsKitError. A table is
 * used by one caller at a time.
 */
export interface PinTable {
  /** What was read, for people: `19 columns, 3 record batches` or `table pins`. */
  readonly detail: string;
  /** The pins of one page, at most query.limit. */
  page(query: PinQuery, signal: AbortSignal): Promise<Pin[]>;
  /** All pins of a query, regardless of its offset and limit. */
  walk(query: PinQuery): PinWalk;
  /** Every column of the rows with this CID, at most 20 rows. */
  details(cid: string, signal: AbortSignal): Promise<readonly PinDetails[]>;
  /** Where the sought pin is among the pins of a query, regardless of its offset and limit; undefined where it isn't among them. */
  find(sought: SoughtPin, query: PinQuery, signal: AbortSignal): Promise<FoundPin | undefined>;
  /** How many pins match. */
  count(of: PinSelection, signal: AbortSignal): Promise<number>;
  /** The groups of all pins that match the filter, ascending by key, with the group without a key last. */
  groups(key: GroupKey, of: PinFilter, signal: AbortSignal): Promise<PinGroup[]>;
  /** Frees files and memory. A second call does nothing. */
  close(): void;
}

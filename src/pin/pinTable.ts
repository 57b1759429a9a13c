import type { Pin } from './pin';
import type { PinWalk } from './pinWalk';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection, PinTotal } from './pinQuery';

/** The names and values of the columns of one row, as the source has them. */
export type PinDetails = readonly (readonly [column: string, value: string])[];

/** The most rows of one CID. */
export const MOST_DETAILS = 20;

/** A row whose size hasn't been asked for. */
export interface UnaskedRow {
  readonly row: number;
  /** Its place among the rows that match. */
  readonly place: number;
  readonly cid: string;
}

export interface SizesToAdd {
  /** Grows with each addition. */
  readonly version: number;
  /** The next matching rows from a place on whose sizes haven't been asked for, at most `most`; `next` is the place after them, undefined at the end. */
  unasked(
    of: PinFilter,
    from: number,
    most: number,
    signal: AbortSignal,
  ): Promise<{ readonly rows: readonly UnaskedRow[]; readonly next: number | undefined }>;
  /** Adds sizes in bytes by row; undefined where the daemon was asked and knows none. */
  readonly add: (sizes: ReadonlyMap<number, number | undefined>) => void;
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
  /** How many pins match. */
  count(of: PinSelection, signal: AbortSignal): Promise<number>;
  /** How many pins match, and their sizes together. */
  total(of: PinSelection, signal: AbortSignal): Promise<PinTotal>;
  /** Only where the list has no sizes, and they can be added. */
  readonly sizes?: SizesToAdd | undefined;
  /** The groups of all pins that match the filter, ascending by key, with the group without a key last. */
  groups(key: GroupKey, of: PinFilter, signal: AbortSignal): Promise<PinGroup[]>;
  /** Frees files and memory. A second call does nothing. */
  close(): void;
}

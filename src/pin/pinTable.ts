import type { Pin } from './pin';
import type { ContentWalk, JoinedContents } from './joinedContents';
import type { PinWalk } from './pinWalk';
import type { Standing } from './standing';
import type { GroupKey, PinFilter, PinGroup, PinQuery, PinSelection, PinTotal } from './pinQuery';
import type { SoughtPin } from './soughtPin';

/** The names and values of the columns of one row, as the source has them. */
export type PinDetails = readonly (readonly [column: string, value: string])[];

/**
 * The longest list that is shown by name unless another order is chosen: its first rows may take 100 ms more than as stored. In SQLite, on 2 cores, the first
 * 200 rows of such a list take 64 ms of the processor instead of 9 in a thread that has just started, and about 30 instead of 10 later; of a million pins, 440
 * more. Columns take 120 to 150 for a million.
 */
export const MOST_BY_NAME = 50_000;

/** The most rows of one CID. */
export const MOST_DETAILS = 20;

/** Where a pin is in a list. */
interface FoundPin {
  /** The index among the pins of the query or, where it groups them, among those of the pin's group. */
  readonly at: number;
  /** The key of that group. */
  readonly group?: string | undefined;
}

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
  /** The number of pins or more: what is known of it without counting. Infinity where nothing is, or where a pin may take any time to read. */
  readonly atMost: number;
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
  /** How many pins match, and their sizes together. */
  total(of: PinSelection, signal: AbortSignal): Promise<PinTotal>;
  /** Only where the list has no sizes, and they can be added. */
  readonly sizes?: SizesToAdd | undefined;
  /** The groups of all pins that match the filter, in natural order of their keys, with the group without a key last. */
  groups(key: GroupKey, of: PinFilter, signal: AbortSignal): Promise<PinGroup[]>;
  /** Begins to read the contents of all pins, for a join of lists. `without`: what a pin without a status is. */
  readonly contents: (without: Standing) => ContentWalk;
  /** Sets what is known of the same contents in other lists: pins have `sources`, `copies` and so on from then on. Undefined: nothing. */
  readonly join: (joined: JoinedContents | undefined) => void;
  /** The ids of the sources of which more would have to be known for the result of a query to be certain. */
  doubts(of: PinQuery): readonly string[];
  /** Frees files and memory. A second call does nothing. */
  close(): void;
}

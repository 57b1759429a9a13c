import type { ColumnSource } from '../pin/columnSource';
import type { JoinedContents } from '../pin/joinedContents';
import type { Pin } from '../pin/pin';
import type { PinField, PinShape } from '../pin/columnNames';

/** Row numbers, ascending unless an order is requested. Undefined means all rows in their order, which is the usual case and needs no list. */
export type Rows = Uint32Array | undefined;

/** The columns of a source by what they mean. */
export interface PinColumns {
  readonly rows: number;
  readonly source: ColumnSource;
  readonly shape: PinShape;
  readonly raw: (field: PinField, row: number) => unknown;
  /** The whole text; undefined where there is none. */
  text(field: SearchedField, row: number): string | undefined;
  metadata(row: number): Record<string, unknown> | undefined;
  pin(row: number): Pin | undefined;
  /** What is known of the contents in other lists; undefined where the list isn't joined. */
  readonly joined: JoinedContents | undefined;
}

/** The fields that a filter looks through. */
export const SEARCHED = ['name', 'cid', 'vfsPath'] as const;
export type SearchedField = (typeof SEARCHED)[number];

/** The fields that a fuzzy filter looks through: in a CID, whose characters are practically random, it would match almost anything. */
export const FUZZY = ['name', 'vfsPath'] as const;

/** The group of each row, which is the rank of the row's number. */
export interface GroupedRows {
  /** The keys of the groups that have rows, in natural order; that of rows without a key comes last. */
  readonly keys: readonly (string | undefined)[];
  /** The number of each place in the list of rows. */
  readonly numbers: Uint32Array;
  /** For each number, the index of its key. */
  readonly ranks: Uint32Array;
}

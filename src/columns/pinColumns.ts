import type { ColumnSource } from '../pin/columnSource';
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
}

/** The fields that a filter looks through. */
export const SEARCHED = ['name', 'cid', 'vfsPath'] as const;
export type SearchedField = (typeof SEARCHED)[number];

/** The fields that a fuzzy filter looks through: in a CID, whose characters are practically random, it would match almost anything. */
export const FUZZY = ['name', 'vfsPath'] as const;

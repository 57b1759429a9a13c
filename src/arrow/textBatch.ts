import { SHOWN_BYTES } from '../pin/columnSource';
import type { ColumnBatch } from './columnBatch';
import type { Validity } from './validityBitmap';
import { isSet } from './validityBitmap';

/** Rows are sorted and fuzzily searched by this many bytes of a longer text: a string that is too large for the heap ends the process, not only the thread. */
const MAX_TEXT_BYTES = 2 ** 24;

/** Reads the texts of one batch, depending on its layout. */
interface BatchTexts {
  readonly rows: number;
  readonly validity: Validity;
  /** False where the text of a row that is not null is empty. */
  readonly noneEmpty: boolean;
  /** The text of a row, of which at most `maxBytes` are decoded. The result for a null is not used. */
  readonly read: (row: number, maxBytes: number) => string;
}

/** The values of a batch of texts, regardless of its layout. */
export function textBatch({ rows, validity, noneEmpty, read }: BatchTexts): ColumnBatch {
  const upTo =
    (maxBytes: number) =>
    (row: number): unknown =>
      validity && !isSet(validity, row) ? null : read(row, maxBytes);
  return { rows, hasTextInEveryRow: noneEmpty && !validity, value: upTo(SHOWN_BYTES), uncutValue: upTo(MAX_TEXT_BYTES) };
}

export const NOT_UTF8 = "its text isn't valid UTF-8";

import type { SearchSteps } from '../pin/columnSource';

/** Substring search over UTF-8 bytes as they came, without a string being made: ASCII letters match in either case. */

/** Texts that lie one after the other. */
export interface TextBytes {
  readonly length: number;
  readonly bytes: Buffer;
  /** Where the text of a row begins; that of `length` is the end of the last one. Never falls. */
  readonly startOf: (row: number) => number;
}

/** Bytes that are folded at a time: the folded copy of a whole column would double its memory. */
const WINDOW = 2 ** 18;

const FOLD = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/**
 * Undefined for a needle that bytes can't tell: half a surrogate pair has no UTF-8, and U+FFFD stands in the text for what is no UTF-8.
 * The text of the needle must be folded already.
 */
export function needleBytes(folded: string): Uint8Array | undefined {
  return /[\p{Surrogate}\ufffd]/u.test(folded) ? undefined : Buffer.from(folded);
}

/** Calls `found` for each row that contains the needle, in order, once. A window is a step. */
export function* findText(texts: TextBytes, needle: Uint8Array, found: (row: number) => void): SearchSteps {
  const { length, bytes, startOf } = texts;
  const end = startOf(length);
  const folded = Buffer.alloc(Math.min(WINDOW + needle.length - 1, end - startOf(0)));
  let row = 0;
  let from = startOf(0);
  while (from + needle.length <= end) {
    const size = Math.min(folded.length, end - from);
    for (let at = 0; at < size; at++) folded[at] = FOLD[bytes[from + at] ?? 0] ?? 0;
    const window = folded.subarray(0, size);
    let at = 0;
    for (let hit = window.indexOf(needle); hit >= 0; hit = at < size ? window.indexOf(needle, at) : -1) {
      row = rowAt(texts, row, from + hit);
      const rowEnd = startOf(row + 1);
      at = hit + 1;
      if (from + hit + needle.length > rowEnd) continue; // a hit across two rows is none
      found(row);
      at = rowEnd - from;
    }
    // Go on where a needle may begin that did not fit into this window, but not in a row that has been found.
    from += Math.max(at, size - needle.length + 1);
    yield;
  }
}

/** The row that holds the byte: from `row` on in growing steps, since hits come in order. */
function rowAt({ length, startOf }: TextBytes, row: number, byte: number): number {
  let step = 1;
  let low = row;
  while (low + step < length && startOf(low + step) <= byte) {
    low += step;
    step *= 2;
  }
  let high = Math.min(length - 1, low + step);
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (startOf(middle) <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}

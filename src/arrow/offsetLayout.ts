import { isAscii, isUtf8 } from 'node:buffer';
import type { Data } from 'apache-arrow';
import type { TextBytes } from '../columns/textSearch';
import { findText } from '../columns/textSearch';
import type { ColumnBatch } from './columnBatch';
import { NOT_UTF8, textBatch } from './textBatch';
import type { Validity } from './validityBitmap';
import { isSet } from './validityBitmap';

/**
 * Texts that lie one after the other, and the offsets of 32 or 64 bits at which they begin ("Variable-size Binary Layout" in Columnar.html). Offsets must never
 * decrease, must point inside the bytes, and each text must be UTF-8.
 */
export function offsetBatch(data: Data, validity: Validity, broken: (what: string) => Error): ColumnBatch {
  const { length: rows } = data;
  const offsets = data.valueOffsets as Int32Array | BigInt64Array | undefined;
  const values = (data.values as Uint8Array | undefined) ?? new Uint8Array(0);
  if (offsets === undefined || offsets.length < rows + 1) throw broken('it has fewer offsets than rows');
  const is32 = offsets instanceof Int32Array;
  const check = is32 ? checkOffsets32(offsets, rows, values.length) : checkOffsets64(offsets, rows, values.length);
  if (check === 'outside') throw broken('its offsets point outside its text');
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.length);
  const startOf = is32 ? (row: number) => offsets[row] ?? 0 : (row: number) => Number(offsets[row] ?? 0n);
  const words = is32 ? offsets : new Int32Array(offsets.buffer, offsets.byteOffset, 2 * offsets.length);
  if (
    !isAscii(bytes.subarray(startOf(0), startOf(rows))) &&
    !isText({ length: rows, bytes, startOf }, is32 ? offsets : undefined, validity)
  )
    throw broken(NOT_UTF8);
  return {
    ...textBatch({
      rows,
      validity,
      noneEmpty: check === 'none empty',
      read: (row, maxBytes) => {
        const start = startOf(row);
        return bytes.toString('utf8', start, Math.min(startOf(row + 1), start + maxBytes));
      },
    }),
    search: (needle, hits, firstRow, { from, to, exactly }) => {
      const searched: TextBytes = { length: to - from, bytes, startOf: (row) => startOf(from + row) };
      const found = (row: number): void => {
        if (!validity || isSet(validity, from + row)) hits[firstRow + from + row] = 1;
      };
      return findText(searched, needle, found, exactly);
    },
    // The lower words of 64-bit offsets are enough as long as the bytes end before 2^31.
    text: bytes.length < 2 ** 31 ? { rows, bytes, offsets: words, stride: words.length / offsets.length, validity } : undefined,
  };
}

/**
 * Whether each text is UTF-8. All bytes are checked at once, then whether each text begins at a character boundary: this is much faster than checking text by
 * text, which is only done for batches with nulls, since the bytes of a null may be anything.
 */
function isText({ length, bytes, startOf }: TextBytes, offsets: Int32Array | undefined, validity: Validity): boolean {
  const end = startOf(length);
  let isGood = isUtf8(bytes.subarray(startOf(0), end));
  if (isGood && offsets) isGood = beginWithCharacters(bytes, offsets, length, end);
  else
    for (let row = 1; isGood && row < length; row++) {
      const start = startOf(row);
      isGood = start === end || !isWithinCharacter(bytes[start] ?? 0);
    }
  if (isGood || !validity) return isGood;
  for (let row = 0; row < length; row++)
    if (isSet(validity, row) && !isUtf8(bytes.subarray(startOf(row), startOf(row + 1)))) return false;
  return true;
}

/** The same loop as for 64-bit offsets, but separate: a loop that only sees Int32Arrays is fast enough for millions of rows. */
function beginWithCharacters(bytes: Uint8Array, offsets: Int32Array, length: number, end: number): boolean {
  for (let row = 1; row < length; row++) {
    const start = offsets[row] ?? 0;
    if (start < end && isWithinCharacter(bytes[start] ?? 0)) return false;
  }
  return true;
}

/** Whether a byte of UTF-8 is the second, third or fourth byte of a character. */
function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** `outside`: an offset is less than the previous one, or points outside the bytes. */
type OffsetCheck = 'outside' | 'none empty' | 'some empty';

/** One pass without branches: the sign bit records a decrease or a negative offset. Both are checked, since the difference may overflow 32 bits. */
function checkOffsets32(offsets: Int32Array, length: number, bytes: number): OffsetCheck {
  let previous = offsets[0] ?? 0;
  let signs = previous;
  let shortest = 1;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1;
    const step = next - previous;
    signs |= next | step;
    shortest = step < shortest ? step : shortest;
    previous = next;
  }
  return signs < 0 || previous > bytes ? 'outside' : shortest > 0 ? 'none empty' : 'some empty';
}

function checkOffsets64(offsets: BigInt64Array, length: number, bytes: number): OffsetCheck {
  let previous = offsets[0] ?? -1n;
  if (previous < 0n) return 'outside';
  let noneEmpty = true;
  for (let row = 1; row <= length; row++) {
    const next = offsets[row] ?? -1n;
    if (next < previous) return 'outside';
    noneEmpty &&= next > previous;
    previous = next;
  }
  return previous > BigInt(bytes) ? 'outside' : noneEmpty ? 'none empty' : 'some empty';
}

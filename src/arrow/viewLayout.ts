import { isAscii, isUtf8 } from 'node:buffer';
import type { Data } from 'apache-arrow';
import type { TextBytes } from '../columns/textSearch';
import { findText } from '../columns/textSearch';
import type { ColumnBatch } from './columnBatch';
import { NOT_UTF8, textBatch } from './textBatch';
import type { Validity } from './validityBitmap';
import { isSet } from './validityBitmap';

/**
 * A view has 16 bytes: the length of its text in 4, and the text itself if it has 12 bytes at most; otherwise the first 4 bytes of the text, the number of a
 * buffer, and the offset in it.
 */
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;
const VIEWS_A_STEP = 16_384;

/** The position of the text of a row. `buffer` is undefined where the batch doesn't have the buffer of the view. */
interface TextLocation {
  readonly buffer: Buffer | undefined;
  readonly start: number;
  readonly size: number;
}

/**
 * Texts by their views ("Variable-size Binary View Layout" in Columnar.html). Each view must point inside a buffer and match the text there, which must be
 * UTF-8. The view of a null may be anything.
 */
export function viewBatch(data: Data, validity: Validity, broken: (what: string) => Error): ColumnBatch {
  const { length: rows, variadicBuffers } = data;
  const values = (data.values as Uint8Array | undefined) ?? new Uint8Array(0);
  if (values.length < rows * VIEW_BYTES) throw broken('it has fewer values than rows');
  const view = new DataView(values.buffer, values.byteOffset, values.length);
  /** The views themselves, which contain the short texts, followed by the buffers in the order of their numbers. */
  const buffers = [values, ...variadicBuffers].map((bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  const locate = (row: number): TextLocation => {
    const at = row * VIEW_BYTES;
    const size = view.getInt32(at, true);
    if (size <= INLINE_BYTES) return { buffer: buffers[0], start: at + 4, size };
    return { buffer: buffers[1 + view.getInt32(at + 8, true)], start: view.getInt32(at + 12, true), size };
  };
  /** Most texts are ASCII. Checking a whole buffer, or the few bytes of a short text, is faster than a call for each text. */
  const asciiBuffers = new Set(buffers.slice(1).filter((buffer) => isAscii(buffer)));
  const isKnownAscii = (buffer: Buffer, start: number, size: number): boolean => {
    if (size > INLINE_BYTES) return asciiBuffers.has(buffer);
    let bits = 0;
    for (let at = start; at < start + size; at++) bits |= buffer[at] ?? 0;
    return bits < 0x80;
  };
  /** The view of a long text repeats its first 4 bytes; the view of a short text is padded with zeros. */
  const agrees = (at: number, buffer: Buffer, start: number, size: number): boolean => {
    if (size > INLINE_BYTES) return view.getInt32(at + 4, true) === buffer.readInt32LE(start);
    let padding = 0;
    for (let byte = at + 4 + size; byte < at + VIEW_BYTES; byte++) padding |= values[byte] ?? 0;
    return padding === 0;
  };
  let noneEmpty = true;
  for (let row = 0; row < rows; row++) {
    if (validity && !isSet(validity, row)) continue;
    const { buffer, start, size } = locate(row);
    if (size < 0 || start < 0 || buffer === undefined || start + size > buffer.length)
      throw broken('a view points outside its text');
    if (!agrees(row * VIEW_BYTES, buffer, start, size)) throw broken('a view contradicts its text');
    if (!isKnownAscii(buffer, start, size) && !isUtf8(buffer.subarray(start, start + size))) throw broken(NOT_UTF8);
    noneEmpty &&= size > 0;
  }
  return {
    ...textBatch({
      rows,
      validity,
      noneEmpty,
      read: (row, maxBytes) => {
        const { buffer, start, size } = locate(row);
        return buffer?.toString('utf8', start, start + Math.min(size, maxBytes)) ?? '';
      },
    }),
    *search(needle, hits, firstRow, { from, to, exactly }) {
      for (let row = from; row < to; row++) {
        if (row % VIEWS_A_STEP === 0) yield;
        if (validity && !isSet(validity, row)) continue;
        const { buffer, start, size } = locate(row);
        const text: TextBytes = { length: 1, bytes: buffer ?? Buffer.alloc(0), startOf: (at) => start + at * size };
        const steps = findText(text, needle, () => (hits[firstRow + row] = 1), exactly);
        while (steps.next().done !== true);
      }
    },
  };
}

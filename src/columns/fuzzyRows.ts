import type { SpelledPart } from '../pin/columnSource';
import { fuzzyNeedle, matchesFuzzily } from '../pin/fuzzyMatch';
import { hasWithOneTypo } from '../pin/oneTypo';
import type { PinColumns, SearchedField } from './pinColumns';
import { FUZZY } from './pinColumns';
import { FOLD } from './textSearch';

/** A filter of ASCII characters, as bytes. */
interface NeedleBytes {
  readonly inOrder: Uint8Array;
  /** What may have one typo, and for each of its halves the bits of its bytes. */
  readonly typed: { readonly bytes: Uint8Array; readonly halves: readonly number[] } | undefined;
}

/**
 * Whether a row matches a fuzzy filter, which must be folded: by its bytes where they are available and the filter is ASCII, otherwise by its texts. Rows must
 * ascend.
 */
export function fuzzyRows(columns: PinColumns, filter: string): (row: number) => boolean {
  const needle = fuzzyNeedle(filter);
  const { characters, typed } = needle;
  const isAscii = characters.length > 0 && characters.every((character) => character < '\u0080');
  const wanted = {
    inOrder: Buffer.from(characters.join('')),
    typed: typed && { bytes: Uint8Array.from(typed.codePoints), halves: typed.halves.map(bitsOf) },
  };
  const tests = FUZZY.map((field) => {
    const byText = (row: number): boolean => matchesFuzzily(columns.text(field, row) ?? '', needle);
    return (isAscii ? matcher(columns, field, wanted, byText) : undefined) ?? byText;
  });
  return (row) => tests.some((test) => test(row));
}

/** Undefined where the bytes of the field aren't enough. */
function matcher(
  { source, shape }: PinColumns,
  field: SearchedField,
  { inOrder, typed }: NeedleBytes,
  byText: (row: number) => boolean,
): ((row: number) => boolean) | undefined {
  const column = shape.columns.get(field);
  if (field === 'name' && shape.metadata !== undefined) return undefined; // the metadata may contain a name
  if (column === undefined) return () => false;
  const parts = source.texts?.(column);
  if (!parts?.every((part): part is SpelledPart => 'offsets' in part)) return undefined;
  let [index, first] = [0, 0];
  return (row) => {
    if (row < first) [index, first] = [0, 0];
    let part = parts[index];
    while (part && row - first >= part.rows) {
      first += part.rows;
      part = parts[++index];
    }
    if (!part) return false;
    const seen = bitsUnlessInOrder(part, row - first, inOrder);
    if (seen === IN_ORDER || typed === undefined) return seen === IN_ORDER;
    // Most texts lack bytes of both halves, and can't have the filter with one typo.
    const mayBe = typed.halves.some((bits) => (seen & bits) === bits);
    return mayBe && (hasTyped(part, row - first, typed.bytes) ?? byText(row));
  };
}

/** A bit for each byte of an ASCII text; some bytes share one. */
function bitsOf(ascii: string): number {
  return Buffer.from(ascii).reduce((bits, byte) => bits | (1 << (byte & 31)), 0);
}

const IN_ORDER = -1;

/** IN_ORDER where the text of a row contains the bytes in this order, ignoring the case of ASCII letters; otherwise the bits of the bytes that it contains. */
function bitsUnlessInOrder({ bytes, offsets, stride, validity }: SpelledPart, row: number, wanted: Uint8Array): number {
  if (validity && ((validity[row >> 3] ?? 0) & (1 << (row & 7))) === 0) return 0;
  const end = offsets[stride * (row + 1)] ?? 0;
  let [next, bits] = [0, 0];
  for (let at = offsets[stride * row] ?? 0; at < end; at++) {
    const byte = FOLD[bytes[at] ?? 0] ?? 0;
    bits |= 1 << (byte & 31);
    if (byte === wanted[next] && ++next === wanted.length) return IN_ORDER;
  }
  return bits >>> 0;
}

/** The folded text of a row. Longer texts are rare enough to be read as texts. */
const text = new Uint8Array(1024);

/** Whether the text of a row contains these bytes with at most one typo. Undefined where its bytes don't tell, because not each is a character. */
function hasTyped({ bytes, offsets, stride }: SpelledPart, row: number, typed: Uint8Array): boolean | undefined {
  const start = offsets[stride * row] ?? 0;
  const length = (offsets[stride * (row + 1)] ?? 0) - start;
  if (length > text.length) return undefined;
  for (let at = 0; at < length; at++) {
    const byte = bytes[start + at] ?? 0;
    if (byte > 0x7f) return undefined;
    text[at] = FOLD[byte] ?? 0;
  }
  return hasWithOneTypo(text, length, typed);
}

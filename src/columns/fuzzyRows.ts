import type { SpelledPart } from '../pin/columnSource';
import { fuzzyNeedle, matchesFuzzily } from '../pin/fuzzyMatch';
import { hasWithOneTypo } from '../pin/oneTypo';
import type { PinColumns, SearchedField } from './pinColumns';
import { FUZZY } from './pinColumns';
import { FOLD } from './textSearch';

/**
 * Whether a row matches a fuzzy filter, which must be folded: by its bytes where they are available and the filter is ASCII, otherwise by its texts. Rows must
 * ascend.
 */
export function fuzzyRows(columns: PinColumns, filter: string): (row: number) => boolean {
  const needle = fuzzyNeedle(filter);
  const { characters, typed } = needle;
  const isAscii = characters.every((character) => character < '\u0080');
  const wanted = isAscii && characters.length > 0 ? Buffer.from(characters.join('')) : undefined;
  const typedBytes = typed && Uint8Array.from(typed.codePoints);
  const tests = FUZZY.map((field) => {
    const byText = (row: number): boolean => matchesFuzzily(columns.text(field, row) ?? '', needle);
    return (wanted && matcher(columns, field, wanted, typedBytes, byText)) ?? byText;
  });
  return (row) => tests.some((test) => test(row));
}

/** Undefined where the bytes of the field aren't enough. */
function matcher(
  { source, shape }: PinColumns,
  field: SearchedField,
  wanted: Uint8Array,
  typed: Uint8Array | undefined,
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
    if (isInOrder(part, row - first, wanted)) return true;
    return typed !== undefined && (hasTyped(part, row - first, typed) ?? byText(row));
  };
}

/** Whether the text of a row contains the bytes in this order, ignoring the case of ASCII letters. */
function isInOrder({ bytes, offsets, stride, validity }: SpelledPart, row: number, wanted: Uint8Array): boolean {
  if (validity && ((validity[row >> 3] ?? 0) & (1 << (row & 7))) === 0) return false;
  const end = offsets[stride * (row + 1)] ?? 0;
  let next = 0;
  for (let at = offsets[stride * row] ?? 0; at < end; at++)
    if (FOLD[bytes[at] ?? 0] === wanted[next] && ++next === wanted.length) return true;
  return false;
}

/** The folded text of a row. Longer texts are rare enough to be read as texts. */
const text = new Uint8Array(1024);

/** Whether the text of a row contains these bytes with at most one typo. Undefined where its bytes don't tell, because not each is a character. */
function hasTyped({ bytes, offsets, stride, validity }: SpelledPart, row: number, typed: Uint8Array): boolean | undefined {
  if (validity && ((validity[row >> 3] ?? 0) & (1 << (row & 7))) === 0) return false;
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

import type { SpelledPart } from '../pin/columnSource';
import { fuzzyCharacters, matchesFuzzily } from '../pin/fuzzyMatch';
import type { PinColumns, SearchedField } from './pinColumns';
import { FUZZY } from './pinColumns';
import { FOLD } from './textSearch';

/**
 * Whether a row matches a fuzzy filter, which must be folded: by its bytes where they are available and the filter is ASCII, otherwise by its texts. Rows must
 * ascend.
 */
export function fuzzyRows(columns: PinColumns, needle: string): (row: number) => boolean {
  const characters = fuzzyCharacters(needle);
  const isAscii = characters.every((character) => character < '\u0080');
  const wanted = isAscii && characters.length > 0 ? Buffer.from(characters.join('')) : undefined;
  const tests = FUZZY.map(
    (field) =>
      (wanted && matcher(columns, field, wanted)) ??
      ((row: number) => matchesFuzzily(columns.text(field, row) ?? '', characters)),
  );
  return (row) => tests.some((test) => test(row));
}

/** Undefined where the bytes of the field aren't enough. */
function matcher(
  { source, shape }: PinColumns,
  field: SearchedField,
  wanted: Uint8Array,
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
    return part !== undefined && isInOrder(part, row - first, wanted);
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

import type { Data, Vector } from 'apache-arrow';
import type { Column } from '../pin/columnSource';
import type { ColumnBatch } from './columnBatch';
import type { Validity } from './validityBitmap';
import { isSet } from './validityBitmap';

/**
 * Rows that are indices into a dictionary of values ("Dictionary-encoded Layout" in Columnar.html). Each index must be that of an entry; the index of a null
 * may be anything. `columnOf` returns the entries of a dictionary as a checked column.
 */
export function dictionaryBatch(
  data: Data,
  validity: Validity,
  columnOf: (dictionary: Vector) => Column,
  broken: (what: string) => Error,
): ColumnBatch {
  const { length: rows, dictionary, values } = data as { length: number; dictionary?: Vector; values: unknown };
  const indices = values as Int32Array | BigInt64Array;
  if (!dictionary || indices.length < rows) throw broken('it has fewer indices than rows');
  const entries = columnOf(dictionary);
  const size = entries.rows;
  for (let row = 0; row < rows; row++) {
    const index = Number(indices[row]);
    if ((index < 0 || index >= size) && (!validity || isSet(validity, row)))
      throw broken('an index points outside its dictionary');
  }
  const ofEntry =
    (read: (entry: number) => unknown) =>
    (row: number): unknown =>
      validity && !isSet(validity, row) ? null : read(Number(indices[row]));
  return {
    rows,
    hasTextInEveryRow: entries.hasTextInEveryRow && !validity,
    value: ofEntry(entries.value),
    uncutValue: ofEntry(entries.uncutValue),
    text: indices instanceof Int32Array ? { rows, dictionary, entries: size, indices, validity } : undefined,
    *search(needle, hits, firstRow, { from, to, dictionaryHits, exactly }) {
      let found = dictionaryHits.get(dictionary);
      if (!found) {
        found = new Uint8Array(size);
        const range = { from: 0, to: size, dictionaryHits: new Map(), exactly };
        if (entries.search) yield* entries.search(needle, found, range);
        dictionaryHits.set(dictionary, found);
      }
      for (let row = from; row < to; row++)
        if (found[Number(indices[row])] === 1 && (!validity || isSet(validity, row))) hits[firstRow + row] = 1;
    },
  };
}

import type { PinColumns } from './pinColumns';
import { pacer } from '../base/stepByStep';

/** The values that are read from the metadata of a row where their own column has none. */
export type MetadataKey = 'name' | 'size_bytes';

/** Tells whether the metadata of a row may hold a key; undefined where no row has such metadata. */
export type MayHold = (row: number) => boolean;

interface Looked {
  readonly hits: Uint8Array;
  /** How many rows have been searched, and whether one of them was marked. */
  rows: number;
  isAny: boolean;
}

/** Results are cached, because a table is queried repeatedly and its bytes don't change. */
const remembered = new WeakMap<PinColumns, Map<MetadataKey, Looked>>();

/**
 * Which of the rows before `end` have metadata that is worth parsing: it contains the key between quotes, or an escape. Searching the bytes is a hundred times
 * as fast as parsing all of them.
 */
export async function rowsWithMetadata(
  columns: PinColumns,
  key: MetadataKey,
  signal: AbortSignal,
  end = columns.rows,
): Promise<MayHold | undefined> {
  const { source, shape, rows } = columns;
  if (shape.metadata === undefined) return undefined;
  let known = remembered.get(columns);
  if (!known) remembered.set(columns, (known = new Map<MetadataKey, Looked>()));
  let looked = known.get(key);
  if (!looked) known.set(key, (looked = { hits: new Uint8Array(rows), rows: 0, isAny: false }));
  const { hits, rows: from } = looked;
  if (from < end) {
    const due = pacer(signal);
    for (const written of [`"${key}"`, '\\']) {
      const part = { from, to: end, dictionaryHits: new Map<unknown, Uint8Array>(), exactly: true };
      const steps = source.search?.(shape.metadata, Buffer.from(written), hits, part);
      if (!steps) return () => true;
      while (steps.next().done !== true) await due();
    }
    looked.isAny ||= hits.subarray(from, end).includes(1);
    looked.rows = end;
  }
  return looked.isAny ? (row) => hits[row] === 1 : undefined;
}

import type { Column, SearchRange, SearchSteps, TextPart } from '../pin/columnSource';
import { rowRanges } from '../columns/rowRanges';
import type { BatchNumbers } from './numbersInBulk';
import { joinedNumbers } from './numbersInBulk';

/** The checked part of a column in one record batch. Rows are numbered from the first one of the batch. The other members are those of Column. */
export interface ColumnBatch extends Pick<Column, 'rows' | 'hasTextInEveryRow' | 'value' | 'uncutValue'> {
  /** Like `search` of Column, for the rows of the batch. `firstRow` is the index of its first row in `hits`. */
  readonly search?: (needle: Uint8Array, hits: Uint8Array, firstRow: number, range: SearchRange) => SearchSteps;
  readonly numbers?: BatchNumbers | undefined;
  readonly text?: TextPart | undefined;
}

/** The column that these batches make up, in their order. It can be searched or read in bulk if each of them can. */
export function columnOfBatches(batches: readonly ColumnBatch[]): Column {
  const ranges = rowRanges(batches);
  const { starts, indexOf } = ranges;
  const searchable = batches.every(({ search }) => search !== undefined);
  const numbers = joinedNumbers(batches, ranges);
  const texts = batches.flatMap(({ text }) => text ?? []);
  const search: Column['search'] = function* (
    needle,
    hits,
    { from, to, ...how } = { from: 0, to: Infinity, dictionaryHits: new Map() },
  ) {
    for (const [index, { rows, search: searchBatch }] of batches.entries()) {
      const firstRow = starts[index] ?? 0;
      const range = { from: Math.max(0, from - firstRow), to: Math.min(rows, to - firstRow), ...how };
      if (searchBatch && range.from < range.to) yield* searchBatch(needle, hits, firstRow, range);
    }
  };
  return {
    rows: starts.at(-1) ?? 0,
    hasTextInEveryRow: batches.every(({ hasTextInEveryRow }) => hasTextInEveryRow),
    value: (row) => {
      const index = indexOf(row);
      return batches[index]?.value(row - (starts[index] ?? 0));
    },
    uncutValue: (row) => {
      const index = indexOf(row);
      return batches[index]?.uncutValue(row - (starts[index] ?? 0));
    },
    search: searchable ? search : undefined,
    numbers,
    texts: texts.length === batches.length ? texts : undefined,
  };
}

import type { Column, SearchRange, SearchSteps, TextPart } from '../pin/columnSource';
import { rowRanges } from '../columns/rowRanges';
import type { BatchNumbers } from './numbersInBulk';
import { joinedNumbers } from './numbersInBulk';

/** What one record batch holds of a column, checked. Its rows are counted from its own first one. The other members are those of Column. */
export interface ColumnBatch extends Pick<Column, 'rows' | 'hasTextInEveryRow' | 'value' | 'uncutValue'> {
  /** As `search` of Column, for rows of the batch. `firstRow`: where its first row is in `hits`. */
  readonly search?: (needle: Uint8Array, hits: Uint8Array, firstRow: number, range: SearchRange) => SearchSteps;
  readonly numbers?: BatchNumbers;
  readonly text?: TextPart;
}

/** The column of which these are the batches, in their order. It can be searched, or read in bulk, where each of them can. */
export function columnOfBatches(batches: readonly ColumnBatch[]): Column {
  const ranges = rowRanges(batches);
  const { starts, indexOf } = ranges;
  const searchable = batches.every(({ search }) => search !== undefined);
  const numbers = joinedNumbers(batches, ranges);
  const texts = batches.flatMap(({ text }) => text ?? []);
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
    ...(searchable && {
      *search(needle, hits, { from, to, ...how } = { from: 0, to: Infinity, dictionaryHits: new Map() }) {
        for (const [index, { rows, search }] of batches.entries()) {
          const firstRow = starts[index] ?? 0;
          const range = { from: Math.max(0, from - firstRow), to: Math.min(rows, to - firstRow), ...how };
          if (search && range.from < range.to) yield* search(needle, hits, firstRow, range);
        }
      },
    }),
    ...(numbers && { numbers }),
    ...(texts.length === batches.length && { texts }),
  };
}

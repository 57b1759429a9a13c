import { DEFAULT_PAGE } from '../../pin/pinQuery';

/**
 * The most rows of a level that are read and shown at a time. VS Code takes all rows of a level in one message: five thousand of them block the thread of the
 * extension host for 40 ms (docs/benchmarks.md). With more rows, the range moves.
 */
export const MOST_ROWS = 900;

/** Number of rows that "Show more" adds. */
export const MORE = 500;

/** The index of the first row, and of the one after the last. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Which rows to show: more of those after or before the range, or the row at an index. */
export type To = 'after' | 'before' | number;

/** The range that a move leads to. It is the same one where it contains the row already. `total`: number of all rows, where it is known. */
export function moved({ first, end }: RowRange, to: To, total = Infinity): RowRange {
  if (to === 'before') {
    const start = Math.max(0, first - MORE);
    return { first: start, end: Math.min(end, start + MOST_ROWS) };
  }
  if (to === 'after' || (to >= end && to < end + MORE)) {
    const last = Math.max(end, Math.min(end + MORE, total));
    return { first: Math.max(first, last - MOST_ROWS), end: last };
  }
  if (to >= first && to < end) return { first, end };
  const start = Math.max(0, Math.min(to - DEFAULT_PAGE, total - MORE));
  return { first: start, end: start + MORE };
}

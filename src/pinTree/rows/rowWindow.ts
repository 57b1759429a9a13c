/**
 * The most rows of a level that the tree shows at a time. VS Code takes all rows of a level in one message: five thousand of them block the thread of the
 * extension host for 40 ms (docs/benchmarks.md). With more rows, the window moves.
 */
export const MOST_ROWS = 900;

/** The range of rows that are shown: index of the first one, and of the one after the last. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** The window that begins at `first`, or earlier where fewer than MOST_ROWS follow. */
export function windowAt(first: number, rows: number): RowWindow {
  const start = Math.max(0, Math.min(first, rows - MOST_ROWS));
  return { first: start, end: Math.min(start + MOST_ROWS, rows) };
}

/** The first row of a window that contains `row`, moved no further than necessary. */
export function firstThatShows(row: number, { first, end }: RowWindow): number {
  if (row < first) return row;
  return row < end ? first : row - MOST_ROWS + 1;
}

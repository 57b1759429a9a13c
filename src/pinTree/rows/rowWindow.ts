/**
 * How many rows of a level the tree has at a time. VS Code takes all rows of a level in one message: five thousand of them
 * hold up the thread of its extension host for 40 ms (docs/benchmarks.md). Beyond this the first ones give way to the last.
 */
export const MOST_ROWS = 900;

/** Of the rows that have been read: the first that is shown, and the one after the last. */
export interface RowWindow {
  readonly first: number;
  readonly end: number;
}

/** The window that begins at `first`, moved back where there are fewer rows. */
export function windowAt(first: number, rows: number): RowWindow {
  const start = Math.max(0, Math.min(first, rows - MOST_ROWS));
  return { first: start, end: Math.min(start + MOST_ROWS, rows) };
}

/** The first row of a window that holds this one, moved as little as can be from where it was. */
export function firstThatShows(row: number, { first, end }: RowWindow): number {
  if (row < first) return row;
  return row < end ? first : row - MOST_ROWS + 1;
}

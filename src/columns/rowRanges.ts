/** Finds which of several consecutive pieces contains a row. */
export interface RowRanges {
  /** The first row of each piece, followed by the number of all rows. */
  readonly starts: readonly number[];
  /** The index of the piece that contains the row; any index for a row that no piece contains. */
  readonly indexOf: (row: number) => number;
}

export function rowRanges(pieces: readonly { readonly rows: number }[]): RowRanges {
  const starts = [0];
  let rows = 0;
  for (const piece of pieces) starts.push((rows += piece.rows));
  let last = 0;
  return {
    starts,
    indexOf: (row) => {
      if (row >= (starts[last] ?? 0) && row < (starts[last + 1] ?? 0)) return last; // rows are mostly requested in order
      let [low, high] = [0, pieces.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >>> 1;
        if ((starts[middle] ?? 0) <= row) low = middle;
        else high = middle - 1;
      }
      return (last = low);
    },
  };
}

/** A list of row numbers that can grow, which a typed array can't. */
export interface RowBuilder {
  add(row: number): void;
  addAll(rows: Uint32Array): void;
  count(): number;
  /** The current rows. The caller must not change them. */
  rows(): Uint32Array;
}

const FIRST_ROOM = 1024;

export function rowBuilder(): RowBuilder {
  let rows = new Uint32Array(0);
  let count = 0;
  const makeRoom = (needed: number): void => {
    if (needed <= rows.length) return;
    const larger = new Uint32Array(Math.max(needed, 2 * rows.length, FIRST_ROOM));
    larger.set(rows);
    rows = larger;
  };
  return {
    add: (row) => {
      if (count === rows.length) makeRoom(count + 1);
      rows[count++] = row;
    },
    addAll: (more) => {
      makeRoom(count + more.length);
      rows.set(more, count);
      count += more.length;
    },
    count: () => count,
    rows: () => rows.subarray(0, count),
  };
}

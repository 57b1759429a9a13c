import type { Rows } from './pinColumns';
import { rowBuilder } from './rowBuilder';
import { forEachIndex } from '../base/stepByStep';

/** The rows that are wanted, in order; `all`: the number of rows where `of` is undefined. */
export async function selectRows(
  of: Rows,
  all: number,
  isWanted: (row: number) => boolean,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const rows = rowBuilder();
  await forEachIndex(
    of?.length ?? all,
    (at) => {
      const row = of?.[at] ?? at;
      if (isWanted(row)) rows.add(row);
    },
    signal,
  );
  return rows.rows().slice();
}

import type { ClassKeys } from '../pin/joinedContents';
import type { JoinKey } from '../pin/pinQuery';
import type { JoinTerm } from '../pin/filterWords';
import { NO_KEY } from '../pin/joinedContents';
import type { GroupedRows, PinColumns, Rows } from './pinColumns';
import { rowBuilder } from './rowBuilder';
import type { NumberReader } from './rowNumbers';
import { forEachBlock } from '../base/stepByStep';

/** Filter, order and groups by what the joined lists say of the contents of rows. In a list that isn't joined, it isn't known of any row. */

const BLOCK = 8192;

/** The rows whose contents fit all of these terms. */
export async function rowsFitting(
  of: Rows,
  { rows, joined }: PinColumns,
  terms: readonly JoinTerm[],
  signal: AbortSignal,
): Promise<Rows> {
  if (terms.length === 0) return of;
  const found = rowBuilder();
  if (joined) {
    const { values } = joined.fits(terms);
    const block = new Uint32Array(BLOCK);
    await forEachBlock(
      of?.length ?? rows,
      (from, to) => {
        const classes = block.subarray(0, to - from);
        joined.classesOfRows(of, from, classes);
        for (let at = 0; at < classes.length; at++)
          if (values[classes[at] ?? 0] === 1) found.add(of ? (of[from + at] ?? 0) : from + at);
      },
      signal,
      BLOCK,
    );
  }
  return found.rows().slice();
}

/** The known copies of each row. */
export function copiesReader(of: Rows, { rows, joined }: PinColumns): NumberReader {
  const values = joined?.copies().values;
  const classes = new Uint32Array(BLOCK);
  return {
    count: of?.length ?? rows,
    exact: new Map(),
    read: (into, position) => {
      if (!joined || !values) return void into.fill(NaN);
      for (let from = 0; from < into.length; from += BLOCK) {
        const block = classes.subarray(0, Math.min(BLOCK, into.length - from));
        joined.classesOfRows(of, position + from, block);
        for (let at = 0; at < block.length; at++) into[from + at] = values[block[at] ?? 0] ?? NaN;
      }
    },
  };
}

/** The rows by their numbers of copies, or by the sources that list them. */
export async function joinedGroups(
  of: Rows,
  { rows, joined }: PinColumns,
  key: JoinKey,
  signal: AbortSignal,
): Promise<GroupedRows> {
  const numbers = new Uint32Array(of?.length ?? rows);
  const { values, keys } = joined?.groups(key) ?? NOT_JOINED;
  const isThere = new Uint8Array(values.length);
  await forEachBlock(
    numbers.length,
    (from, to) => {
      const part = numbers.subarray(from, to);
      joined?.classesOfRows(of, from, part);
      for (let at = 0; at < part.length; at++) {
        if ((part[at] ?? 0) >= values.length) part[at] = 0; // a class that came since: it has no group yet
        isThere[part[at] ?? 0] = 1;
      }
    },
    signal,
  );
  return withRowsOnly(values, keys, isThere, numbers);
}

/** All rows are of class 0, which has no key. */
const NOT_JOINED: Pick<ClassKeys, 'values' | 'keys'> = { values: Int32Array.of(NO_KEY), keys: [] };

/** The groups without those that have no rows. The group without a key comes last. */
function withRowsOnly(values: Int32Array, keys: readonly string[], isThere: Uint8Array, numbers: Uint32Array): GroupedRows {
  const keyOf = (number: number): string | undefined => keys[values[number] ?? NO_KEY];
  const used = new Set(
    Array.from(isThere.keys())
      .filter((number) => isThere[number] === 1)
      .map(keyOf),
  );
  const there = [...keys, undefined].filter((key) => used.has(key));
  const rankOf = new Map(there.map((key, rank) => [key, rank]));
  return { keys: there, numbers, ranks: Uint32Array.from(values, (_, number) => rankOf.get(keyOf(number)) ?? 0) };
}

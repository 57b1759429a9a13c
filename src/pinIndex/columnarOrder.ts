import { groupKeyOf } from '../pin/groupKey';
import type { PinField } from '../pin/pinRecord';
import { sizeOf, textOf, timeMsOf, toPin } from '../pin/pinRecord';
import type { GroupKey, PinGroup, SortKey } from '../pin/pinQuery';
import { foldAscii } from '../pin/pinQuery';
import type { PinColumns, Rows } from './pinColumns';
import { compareCodePoints } from '../pin/compareCodePoints';
import { numberOrder, positions } from './numberOrder';
import { forEachIndex } from './stepByStep';

/** The rows by group, then by sort key, then as they stand in the source. */
export async function orderRows(
  of: Rows,
  columns: PinColumns,
  sort: SortKey | undefined,
  group: GroupKey | undefined,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const all = of ?? positions(columns.rows);
  const sorted = sort ? pick(all, await sortKeyOrder(all, columns, sort, signal)) : all;
  return group ? pick(sorted, await groupOrder(sorted, columns, group, signal)) : sorted;
}

function pick(rows: Uint32Array, order: Uint32Array): Uint32Array {
  const picked = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at++) picked[at] = rows[order[at] ?? 0] ?? 0;
  return picked;
}

/** Positions in `rows`, in order. */
function sortKeyOrder(rows: Uint32Array, columns: PinColumns, sort: SortKey, signal: AbortSignal): Promise<Uint32Array> {
  const descending = sort.startsWith('-');
  switch (sort) {
    case 'name':
    case '-name':
      return nameOrder(rows, columns, descending, signal);
    case 'time':
    case '-time':
      return timeOrder(rows, columns, descending, signal);
    case 'size':
    case '-size':
      return sizeOrder(rows, columns, descending, signal);
  }
}

async function nameOrder(rows: Uint32Array, columns: PinColumns, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const names: (string | undefined)[] = [];
  await forEachIndex(
    rows.length,
    (at) => {
      const name = columns.text('name', rows[at] ?? 0);
      names.push(name === undefined ? undefined : foldAscii(name));
    },
    signal,
  );
  // Without surrogates code units stand in the order of code points.
  const hasSurrogates = names.some((name) => name !== undefined && SURROGATE.test(name));
  const compare = hasSurrogates ? compareCodePoints : (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return positions(rows.length).sort((a, b) => {
    const [left, right] = [names[a], names[b]];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined) || a - b;
    return (descending ? compare(right, left) : compare(left, right)) || a - b;
  });
}

const SURROGATE = /[\ud800-\udfff]/;

async function timeOrder(rows: Uint32Array, columns: PinColumns, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const times = new Float64Array(rows.length);
  await forEachIndex(rows.length, (at) => (times[at] = timeMsOf(columns.raw('pinnedAt', rows[at] ?? 0)) ?? NaN), signal);
  return numberOrder(times, descending, signal);
}

async function sizeOrder(rows: Uint32Array, columns: PinColumns, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const sizes = new Float64Array(rows.length);
  const exact = new Map<number, bigint>();
  await forEachIndex(
    rows.length,
    (at) => {
      const size = sizeAt(columns, rows[at] ?? 0);
      if (typeof size === 'string') exact.set(at, BigInt(size));
      sizes[at] = size === undefined ? NaN : Number(size);
    },
    signal,
  );
  const order = await numberOrder(sizes, descending, signal);
  if (exact.size > 0) sortRuns(order, sizes, exact, descending);
  return order;
}

function sizeAt(columns: PinColumns, row: number): number | string | undefined {
  return sizeOf(columns.raw('sizeBytes', row)) ?? sizeOf(columns.metadata(row)?.['size_bytes']);
}

/** Sizes past 2^53 that share a double stand side by side already: those are put in their exact order. */
function sortRuns(order: Uint32Array, sizes: Float64Array, exact: ReadonlyMap<number, bigint>, descending: boolean): void {
  for (let start = 0; start < order.length;) {
    const size = sizes[order[start] ?? 0];
    let end = start + 1;
    while (end < order.length && sizes[order[end] ?? 0] === size) end++;
    if (end - start > 1 && exact.has(order[start] ?? 0))
      order.subarray(start, end).sort((a, b) => {
        const [left, right] = [exact.get(a) ?? 0n, exact.get(b) ?? 0n];
        return left === right ? a - b : left < right === descending ? 1 : -1;
      });
    start = end;
  }
}

async function groupOrder(rows: Uint32Array, columns: PinColumns, group: GroupKey, signal: AbortSignal): Promise<Uint32Array> {
  const keyAt = groupKeys(columns, group);
  const ids = new Map<string, number>();
  const idAt = new Float64Array(rows.length);
  await forEachIndex(
    rows.length,
    (at) => {
      const key = keyAt(rows[at] ?? 0);
      if (key !== undefined && !ids.has(key)) ids.set(key, ids.size);
      idAt[at] = key === undefined ? NaN : (ids.get(key) ?? NaN);
    },
    signal,
  );
  const ranks = new Float64Array(ids.size);
  [...ids].sort(([a], [b]) => compareCodePoints(a, b)).forEach(([, id], rank) => (ranks[id] = rank));
  return numberOrder(
    idAt.map((id) => ranks[id] ?? NaN),
    false,
    signal,
  );
}

/** Ascending by key, the group of pins without one last. */
export async function groupPins(of: Rows, columns: PinColumns, group: GroupKey, signal: AbortSignal): Promise<PinGroup[]> {
  const keyAt = groupKeys(columns, group);
  const groups = new Map<string | undefined, { count: number; bytes: bigint }>();
  await forEachIndex(
    of?.length ?? columns.rows,
    (at) => {
      const row = of?.[at] ?? at;
      const key = keyAt(row);
      let sums = groups.get(key);
      if (!sums) groups.set(key, (sums = { count: 0, bytes: 0n }));
      sums.count++;
      sums.bytes += BigInt(sizeAt(columns, row) ?? 0);
    },
    signal,
  );
  return [...groups]
    .sort(([a], [b]) => (a === undefined ? 1 : b === undefined ? -1 : compareCodePoints(a, b)))
    .map(([key, { count, bytes }]) => ({
      ...(key !== undefined && { key }),
      count,
      sizeBytes: bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : String(bytes),
    }));
}

const FIELD_OF_GROUP: Readonly<Record<GroupKey, PinField>> = {
  type: 'type',
  tier: 'tier',
  backend: 'backend',
  month: 'pinnedAt',
  folder: 'vfsPath',
};

const MAX_REMEMBERED = 4096;
const DAY_MS = 86_400_000;

/** The key of a row, as a whole pin would give it, without the pin being built. What comes again and again is looked up. */
export function groupKeys({ shape, raw }: PinColumns, group: GroupKey): (row: number) => string | undefined {
  const field = FIELD_OF_GROUP[group];
  const column = shape.columns.get(field);
  if (column === undefined) return () => undefined;
  if (group === 'folder')
    return (row) => {
      const vfsPath = textOf(raw(field, row));
      return vfsPath === undefined ? undefined : groupKeyOf({ cid: ANY_CID, vfsPath }, group);
    };
  const remembered = new Map<unknown, string | undefined>();
  const remember = (of: unknown, keyOf: () => string | undefined): string | undefined => {
    if (remembered.has(of)) return remembered.get(of);
    const key = keyOf();
    if (remembered.size < MAX_REMEMBERED) remembered.set(of, key);
    return key;
  };
  if (group === 'month')
    return (row) => {
      const ms = timeMsOf(raw(field, row));
      if (ms === undefined) return undefined;
      const day = Math.floor(ms / DAY_MS);
      return remember(day, () => groupKeyOf({ cid: ANY_CID, pinnedAt: new Date(day * DAY_MS).toISOString() }, group));
    };
  const oneField = {
    columns: new Map<PinField, string>([
      ['cid', ''],
      [field, column],
    ]),
  };
  return (row) => {
    const value = raw(field, row);
    return remember(value, () => {
      const pin = toPin(oneField, (name) => (name === column ? value : ANY_CID));
      return pin && groupKeyOf(pin, group);
    });
  };
}

const ANY_CID = 'Qm';

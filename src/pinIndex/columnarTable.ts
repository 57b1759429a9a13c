import { IpfsKitError } from '../ipfsKitError';
import { groupKeyOf } from '../pin/groupKey';
import type { Pin } from '../pin/pin';
import { metadataOf, rawTextOf, shapeOf, sizeOf, timeMsOf, toPin } from '../pin/pinRecord';
import type { PinField, PinShape } from '../pin/pinRecord';
import type { GroupKey, PinGroup, PinQuery, SortKey } from '../pin/pinQuery';
import { checkQuery, foldAscii } from '../pin/pinQuery';
import type { PinTable } from '../pin/pinTable';
import { compareCodePoints } from '../pin/compareCodePoints';

/** Columns as they came; nothing is built from them but what a query asks for. */
export interface ColumnSource {
  readonly rows: number;
  readonly names: readonly string[];
  /** Text, number, bigint, boolean, null, or a Date where the source has a real time type. */
  value(column: string, row: number): unknown;
  /** True where every row of the column is known to hold text that is not empty. */
  isFull?(column: string): boolean;
}

type Rows = Uint32Array;

/** How many rows are looked at between two looks at the signal. */
const STRIDE = 65_536;

/** Throws `malformed` where there is no CID column. */
export function columnarTable(source: ColumnSource, detail: string): PinTable {
  const shape = shapeOf(source.names);
  if (!shape)
    throw new IpfsKitError(
      'malformed',
      `The list has no "cid" column (${source.names.slice(0, 10).join(', ').slice(0, 200) || 'no columns at all'}).`,
    );
  const columns = readColumns(source, shape);
  let pinRows: Rows | undefined;
  let selected: { readonly filter: string; readonly rows: Rows } | undefined;
  let ordered: { readonly of: Rows | undefined; readonly key: string; readonly rows: Rows } | undefined;

  /** Undefined stands for all rows in their order: the usual case, in which no list of row numbers is needed. */
  const pins = (signal: AbortSignal): Rows | undefined => {
    const cid = shape.columns.get('cid') ?? '';
    if (source.isFull?.(cid)) return undefined;
    pinRows ??= select(undefined, source.rows, (row) => columns.text('cid', row) !== undefined, signal);
    return pinRows;
  };

  const matching = (filter: string | undefined, signal: AbortSignal): Rows | undefined => {
    const all = pins(signal);
    if (filter === undefined || filter === '') return all;
    const needle = foldAscii(filter);
    if (selected?.filter !== needle) {
      const hit = (row: number): boolean => SEARCHED.some((field) => foldAscii(columns.text(field, row) ?? '').includes(needle));
      selected = { filter: needle, rows: select(all, source.rows, hit, signal) };
    }
    return selected.rows;
  };

  const inOrder = ({ filter, sort, group }: PinQuery, signal: AbortSignal): Rows | undefined => {
    const rows = matching(filter, signal);
    if (sort === undefined && group === undefined) return rows;
    const key = `${group ?? ''} ${sort ?? ''}`;
    if (ordered?.of !== rows || ordered?.key !== key)
      ordered = { of: rows, key, rows: order(rows, source.rows, columns, sort, group, signal) };
    return ordered.rows;
  };

  return {
    detail,
    page: (query, signal) =>
      settle(() => {
        const { offset, limit } = checkQuery(query);
        const rows = inOrder(query, signal);
        const total = rows?.length ?? source.rows;
        const page: Pin[] = [];
        for (let at = offset; at < Math.min(offset + limit, total); at++) {
          const pin = columns.pin(rows?.[at] ?? at);
          if (pin) page.push(pin);
        }
        return page;
      }),
    count: (filter, signal) => settle(() => matching(filter, signal)?.length ?? source.rows),
    groups: (key, filter, signal) => settle(() => groupsOf(matching(filter, signal), source.rows, columns, key, signal)),
    close: () => {
      pinRows = undefined;
      selected = undefined;
      ordered = undefined;
    },
  };
}

const SEARCHED = ['name', 'cid', 'vfsPath'] as const;

interface Columns {
  raw(field: PinField, row: number): unknown;
  /** Uncut; undefined where there is none. */
  text(field: 'name' | 'cid' | 'vfsPath', row: number): string | undefined;
  metadata(row: number): Record<string, unknown> | undefined;
  pin(row: number): Pin | undefined;
}

function readColumns(source: ColumnSource, shape: PinShape): Columns {
  const raw = (field: PinField, row: number): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : source.value(column, row);
  };
  const metadata = (row: number): Record<string, unknown> | undefined =>
    shape.metadata === undefined ? undefined : metadataOf(source.value(shape.metadata, row));
  return {
    raw,
    text: (field, row) => rawTextOf(raw(field, row)) ?? (field === 'name' ? rawTextOf(metadata(row)?.['name']) : undefined),
    metadata,
    pin: (row) => toPin(shape, (column) => source.value(column, row)),
  };
}

function select(of: Rows | undefined, all: number, wanted: (row: number) => boolean, signal: AbortSignal): Rows {
  const length = of?.length ?? all;
  const found = new Uint32Array(length);
  let count = 0;
  for (let at = 0; at < length; at++) {
    stopIfAborted(at, signal);
    const row = of?.[at] ?? at;
    if (wanted(row)) found[count++] = row;
  }
  return found.slice(0, count);
}

type Compare = (a: number, b: number) => number;

function order(
  of: Rows | undefined,
  all: number,
  columns: Columns,
  sort: SortKey | undefined,
  group: GroupKey | undefined,
  signal: AbortSignal,
): Rows {
  const rows = of?.slice() ?? Uint32Array.from({ length: all }, (_, row) => row);
  const compares = [
    ...(group ? [byGroup(rows, columns, group, signal)] : []),
    ...(sort ? [bySortKey(rows, columns, sort, signal)] : []),
  ];
  return rows.sort((a, b) => {
    for (const compare of compares) {
      const sign = compare(a, b);
      if (sign !== 0) return sign;
    }
    return a - b;
  });
}

function byGroup(rows: Rows, columns: Columns, group: GroupKey, signal: AbortSignal): Compare {
  const keys = new Map<number, string>();
  rows.forEach((row, at) => {
    stopIfAborted(at, signal);
    const pin = columns.pin(row);
    const key = pin && groupKeyOf(pin, group);
    if (key !== undefined) keys.set(row, key);
  });
  return lastIfAbsent((row) => keys.get(row), compareCodePoints, false);
}

function bySortKey(rows: Rows, columns: Columns, sort: SortKey, signal: AbortSignal): Compare {
  const descending = sort.startsWith('-');
  switch (sort) {
    case 'name':
    case '-name': {
      const names = new Map<number, string>();
      rows.forEach((row, at) => {
        stopIfAborted(at, signal);
        const name = columns.text('name', row);
        if (name !== undefined) names.set(row, foldAscii(name));
      });
      return lastIfAbsent((row) => names.get(row), compareCodePoints, descending);
    }
    case 'time':
    case '-time':
      return byNumber(rows, (row) => timeMsOf(columns.raw('pinnedAt', row)), descending, signal);
    case 'size':
    case '-size':
      return bySize(rows, columns, descending, signal);
  }
}

/** Sizes past 2^53 are few: they are compared exactly, beside the doubles that hold the rest. */
function bySize(rows: Rows, columns: Columns, descending: boolean, signal: AbortSignal): Compare {
  const exact = new Map<number, bigint>();
  const sizeAt = (row: number): number | undefined => {
    const size = sizeOf(columns.raw('sizeBytes', row)) ?? sizeOf(columns.metadata(row)?.['size_bytes']);
    if (typeof size === 'string') exact.set(row, BigInt(size));
    return size === undefined ? undefined : Number(size);
  };
  const rough = byNumber(rows, sizeAt, descending, signal);
  return (a, b) => {
    const [left, right] = [exact.get(a), exact.get(b)];
    if (left === undefined || right === undefined || left === right) return rough(a, b);
    return left < right === descending ? 1 : -1;
  };
}

function byNumber(rows: Rows, valueAt: (row: number) => number | undefined, descending: boolean, signal: AbortSignal): Compare {
  const last = rows.reduce((highest, row) => Math.max(highest, row), -1);
  const values = new Float64Array(last + 1).fill(Number.NaN);
  rows.forEach((row, at) => {
    stopIfAborted(at, signal);
    values[row] = valueAt(row) ?? Number.NaN;
  });
  return (a, b) => {
    const [left = Number.NaN, right = Number.NaN] = [values[a], values[b]];
    if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1;
    if (Number.isNaN(right)) return -1;
    return descending ? right - left : left - right;
  };
}

function lastIfAbsent<T>(keyOf: (row: number) => T | undefined, compare: (a: T, b: T) => number, descending: boolean): Compare {
  return (a, b) => {
    const [left, right] = [keyOf(a), keyOf(b)];
    if (left === undefined) return right === undefined ? 0 : 1;
    if (right === undefined) return -1;
    return descending ? compare(right, left) : compare(left, right);
  };
}

function groupsOf(of: Rows | undefined, all: number, columns: Columns, key: GroupKey, signal: AbortSignal): PinGroup[] {
  const groups = new Map<string | undefined, { count: number; bytes: bigint }>();
  const length = of?.length ?? all;
  for (let at = 0; at < length; at++) {
    stopIfAborted(at, signal);
    const pin = columns.pin(of?.[at] ?? at);
    if (!pin) continue;
    const name = groupKeyOf(pin, key);
    const group = groups.get(name) ?? { count: 0, bytes: 0n };
    groups.set(name, { count: group.count + 1, bytes: group.bytes + BigInt(pin.sizeBytes ?? 0) });
  }
  const sorted = [...groups].sort(([a], [b]) => (a === undefined ? 1 : b === undefined ? -1 : compareCodePoints(a, b)));
  return sorted.map(([name, { count, bytes }]) => ({
    ...(name !== undefined && { key: name }),
    count,
    sizeBytes: bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : String(bytes),
  }));
}

function stopIfAborted(at: number, signal: AbortSignal): void {
  if (at % STRIDE === 0 && signal.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
}

function settle<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

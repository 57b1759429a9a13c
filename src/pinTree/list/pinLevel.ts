import type { Pin } from '../../pin/pin';
import type { PinFilter, SortKey } from '../../pin/pinQuery';
import { DEFAULT_PAGE } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListView } from './listView';
import type { RowRange, To } from './rowRange';
import { moved } from './rowRange';

/** A level of the tree has two kinds of rows: groups first, then pins. */
export type Part = 'groups' | 'pins';

/** The rows directly below a node of the tree that have been read: a range of the groups, and one of the pins. */
export interface PinLevel {
  readonly groups: readonly GroupNode[];
  /** Number of groups in all. */
  readonly groupTotal: number;
  readonly pins: readonly Pin[];
  /** Number of pins in all; undefined while they are being counted. */
  readonly pinTotal?: number | undefined;
  /** The index of the first row that has been read. */
  readonly first: Readonly<Record<Part, number>>;
}

export const NO_ROWS: PinLevel = { groups: [], groupTotal: 0, pins: [], pinTotal: 0, first: { groups: 0, pins: 0 } };

/** The rows of a level to read. */
export type Wanted = Readonly<Record<Part, RowRange>>;

export const FIRST_ROWS: Wanted = { groups: { first: 0, end: DEFAULT_PAGE }, pins: { first: 0, end: DEFAULT_PAGE } };

/** Other rows to show; left out, `what` is both parts. */
export interface Move {
  readonly what?: Part | undefined;
  readonly to: To;
}

/** The range of a part that has been read. */
export function rangeOf({ first, ...rows }: PinLevel, what: Part): RowRange {
  return { first: first[what], end: first[what] + rows[what].length };
}

/** The rows to read for a move. */
export function movedFrom(level: PinLevel, { what, to }: Move): Wanted {
  const [groups, pins] = [rangeOf(level, 'groups'), rangeOf(level, 'pins')];
  return {
    groups: what === 'pins' ? groups : moved(groups, to, level.groupTotal),
    pins: what === 'groups' ? pins : moved(pins, to, level.pinTotal),
  };
}

export interface LevelQuery {
  readonly table: number;
  readonly view: ListView;
  /** The order of the pins; left out, that of the source. */
  readonly order: SortKey | undefined;
  /** The filter has no exact match, so that similar pins are shown. */
  readonly fuzzy: boolean;
  /** The group whose rows to read; left out, the topmost rows. */
  readonly parent?: GroupNode;
}

/** Rows are read in slices: receiving ten thousand at once would block the extension host's thread. */
const SLICE = 500;

/**
 * Reads the wanted rows; those in `before` aren't read again. A range that lies after the end of a list that has become shorter begins with the first row
 * instead. Rejects with IpfsKitError.
 */
export async function readLevel(
  worker: PinWorkerHandle,
  { table, view, order, fuzzy, parent }: LevelQuery,
  wanted: Wanted,
  signal: AbortSignal,
  before: PinLevel = NO_ROWS,
): Promise<PinLevel> {
  const { group } = view;
  const of = filterOf(view, fuzzy);
  let { groupTotal } = before;
  const nextGroups = async (offset: number, limit: number): Promise<readonly GroupNode[]> => {
    if (group === undefined || (parent && !parent.hasFolders)) return [];
    const level = await worker.request('groupLevel', { table, key: group, of, offset, limit, parent: parent?.key }, { signal });
    groupTotal = level.total;
    return level.groups;
  };
  const within = group !== undefined && parent && { group, within: { key: parent.key } };
  const nextPins = async (offset: number, limit: number): Promise<readonly Pin[]> => {
    if (group !== undefined && (parent?.own ?? 0) === 0) return [];
    return worker.request('page', { table, query: { ...of, ...within, sort: order, offset, limit } }, { signal });
  };
  const groups = await readRange(wanted.groups, before.groups, before.first.groups, nextGroups);
  const pins = await readRange(wanted.pins, before.pins, before.first.pins, nextPins);
  const counted = parent?.own ?? (before === NO_ROWS ? undefined : before.pinTotal);
  return {
    groups: groups.rows,
    groupTotal,
    pins: pins.rows,
    pinTotal: pins.isEnd ? pins.first + pins.rows.length : counted,
    first: { groups: groups.first, pins: pins.first },
  };
}

/** Reads a range in slices, without the rows that are known: `known`, from the index `from` on. `isEnd`: no row follows. */
async function readRange<T>(
  { first, end }: RowRange,
  known: readonly T[],
  from: number,
  next: (offset: number, limit: number) => Promise<readonly T[]>,
): Promise<{ readonly first: number; readonly rows: readonly T[]; readonly isEnd: boolean }> {
  const rows: T[] = [];
  /** False where there are no rows up to there. */
  const readTo = async (to: number): Promise<boolean> => {
    while (first + rows.length < to) {
      const limit = Math.min(SLICE, to - first - rows.length);
      const slice = await next(first + rows.length, limit);
      rows.push(...slice);
      if (slice.length < limit) return false;
    }
    return true;
  };
  if (from < end && first <= from + known.length && (await readTo(from)))
    rows.push(...known.slice(first + rows.length - from, end - from));
  const isEnd = !(await readTo(end));
  return rows.length === 0 && first > 0 ? readRange({ first: 0, end: end - first }, [], 0, next) : { first, rows, isEnd };
}

/** Reads the topmost rows; similar ones (`fuzzy`) where the filter has no exact match. Rejects with IpfsKitError. */
export async function readTop(
  worker: PinWorkerHandle,
  of: Pick<LevelQuery, 'table' | 'view' | 'order'>,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<{ readonly rows: PinLevel; readonly fuzzy: boolean }> {
  const rows = await readLevel(worker, { ...of, fuzzy: false }, wanted, signal);
  if (of.view.filter === undefined || !isEmpty(rows)) return { rows, fuzzy: false };
  const similar = await readLevel(worker, { ...of, fuzzy: true }, wanted, signal);
  return isEmpty(similar) ? { rows, fuzzy: false } : { rows: similar, fuzzy: true };
}

/** Counts the pins that match, unless `matching` is known, and all pins. Rejects with IpfsKitError. */
export async function countPins(
  worker: PinWorkerHandle,
  { table, view, fuzzy, matching }: Omit<LevelQuery, 'order'> & { readonly matching: number | undefined },
  signal: AbortSignal,
): Promise<{ readonly matching: number; readonly total: number }> {
  const numberOf = (of: PinFilter): Promise<number> => worker.request('count', { table, of }, { signal });
  const known = matching ?? (await numberOf(filterOf(view, fuzzy)));
  return { matching: known, total: view.filter === undefined ? known : await numberOf({}) };
}

export function filterOf({ filter }: ListView, fuzzy: boolean): PinFilter {
  return filter === undefined ? {} : { filter, fuzzy };
}

function isEmpty({ groups, pins }: PinLevel): boolean {
  return groups.length + pins.length === 0;
}

import type { Pin } from '../../pin/pin';
import type { PinFilter } from '../../pin/pinQuery';
import { DEFAULT_PAGE } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListView } from './listView';

/** The rows directly below a node of the tree that have been read: groups first, then pins. */
export interface PinLevel {
  readonly groups: readonly GroupNode[];
  /** Number of groups in all. */
  readonly groupTotal: number;
  readonly pins: readonly Pin[];
  /** Number of pins in all; undefined while they are being counted. */
  readonly pinTotal?: number | undefined;
}

export const NO_ROWS: PinLevel = { groups: [], groupTotal: 0, pins: [], pinTotal: 0 };

/** Number of rows of a level to read. */
export interface Wanted {
  readonly groups: number;
  readonly pins: number;
}

export const FIRST_ROWS: Wanted = { groups: DEFAULT_PAGE, pins: DEFAULT_PAGE };

/** Number of rows that "Show more" adds. */
export const MORE = 500;

export interface LevelQuery {
  readonly table: number;
  readonly view: ListView;
  /** The filter has no exact match, so that similar pins are shown. */
  readonly fuzzy: boolean;
  /** The group whose rows to read; left out, the topmost rows. */
  readonly parent?: GroupNode;
}

/** Rows are read in slices: receiving ten thousand at once would block the extension host's thread. */
const SLICE = 500;

/** Reads `wanted` rows; those in `before` are kept and not read again. Rejects with IpfsKitError. */
export async function readLevel(
  worker: PinWorkerHandle,
  { table, view, fuzzy, parent }: LevelQuery,
  wanted: Wanted,
  signal: AbortSignal,
  before: PinLevel = NO_ROWS,
): Promise<PinLevel> {
  const { sort, group } = view;
  const of = filterOf(view, fuzzy);
  const groups = [...before.groups];
  let { groupTotal } = before;
  if (group !== undefined && (parent === undefined || parent.hasFolders))
    while (groups.length < wanted.groups) {
      const limit = Math.min(SLICE, wanted.groups - groups.length);
      const query = {
        table,
        key: group,
        of,
        offset: groups.length,
        limit,
        parent: parent?.key,
      };
      const level = await worker.request('groupLevel', query, { signal });
      groups.push(...level.groups);
      groupTotal = level.total;
      if (level.groups.length < limit) break;
    }

  if (group !== undefined && parent === undefined) return { groups, groupTotal, pins: [], pinTotal: 0 };
  const within = group !== undefined && parent && { group, within: { key: parent.key } };
  const pins = [...before.pins];
  let complete = parent?.own === 0;
  while (!complete && pins.length < wanted.pins) {
    const limit = Math.min(SLICE, wanted.pins - pins.length);
    const query = { ...of, ...within, sort, offset: pins.length, limit };
    const page = await worker.request('page', { table, query }, { signal });
    pins.push(...page);
    complete = page.length < limit;
  }
  const pinTotal = complete ? pins.length : (parent?.own ?? (before === NO_ROWS ? undefined : before.pinTotal));
  return { groups, groupTotal, pins, pinTotal };
}

/** Reads the topmost rows; similar ones (`fuzzy`) where the filter has no exact match. Rejects with IpfsKitError. */
export async function readTop(
  worker: PinWorkerHandle,
  of: Pick<LevelQuery, 'table' | 'view'>,
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
  { table, view, fuzzy, matching }: LevelQuery & { readonly matching: number | undefined },
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

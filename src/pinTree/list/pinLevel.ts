import type { Pin } from '../../pin/pin';
import type { PinFilter } from '../../pin/pinQuery';
import { DEFAULT_PAGE } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListView } from './listView';

/** The rows directly below a node of the tree, as far as they are shown: groups first, then pins. */
export interface PinLevel {
  readonly groups: readonly GroupNode[];
  /** How many groups there are in all. */
  readonly groupTotal: number;
  readonly pins: readonly Pin[];
  /** How many pins there are in all; undefined while they are being counted. */
  readonly pinTotal?: number;
}

export const NO_ROWS: PinLevel = { groups: [], groupTotal: 0, pins: [], pinTotal: 0 };

/** How many rows of a level are wanted. */
export interface Wanted {
  readonly groups: number;
  readonly pins: number;
}

export const FIRST_ROWS: Wanted = { groups: DEFAULT_PAGE, pins: DEFAULT_PAGE };

/** How many rows "Show more" adds. */
export const MORE = 500;

export interface LevelQuery {
  readonly table: number;
  readonly view: ListView;
  /** The filter finds nothing as it stands: what resembles it is shown. */
  readonly fuzzy: boolean;
  /** The group whose rows are wanted; left out, the topmost ones. */
  readonly parent?: GroupNode;
}

/** Rows come over in slices: taking ten thousand at once would hold up the thread of the editor's host. */
const SLICE = 500;

/** Reads `wanted` rows, or goes on after those of `before`. Rejects with IpfsKitError. */
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
        ...(parent?.key !== undefined && { parent: parent.key }),
      };
      const level = await worker.request('groupLevel', query, { signal });
      groups.push(...level.groups);
      groupTotal = level.total;
      if (level.groups.length < limit) break;
    }

  if (group !== undefined && parent === undefined) return { groups, groupTotal, pins: [], pinTotal: 0 };
  const within = group !== undefined && parent && { group, within: { ...(parent.key !== undefined && { key: parent.key }) } };
  const pins = [...before.pins];
  let complete = parent?.own === 0;
  while (!complete && pins.length < wanted.pins) {
    const limit = Math.min(SLICE, wanted.pins - pins.length);
    const query = { ...of, ...within, ...(sort && { sort }), offset: pins.length, limit };
    const page = await worker.request('page', { table, query }, { signal });
    pins.push(...page);
    complete = page.length < limit;
  }
  const pinTotal = complete ? pins.length : (parent?.own ?? (before === NO_ROWS ? undefined : before.pinTotal));
  return { groups, groupTotal, pins, ...(pinTotal !== undefined && { pinTotal }) };
}

/** The topmost rows; what resembles the filter where nothing holds it as it is. Rejects with IpfsKitError. */
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

/** How many pins match, unless that is known, and how many there are. Rejects with IpfsKitError. */
export async function countPins(
  worker: PinWorkerHandle,
  { table, view, fuzzy, matching }: LevelQuery & { readonly matching: number | undefined },
  signal: AbortSignal,
): Promise<{ readonly matching: number; readonly total: number }> {
  const numberOf = (of: PinFilter): Promise<number> => worker.request('count', { table, of }, { signal });
  const known = matching ?? (await numberOf(filterOf(view, fuzzy)));
  return { matching: known, total: view.filter === undefined ? known : await numberOf({}) };
}

function filterOf({ filter }: ListView, fuzzy: boolean): PinFilter {
  return filter === undefined ? {} : { filter, fuzzy };
}

function isEmpty({ groups, pins }: PinLevel): boolean {
  return groups.length + pins.length === 0;
}

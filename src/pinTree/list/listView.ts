import type { GroupKey } from '../../pin/pinQuery';
import type { Listing } from '../../pinSource/listing';
import { GROUP_KEYS, SORT_KEYS } from '../../pin/pinQuery';
import { needsStatuses } from '../../pin/filterWords';

/** The orders that can be chosen. `stored`: that of the source. Without a choice, see `orderOf` in pinListTransition.ts. */
const VIEW_SORTS = ['stored', ...SORT_KEYS] as const;
export type ViewSort = (typeof VIEW_SORTS)[number];

/** Filter, order and groups of the list, as the user has set them. */
export interface ListView {
  readonly filter?: string | undefined;
  readonly sort?: ViewSort | undefined;
  readonly group?: GroupKey | undefined;
}

/** Whether two views show the same rows in the same order. */
export function isSameView(one: ListView, other: ListView): boolean {
  return one.filter === other.filter && one.sort === other.sort && one.group === other.group;
}

/** Whether anything but the default is chosen. */
export function isArranged({ filter, sort, group }: ListView): boolean {
  return filter !== undefined || sort !== undefined || group !== undefined;
}

/** Whether the view filters or groups by status while the listing has no statuses. */
export function lacksStatuses({ opened }: Listing, view: ListView): boolean {
  return opened.statuses === 'unasked' && needsStatuses(view);
}

/** The longest filter in UTF-16 units; checkQuery rejects a longer one. */
export const LONGEST_FILTER = 1000;

/** The valid parts of a value that an earlier window has saved. */
export function toListView(kept: unknown): ListView {
  if (typeof kept !== 'object' || kept === null) return {};
  const { filter, sort, group } = kept as Readonly<Record<string, unknown>>;
  const sortKey = VIEW_SORTS.find((key) => key === sort);
  const groupKey = GROUP_KEYS.find((key) => key === group);
  return {
    ...(typeof filter === 'string' && filter !== '' && { filter: filter.slice(0, LONGEST_FILTER) }),
    ...(sortKey && { sort: sortKey }),
    ...(groupKey && { group: groupKey }),
  };
}

/** A copy with these changes; undefined removes a part. */
export function changedView(view: ListView, change: { readonly [Key in keyof ListView]: ListView[Key] | undefined }): ListView {
  return toListView({ ...view, ...change });
}

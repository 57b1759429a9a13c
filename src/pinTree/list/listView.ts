import type { GroupKey, SortKey } from '../../pin/pinQuery';
import type { Listing } from '../../pinSource/listing';
import { GROUP_KEYS, SORT_KEYS } from '../../pin/pinQuery';
import { needsStatuses } from '../../pin/statusFilter';

/** How a person wants the list: what is looked for, in which order, in which groups. */
export interface ListView {
  readonly filter?: string;
  readonly sort?: SortKey;
  readonly group?: GroupKey;
}

/** Whether it is not known how the pins stand, where that is what the view is about. */
export function lacksStatuses({ opened }: Listing, view: ListView): boolean {
  return opened.statuses === 'unasked' && needsStatuses(view);
}

/** UTF-16 units; checkQuery refuses more. */
export const LONGEST_FILTER = 1000;

/** What was kept by an earlier window, as far as it makes sense. */
export function toListView(kept: unknown): ListView {
  if (typeof kept !== 'object' || kept === null) return {};
  const { filter, sort, group } = kept as Readonly<Record<string, unknown>>;
  const sortKey = SORT_KEYS.find((key) => key === sort);
  const groupKey = GROUP_KEYS.find((key) => key === group);
  return {
    ...(typeof filter === 'string' && filter !== '' && { filter: filter.slice(0, LONGEST_FILTER) }),
    ...(sortKey && { sort: sortKey }),
    ...(groupKey && { group: groupKey }),
  };
}

/** The same, with these changes; undefined takes out. */
export function changedView(view: ListView, change: { readonly [Key in keyof ListView]: ListView[Key] | undefined }): ListView {
  return toListView({ ...view, ...change });
}

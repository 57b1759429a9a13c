import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import type { GroupKey } from '../../pin/pinQuery';
import type { ListView, ViewSort } from '../list/listView';

/** What has been chosen for the list, as the message above the rows says it; nothing about what hasn't. */

const ORDER_WORDS = {
  stored: 'as stored',
  name: 'by name, A to Z',
  '-name': 'by name, Z to A',
  '-time': 'by date, newest first',
  time: 'by date, oldest first',
  '-size': 'by size, largest first',
  size: 'by size, smallest first',
  '-copies': 'by copies, most first',
  copies: 'by copies, fewest first',
} as const satisfies Record<ViewSort, string>;

const GROUP_WORDS = {
  folder: 'grouped by VFS folder',
  type: 'grouped by type',
  status: 'grouped by status',
  tier: 'grouped by storage tier',
  backend: 'grouped by backend',
  month: 'grouped by month',
  copies: 'grouped by copies',
  source: 'grouped by source',
} as const satisfies Record<GroupKey, string>;

/** The longest filter that is shown, in UTF-16 units: a view is narrow. */
const LONGEST_SHOWN = 40;

export function filterText(filter: string): SafeText {
  return safe`“${safeText(filter, LONGEST_SHOWN)}”`;
}

/** `“photo”`, `by size, largest first`, `grouped by month`. `fuzzy`: the rows only resemble the filter. */
export function arrangementText({ filter, sort, group }: ListView, fuzzy: boolean): readonly SafeText[] {
  return [
    ...(filter === undefined ? [] : [fuzzy ? safe`similar to ${filterText(filter)}` : filterText(filter)]),
    ...(sort === undefined ? [] : [safe`${ORDER_WORDS[sort]}`]),
    ...(group === undefined ? [] : [safe`${GROUP_WORDS[group]}`]),
  ];
}

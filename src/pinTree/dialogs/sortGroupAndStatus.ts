import * as vscode from 'vscode';
import type { GroupKey, SortKey } from '../../pin/pinQuery';
import { withStatusTerm } from '../../pin/statusFilter';
import { changedView } from '../list/listView';
import type { PinLists } from '../list/pinLists';
import { safeText } from '../../base/safeText';

interface Choice<Key> {
  readonly label: string;
  readonly key: Key | undefined;
}

const ORDERS: readonly Choice<SortKey>[] = [
  { label: 'As stored', key: undefined },
  { label: 'Name, A to Z', key: 'name' },
  { label: 'Name, Z to A', key: '-name' },
  { label: 'Newest first', key: '-time' },
  { label: 'Oldest first', key: 'time' },
  { label: 'Largest first', key: '-size' },
  { label: 'Smallest first', key: 'size' },
];

const GROUPINGS: readonly Choice<GroupKey>[] = [
  { label: 'No groups', key: undefined },
  { label: 'VFS folder', key: 'folder' },
  { label: 'Type', key: 'type' },
  { label: 'Status', key: 'status' },
  { label: 'Storage tier', key: 'tier' },
  { label: 'Backend', key: 'backend' },
  { label: 'Month', key: 'month' },
];

/** The statuses of pinning services, into which those of a cluster are translated. A pin database may have others. */
const STATUSES: readonly Choice<string>[] = [
  { label: 'Any status', key: undefined },
  { label: 'All but pinned', key: '-status:pinned' },
  { label: 'Failed', key: 'status:failed' },
  { label: 'Queued', key: 'status:queued' },
  { label: 'Pinning', key: 'status:pinning' },
  { label: 'Pinned', key: 'status:pinned' },
  { label: 'Unpinning', key: 'status:unpinning' },
  { label: 'Unpinned', key: 'status:unpinned' },
  { label: 'Unknown', key: 'status:unknown' },
];

/** Asks for a status, which becomes a term of the filter beside the text in it. */
export async function filterByStatus(lists: PinLists): Promise<void> {
  const { filter = '' } = lists.view;
  const now = STATUSES.find(({ key }) => key !== undefined && withStatusTerm(filter, key) === filter);
  const chosen = await choose('IPFS Kit: Filter Pins by Status', STATUSES, now?.key);
  if (chosen) await lists.setView(changedView(lists.view, { filter: withStatusTerm(filter, chosen.key) }));
}

export async function sortPins(lists: PinLists): Promise<void> {
  const chosen = await choose('IPFS Kit: Sort Pins By', ORDERS, lists.view.sort);
  if (chosen) await lists.setView(changedView(lists.view, { sort: chosen.key }));
}

export async function groupPins(lists: PinLists): Promise<void> {
  const chosen = await choose('IPFS Kit: Group Pins By', GROUPINGS, lists.view.group);
  if (chosen) await lists.setView(changedView(lists.view, { group: chosen.key }));
}

/** Asks for one of the choices. The current one has a check mark and is active at first. Undefined where the dialog is closed. */
async function choose<Key>(
  title: string,
  choices: readonly Choice<Key>[],
  now: Key | undefined,
): Promise<Choice<Key> | undefined> {
  const items = choices.map((choice) => ({
    label: safeText(choice.label),
    iconPath: new vscode.ThemeIcon(choice.key === now ? 'check' : 'blank'),
    choice,
  }));
  const pick = vscode.window.createQuickPick<(typeof items)[number]>();
  pick.title = safeText(title);
  pick.items = items;
  pick.activeItems = items.filter(({ choice }) => choice.key === now);
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.choice);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}

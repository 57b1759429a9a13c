import * as vscode from 'vscode';
import type { GroupKey, SortKey } from '../../pin/pinQuery';
import { withStatusTerm } from '../../pin/statusFilter';
import type { ListView } from '../list/listView';
import { changedView } from '../list/listView';
import type { PinLists } from '../list/pinLists';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { hasSizes } from '../text/sourceText';

/** What can be chosen: the label for none, and one for each key, in the order of the dialog. */
interface Choices<Key extends string> {
  readonly title: string;
  readonly none: string;
  readonly labels: Readonly<Record<Key, string>>;
}

const ORDERS: Choices<SortKey> = {
  title: 'IPFS Kit: Sort Pins By',
  none: 'As stored',
  labels: {
    name: 'Name, A to Z',
    '-name': 'Name, Z to A',
    '-time': 'Newest first',
    time: 'Oldest first',
    '-size': 'Largest first',
    size: 'Smallest first',
  },
};

const GROUPINGS: Choices<GroupKey> = {
  title: 'IPFS Kit: Group Pins By',
  none: 'No groups',
  labels: { folder: 'VFS folder', type: 'Type', status: 'Status', tier: 'Storage tier', backend: 'Backend', month: 'Month' },
};

/** Terms of the filter. The statuses are those of pinning services, into which those of a cluster are translated. A pin database may have others. */
const STATUSES: Choices<string> = {
  title: 'IPFS Kit: Filter Pins by Status',
  none: 'Any status',
  labels: {
    '-status:pinned': 'All but pinned',
    ...Object.fromEntries(
      ['Failed', 'Queued', 'Pinning', 'Pinned', 'Unpinning', 'Unpinned', 'Unknown'].map((label) => [
        `status:${label.toLowerCase()}`,
        label,
      ]),
    ),
  },
};

/** Asks for a status, which becomes a term of the filter beside the text in it. */
export async function filterByStatus(lists: PinLists): Promise<void> {
  const { filter = '' } = lists.view;
  const now = Object.keys(STATUSES.labels).find((term) => withStatusTerm(filter, term) === filter);
  await change(lists, STATUSES, now, (term) => ({ filter: withStatusTerm(filter, term) }));
}

export function sortPins(lists: PinLists): Promise<void> {
  const bySize = hasSizes(lists.shown()) ? undefined : safe`sizes unknown`;
  return change(lists, ORDERS, lists.view.sort, (sort) => ({ sort }), { size: bySize, '-size': bySize });
}

export function groupPins(lists: PinLists): Promise<void> {
  return change(lists, GROUPINGS, lists.view.group, (group) => ({ group }));
}

/** Asks for one of the choices, of which the current one has a check mark and is active at first, and changes the view. */
async function change<Key extends string>(
  lists: PinLists,
  { title, none, labels }: Choices<Key>,
  now: Key | undefined,
  changeFor: (key: Key | undefined) => ListView,
  notes: Partial<Readonly<Record<Key, SafeText | undefined>>> = {},
): Promise<void> {
  const choices: readonly (readonly [Key | undefined, string])[] = [
    [undefined, none],
    ...(Object.entries(labels) as [Key, string][]),
  ];
  const items = choices.map(([key, label]) => ({
    label: safeText(label),
    description: (key && notes[key]) ?? safe``,
    iconPath: new vscode.ThemeIcon(key === now ? 'check' : 'blank'),
    key,
  }));
  const pick = vscode.window.createQuickPick<(typeof items)[number]>();
  pick.title = safeText(title);
  pick.items = items;
  pick.activeItems = items.filter(({ key }) => key === now);
  const chosen = await new Promise<(typeof items)[number] | undefined>((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
  if (chosen) await lists.setView(changedView(lists.view, changeFor(chosen.key)));
}

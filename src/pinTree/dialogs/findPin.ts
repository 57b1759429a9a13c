import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { Pin } from '../../pin/pin';
import type { Listing } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { changedView, LONGEST_FILTER } from '../list/listView';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import { pinDescription, pinLabel } from '../text/pinText';
import { joined, safe, safeText } from '../../base/safeText';
import { counted } from '../../base/counted';
import type { Noun } from '../text/pinCount';
import { commonNoun, pinCount } from '../text/pinCount';
import { copyTexts } from '../../vfs/editor/copyTexts';

export interface FindParts {
  readonly worker: PinWorkerHandle;
  readonly lists: PinLists;
  /** PinView.reveal */
  readonly reveal: (pin: Pin, of: SourceList, isHere: () => boolean) => Promise<boolean | undefined>;
  /** PinView.focusing */
  readonly focusing: () => { readonly isHere: () => boolean; readonly end: () => void };
}

interface Hit {
  readonly pin: Pin;
  readonly list: SourceList;
}

interface Search {
  readonly hits: readonly Hit[];
  readonly fuzzy: boolean;
  readonly count: () => Promise<number>;
}

interface Found extends vscode.QuickPickItem {
  readonly hit?: Hit;
}

const MOST_SHOWN = 100;
const PAUSE_MS = 40;
/** The longest name and filter in a message, in UTF-16 units. */
const LONGEST_NAME = 60;

const COPY: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('copy'), tooltip: 'Copy CID' };
const FILTER: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('filter'), tooltip: 'Filter the Pins View by This' };

/** Shows a quick pick that searches all pins of all lists while it is typed, independent of the filter of the view, and selects the row of the chosen pin. */
export async function findPin({ worker, lists, reveal, focusing }: FindParts): Promise<void> {
  const listings = (): { list: SourceList; listing: Listing | undefined }[] =>
    lists.shown().map((list) => ({ list, listing: list.model.state.listing }));
  if (!listings().some(({ listing }) => listing)) await lists.list();
  const pick = vscode.window.createQuickPick<Found>();
  pick.title = 'IPFS Kit: Find Pin';
  pick.placeholder = 'Part of a name, a CID or a VFS path';
  pick.buttons = [FILTER];
  let asking = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    pick.busy = true;
    try {
      const { hits, fuzzy, count } = await search(pick.value.slice(0, LONGEST_FILTER), signal);
      const noun = commonNoun(lists.shown().map(({ model }) => model.state));
      pick.items = itemsOf(hits, lists.shown().length > 1, noun);
      const matching = await count();
      const first = matching > hits.length ? `the first ${hits.length} of ` : '';
      pick.title = safe`IPFS Kit: Find Pin · ${first}${noun ? pinCount(matching, noun) : counted(matching, 'match', 'matches')}${fuzzy && matching > 0 ? ', no exact match' : ''}`;
    } catch (error) {
      if (signal.aborted || lists.shown().some(({ model }) => model.state.busy)) return; // another search follows: more was typed, or a newer list is on its way
      pick.items = [
        {
          label: "$(warning) The pins couldn't be searched",
          detail: safeText(IpfsKitError.from(error).message, 500),
          alwaysShow: true,
        },
      ];
    }
    pick.busy = false;
  };

  const search = async (filter: string, signal: AbortSignal): Promise<Search> => {
    const open = listings().flatMap(({ list, listing }) => (listing ? [{ list, table: listing.opened.table }] : []));
    if (open.length === 0) throw lists.shown()[0].model.state.error ?? new IpfsKitError('missing', 'No pins are listed yet.');
    const page = async (fuzzy: boolean): Promise<Hit[]> => {
      const hits: Hit[] = [];
      for (const { list, table } of open) {
        const limit = MOST_SHOWN - hits.length;
        if (limit === 0) break;
        const pins = await worker.request('page', { table, query: { filter, fuzzy, limit } }, { signal });
        hits.push(...pins.map((pin) => ({ pin, list })));
      }
      return hits;
    };
    let hits = await page(false);
    const fuzzy = hits.length === 0 && filter !== '';
    if (fuzzy) hits = await page(true);
    const count = async (): Promise<number> => {
      if (hits.length < MOST_SHOWN) return hits.length;
      const of = { filter, fuzzy };
      const counts = await Promise.all(open.map(({ table }) => worker.request('count', { table, of }, { signal })));
      return counts.reduce((all, each) => all + each, 0);
    };
    return { hits, fuzzy, count };
  };

  let searched = listings().map(({ listing }) => listing);
  const listening = lists.onDidChange(() => {
    const now = listings();
    if (now.some(({ list }) => list.model.state.busy)) return;
    if (now.length === searched.length && now.every(({ listing }, at) => listing === searched[at])) return;
    searched = now.map(({ listing }) => listing);
    void look();
  });
  const chosen = await new Promise<Found | undefined>((resolve) => {
    pick.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), PAUSE_MS);
    });
    pick.onDidTriggerButton(() => {
      void lists.setView(changedView(lists.view, { filter: pick.value }));
      pick.hide();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.hit) void copyTexts(safe`CID`, item.hit.pin.cid);
      pick.hide();
    });
    pick.onDidAccept(() => {
      resolve(pick.activeItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      clearTimeout(timer);
      asking.abort();
      listening.dispose();
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
    void look();
  });
  if (!chosen?.hit) return;
  const { pin, list } = chosen.hit;
  const show = (): Promise<boolean | undefined> => {
    const { isHere, end } = focusing();
    return reveal(pin, list, isHere).finally(end);
  };
  const isShown = await show();
  if (isShown === true) return;
  const name = safe`“${safeText(pinLabel(pin), LONGEST_NAME)}”`;
  const { filter } = list.model.state.view;
  if (isShown === undefined || filter === undefined)
    return void vscode.window.showWarningMessage(safe`${name} can't be shown now, because the list is changing. Try again.`);
  const clear = 'Clear Filter and Show';
  const hidden = safe`${name} is hidden by the filter “${safeText(filter, LONGEST_NAME)}”.`;
  if ((await vscode.window.showInformationMessage(hidden, clear)) !== clear) return;
  await lists.setView(changedView(lists.view, { filter: undefined }));
  await show();
}

/** The items of a result. All have `alwaysShow`: the search has its own rules, and the quick pick must not filter by others. */
function itemsOf(hits: readonly Hit[], ofSeveral: boolean, noun: Noun | undefined): Found[] {
  const now = Date.now();
  const found = hits.map(({ pin, list }): Found => ({
    label: pinLabel(pin),
    description: joined([pinDescription(pin, now), ofSeveral ? safeText(list.source.name) : undefined], ' · '),
    ...(pin.vfsPath !== undefined && { detail: safeText(pin.vfsPath) }),
    alwaysShow: true,
    buttons: [COPY],
    hit: { pin, list },
  }));
  return found.length > 0 ? found : [{ label: safe`No matching or similar ${noun ?? 'pin'}s`, alwaysShow: true }];
}

import * as vscode from 'vscode';
import { IpfsKitError } from '../../ipfsKitError';
import type { Pin } from '../../pin/pin';
import type { PinWorkerHandle } from '../../pinIndex/pinWorkerHandle';
import { changedView, LONGEST_FILTER } from '../listView';
import type { PinListModel } from '../pinListModel';
import { pinDescription, pinLabel } from '../pinText';
import { safeLabel } from '../../safeText';
import { pinCount } from '../provenanceText';

export interface FindParts {
  readonly worker: PinWorkerHandle;
  readonly model: PinListModel;
  /** Selects the row of a pin in the view; false where it has none. */
  readonly reveal: (pin: Pin) => Promise<boolean>;
}

interface Search {
  readonly pins: readonly Pin[];
  readonly fuzzy: boolean;
  readonly count: () => Promise<number>;
}

interface Found extends vscode.QuickPickItem {
  readonly pin?: Pin;
}

const MOST_SHOWN = 100;
const PAUSE_MS = 40;

const COPY: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('copy'), tooltip: 'Copy CID' };
const FILTER: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('filter'), tooltip: 'Filter the Pins View by This' };

/** A quick pick over all pins of the list, whatever the view shows of them; results come while it is typed. */
export async function findPin({ worker, model, reveal }: FindParts): Promise<void> {
  if (!model.state.listing) await model.list();
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
      const { pins, fuzzy, count } = await search(pick.value.slice(0, LONGEST_FILTER), signal);
      pick.items = itemsOf(pins);
      const matching = await count();
      const first = matching > pins.length ? `the first ${pins.length} of ` : '';
      pick.title = `IPFS Kit: Find Pin · ${first}${pinCount(matching)}${fuzzy && matching > 0 ? ', which resemble it' : ''}`;
    } catch (error) {
      if (signal.aborted || model.state.busy) return; // asked again: more was typed, or a newer list is on its way
      pick.items = [
        { label: '$(warning) The pins could not be searched', detail: IpfsKitError.from(error).message, alwaysShow: true },
      ];
    }
    pick.busy = false;
  };

  const search = async (filter: string, signal: AbortSignal): Promise<Search> => {
    const { listing, error } = model.state;
    if (!listing) throw error ?? new IpfsKitError('missing', 'There is no list of pins.');
    const { table } = listing.opened;
    const page = (fuzzy: boolean): Promise<Pin[]> =>
      worker.request('page', { table, query: { filter, fuzzy, limit: MOST_SHOWN } }, { signal });
    let pins = await page(false);
    const fuzzy = pins.length === 0 && filter !== '';
    if (fuzzy) pins = await page(true);
    const count = (): Promise<number> => worker.request('count', { table, of: { filter, fuzzy } }, { signal });
    return { pins, fuzzy, count: pins.length < MOST_SHOWN ? () => Promise.resolve(pins.length) : count };
  };

  let searched = model.state.listing;
  const listening = model.onDidChange(() => {
    const { listing, busy } = model.state;
    if (busy || listing === searched) return;
    searched = listing;
    void look();
  });
  const chosen = await new Promise<Found | undefined>((resolve) => {
    pick.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), PAUSE_MS);
    });
    pick.onDidTriggerButton(() => {
      void model.setView(changedView(model.view, { filter: pick.value }));
      pick.hide();
    });
    pick.onDidTriggerItemButton(({ item }) => {
      if (item.pin) void vscode.env.clipboard.writeText(item.pin.cid);
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
  if (!chosen?.pin || (await reveal(chosen.pin))) return;
  // Not among the rows that are shown: then the view is narrowed down to it.
  await model.setView(changedView(model.view, { filter: chosen.pin.cid, group: undefined }));
  await reveal(chosen.pin);
}

/** All are shown whatever is typed: they have been searched already, and by other rules than those of a quick pick. */
function itemsOf(pins: readonly Pin[]): Found[] {
  const now = Date.now();
  const found = pins.map((pin): Found => ({
    label: pinLabel(pin),
    description: pinDescription(pin, now),
    ...(pin.vfsPath !== undefined && { detail: safeLabel(pin.vfsPath) }),
    alwaysShow: true,
    buttons: [COPY],
    pin,
  }));
  return found.length > 0 ? found : [{ label: 'No pin matches, and none resembles it', alwaysShow: true }];
}

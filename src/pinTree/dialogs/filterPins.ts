import * as vscode from 'vscode';
import { changedView, LONGEST_FILTER } from '../list/listView';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import { provenance } from '../text/provenanceText';
import { sourcesMessage } from '../text/sourceText';
import { safe, safeText } from '../../base/safeText';

/** Time in ms after the last key before the list is filtered. */
const PAUSE_MS = 120;
const LONGEST_PROMPT = 500;

export interface FilterParts {
  readonly lists: PinLists;
  readonly toFirstMatch: () => Promise<void>;
}

/**
 * Shows a box whose text filters the list while it is typed. Enter keeps the filter and goes to the first match; closing the box in any other way restores
 * the filter before.
 */
export async function filterPins({ lists, toFirstMatch }: FilterParts): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = 'IPFS Kit: Filter Pins';
  box.placeholder = safe`Part of a name, a CID or a VFS path; status:failed, ${lists.shown().length > 1 ? 'copies:1, in:kubo' : 'expires:<7d'}`;
  box.value = lists.view.filter ?? '';
  const clear: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('clear-all'), tooltip: 'Clear Filter' };
  box.buttons = [clear];
  let timer: NodeJS.Timeout | undefined;
  const before = lists.view.filter ?? '';
  /** The filter that this box has set. */
  let shown = before;
  let accepted: string | undefined;

  const filterBy = (text: string): void => {
    clearTimeout(timer);
    timer = undefined;
    shown = text.slice(0, LONGEST_FILTER);
    if ((lists.view.filter ?? '') !== shown) void lists.setView(changedView(lists.view, { filter: shown }));
  };
  const tell = (): void => {
    const sources = lists.shown();
    const [{ model }] = sources;
    const { error } = model.state;
    box.prompt =
      sources.length > 1
        ? sourcesMessage(sources)
        : error
          ? safeText(error.message, LONGEST_PROMPT)
          : provenance(model.state, Date.now());
    const isWaiting = ({ model: { state, view } }: SourceList): boolean =>
      !state.error && (state.view !== view || state.matching === undefined);
    box.busy = timer !== undefined || sources.some(isWaiting);
  };
  const listening = lists.onDidChange(tell);
  tell();

  await new Promise<void>((resolve) => {
    box.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        filterBy(box.value);
        tell();
      }, PAUSE_MS);
      box.busy = true;
    });
    box.onDidTriggerButton(() => {
      accepted = '';
      box.hide();
    });
    box.onDidAccept(() => {
      accepted = box.value;
      box.hide();
    });
    box.onDidHide(() => {
      const isStillOurs = (lists.view.filter ?? '') === shown; // otherwise another command has changed the filter
      filterBy(accepted ?? (isStillOurs ? before : (lists.view.filter ?? '')));
      listening.dispose();
      box.dispose();
      resolve();
    });
    box.show();
  });
  if (accepted === undefined) return;
  await lists.setView(lists.view); // resolves when the matches are shown
  await toFirstMatch();
}

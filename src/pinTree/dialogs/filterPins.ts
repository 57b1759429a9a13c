import * as vscode from 'vscode';
import { changedView, LONGEST_FILTER } from '../listView';
import type { PinLists, SourceList } from '../pinLists';
import { provenance } from '../provenanceText';
import { sourcesMessage } from '../sourceText';
import { safeText } from '../../safeText';

/** Typing goes on for so long before an answer is looked for. */
const PAUSE_MS = 120;
const LONGEST_PROMPT = 500;

/** A box whose text filters the list while it is typed. The filter stays when the box is closed; emptying it clears it. */
export function filterPins(lists: PinLists): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = 'IPFS Kit: Filter Pins';
  box.placeholder = 'Part of a name, a CID or a VFS path; status:failed, -status:pinned';
  box.value = lists.view.filter ?? '';
  const clear: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('clear-all'), tooltip: 'Clear Filter' };
  box.buttons = [clear];
  let timer: NodeJS.Timeout | undefined;

  const apply = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const filter = box.value.slice(0, LONGEST_FILTER);
    if ((lists.view.filter ?? '') !== filter) void lists.setView(changedView(lists.view, { filter }));
  };
  const tell = (): void => {
    const shown = lists.shown();
    const [{ model }] = shown;
    const { error } = model.state;
    box.prompt =
      shown.length > 1
        ? sourcesMessage(shown)
        : error
          ? safeText(error.message, LONGEST_PROMPT)
          : provenance(model.state, Date.now());
    const isWaiting = ({ model: { state, view } }: SourceList): boolean =>
      !state.error && (state.view !== view || state.matching === undefined);
    box.busy = timer !== undefined || shown.some(isWaiting);
  };
  const listening = lists.onDidChange(tell);
  tell();

  return new Promise((resolve) => {
    box.onDidChangeValue(() => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        apply();
        tell();
      }, PAUSE_MS);
      box.busy = true;
    });
    box.onDidTriggerButton(() => {
      box.value = '';
      apply();
      box.hide();
    });
    box.onDidAccept(() => box.hide());
    box.onDidHide(() => {
      if (timer) apply();
      listening.dispose();
      box.dispose();
      resolve();
    });
    box.show();
  });
}

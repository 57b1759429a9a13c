import * as vscode from 'vscode';
import { changedView, LONGEST_FILTER } from '../listView';
import type { PinListModel } from '../pinListModel';
import { provenance } from '../provenanceText';

/** Typing goes on for so long before an answer is looked for. */
const PAUSE_MS = 120;

/** A box whose text filters the list while it is typed. The filter stays when the box is closed; emptying it clears it. */
export function filterPins(model: PinListModel): Promise<void> {
  const box = vscode.window.createInputBox();
  box.title = 'IPFS Kit: Filter Pins';
  box.placeholder = 'Part of a name, a CID or a VFS path';
  box.value = model.view.filter ?? '';
  const clear: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('clear-all'), tooltip: 'Clear Filter' };
  box.buttons = [clear];
  let timer: NodeJS.Timeout | undefined;

  const apply = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const filter = box.value.slice(0, LONGEST_FILTER);
    if ((model.view.filter ?? '') !== filter) void model.setView(changedView(model.view, { filter }));
  };
  const tell = (): void => {
    const { state } = model;
    box.prompt = state.error ? state.error.message : provenance(state, Date.now());
    box.busy = timer !== undefined || state.view !== model.view || state.matching === undefined;
  };
  const listening = model.onDidChange(tell);
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

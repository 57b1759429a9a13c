import type * as vscode from 'vscode';
import type { ListView } from './listView';
import { toListView } from './listView';
import type { PinListModel } from './pinListModel';

/** How the list was wanted last in this workspace. */
const LIST_VIEW = 'listView';

export function keptListView(state: vscode.Memento): ListView {
  return toListView(state.get(LIST_VIEW));
}

export function keepListView(model: PinListModel, state: vscode.Memento): void {
  let kept = model.view;
  model.onDidChange(() => {
    if (model.view !== kept) void state.update(LIST_VIEW, (kept = model.view));
  });
}

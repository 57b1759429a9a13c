import type * as vscode from 'vscode';
import type { ListView } from './listView';
import { toListView } from './listView';
import type { PinLists } from './pinLists';

/** How the list was wanted last in this workspace. */
const LIST_VIEW = 'listView';

export function keptListView(state: vscode.Memento): ListView {
  return toListView(state.get(LIST_VIEW));
}

export function keepListView(lists: PinLists, state: vscode.Memento): void {
  let kept = lists.view;
  lists.onDidChange(() => {
    if (lists.view !== kept) void state.update(LIST_VIEW, (kept = lists.view));
  });
}

import type { Memory } from '../../base/editorMemory';
import type { ListView } from './listView';
import { toListView } from './listView';
import type { PinLists } from './pinLists';

/** The key for the filter, order and groups that were used last in this workspace. */
const LIST_VIEW = 'listView';

export function savedListView(state: Memory): ListView {
  return toListView(state.get(LIST_VIEW));
}

export function keepListView(lists: PinLists, state: Memory): void {
  let kept = lists.view;
  lists.onDidChange(() => {
    if (lists.view !== kept) void state.update(LIST_VIEW, (kept = lists.view));
  });
}

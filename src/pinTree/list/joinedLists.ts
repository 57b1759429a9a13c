import type { PinSource } from '../../pinSource/pinSource';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListsJoin } from './listsJoin';
import { createListsJoin } from './listsJoin';
import type { ListView } from './listView';
import type { PinListModel } from './pinListModel';
import { createPinListModel } from './pinListModel';
import type { PinLists } from './pinLists';
import { createPinLists } from './pinLists';

export interface JoinedLists {
  readonly lists: PinLists;
  readonly join: ListsJoin;
}

/** The lists of sources, as createPinLists makes them, joined with each other. `view`: their first view. `note` receives lines for the log. */
export function joinedLists(
  worker: PinWorkerHandle,
  first: PinSource,
  expected: () => Promise<readonly PinSource[]>,
  view: ListView,
  note: (line: string) => void,
): JoinedLists {
  const join: ListsJoin = createListsJoin(worker, () => lists, note);
  const lists: PinLists = createPinLists(first, expected, (source) => {
    const model: PinListModel = createPinListModel({
      ...{ worker, source, view },
      joinFirst: (listing, signal, read) => join.first(model, listing, signal, read),
    });
    model.onDidChange((group) => group ?? join.changed());
    return { source, model };
  });
  lists.onDidChange((_list, group) => group ?? join.changed()); // other sources
  return { lists, join };
}

import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinSource } from '../../pinSource/pinSource';
import type { ListView } from './listView';
import { refreshOnDaemonChange } from './refreshOnDaemonChange';
import { refreshOnStoreChange } from './refreshOnStoreChange';
import { retryWhenBusy } from './retryWhenBusy';
import type { SourceList } from './sourceList';

/** The worker starts meanwhile: both in one turn of the thread would hold up the editor. */
const PAUSE_MS = 5;
/** Lists of places that were set before. */
const MOST_FORGOTTEN = 16;

/** The lists of all sources, which are filtered, sorted and grouped alike. Plain Node. */
export interface PinLists {
  /** Those that are in the view, in order; at least one. */
  shown(): readonly [SourceList, ...SourceList[]];
  /** Those that were made so far, the ones that are not in the view too. */
  all(): readonly SourceList[];
  /** How the lists are wanted. */
  readonly view: ListView;
  /** Asks every source that could have pins; `again` as for each list. Never rejects. */
  list(again?: boolean): Promise<void>;
  stopListing(): void;
  /** Never rejects. */
  setView(view: ListView): Promise<void>;
  /** Daemons are polled, and stores watched, only while somebody can see the lists. */
  setVisible(visible: boolean): void;
  /** `list`: whose rows have changed; `group`: only those below it. Undefined: other sources are shown. */
  onDidChange(listener: (list?: SourceList, group?: GroupNode) => void): Disposable;
  dispose(): void;
}

/** What is kept of a source that was expected once. */
interface Made {
  readonly list: SourceList;
  readonly listening: Disposable;
  /** What makes the list follow its source, while it is expected. */
  following?: Following | undefined;
}

interface Following extends Disposable {
  setVisible(visible: boolean): void;
}

/**
 * `first` stands in the view until others are found, and where none is expected: it is asked at once. `expected`: the sources that are expected by now,
 * in order, with or without `first`; each keeps its list as long as it is the same.
 */
export function createPinLists(
  first: PinSource,
  expected: () => readonly PinSource[],
  listOf: (source: PinSource) => SourceList,
): PinLists {
  const listeners = new Set<(list?: SourceList, group?: GroupNode) => void>();
  const made = new Map<PinSource, Made>();
  let isVisible = false;

  /** Who has nothing of a source that is hidden when missing, but other pins, need not be told so. */
  const shown = (): readonly [SourceList, ...SourceList[]] => {
    const found = listed.filter(
      ({ source, model }) => !source.capabilities.hiddenWhenMissing || !IpfsKitError.is(model.state.error, 'missing'),
    );
    const [some = standIn.list, ...others] = found.length > 0 ? found : listed;
    return [some, ...others];
  };
  const tell = (list?: SourceList, group?: GroupNode): void => {
    const now = shown();
    const isOther = now.length !== before.length || now.some((each, at) => each !== before[at]);
    before = now;
    for (const listener of listeners) {
      if (isOther) listener();
      else if (!list || now.includes(list)) listener(list, group);
    }
  };
  const all = (): SourceList[] => [...made.values()].map(({ list }) => list);
  const make = (source: PinSource): Made => {
    const list = listOf(source);
    const each = { list, listening: list.model.onDidChange((group) => tell(list, group)) };
    made.set(source, each);
    return each;
  };
  const follow = (each: Made): void => {
    if (each.following) return;
    each.following = following(each.list);
    if (isVisible) each.following.setVisible(true);
  };
  const standIn = make(first);
  /** Those that are expected. */
  let listed: readonly SourceList[] = [standIn.list];
  let before: readonly SourceList[] = listed;
  follow(standIn);

  /** Nothing of those that are not expected stays in memory; of the last few the list, for when they are expected again. */
  const forgetOthers = (): void => {
    const others = [...made].filter(([, each]) => each !== standIn && !listed.includes(each.list));
    for (const [, each] of others) {
      each.list.model.forget();
      each.following?.dispose();
      each.following = undefined;
    }
    for (const [source, { list, listening }] of others.slice(0, -MOST_FORGOTTEN)) {
      made.delete(source);
      listening.dispose();
      list.model.dispose();
    }
  };

  const look = (): void => {
    listed = expected().map((source) => {
      const each = made.get(source) ?? make(source);
      follow(each);
      return each.list;
    });
  };

  return {
    shown,
    all,
    get view() {
      return standIn.list.model.view;
    },
    list: async (again) => {
      const atOnce = standIn.list.model.list(undefined, again);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      look();
      const { view } = standIn.list.model;
      const later = listed.filter((list) => list !== standIn.list);
      for (const { model } of later) if (model.view !== view) void model.setView(view);
      tell();
      forgetOthers();
      await Promise.all([atOnce, ...later.map(({ model }) => model.list(undefined, again))]);
    },
    stopListing: () => {
      for (const { model } of all()) model.stopListing();
    },
    setView: async (view) => {
      await Promise.all(all().map(({ model }) => model.setView(view)));
    },
    setVisible: (visible) => {
      isVisible = visible;
      for (const { following } of made.values()) following?.setVisible(visible);
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      for (const { list, listening, following } of made.values()) {
        listening.dispose();
        following?.dispose();
        list.model.dispose();
      }
      listeners.clear();
    },
  };
}

/** Lists again when the source has changed: as far as its daemon, its files, or a probe can tell. */
function following(list: SourceList): Following {
  const { source, model } = list;
  const { monitor, stores } = source;
  const onStores = monitor && stores && refreshOnStoreChange(monitor, model, stores);
  const parts = [
    source.watch?.(() => void model.list()),
    monitor ? refreshOnDaemonChange(monitor, model) : retryWhenBusy(list),
    onStores,
  ];
  return {
    setVisible: (visible) => {
      monitor?.setVisible(visible);
      onStores?.setVisible(visible);
    },
    dispose: () => parts.forEach((each) => each?.dispose()),
  };
}

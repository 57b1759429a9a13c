import type { Disposable } from '../../base/disposable';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinSource } from '../../pinSource/pinSource';
import type { ListView } from './listView';
import { isHidden } from './hiddenSources';
import type { Clock } from './refreshOnHint';
import { refreshOnHint } from './refreshOnHint';
import { refreshOnIpfsKitDaemon } from './refreshOnIpfsKitDaemon';
import { refreshOnStoreChange } from './refreshOnStoreChange';
import { retryWhenBusy } from './retryWhenBusy';
import type { SourceList } from './sourceList';

/** Time in ms between the first list and the others. Starting the worker and making the other sources in one turn would block the editor. */
const PAUSE_MS = 5;
/** Time in ms between two looks for sources that have appeared or gone. A look checks whether a few files exist. */
const LOOK_EVERY_MS = 3000;
/** How many lists are remembered of sources that are no longer in the view. */
const MOST_FORGOTTEN = 16;

/** The lists of all sources, which have the same filter, order and groups. Plain Node. */
export interface PinLists {
  /** The lists that are in the view, in order; at least one. */
  shown(): readonly [SourceList, ...SourceList[]];
  /** The lists of all sources that are expected now, with those that are hidden. */
  expected(): readonly SourceList[];
  /** All lists that have been made, including those that are not in the view. */
  all(): readonly SourceList[];
  /** All sources to list now, whether they have been listed or not. */
  sources(): Promise<readonly PinSource[]>;
  /** Filter, order and groups of the lists. */
  readonly view: ListView;
  /** Lists every source that may have pins; `again` as for PinListModel. Never rejects. */
  list(again?: boolean): Promise<void>;
  stopListing(): void;
  /** Never rejects. */
  setView(view: ListView): Promise<void>;
  /** Daemons are polled and stores watched only while the lists are visible. */
  setVisible(visible: boolean): void;
  /** Whether visible lists are kept current by themselves (refreshOnHint.ts); false at first. */
  setAlive(isAlive: boolean): void;
  /** `list`: the list whose rows have changed; `group`: only the rows below that group. Both undefined: other sources are shown. */
  onDidChange(listener: (list?: SourceList, group?: GroupNode) => void): Disposable;
  dispose(): void;
}

/** The state of a source that is or was in the view. */
interface Made {
  readonly list: SourceList;
  readonly listening: Disposable;
  /** Makes the list follow its source while that is in the view. */
  following?: Following | undefined;
}

interface Following extends Disposable {
  setVisible(visible: boolean): void;
  setWatched(isWatched: boolean): void;
}

/**
 * `first` is listed at once; it is in the view until others are found, and where none is expected. `expected` gives the sources to list now, in order, with
 * or without `first`; the same source object keeps its list. `clock`: for refreshOnHint.
 */
export function createPinLists(
  first: PinSource,
  expected: () => Promise<readonly PinSource[]>,
  listOf: (source: PinSource) => SourceList,
  lookEveryMs = LOOK_EVERY_MS,
  clock?: Clock,
): PinLists {
  const listeners = new Set<(list?: SourceList, group?: GroupNode) => void>();
  const made = new Map<PinSource, Made>();
  let isVisible = false;
  let isAlive = false;
  let isDisposed = false;
  let hasListed = false;
  let looking: NodeJS.Timeout | undefined;

  /** Leaves out the sources that are hidden, unless that leaves no list. */
  const shown = (): readonly [SourceList, ...SourceList[]] => {
    const found = listed.filter((list) => !isHidden(list, listed));
    const [some = standIn.list, ...others] = found.length > 0 ? found : listed;
    return [some, ...others];
  };
  const tell = (list?: SourceList, group?: GroupNode): void => {
    const now = shown();
    const isOther = !areSame(now, before);
    before = now;
    for (const listener of listeners) {
      if (isOther) listener();
      else if (!list || now.includes(list)) listener(list, group);
    }
  };
  const all = (): SourceList[] => [...made.values()].map(({ list }) => list);
  const make = (source: PinSource): Made => {
    const list = listOf(source);
    let further: readonly PinSource[] = [];
    const changed = (group?: GroupNode): void => {
      tell(list, group);
      const found = source.further?.() ?? [];
      if (areSame(found, further)) return;
      further = found;
      void lookAgain();
    };
    const each = { list, listening: list.model.onDidChange(changed) };
    made.set(source, each);
    return each;
  };
  const follow = (each: Made): void => {
    if (each.following) return;
    each.following = following(each.list, clock);
    if (isVisible) each.following.setVisible(true);
    each.following.setWatched(isVisible && isAlive);
  };
  const standIn = make(first);
  /** The lists of the sources that are expected now. */
  let listed: readonly SourceList[] = [standIn.list];
  let before: readonly SourceList[] = listed;
  follow(standIn);

  /** Frees the pins of the sources that are no longer expected. The last few keep their empty list for when they are expected again. */
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

  const look = async (): Promise<void> => {
    const sources = await expected().catch((): readonly PinSource[] => [first]);
    if (isDisposed) return;
    listed = sources.map((source) => {
      const each = made.get(source) ?? make(source);
      follow(each);
      return each.list;
    });
  };

  const watch = (): void => {
    for (const { following } of made.values()) following?.setWatched(isVisible && isAlive);
  };

  const hasEnded = (): boolean => isDisposed;

  /** Lists the sources that are expected by now: a repository was made, a cluster was set up, or a list has found more sets of pins. */
  const lookAgain = async (): Promise<void> => {
    if (!hasListed) return;
    const known = listed;
    const sources = await expected().catch(() => known.map(({ source }) => source));
    const isSame = areSame(
      sources,
      known.map(({ source }) => source),
    );
    if (isSame || listed !== known || hasEnded()) return;
    // The sample is for people who have no other source.
    if (standIn.list.model.state.listing?.freshness === 'sample') return void list();
    await look();
    if (hasEnded()) return;
    tell();
    forgetOthers();
    listNew();
  };

  /** Lists the sources that haven't been listed yet. */
  const listNew = (): void => {
    for (const { model } of listed) {
      const { busy, listing, error } = model.state;
      if (!busy && !listing && !error) void viewed(model).list();
    }
  };

  /** The model of a source that may have been made, or left the view, before the view was changed. */
  const viewed = (model: SourceList['model']): SourceList['model'] => {
    const { view } = standIn.list.model;
    if (model.view !== view) void model.setView(view);
    return model;
  };

  const list = async (again?: boolean): Promise<void> => {
    const atOnce = standIn.list.model.list(undefined, again);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    await look();
    if (isDisposed) return;
    hasListed = true;
    const later = listed.filter((list) => list !== standIn.list).map(({ model }) => viewed(model));
    tell();
    forgetOthers();
    await Promise.all([atOnce, ...later.map((model) => model.list(undefined, again))]);
  };

  return {
    shown,
    expected: () => listed,
    all,
    sources: expected,
    get view() {
      return standIn.list.model.view;
    },
    list,
    stopListing: () => {
      for (const { model } of all()) model.stopListing();
    },
    setView: async (view) => {
      await Promise.all(all().map(({ model }) => model.setView(view)));
    },
    setVisible: (visible) => {
      isVisible = visible;
      clearInterval(looking);
      if (visible) looking = setInterval(() => void lookAgain(), lookEveryMs).unref();
      for (const { following } of made.values()) following?.setVisible(visible);
      watch();
    },
    setAlive: (now) => {
      isAlive = now;
      watch();
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      isDisposed = true;
      clearInterval(looking);
      for (const { list, listening, following } of made.values()) {
        listening.dispose();
        following?.dispose();
        list.model.dispose();
      }
      listeners.clear();
    },
  };
}

/** Whether no source has been listed yet. */
export function isIdle(lists: Pick<PinLists, 'all'>): boolean {
  return lists.all().every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
}

function areSame<Each>(one: readonly Each[], other: readonly Each[]): boolean {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}

/** Whether the bundled sample is in the view. */
export function showsSample(lists: Pick<PinLists, 'shown'>): boolean {
  return lists.shown().some(({ model: { state } }) => state.listing?.freshness === 'sample');
}

/** Makes a list follow its source: it is listed again when the daemon, the files, a probe or a hint show a change, or from time to time. */
function following(list: SourceList, clock?: Clock): Following {
  const { source, model } = list;
  const { monitor, stores } = source;
  const onStores = stores && refreshOnStoreChange(monitor, model, stores);
  const onHint = refreshOnHint(list, clock);
  const parts = [
    source.watch?.(() => void model.list()),
    monitor ? refreshOnIpfsKitDaemon(monitor, model) : retryWhenBusy(list),
    onStores,
    onHint,
  ];
  return {
    setVisible: (visible) => {
      model.setVisible(visible);
      monitor?.setVisible(visible);
      onStores?.setVisible(visible);
    },
    setWatched: onHint.setWatched,
    dispose: () => parts.forEach((each) => each?.dispose()),
  };
}

import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinSource } from '../../pinSource/pinSource';
import type { ListView } from './listView';
import type { SourceList } from './sourceList';
import { retryWhenBusy } from './retryWhenBusy';

/** The worker starts meanwhile: both in one turn of the thread would hold up the editor. */
const PAUSE_MS = 5;
/** Lists of places that were set before. */
const MOST_FORGOTTEN = 16;

/** The lists of all sources, which are filtered, sorted and grouped alike. Plain Node. */
export interface PinLists {
  /** That of ipfs_kit_py. */
  readonly first: SourceList;
  /** Those that are in the view, in order; at least one. */
  shown(): readonly [SourceList, ...SourceList[]];
  /** All that are expected by now, whether they have been listed or not; that of ipfs_kit_py is the first. */
  sources(): Promise<readonly PinSource[]>;
  /** How the lists are wanted. */
  readonly view: ListView;
  /** Asks every source that could have pins; `again` as for each list. Never rejects. */
  list(again?: boolean): Promise<void>;
  stopListing(): void;
  /** Never rejects. */
  setView(view: ListView): Promise<void>;
  /** `list`: whose rows have changed; `group`: only those below it. Undefined: other sources are shown. */
  onDidChange(listener: (list?: SourceList, group?: GroupNode) => void): Disposable;
  dispose(): void;
}

/** `others`: what is expected besides, by now; each keeps its list as long as it is the same. */
export function createPinLists(
  first: SourceList,
  others: () => Promise<readonly PinSource[]>,
  listOf: (source: PinSource) => SourceList,
): PinLists {
  const listeners = new Set<(list?: SourceList, group?: GroupNode) => void>();
  const made = new Map<PinSource, { readonly list: SourceList; readonly listening: Disposable }>();
  /** Of those that are expected. */
  const watched = new Map<SourceList, readonly (Disposable | undefined)[]>();
  let expected: readonly SourceList[] = [];
  let before: readonly SourceList[] = [first];

  /** Who has neither a daemon nor a store of ipfs_kit_py, but other pins, need not be told so. */
  const shown = (): readonly [SourceList, ...SourceList[]] => {
    const [other, ...rest] = expected;
    return other && IpfsKitError.is(first.model.state.error, 'missing', 'left-out') ? [other, ...rest] : [first, ...expected];
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
  const listen = (list: SourceList): Disposable => list.model.onDidChange((group) => tell(list, group));
  const known = (): SourceList[] => [first, ...[...made.values()].map(({ list }) => list)];
  const toFirst = listen(first);
  const make = (source: PinSource): SourceList => {
    const list = listOf(source);
    made.set(source, { list, listening: listen(list) });
    return list;
  };
  /** Nothing of those that are not expected stays in memory; of the last few the list, for when they are expected again. */
  const forgetOthers = (): void => {
    const others = [...made].filter(([, { list }]) => !expected.includes(list));
    for (const [, { list }] of others) {
      list.model.forget();
      for (const each of watched.get(list) ?? []) each?.dispose();
      watched.delete(list);
    }
    for (const [source, { list, listening }] of others.slice(0, -MOST_FORGOTTEN)) {
      made.delete(source);
      listening.dispose();
      list.model.dispose();
    }
  };

  const look = async (): Promise<void> => {
    const sources = await others().catch((): readonly PinSource[] => []);
    expected = sources.map((source) => {
      const list = made.get(source)?.list ?? make(source);
      if (!watched.has(list)) watched.set(list, [source.watch?.(() => void list.model.list()), retryWhenBusy(list)]);
      return list;
    });
  };

  return {
    first,
    shown,
    sources: async () => [first.source, ...(await others())],
    get view() {
      return first.model.view;
    },
    list: async (again) => {
      const own = first.model.list(undefined, again);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      await look();
      for (const { model } of expected) if (model.view !== first.model.view) void model.setView(first.model.view);
      tell();
      forgetOthers();
      await Promise.all([own, ...expected.map(({ model }) => model.list(undefined, again))]);
    },
    stopListing: () => {
      for (const { model } of known()) model.stopListing();
    },
    setView: async (view) => {
      await Promise.all(known().map(({ model }) => model.setView(view)));
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      for (const each of [toFirst, ...[...made.values()].map(({ listening }) => listening), ...[...watched.values()].flat()])
        each?.dispose();
      for (const { model } of known()) model.dispose();
      listeners.clear();
    },
  };
}

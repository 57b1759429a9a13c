import type { Disposable } from '../../base/disposable';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { isEndByAnother, isEndOfThread } from '../../base/threadHandle';
import type { PinCopies } from '../../pin/joinedContents';
import { asksJoin } from '../../pin/joinQuery';
import { foldAscii } from '../../pin/pinQuery';
import type { Listing } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { JoinSourceQuery } from '../../pinWorker/protocol';
import type { ListView } from './listView';
import type { PinLists } from './pinLists';
import type { PinListModel } from './pinListModel';
import type { SourceList } from './sourceList';

/** The name of a source by its id. */
export type NameOf = (id: string) => string;

/** Time in ms from a change of a list to the join, in which the rows are drawn, and further lists arrive. */
const SETTLE_MS = 100;

/** What the lists of the view know of each other: they are joined in the pin worker whenever one of them has changed. Plain Node. */
export interface ListsJoin extends Disposable {
  /** To be called when a list has changed, also one that is hidden. */
  changed(): void;
  /** Runs `read` once a listing that is about to be shown is joined with the lists of the others, or can't be. Rejects as `read` does, and with `cancelled`. */
  first<T>(model: PinListModel, listing: Listing, signal: AbortSignal, read: () => Promise<T>): Promise<T>;
  /** Joins the lists as they are now, if several may have pins. Never rejects. */
  ready(): Promise<void>;
  /** Whether the lists are joined. */
  isJoined(): boolean;
  /** The names of the sources of which more would have to be known for the rows of the lists in this view to be certain. */
  doubts(view: ListView): readonly string[];
  /** What all lists say of a content that `list` lists; empty where they aren't joined. Rejects with IpfsKitError. */
  copiesOf(list: SourceList, cid: string): Promise<PinCopies>;
  /** The name of a source; its id where it isn't listed any more. */
  readonly nameOf: NameOf;
  /** How a filter names a source: `in:mine`. */
  readonly wordOf: (id: string) => string;
  /** Something that this gives has changed. */
  onDidChange(listener: () => void): Disposable;
}

/** `note` receives lines for the log. */
export function createListsJoin(worker: PinWorkerHandle, lists: () => PinLists, note: (line: string) => void): ListsJoin {
  const stop = new AbortController();
  const listeners = new Set<() => void>();
  /** The listings that are about to be shown. */
  const coming = new Map<PinListModel, Listing>();
  let join: number | undefined;
  /** What the worker was asked for last, so that nothing is asked for twice, not even what failed. */
  let asked: string | undefined;
  let joined: readonly JoinSourceQuery[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Joining has ended the thread of the worker, and probably would again. */
  let isHalted = false;
  let doubted: { readonly of: string; readonly ids: readonly string[] } | undefined;

  const noted = new Set<string>();
  const noteOnce = (line: string): void => {
    if (noted.has(line)) return;
    noted.add(line);
    note(line);
  };
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  /** The sources to join; undefined where a single one has pins, or none. */
  const wanted = (): readonly JoinSourceQuery[] | undefined => {
    if (isHalted) return undefined;
    const sources = lists()
      .expected()
      .map((list) => sourceQuery(list, coming.get(list.model) ?? list.model.openListing));
    const having = sources.filter(({ table, unknown }) => table !== undefined || unknown !== undefined);
    return having.length > 1 && having.some(({ table }) => table !== undefined) ? sources : undefined;
  };
  const isSettled = (): boolean => stop.signal.aborted || asked === textOf(wanted());

  /** Joins the lists as they are, until they have stayed the same meanwhile. */
  const settle = async (): Promise<void> => {
    while (!isSettled()) {
      const sources = wanted();
      asked = textOf(sources);
      try {
        if (sources) await set(sources);
        else await close();
      } catch (error) {
        if (stop.signal.aborted) return;
        noteOnce(`The lists of the sources can't be compared: ${IpfsKitError.from(error).message}`);
        isHalted = isEndOfThread(error) && !isEndByAnother(error);
        // The thread has ended, and the join with it. Otherwise the lists stay joined as they are.
        if (isEndOfThread(error) || IpfsKitError.is(error, 'closed')) [join, joined] = [undefined, []];
        continue;
      }
      if (stop.signal.aborted) return;
      doubted = undefined;
      await doubt();
      for (const { model } of lists().all()) model.joined();
      tell();
    }
  };
  const run = async (): Promise<void> => {
    while (!isSettled()) await (running ??= settle().finally(() => (running = undefined)));
  };

  const set = async (sources: readonly JoinSourceQuery[]): Promise<void> => {
    const state = await worker.request('join', { join, sources }, { signal: stop.signal });
    join = state.join;
    joined = sources;
    for (const { id, error } of state.sources) if (error) noteOnce(`${nameOf(id)} can't be compared: ${error.message}`);
  };
  const close = async (): Promise<void> => {
    const closing = join;
    [join, joined] = [undefined, []];
    if (closing !== undefined && worker.isRunning()) await worker.request('closeJoin', { join: closing }).catch(() => undefined);
  };

  /** Finds out what has to be said of the view. */
  const doubt = async (): Promise<void> => {
    const { view } = lists();
    const of = JSON.stringify(view);
    const table = joined.find((source) => source.table !== undefined)?.table;
    if (doubted?.of === of || table === undefined || !asksJoin(view)) return;
    const { filter, group, sort } = view;
    const query = { filter, group, sort: sort === 'stored' ? undefined : sort };
    const ids = await worker.request('doubts', { table, of: query }, { signal: stop.signal }).catch(() => undefined);
    if (ids) doubted = { of, ids };
  };

  const nameOf = (id: string): string =>
    lists()
      .expected()
      .find(({ source }) => source.id === id)?.source.name ?? id;

  const wordOf = (id: string): string => {
    const plain = (name: string): string => name.replaceAll(/\s/g, '');
    const short = plain(id.replace(/^service:/, ''));
    const isOther = lists()
      .expected()
      .some(({ source }) => source.id !== id && foldAscii(plain(source.id)) === foldAscii(short));
    return isOther ? plain(id) : short;
  };

  const look = async (): Promise<void> => {
    timer = undefined;
    await run();
    const before = doubted;
    await doubt();
    if (doubted !== before && !stop.signal.aborted) tell();
  };

  return {
    changed: () => {
      if (!stop.signal.aborted) timer ??= setTimeout(() => void look(), SETTLE_MS);
    },
    first: async (model, listing, signal, read) => {
      const leave = (): void => {
        if (coming.get(model) === listing) coming.delete(model);
      };
      coming.set(model, listing);
      signal.addEventListener('abort', leave);
      try {
        await run();
        await doubt();
        if (signal.aborted) throw canceled();
        return await read();
      } finally {
        signal.removeEventListener('abort', leave);
        setImmediate(leave); // the model has taken the listing by then
      }
    },
    ready: run,
    isJoined: () => joined.length > 0,
    doubts: (view) => (doubted?.of === JSON.stringify(view) ? doubted.ids.map(nameOf) : []),
    copiesOf: async ({ model }, cid) => {
      const { openListing } = model;
      if (!openListing || joined.length === 0) return {};
      return worker.request('copiesOf', { table: openListing.opened.table, cid }, { signal: stop.signal });
    },
    nameOf,
    wordOf,
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      clearTimeout(timer);
      stop.abort();
      listeners.clear();
      void close();
    },
  };
}

/** What is known of a source. Of one that nobody named nothing being found means that it has no pins. */
function sourceQuery({ source, model }: SourceList, listing: Listing | undefined): JoinSourceQuery {
  const { capabilities } = source;
  const one = { id: source.id, partOf: capabilities.partOf?.id };
  const { error } = model.state;
  if (!listing)
    return { ...one, unknown: capabilities.hiddenWhenMissing && IpfsKitError.is(error, 'missing') ? undefined : 'list' };
  const { table, statuses, atMost } = listing.opened;
  if (listing.incomplete === 'receiving') return { ...one, unknown: 'list' };
  if (listing.incomplete === undefined && atMost === 0) return one;
  return { ...one, table, unknown: listing.incomplete ? 'list' : statuses === 'unasked' ? 'statuses' : undefined };
}

function textOf(sources: readonly JoinSourceQuery[] | undefined): string | undefined {
  return sources && JSON.stringify(sources);
}

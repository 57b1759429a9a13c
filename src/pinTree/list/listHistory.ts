import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import { isEndByAnother, isEndOfThread } from '../../base/threadHandle';
import type { HistoryPlace, Part } from '../../history/historyContract';
import type { Listing } from '../../pinSource/listing';
import { newerUnread } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import { hasStatuses } from './failedPins';
import type { PinLists } from './pinLists';
import type { SourceList } from './sourceList';

/** Pins that a source doesn't have any more, and that weren't removed from here. */
export interface LostPins {
  readonly list: SourceList;
  readonly lost: Part;
  /** When the list came that had them; ms since 1970. */
  readonly sinceMs: number;
}

/** Keeps the lists of the view in their history, each once, when it came whole and nothing else is done with it. Plain Node. */
export interface ListHistory extends Disposable {
  /** To be called when pins of a list were removed from here: they aren't lost when the next list doesn't have them. */
  removed(list: SourceList, cids: readonly string[]): void;
  /** To be called when pins were pinned here. */
  restored(list: SourceList, cids: readonly string[]): void;
  /** Where the history of a list is kept; undefined where that isn't known, because it hasn't been listed, or has none. */
  placeOf(list: SourceList): HistoryPlace | undefined;
  /** To be called when the setting has changed: stops at once where it is off. */
  settingChanged(): void;
  /** The listener is called once for each loss, and at most three times a day for each source. */
  onLost(listener: (lost: LostPins) => void): Disposable;
  /** A list has been kept, or nothing had to be. */
  onKept(listener: (list: SourceList) => void): Disposable;
}

interface Parts {
  readonly worker: PinWorkerHandle;
  readonly lists: PinLists;
  readonly folder: string;
  /** Whether lists are kept (setting). */
  readonly isOn: () => boolean;
  /** Receives lines for the log. */
  readonly note: (line: string) => void;
  /** Time in ms from a change of a list to its being kept: its rows are drawn then, and the lists are joined. */
  readonly settleMs?: number;
}

const SETTLE_MS = 1500;
/** A list is kept again only after it has rested this many times as long as keeping it took. */
const REST = 20;
/** The most pins that are remembered as removed from here, for each source. */
const MOST_REMOVED = 10_000;
/** The most warnings about one source in a day: a service may lose its pins and find them each minute. The history has the others. */
const MOST_WARNINGS = 3;
const DAY_MS = 86_400_000;
/** The most rows that a loss gives. */
const MOST_LOST = 100;

export function createListHistory({ worker, lists, folder, isOn, note, settleMs = SETTLE_MS }: Parts): ListHistory {
  const lostListeners = new Set<(lost: LostPins) => void>();
  const keptListeners = new Set<(list: SourceList) => void>();
  const removedOf = new Map<string, Set<string>>();
  /** The last listing of each list that was kept, and when the next one may be. */
  const kept = new WeakMap<SourceList, { readonly listing: Listing; readonly nextMs: number }>();
  const noted = new Set<string>();
  /** When the last warnings about each source were given, at most MOST_WARNINGS, by a clock that can't be set. */
  const toldOf = new Map<string, readonly number[]>();
  let stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  let dueMs = Infinity;
  let isRunning = false;
  let isDisposed = false;
  /** Keeping a list has ended the thread of the worker, and probably would again. */
  let isHalted = false;

  const lookIn = (ms: number): void => {
    if (isDisposed || isHalted || !isOn() || dueMs <= performance.now() + ms) return;
    clearTimeout(timer);
    dueMs = performance.now() + ms;
    timer = setTimeout(() => void look(), ms).unref();
  };
  const look = async (): Promise<void> => {
    dueMs = Infinity;
    if (isRunning) return lookIn(settleMs);
    isRunning = true;
    for (const list of lists.expected()) await keepIfDue(list);
    isRunning = false;
  };

  const keepIfDue = async (list: SourceList): Promise<void> => {
    const { openListing, state } = list.model;
    if (stop.signal.aborted || isHalted || !isOn() || state.busy || !openListing || !isWhole(openListing)) return;
    const before = kept.get(list);
    if (before?.listing === openListing) return;
    const restMs = (before?.nextMs ?? 0) - performance.now();
    if (restMs > 0) return lookIn(restMs);
    const began = performance.now();
    try {
      await keep(list, openListing);
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled', 'closed', 'busy')) return; // the next list is kept
      const why = `The history of ${list.source.name} couldn't be kept: ${IpfsKitError.from(error).message}`;
      if (!noted.has(why)) note(why);
      noted.add(why);
      isHalted = isEndOfThread(error) && !isEndByAnother(error);
    }
    kept.set(list, { listing: openListing, nextMs: performance.now() + REST * (performance.now() - began) });
    for (const listener of keptListeners) listener(list);
  };

  const keep = async (list: SourceList, listing: Listing): Promise<void> => {
    const { source } = list;
    const { opened, freshness } = listing;
    const removed = removedOf.get(source.id);
    const query = {
      ...placeIn(folder, list, listing),
      table: opened.table,
      atMs: freshness === 'live' ? Date.now() : opened.asOfMs,
      withStatuses: hasStatuses(listing) && !opened.statusesMissing,
      removed: [...(removed ?? [])],
      limit: MOST_LOST,
    };
    const { written, sinceMs, lost, removed: gone } = await worker.request('keepHistory', query, { signal: stop.signal });
    for (const cid of gone) removed?.delete(cid);
    if (written === 'restart') note(`The last list of ${source.name} was damaged. Its history goes on from now.`);
    // Files are replaced and moved all the time: what is gone from a folder isn't lost.
    if (lost.count === 0 || sinceMs === undefined || source.entries) return;
    const now = performance.now();
    const told = (toldOf.get(source.id) ?? []).filter((ms) => now - ms < DAY_MS);
    if (told.length === MOST_WARNINGS) return;
    toldOf.set(source.id, [...told, now]);
    if (told.length === MOST_WARNINGS - 1)
      note(`${source.name} has lost pins ${MOST_WARNINGS} times. Until tomorrow only its history says so.`);
    for (const listener of lostListeners) listener({ list, lost, sinceMs });
  };

  const changes = lists.onDidChange((_list, group) => group ?? lookIn(settleMs));
  return {
    removed: ({ source }, cids) => {
      const removed = removedOf.get(source.id) ?? new Set();
      removedOf.set(source.id, removed);
      for (const cid of cids) removed.add(cid);
      for (const cid of removed) {
        if (removed.size <= MOST_REMOVED) break;
        removed.delete(cid);
      }
    },
    restored: ({ source }, cids) => {
      for (const cid of cids) removedOf.get(source.id)?.delete(cid);
    },
    placeOf: (list) => {
      const { listing } = list.model.state;
      return listing && isKeptAtAll(listing) ? placeIn(folder, list, listing) : undefined;
    },
    settingChanged: () => {
      if (isOn()) return lookIn(0);
      stop.abort();
      stop = new AbortController();
      clearTimeout(timer);
      dueMs = Infinity;
    },
    onLost: (listener) => listening(lostListeners, listener),
    onKept: (listener) => listening(keptListeners, listener),
    dispose: () => {
      isDisposed = true;
      changes.dispose();
      clearTimeout(timer);
      stop.abort();
      lostListeners.clear();
      keptListeners.clear();
    },
  };
}

function listening<Listener>(listeners: Set<Listener>, listener: Listener): Disposable {
  listeners.add(listener);
  return { dispose: () => void listeners.delete(listener) };
}

/** Neither the sample nor the saved copy of an earlier list is a new list. */
function isKeptAtAll({ freshness }: Listing): boolean {
  return freshness === 'live' || freshness === 'snapshot';
}

/** Whether a list is all that its source has, as far as that can be known. Whatever is missing in another list would look as if it was gone. */
function isWhole(listing: Listing): boolean {
  const { incomplete, opened } = listing;
  const isRead = incomplete === undefined && !opened.incomplete && !opened.namesMissing && opened.leftOut === undefined;
  return isKeptAtAll(listing) && isRead && newerUnread(opened).length === 0;
}

function placeIn(folder: string, { source }: SourceList, { freshness, identity, opened }: Listing): HistoryPlace {
  return { folder, source: JSON.stringify([source.id, freshness, identity ?? opened.location]), of: source.id };
}

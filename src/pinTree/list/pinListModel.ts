import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import { isEndOfThread } from '../../base/threadHandle';
import type { GroupNode } from '../../columns/groupLevel';
import type { ListingSources } from '../../pinSource/ipfsKitListing';
import type { Listing } from '../../pinSource/listing';
import { closeListing } from '../../pinSource/listing';
import type { PinSource } from '../../pinSource/pinSource';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { ListView } from './listView';
import { createOpenGroups } from './openGroups';
import type { PinLevel } from './pinLevel';
import { countPins, MORE, NO_ROWS, readLevel, readTop } from './pinLevel';
import type { Asked, Effect, ListEvent, Open, PinListState, Work } from './pinListState';
import { firstState, isDone, publicState, worksOf } from './pinListState';
import { next } from './pinListTransition';

export { MORE } from './pinLevel';
export type { PinListState } from './pinListState';

/** What takes longer shows that it is at work. */
const QUIET_MS = 500;

export interface PinListModel {
  readonly state: PinListState;
  /** How the list is wanted; the rows follow. */
  readonly view: ListView;
  /**
   * Asks daemon and disk again; a later call replaces an earlier one. `again`: a person asks, so that a list is read also where that has stopped a thread.
   * Never rejects: what went wrong is in the state.
   */
  list(sources?: ListingSources, again?: boolean): Promise<void>;
  /** Reads the disk anew, quietly: the daemon is not asked again, and what is shown stays until the new rows are there. */
  relist(): Promise<void>;
  /** Leaves it at what has come so far. */
  stopListing(): void;
  /** Its place is gone: neither rows nor error, and no table in the worker. */
  forget(): void;
  /** Shows the same pins otherwise; a later call replaces an earlier one. Never rejects. */
  setView(view: ListView): Promise<void>;
  /** The rows of a group. Never rejects: where they are not to be had, the list is told anew. */
  rowsOf(group: GroupNode): Promise<PinLevel>;
  /** Adds the next rows, of a group or at the top. */
  showMore(group?: GroupNode): Promise<void>;
  /** `group`: only its rows have changed. */
  onDidChange(listener: (group?: GroupNode) => void): Disposable;
  dispose(): void;
}

export interface PinListModelOptions {
  readonly worker: PinWorkerHandle;
  readonly source: Pick<PinSource, 'open'>;
  /** How the list is wanted at first. */
  readonly view?: ListView;
}

/** The list behind the view: carries out what pinListTransition.ts decides, and tells it what came of it. Plain Node, so that it can be tried without an editor. */
export function createPinListModel({ worker: thread, source, view = {} }: PinListModelOptions): PinListModel {
  let state = firstState(view);
  let told = publicState(state);
  const underWay = new Map<Work, AbortController>();
  const waiting = new Map<() => void, Asked>();
  const listeners = new Set<(group?: GroupNode) => void>();
  /** Of the rows that are shown: what is asked about their groups ends with them. */
  let showing = new AbortController();

  const worker: PinWorkerHandle = {
    ...thread,
    request: (operation, params, options) =>
      thread.request(operation, params, options).catch((error: unknown) => {
        if (isEndOfThread(error)) take({ on: 'threadEnded', error: notRepeated(IpfsKitError.from(error)) });
        throw error;
      }),
  };

  const tell = (group?: GroupNode): void => {
    for (const listener of listeners) listener(group);
  };

  /** Listeners are told last: what they ask for is an event of its own, and finds all of this one done. */
  const take = (event: ListEvent): void => {
    const { state: after, effects } = next(state, event);
    state = after;
    for (const effect of effects) perform(effect);
    for (const [resolve, asked] of waiting) {
      if (!isDone(state, asked)) continue;
      waiting.delete(resolve);
      resolve();
    }
  };

  const perform = (effect: Effect): void => {
    switch (effect.do) {
      case 'begin':
        return void carryOut(effect.work);
      case 'abort':
        underWay.get(effect.work)?.abort();
        return void underWay.delete(effect.work);
      case 'close':
        return void closeListing(worker, effect.listing);
      case 'renewGroups':
        showing.abort();
        showing = new AbortController();
        return openGroups.forget(told.view.group !== publicState(state).view.group);
      case 'tell':
        told = publicState(state);
        return tell();
    }
  };

  const carryOut = async (work: Work): Promise<void> => {
    if (!worksOf(state).includes(work)) return; // work that began just before has changed the state
    const controller = new AbortController();
    underWay.set(work, controller);
    const slow = setTimeout(() => take({ on: 'slow', of: work }), QUIET_MS);
    try {
      take(await outcomeOf(work, controller.signal));
    } catch (error) {
      take({ on: 'failed', of: work, error: IpfsKitError.from(error) });
    } finally {
      clearTimeout(slow);
    }
  };

  const outcomeOf = async (work: Work, signal: AbortSignal): Promise<ListEvent> => {
    switch (work.do) {
      case 'open':
        return { on: 'opened', of: work, listing: await open(work, signal) };
      case 'read': {
        const { listing, view, limits } = work;
        return { on: 'read', of: work, ...(await readTop(worker, { table: listing.opened.table, view }, limits, signal)) };
      }
      case 'count':
        return { on: 'counted', of: work, ...(await countPins(worker, work, signal)) };
      case 'add':
        return { on: 'added', of: work, rows: await readLevel(worker, work, work.limits, signal, work.before) };
    }
  };

  const open = (of: Open, signal: AbortSignal): Promise<Listing> => {
    const { quiet, from, again, statuses, daemon } = of;
    if (quiet) return source.open({ worker, signal, ...(daemon && { daemon }) });
    return source.open({
      worker,
      signal,
      statuses,
      again,
      ...(from && { from }),
      onDaemon: (answer) => take({ on: 'probed', of, daemon: answer }),
      beforeLive: () => take({ on: 'releasing', of }),
      onInterim: (listing) => take({ on: 'interim', of, listing }),
    });
  };

  const openGroups = createOpenGroups(async (parent, wanted, before = NO_ROWS) => {
    const { shown } = state;
    if (shown.is !== 'rows' || shown.isGone) return before;
    const { origin, listing, view, fuzzy } = shown;
    try {
      const of = { table: listing.opened.table, view, fuzzy, parent };
      return await readLevel(worker, of, wanted, showing.signal, before);
    } catch (error) {
      take({ on: 'groupFailed', of: origin, error: IpfsKitError.from(error) });
      return before;
    }
  });

  /** Resolves when what was asked for is there, or can't be had. */
  const ask = (event: ListEvent & { on: Asked }): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(resolve, event.on);
      take(event);
    });

  return {
    get state() {
      return told;
    },
    get view() {
      return state.wanted;
    },
    list: (from, again) => ask({ on: 'list', from, again }),
    relist: () => ask({ on: 'relist' }),
    stopListing: () => take({ on: 'stop' }),
    forget: () => take({ on: 'forget' }),
    setView: (wanted) => ask({ on: 'view', view: wanted }),
    rowsOf: (group) => openGroups.rowsOf(group),
    showMore: async (group) => {
      if (!group) return ask({ on: 'more' });
      if (await openGroups.more(group, MORE)) tell(group);
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      take({ on: 'dispose' });
      showing.abort();
      listeners.clear();
    },
  };
}

function notRepeated({ message }: IpfsKitError): IpfsKitError {
  return new IpfsKitError('not-repeated', `${message} The list isn't read again automatically. Refresh to read it again.`);
}

import type { Disposable } from '../../base/disposable';
import { IpfsKitError } from '../../base/ipfsKitError';
import { isEndOfThread } from '../../base/threadHandle';
import type { GroupNode } from '../../columns/groupLevel';
import type { ListingSources } from '../../pinSource/ipfsKitListing';
import { asksJoin } from '../../pin/joinQuery';
import type { Pin } from '../../pin/pin';
import type { SoughtPin } from '../../pin/soughtPin';
import type { Listing } from '../../pinSource/listing';
import { closeListing } from '../../pinSource/listing';
import type { PinSource } from '../../pinSource/pinSource';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { PinPlace } from '../../pinWorker/protocol';
import { countFailed } from './failedPins';
import type { ListView } from './listView';
import type { NewRows } from './newRows';
import { createNewRows, MOST_NEW } from './newRows';
import { createOpenGroups } from './openGroups';
import type { Move, PinLevel } from './pinLevel';
import { countPins, filterOf, readLevel, readTop } from './pinLevel';
import type { Asked, Effect, ListEvent, Open, PinListState, Read, Size, Work } from './pinListState';
import { firstState, isAtRest, isBySize, isDone, openListing, publicState, worksOf } from './pinListState';
import { next } from './pinListTransition';

export type { PinListState } from './pinListState';

/** Quiet work that takes longer than this, in ms, shows progress. */
const QUIET_MS = 500;
/** Time in ms for which rows that are sorted by size stay in their places while sizes arrive. */
const SETTLED_MS = 2000;

export interface PinListModel {
  readonly state: PinListState;
  /** The view that is wanted; `state.view` follows once its rows are read. */
  readonly view: ListView;
  /** The listing whose rows are shown, while its table is open. */
  readonly openListing: Listing | undefined;
  /**
   * Lists the source again; a later call replaces an earlier one. `again`: the user asked, so the list is read even if reading it has ended a worker thread
   * before. Never rejects: an error is in the state.
   */
  list(sources?: ListingSources, again?: boolean): Promise<void>;
  /** Reads the disk again without progress. The daemon isn't probed again, and the rows stay until the new ones are read. */
  relist(): Promise<void>;
  /**
   * Lists the source again without progress, if it is listed live, and nothing else is under way. The rows stay until the new ones are read; pins that are new
   * then are marked.
   */
  refresh(): void;
  /** Whether nothing is under way, so that the source may be listed again silently. */
  readonly isIdle: boolean;
  /** To be called when something begins that uses or changes the pins of the list: the source isn't listed silently until the result is called. */
  readonly hold: () => () => void;
  /** The pins that have come with silent lists and haven't been looked at. */
  readonly newRows: Pick<NewRows, 'since' | 'look'>;
  /** Stops reading the list. The rows that have been read stay. */
  stopListing(): void;
  /** Drops rows and error and closes the table, because the source is no longer in the view. */
  forget(): void;
  /** Changes filter, order or groups; a later call replaces an earlier one. Never rejects. */
  setView(view: ListView): Promise<void>;
  /** The rows of a group. Never rejects: where they can't be read, the source is listed again. */
  rowsOf(group: GroupNode): Promise<PinLevel>;
  /** To be called when what the lists know of each other has changed: reads the rows again where they depend on it. */
  joined(): void;
  /** Asks for the sizes of however many pins. */
  askSizes(): void;
  /** Failed pins that the source has to be asked for are counted only while the view is visible. */
  setVisible(visible: boolean): void;
  /** Shows other rows, of a group or at the top; by default more of those that follow. */
  showMore(group?: GroupNode, move?: Move): Promise<void>;
  /** Finds a pin in the tree of the list; undefined where the filter leaves it out. Rejects with IpfsKitError where the list can't be read now. */
  placeOf(pin: SoughtPin, signal: AbortSignal): Promise<PinPlace | undefined>;
  /** `group`: only the rows of this group have changed. */
  onDidChange(listener: (group?: GroupNode) => void): Disposable;
  dispose(): void;
}

export interface PinListModelOptions {
  readonly worker: PinWorkerHandle;
  readonly source: Pick<PinSource, 'open' | 'askSizes' | 'countFailed' | 'entries'> & Partial<Pick<PinSource, 'capabilities'>>;
  /** The first view. */
  readonly view?: ListView;
  /** Reads rows that depend on the lists of other sources, once the listing is joined with those. Rejects as `read` does. */
  readonly joinFirst?: <T>(listing: Listing, signal: AbortSignal, read: () => Promise<T>) => Promise<T>;
}

/**
 * The list behind the view. pinListTransition.ts decides what to do after each event; this performs it and reports the outcome as the next event. Plain
 * Node, so that tests need no editor.
 */
export function createPinListModel({ worker: thread, source, view = {}, joinFirst }: PinListModelOptions): PinListModel {
  let state = firstState(view);
  let published = publicState(state);
  const underWay = new Map<Work, AbortController>();
  const waiting = new Map<() => void, Asked>();
  const listeners = new Set<(group?: GroupNode) => void>();
  const newRows = createNewRows();
  let held = 0;
  /** Aborts the requests for groups of the rows that are shown, once other rows replace them. */
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

  /** Listeners are called last: anything that they request is the next event, and this one is complete by then. */
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
        return openGroups.forget(published.view.group !== publicState(state).view.group);
      case 'tell':
        published = publicState(state);
        return tell();
    }
  };

  const carryOut = async (work: Work): Promise<void> => {
    if (!worksOf(state).includes(work)) return; // an effect of the same event has changed the state meanwhile
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
        const { listing, view, order, limits } = work;
        if (work.quiet === 'silent') await prepare(work, signal);
        const { table } = listing.opened;
        const read = (): ReturnType<typeof readTop> => readTop(worker, { table, view, order }, limits, signal);
        const isJoined = joinFirst !== undefined && asksJoin(view);
        const { rows, fuzzy } = await (isJoined ? joinFirst(listing, signal, read) : read());
        const mayBeSame = isJoined || (work.quiet === 'silent' && source.capabilities?.statuses !== 'asked');
        return { on: 'read', of: work, rows: mayBeSame ? drawnAlready(rows, published, work) : rows, fuzzy };
      }
      case 'count':
        return { on: 'counted', of: work, ...(await countPins(worker, work, signal)) };
      case 'countFailed':
        return {
          on: 'countedFailed',
          of: work,
          failed: await (work.asks ? source.countFailed?.(signal) : countFailed(worker, work.table, signal)),
        };
      case 'add':
        return { on: 'added', of: work, rows: await readLevel(worker, work, work.limits, signal, work.before) };
      case 'size':
        return { on: 'sized', of: work, ...(await sizesOf(work, signal)) };
    }
  };

  /** Before a silent list is shown: marks what is new in it, and asks for as many sizes as the old one has where they decide the order of the rows. */
  const prepare = async ({ listing, view }: Read, signal: AbortSignal): Promise<void> => {
    const before = openListing(state);
    if (!before || before === listing) return; // a long list isn't kept beside the new one
    const { table, sizes } = listing.opened;
    const query = { table, before: before.opened.table, areEntries: source.entries !== undefined, most: MOST_NEW };
    newRows.add(await worker.request('newPins', query, { signal }).catch(() => []));
    const { sized = 0 } = published.sizes ?? {};
    let asked = 0;
    const onAsked = (pins: number): void => void (asked += pins);
    if (sizes === 'asked' && isBySize(view) && sized > 0)
      await source
        .askSizes?.({ worker, signal, table, of: filterOf(view, published.fuzzy), onAsked, isEnough: () => asked >= sized })
        .catch(() => undefined);
  };

  const sizesOf = async (work: Size, signal: AbortSignal): Promise<Pick<ListEvent & { on: 'sized' }, 'total' | 'hasMore'>> => {
    const { table, view, fuzzy, asks, known } = work;
    const of = filterOf(view, fuzzy);
    const began = performance.now();
    let asked = 0;
    const onAsked = (pins: number): void => take({ on: 'sizing', of: work, asked: (asked += pins) });
    const isEnough = (): boolean => isBySize(view) && asked >= known && performance.now() - began > SETTLED_MS;
    const hasMore = asks && (await source.askSizes?.({ worker, signal, table, of, onAsked, isEnough })) === true;
    return { hasMore, total: await worker.request('total', { table, of }, { signal }) };
  };

  const open = (of: Open, signal: AbortSignal): Promise<Listing> => {
    const { quiet, from, again, statuses, daemon } = of;
    if (quiet === true) return source.open({ worker, signal, daemon });
    return source.open({
      worker,
      signal,
      statuses,
      again,
      from,
      onDaemon: (answer) => take({ on: 'probed', of, daemon: answer }),
      beforeLive: () => take({ on: 'releasing', of }),
      onInterim: quiet ? undefined : (listing) => take({ on: 'interim', of, listing }),
    });
  };

  const openGroups = createOpenGroups(async (parent, wanted, before) => {
    const { shown, run } = state;
    if (shown.is !== 'rows' || (shown.isGone && run)) return undefined;
    const { origin, listing, view, order, fuzzy } = shown;
    try {
      const of = { table: listing.opened.table, view, order, fuzzy, parent };
      return await readLevel(worker, of, wanted, showing.signal, before);
    } catch (error) {
      take({ on: 'groupFailed', of: origin, error: IpfsKitError.from(error) });
      return undefined;
    }
  });

  const hold = (): (() => void) => {
    let isHeld = true;
    held++;
    return () => {
      if (isHeld) held--;
      isHeld = false;
    };
  };

  /** Takes the event, and resolves when it is done or has failed. */
  const ask = (event: ListEvent & { on: Asked }): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(resolve, event.on);
      take(event);
    });

  return {
    get state() {
      return published;
    },
    get view() {
      return state.wanted;
    },
    get openListing() {
      return openListing(state);
    },
    list: (from, again) => {
      if (again) newRows.clear();
      return ask({ on: 'list', from, again });
    },
    refresh: () => {
      if (held === 0) take({ on: 'refresh' });
    },
    get isIdle() {
      return held === 0 && isAtRest(state);
    },
    hold,
    newRows,
    relist: () => ask({ on: 'relist' }),
    stopListing: () => take({ on: 'stop' }),
    forget: () => take({ on: 'forget' }),
    setView: (wanted) => ask({ on: 'view', view: wanted }),
    rowsOf: (group) => openGroups.rowsOf(group),
    joined: () => take({ on: 'joined' }),
    askSizes: () => take({ on: 'sizes' }),
    setVisible: (isSeen) => take({ on: 'seen', isSeen }),
    showMore: async (group, move = { to: 'after' }) => {
      if (!group) return ask({ on: 'more', move });
      if (await openGroups.move(group, move)) tell(group);
    },
    placeOf: async (pin, signal) => {
      const { listing, view, order, fuzzy } = published;
      if (!listing) throw new IpfsKitError('missing', 'No pins are listed yet.');
      const release = hold();
      const query = { ...view, sort: order, fuzzy };
      return worker.request('place', { table: listing.opened.table, pin, query }, { signal }).finally(release);
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

/**
 * The same pins as those that are shown, where they are equal: after a join or a silent list few rows are others, and rows that are drawn again ask for their
 * facts again. The rows of groups have to be drawn again for what is in them.
 */
function drawnAlready(rows: PinLevel, { rows: shown, listing, view }: PinListState, of: Read): PinLevel {
  if ((of.quiet !== 'silent' && listing?.opened.table !== of.listing.opened.table) || view !== of.view) return rows;
  if (rows.groups.length + shown.groups.length > 0) return rows;
  return areSame(rows.pins, shown.pins) ? { ...rows, pins: shown.pins, groups: shown.groups } : rows;
}

/** The most characters of pins that are compared: some milliseconds of the editor's thread. What a service says of one pin may be long. */
const MOST_COMPARED = 500_000;

/** Whether pins are equal; false where they are too long to be compared. */
function areSame(some: readonly Pin[], others: readonly Pin[]): boolean {
  let left = MOST_COMPARED;
  return (
    some.length === others.length &&
    some.every((pin, at) => {
      const text = JSON.stringify(pin);
      left -= text.length;
      return left >= 0 && text === JSON.stringify(others[at]);
    })
  );
}

function notRepeated({ message }: IpfsKitError): IpfsKitError {
  return new IpfsKitError('not-repeated', `${message} IPFS Kit won't read this list again automatically. Refresh to try again.`);
}

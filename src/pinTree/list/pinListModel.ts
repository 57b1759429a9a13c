import type { Disposable } from '../../base/disposable';
import type { Probe } from '../../daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { PinFilter } from '../../pin/pinQuery';
import { DEFAULT_PAGE, MAX_PAGE } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import type { ListingSources } from '../../pinSource/ipfsKitListing';
import type { Listing } from '../../pinSource/listing';
import { closeListing } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { PinSource } from '../../pinSource/pinSource';
import type { ListView } from './listView';
import { needsStatuses } from '../../pin/statusFilter';
import { lacksStatuses } from './listView';
import { isEndOfThread } from '../../base/threadHandle';
import { createOpenGroups, FIRST_ROWS } from './openGroups';
import type { PinLevel, Wanted } from './pinLevel';
import { NO_ROWS, readLevel, readTop } from './pinLevel';

/** What takes longer shows that it is at work. */
const QUIET_MS = 500;

/** How many rows "Show more" adds. */
export const MORE = 500;

/** What the view shows. Rows, error and listing always belong together. */
export interface PinListState {
  /** True from the first question until the final answer; rows from disk, or the first of a daemon, may be there before. */
  readonly busy: boolean;
  /** How the rows are shown. */
  readonly view: ListView;
  /** True where nothing holds the filter as it is, and the rows are what resembles it. */
  readonly fuzzy: boolean;
  /** The topmost rows: pins, or groups. */
  readonly rows: PinLevel;
  /** How many pins match the filter, and how many there are; undefined while they are being counted. */
  readonly matching?: number;
  readonly total?: number;
  readonly listing?: Listing;
  readonly error?: IpfsKitError;
  /** What the daemon answered when the rows, or the error, were asked for. */
  readonly daemon?: Probe;
}

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

interface Showing {
  /** False while another listing is to replace this one. */
  readonly final: boolean;
  /** What is shown stays as it is until the new rows are there, numbers included. */
  readonly quiet?: boolean;
  /** From the first row, however many are shown. */
  readonly fromFirst?: boolean;
}

interface WantedRows {
  readonly view: ListView;
  readonly rows: PinLevel;
  readonly fuzzy: boolean;
}

/** What may have been wrong with the view rather than with the list. */
const OF_VIEW = ['timeout', 'too-large', 'internal'] as const;

/** The list behind the view: plain Node, so that it can be tried without an editor. */
export function createPinListModel({ worker: thread, source, view: firstView = {} }: PinListModelOptions): PinListModel {
  /** Why the list isn't read before a person asks for it: something that was asked for it has ended the thread, and would do so again. */
  let halted: IpfsKitError | undefined;
  const worker: PinWorkerHandle = {
    ...thread,
    request: (operation, params, options) =>
      thread.request(operation, params, options).catch((error: unknown) => {
        if (isEndOfThread(error)) halted = notRepeated(IpfsKitError.from(error));
        throw error;
      }),
  };
  let wantedView = firstView;
  let state: PinListState = { busy: false, view: firstView, fuzzy: false, rows: NO_ROWS };
  let current: AbortController | undefined;
  /** What is under way brings statuses, too. */
  let withStatuses = false;
  /** Of the rows that are shown: what is asked about them ends with them. */
  let showing = new AbortController();
  let underWay: Promise<unknown> = Promise.resolve();
  let addingRows = false;
  /** It waits for what is under way; whoever asks meanwhile means the same. */
  let relisting: Promise<void> | undefined;
  /** Its table is closed already, to make room for the one that replaces it. */
  let released: number | undefined;
  /** The rows that are being read to be shown. */
  let reading: { readonly restart: () => void; readonly done: Promise<void> } | undefined;
  /** The table of which a group could not be read, so that the list was told anew. */
  let toldAnewFor: number | undefined;
  const listeners = new Set<(group?: GroupNode) => void>();

  const tell = (group?: GroupNode): void => {
    for (const listener of listeners) listener(group);
  };
  const become = (next: PinListState): void => {
    const before = state.listing;
    state = next;
    tell();
    const table = before?.opened.table;
    if (before && table !== next.listing?.opened.table && table !== released) void closeListing(worker, before);
  };

  const isLacking = (listing: Listing): boolean => lacksStatuses(listing, wantedView);

  const isShown = ({ opened }: Listing): boolean => state.listing?.opened.table === opened.table;

  /** The daemon's last answer within the listing under way. */
  let probed: Probe | undefined;
  const answered = (): Pick<PinListState, 'daemon'> => (probed ? { daemon: probed } : {});

  const fail = (error: unknown): void => {
    showing.abort();
    become({ busy: false, view: wantedView, fuzzy: false, rows: NO_ROWS, error: IpfsKitError.from(error), ...answered() });
  };

  /** As many rows as are shown now, of the same kind. */
  const asMany = ({ group }: ListView): Wanted => {
    const { groups, pins } = group === state.view.group ? state.rows : NO_ROWS;
    const most = (shown: number): number => Math.min(Math.max(shown, DEFAULT_PAGE), MAX_PAGE);
    return { groups: most(groups.length), pins: most(pins.length) };
  };

  /** Reads the rows as they are wanted now, and anew when they are wanted otherwise meanwhile. Undefined once `stop` is aborted. */
  const readWanted = async (table: number, fromFirst: boolean, stop: AbortSignal): Promise<WantedRows | undefined> => {
    const limitsNow = (): Wanted => (fromFirst ? FIRST_ROWS : asMany(wantedView));
    let again = new AbortController();
    let finish = (): void => undefined;
    const mine = { restart: () => again.abort(), done: new Promise<void>((resolve) => (finish = resolve)) };
    reading = mine;
    try {
      for (;;) {
        again = new AbortController();
        const view = wantedView;
        const limits = limitsNow();
        try {
          const top = await readTop(worker, { table, view }, limits, AbortSignal.any([stop, again.signal]));
          if (stop.aborted) return undefined;
          if (view === wantedView && !isMore(limitsNow(), limits)) return { view, ...top };
        } catch (error) {
          if (stop.aborted) return undefined;
          if (!again.signal.aborted) throw error;
        }
      }
    } finally {
      if (reading === mine) reading = undefined;
      setImmediate(finish); // what has been read is shown by then
    }
  };

  /** Puts the rows of a listing in place of what is shown; gives what is left to do: to count. Undefined where something else is to be shown by now. */
  const show = async (listing: Listing, how: Showing, signal?: AbortSignal): Promise<(() => Promise<void>) | undefined> => {
    const controller = new AbortController();
    showing.abort();
    showing = controller;
    // Of signals that outlive the list there must be none: each keeps what was made of it.
    const stop = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    let read: WantedRows | undefined;
    try {
      read = await readWanted(listing.opened.table, how.fromFirst === true, stop);
    } finally {
      if (!read && !isShown(listing)) void closeListing(worker, listing);
    }
    if (!read) return undefined;
    const { view, rows, fuzzy } = read;
    openGroups.forget(view.group !== state.view.group);
    const { filter, group } = view;
    const counted = group === undefined ? rows.pinTotal : undefined;
    const sameFilter = filter === state.view.filter && fuzzy === state.fuzzy;
    const matching = counted ?? (how.quiet && sameFilter ? state.matching : undefined);
    const total = (filter === undefined ? counted : undefined) ?? (how.quiet ? state.total : undefined);
    become({
      busy: how.final ? total === undefined && !how.quiet : current !== undefined,
      view,
      fuzzy,
      rows,
      listing: isShown(listing) && state.listing ? state.listing : listing,
      ...answered(),
      ...(matching !== undefined && { matching }),
      ...(total !== undefined && { total }),
    });
    return () => count(listing, counted, how, stop);
  };

  /** Rows first, then their number: counting a million rows takes longer than reading the first of them. */
  const count = async (listing: Listing, counted: number | undefined, { final }: Showing, stop: AbortSignal): Promise<void> => {
    const { view, fuzzy } = state;
    const { table } = listing.opened;
    const { filter } = view;
    const numberOf = (of: PinFilter): Promise<number> => worker.request('count', { table, of }, { signal: stop });
    let matching: number;
    let total: number;
    try {
      matching = counted ?? (await numberOf(filter === undefined ? {} : { filter, fuzzy }));
      total = filter === undefined ? matching : await numberOf({});
    } catch (error) {
      if (stop.aborted) return;
      throw error;
    }
    if (stop.aborted) return;
    const busy = !final && current !== undefined;
    const isKnown = state.matching === matching && state.total === total && state.rows.pinTotal !== undefined;
    if (isKnown && state.busy === busy) return;
    const rows = view.group === undefined ? { ...state.rows, pinTotal: matching } : state.rows;
    become({ ...state, busy, matching, total, rows });
  };

  const listNow = async (from?: ListingSources, again = false): Promise<void> => {
    if (halted && !again && !from) return state.error ? undefined : fail(halted);
    halted = undefined;
    current?.abort();
    const controller = new AbortController();
    current = controller;
    const { signal } = controller;
    const statuses = (withStatuses = needsStatuses(wantedView));
    probed = undefined;
    const onDaemon = (answer: Probe): void => {
      if (current === controller) probed = answer;
    };
    become({ ...state, busy: true });
    try {
      let interim: Promise<void> | undefined;
      const onInterim = (listing: Listing): void => {
        // The one before is not even there yet; and rows that are shown stay until those that replace them for good are there.
        const isLess = state.listing !== undefined && (listing.freshness !== 'live' || isLacking(listing));
        const isUseless = interim !== undefined || isLess;
        if (isUseless || signal.aborted) return void closeListing(worker, listing);
        interim = show(listing, { final: false }, signal)
          .then((countThem) => countThem?.())
          .catch(() => undefined)
          .finally(() => (interim = undefined));
      };
      const options = { worker, signal, onInterim, beforeLive: release, onDaemon, statuses };
      const listing = await source.open({ ...options, ...(from && { from }), ...(again && { again }) });
      if (isLacking(listing) && !statuses && !signal.aborted) {
        void closeListing(worker, listing); // it is wanted otherwise by now
        return await listNow(from, again);
      }
      const countThem = await show(listing, { final: true }, signal);
      if (current === controller) current = undefined;
      await countThem?.();
    } catch (error) {
      if (!signal.aborted) fail(error);
    } finally {
      if (current === controller) current = undefined;
    }
  };

  /** Two lists of a million pins need not be in memory at once: the old one gives way as soon as the daemon is about to send the new. */
  const release = (): void => {
    const { listing } = state;
    if (listing?.freshness !== 'live') return;
    released = listing.opened.table;
    void closeListing(worker, listing);
  };

  /** What is under way may have read the disk before it changed, and rows that are being added are to stay. */
  const relistAfter = async (): Promise<void> => {
    for (let waitedFor: Promise<unknown> | undefined; waitedFor !== underWay;) {
      waitedFor = underWay;
      await waitedFor;
    }
    relisting = undefined;
    await begin(relistNow());
  };

  const relistNow = async (): Promise<void> => {
    if (halted ?? state.listing?.freshness === 'live') return; // a live list is for the daemon to tell
    const controller = new AbortController();
    current = controller;
    const { signal } = controller;
    const { daemon } = state;
    probed = daemon;
    const slow = setTimeout(() => become({ ...state, busy: true }), QUIET_MS);
    try {
      const listing = await source.open({ worker, signal, ...(daemon && { daemon }) });
      const countThem = await show(listing, { final: true, quiet: true }, signal);
      if (current === controller) current = undefined;
      await countThem?.();
    } catch (error) {
      const stays = state.listing?.freshness === 'sample' && IpfsKitError.is(error, 'missing'); // it was asked for by hand
      if (signal.aborted) return;
      if (stays) become({ ...state, busy: false });
      else fail(error);
    } finally {
      clearTimeout(slow);
      if (current === controller) current = undefined;
    }
  };

  /** Undefined where there is nothing to ask for. */
  const askStatuses = (): Promise<void> | undefined =>
    state.listing && isLacking(state.listing) ? (current && withStatuses ? Promise.resolve() : listNow()) : undefined;

  /** `asIs`: with what is known of the pins by now. */
  const setViewNow = async (view: ListView, asIs = false): Promise<void> => {
    wantedView = view;
    tell();
    const asking = asIs ? undefined : askStatuses();
    if (asking) return asking;
    if (reading) {
      reading.restart();
      await reading.done;
      return askStatuses();
    }
    const { listing } = state;
    // It is listed as it is wanted now; and where it was the view that could not be had, another may be.
    if (!listing) return !current && state.error && IpfsKitError.is(state.error, ...OF_VIEW) ? listNow() : undefined;
    if (listing.opened.table === released) return current ? undefined : listNow();
    const slow = setTimeout(() => become({ ...state, busy: true }), QUIET_MS);
    try {
      const countThem = await show(listing, { final: !current, quiet: true, fromFirst: true });
      await countThem?.();
    } catch {
      if (isShown(listing) && !current) await listNow(); // the table is gone or has changed: the list is told anew
    } finally {
      clearTimeout(slow);
    }
  };

  /** Resolves when what is shown changes. */
  const nextChange = (): Promise<void> =>
    new Promise((resolve) => {
      const once = (): void => {
        listeners.delete(once);
        resolve();
      };
      listeners.add(once);
    });

  /** Also while a list is coming in: where another takes the place of the one that is shown, the rows are added to that. */
  const showMoreAtTop = async (): Promise<void> => {
    if (addingRows) return; // pressed twice
    addingRows = true;
    try {
      const { view } = state;
      while (state.view === view && !(await addRows()));
    } finally {
      addingRows = false;
    }
  };

  /** False where the list was replaced meanwhile. */
  const addRows = async (): Promise<boolean> => {
    while (reading) await reading.done; // of those that are about to be shown
    const { listing, rows, view, fuzzy, busy } = state;
    const { signal } = showing;
    if (!listing || signal.aborted) return true;
    const { table } = listing.opened;
    if (table === released) {
      if (!current) return true;
      await nextChange();
      return false;
    }
    if (!busy) become({ ...state, busy: true });
    const isOver = (): boolean => !isShown(listing) || signal.aborted;
    const limits = { groups: rows.groups.length + MORE, pins: rows.pins.length + MORE };
    try {
      const more = await readLevel(worker, { table, view, fuzzy }, limits, signal, rows);
      if (isOver()) return false;
      become({ ...state, busy: busy ? state.busy : current !== undefined, rows: more });
    } catch {
      if (isOver() || table === released) return false;
      await listNow();
    }
    return true;
  };

  const openGroups = createOpenGroups(async (group, wanted, before) => {
    const { listing, view, fuzzy } = state;
    if (!listing || listing.opened.table === released) return before ?? NO_ROWS;
    const { signal } = showing;
    try {
      return await readLevel(worker, { table: listing.opened.table, view, fuzzy, parent: group }, wanted, signal, before);
    } catch (error) {
      if (isShown(listing) && !signal.aborted) tellAnew(listing.opened.table, error);
      return before ?? NO_ROWS;
    }
  });

  /** The tree asks for open groups by itself: where one cannot be read, the list is told anew once, and not for ever. */
  const tellAnew = (table: number, error: unknown): void => {
    if (current || toldAnewFor === table) return;
    if (toldAnewFor !== undefined) return fail(error);
    toldAnewFor = table;
    void begin(listNow());
  };

  const showMoreOf = async (group: GroupNode): Promise<void> => {
    if (await openGroups.more(group, MORE)) tell(group);
  };

  const stopListing = (): void => {
    if (!current) return;
    current.abort();
    current = undefined;
    reading = undefined;
    const { listing } = state;
    if (!listing) return fail(new IpfsKitError('cancelled', 'Listing was stopped.'));
    const notes = ['Stopped while the list was coming in. Refresh to read it whole.'];
    const stopped = listing.incomplete === 'receiving' ? { ...listing, incomplete: 'broken-off' as const, notes } : listing;
    openGroups.forget(false); // rows of a group that were being read were left
    become({ ...state, busy: false, listing: stopped });
    if (wantedView !== state.view) void begin(setViewNow(wantedView, true));
    else if (state.total === undefined) void begin(count(stopped, undefined, { final: true }, showing.signal));
  };

  /** Never rejects. */
  const begin = (work: Promise<void>): Promise<void> => {
    const done = work.catch(() => undefined);
    underWay = Promise.all([underWay, done]).then(() => undefined); // what it gives would have in it all that was before
    return done;
  };

  return {
    get state() {
      return state;
    },
    get view() {
      return wantedView;
    },
    list: (from, again) => {
      toldAnewFor = undefined;
      return begin(listNow(from, again));
    },
    relist: () => {
      toldAnewFor = undefined;
      return (relisting ??= relistAfter());
    },
    stopListing,
    forget: () => {
      current?.abort();
      current = undefined;
      showing.abort();
      if (state.listing ?? state.error ?? state.busy) become({ busy: false, view: wantedView, fuzzy: false, rows: NO_ROWS });
    },
    setView: (view) => {
      toldAnewFor = undefined;
      return begin(setViewNow(view));
    },
    rowsOf: (group) => openGroups.rowsOf(group),
    showMore: (group) => begin(group ? showMoreOf(group) : showMoreAtTop()),
    onDidChange: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
    dispose: () => {
      current?.abort();
      showing.abort();
      listeners.clear();
    },
  };
}

function isMore(a: Wanted, b: Wanted): boolean {
  return a.groups > b.groups || a.pins > b.pins;
}

function notRepeated({ message }: IpfsKitError): IpfsKitError {
  return new IpfsKitError('not-repeated', `${message} The list isn't read again automatically. Refresh to read it again.`);
}

import type { Probe } from '../daemonClient/probe';
import { IpfsKitError } from '../ipfsKitError';
import type { Pin } from '../pin/pin';
import { DEFAULT_PAGE, MAX_PAGE } from '../pin/pinQuery';
import type { Listing, ListingSources } from '../pinIndex/listing';
import { closeListing, openListing } from '../pinIndex/listing';
import type { PinWorkerHandle } from '../pinIndex/pinWorkerHandle';

/** What takes longer shows that it is at work. */
const QUIET_MS = 500;

/** How many rows "Show more" adds. */
export const MORE = 500;

/** What the view shows. Rows, error and listing always belong together. */
export interface PinListState {
  /** True from the first question until the final answer; rows from disk may be there before. */
  readonly busy: boolean;
  readonly pins: readonly Pin[];
  /** Undefined while it is being counted. */
  readonly total?: number;
  readonly listing?: Listing;
  readonly error?: IpfsKitError;
  /** What the daemon answered when the rows, or the error, were asked for. */
  readonly daemon?: Probe;
}

export interface PinListModel {
  readonly state: PinListState;
  /** Asks daemon and disk anew; a later call replaces an earlier one. Never rejects: what went wrong is in the state. */
  list(sources?: ListingSources): Promise<void>;
  /** Reads the disk anew, quietly: the daemon is not asked again, and what is shown stays until the new rows are there. */
  relist(): Promise<void>;
  /** Adds the next rows. */
  showMore(): Promise<void>;
  onDidChange(listener: () => void): void;
  dispose(): void;
}

export interface PinListModelOptions {
  readonly worker: PinWorkerHandle;
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  readonly sources: () => ListingSources;
}

/** The list behind the view: plain Node, so that it can be tried without an editor. */
export function createPinListModel({ worker, probe, sources }: PinListModelOptions): PinListModel {
  let state: PinListState = { busy: false, pins: [] };
  let current: AbortController | undefined;
  let latestAdoption = 0;
  let underWay: Promise<void> = Promise.resolve();
  const listeners: (() => void)[] = [];

  const become = (next: PinListState): void => {
    const before = state.listing;
    state = next;
    for (const listener of listeners) listener();
    if (before && before !== next.listing) void closeListing(worker, before);
  };

  /** The daemon's last answer within the listing under way. */
  let probed: Probe | undefined;
  const answered = (): Pick<PinListState, 'daemon'> => (probed ? { daemon: probed } : {});

  /** Rows first, then their number: counting a million rows takes longer than reading the first of them. */
  const adopt = async (listing: Listing, final: boolean, signal: AbortSignal, quiet = false): Promise<void> => {
    const adoption = ++latestAdoption;
    const { table } = listing.opened;
    const stale = (): boolean => signal.aborted || adoption !== latestAdoption;
    try {
      const wanted = (): number => Math.min(Math.max(state.pins.length, DEFAULT_PAGE), MAX_PAGE);
      let limit = wanted();
      let pins = await worker.request('page', { table, query: { limit } }, { signal });
      while (limit < wanted() && !stale()) {
        limit = wanted(); // more rows were asked for meanwhile: they are to stay
        pins = await worker.request('page', { table, query: { limit } }, { signal });
      }
      if (stale()) return void closeListing(worker, listing);
      const complete = pins.length < limit;
      const total = complete ? pins.length : quiet ? state.total : undefined;
      become({
        busy: !final || (!complete && !quiet),
        pins,
        listing,
        ...answered(),
        ...(total !== undefined && { total }),
      });
      if (complete) return;
      const counted = await worker.request('count', { table, of: {} }, { signal });
      if (!stale()) become({ ...state, busy: !final, total: counted });
    } catch (error) {
      if (state.listing !== listing) void closeListing(worker, listing);
      if (!stale()) throw error;
    }
  };

  const listNow = async (from: ListingSources): Promise<void> => {
    current?.abort();
    const controller = new AbortController();
    current = controller;
    const { signal } = controller;
    probed = undefined;
    const asking = async (urls: readonly string[], stop?: AbortSignal): Promise<Probe> => {
      const answer = await probe(urls, stop);
      if (current === controller) probed = answer;
      return answer;
    };
    become({ ...state, busy: true });
    try {
      const onInterim = (listing: Listing): void => void adopt(listing, false, signal).catch(() => undefined);
      await adopt(await openListing(from, { worker, probe: asking, signal, onInterim }), true, signal);
    } catch (error) {
      if (signal.aborted) return;
      latestAdoption++;
      become({ busy: false, pins: [], error: IpfsKitError.from(error), ...answered() });
    } finally {
      if (current === controller) current = undefined;
    }
  };

  /** What is under way may have read the disk before it changed, and rows that are being added are to stay. */
  const settled = async (): Promise<void> => {
    for (let waitedFor: Promise<void> | undefined; waitedFor !== underWay;) {
      waitedFor = underWay;
      await waitedFor;
    }
  };

  const relistNow = async (): Promise<void> => {
    if (state.listing?.freshness === 'live') return; // the daemon tells what it lists
    const controller = new AbortController();
    current = controller;
    const { signal } = controller;
    const { daemon } = state;
    probed = daemon;
    const slow = setTimeout(() => become({ ...state, busy: true }), QUIET_MS);
    const same = daemon ? (): Promise<Probe> => Promise.resolve(daemon) : probe;
    try {
      await adopt(await openListing(sources(), { worker, probe: same, signal }), true, signal, true);
    } catch (error) {
      const stays = state.listing?.freshness === 'sample' && IpfsKitError.is(error, 'missing'); // it was asked for by hand
      if (signal.aborted) return;
      become(stays ? { ...state, busy: false } : { busy: false, pins: [], error: IpfsKitError.from(error), ...answered() });
    } finally {
      clearTimeout(slow);
      if (current === controller) current = undefined;
    }
  };

  const showMoreNow = async (): Promise<void> => {
    const { listing, pins } = state;
    if (!listing || state.busy) return;
    become({ ...state, busy: true });
    try {
      const more = await worker.request('page', { table: listing.opened.table, query: { offset: pins.length, limit: MORE } });
      if (state.listing !== listing) return; // a refresh came in between
      const short = more.length < MORE ? { total: pins.length + more.length } : {};
      become({ ...state, busy: false, pins: [...pins, ...more], ...short });
    } catch {
      if (state.listing === listing) await listNow(sources()); // the table is gone or has changed: the list is told anew
    }
  };

  /** Never rejects. */
  const begin = (work: Promise<void>): Promise<void> => (underWay = work.catch(() => undefined));

  return {
    get state() {
      return state;
    },
    list: (from = sources()) => begin(listNow(from)),
    relist: async () => {
      await settled();
      await begin(relistNow());
    },
    showMore: () => begin(showMoreNow()),
    onDidChange: (listener) => void listeners.push(listener),
    dispose: () => {
      current?.abort();
      listeners.length = 0;
    },
  };
}

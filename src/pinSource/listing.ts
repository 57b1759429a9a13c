import { nameOf } from '../base/asker';
import { sentences } from '../base/causes';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { PassedOver } from '../pinStore/locate';
import type { OpenedTable } from '../pinWorker/protocol';
import type { PinWorkerHandle } from '../pinWorker/pinWorkerHandle';

/** Where pins may come from. A source that is left out is not asked. */
export interface ListingSources {
  /** Base URLs, in order of preference. */
  readonly daemonUrls?: readonly string[];
  /** File or folder, absolute. */
  readonly databasePath?: string;
  /** The Python that reads DuckDB; left out, DuckDB is not read. */
  readonly pythonPath?: string | undefined;
  /** Shown, labelled, where there is neither a daemon nor a store. */
  readonly samplePath?: string | undefined;
}

/** `live` from a daemon, `snapshot` from disk, `kept`: the last list that a daemon gave, `sample`: the bundled example. */
export type Freshness = 'live' | 'snapshot' | 'kept' | 'sample';

/** A table that is open in the worker, with where it came from and how fresh it is. */
export interface Listing {
  readonly opened: OpenedTable;
  readonly freshness: Freshness;
  /** What the daemon said; undefined where none was asked. */
  readonly daemon?: Probe;
  /** `receiving`: more pins are on their way, and another listing replaces this one. `broken-off`: they will not come, or can't be read. */
  readonly incomplete?: 'receiving' | 'broken-off';
  /** What people should know beside the pins: why not live, what was passed over. */
  readonly notes: readonly string[];
}

export interface ListingOptions {
  readonly worker: PinWorkerHandle;
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  readonly signal?: AbortSignal;
  /** Called just before the whole list of a daemon is read: what was read of it earlier may be given up. */
  readonly beforeLive?: () => void;
  /** A listing from disk that came while the daemon had not answered yet, or what a daemon has sent so far; a later one replaces it. The receiver closes it. */
  readonly onInterim?: (listing: Listing) => void;
  readonly onReceived?: (bytes: number) => void;
  /** A person asks: also for a list that has stopped the thread that read it. */
  readonly again?: boolean;
  /** How long the daemon alone is waited for, in ms; default 150. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 150;

/**
 * Asks the daemon first, cheaply; its list if it has one, else the store on disk, and after 150 ms the disk meanwhile.
 * Rejects with the IpfsKitError that tells most: of the daemon when it alone was asked or when it is up but its list is not to be had, else of the store.
 */
export async function openListing(sources: ListingSources, options: ListingOptions): Promise<Listing> {
  const { worker, signal, onInterim, patienceMs = PATIENCE_MS } = options;
  const { daemonUrls, databasePath } = sources;
  worker.start(databasePath);
  if (daemonUrls === undefined) return openDisk(sources, undefined, [], options);

  const interim = new AbortController();
  const patience =
    onInterim && databasePath !== undefined
      ? setTimeout(() => {
          openDisk({ ...sources, samplePath: undefined }, undefined, ['The daemon has not answered yet.'], {
            ...options,
            signal: interim.signal,
          }).then(
            (listing) => (interim.signal.aborted ? closeListing(worker, listing) : onInterim(listing)),
            () => undefined, // what is wrong with the store is told when the daemon has no list either
          );
        }, patienceMs)
      : undefined;
  let listing: Listing;
  try {
    listing = await openDaemonFirst(daemonUrls, sources, {
      ...options,
      ...(onInterim && {
        onInterim: (live: Listing) => {
          clearTimeout(patience);
          interim.abort(); // what the daemon sends is not to be replaced by what lies on disk
          onInterim(live);
        },
      }),
    });
  } finally {
    clearTimeout(patience);
    interim.abort();
  }
  if (!signal?.aborted) return listing;
  void closeListing(worker, listing);
  throw new IpfsKitError('cancelled', 'Cancelled.');
}

async function openDaemonFirst(urls: readonly string[], sources: ListingSources, options: ListingOptions): Promise<Listing> {
  const { worker, signal, onReceived, onInterim, beforeLive, probe, again } = options;
  const daemon = await probe(urls, signal);
  let failure: IpfsKitError | undefined;
  if ((daemon.state === 'up' || daemon.state === 'starting') && daemon.url !== undefined) {
    beforeLive?.();
    const live = (opened: OpenedTable, incomplete: Listing['incomplete'], notes: readonly string[]): Listing => ({
      opened,
      freshness: 'live',
      daemon,
      notes,
      ...(incomplete && { incomplete }),
    });
    try {
      const opened = await worker.request(
        'openLive',
        { baseUrl: daemon.url, ...(again && { again }) },
        {
          ...(signal && { signal }),
          ...(onReceived && { onReceived }),
          ...(onInterim && { onSoFar: (soFar: OpenedTable) => onInterim(live(soFar, 'receiving', [])) }),
        },
      );
      const why = opened.incomplete ?? opened.arrowFailure;
      return live(opened, opened.incomplete && 'broken-off', why && why.reason !== 'no-such-route' ? [why.message] : []);
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      failure = IpfsKitError.from(error);
    }
  }
  if (sources.databasePath === undefined) throw failure ?? notUp(daemon);
  try {
    return await openDisk(sources, daemon, [failure?.message ?? daemon.detail], options);
  } catch (error) {
    if (failure && IpfsKitError.is(error, 'missing')) throw failure;
    if (IpfsKitError.is(error, 'missing'))
      throw new IpfsKitError('missing', sentences(daemon.detail, error.message), { cause: error });
    throw error;
  }
}

function notUp({ state, detail }: Probe): IpfsKitError {
  if (state === 'absent')
    return new IpfsKitError('refused', sentences(detail, `Start the daemon, or set ${nameOf('daemon')} to its address`));
  return new IpfsKitError(state === 'busy' ? 'timeout' : 'foreign', detail);
}

async function openDisk(
  sources: ListingSources,
  daemon: Probe | undefined,
  notes: string[],
  options: ListingOptions,
): Promise<Listing> {
  const { databasePath, daemonUrls, pythonPath, samplePath } = sources;
  const { worker, signal } = options;
  const stop = signal && { signal };
  if (databasePath === undefined) throw new IpfsKitError('invalid-argument', 'Neither a daemon nor a database was named.');

  const listingOf = (opened: OpenedTable, freshness: Freshness, why: readonly string[]): Listing => {
    const { passedOver, incomplete } = opened;
    return {
      opened,
      freshness,
      ...(daemon && { daemon }),
      ...(incomplete && { incomplete: 'broken-off' }),
      notes: [...why, ...(incomplete ? [incomplete.message] : []), ...passedOver.map(({ message }) => message)],
    };
  };
  const openStore = (path: string): Promise<OpenedTable> =>
    worker.request('openStore', { databasePath: path, ...(pythonPath !== undefined && { pythonPath }) }, stop);
  /** What a daemon gave last, if that is later. It is a courtesy: what is wrong with it is not told. */
  const openKept = async (laterThanMs: number, why: readonly string[]): Promise<Listing | undefined> => {
    if (!daemonUrls) return undefined;
    const opened = await worker.request('openLast', { urls: daemonUrls }, stop).catch(() => undefined);
    if (!opened) return undefined;
    const listing = listingOf(opened, 'kept', why);
    if (opened.asOfMs > laterThanMs) return listing;
    void closeListing(worker, listing);
    return undefined;
  };

  let failure: unknown;
  try {
    const opened = await openStore(databasePath);
    const store = listingOf(opened, databasePath === samplePath ? 'sample' : 'snapshot', notes);
    const kept = newerUnread(opened).length > 0 ? await openKept(opened.asOfMs, store.notes) : undefined;
    if (!kept) return store;
    void closeListing(worker, store);
    return kept;
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    failure = error;
  }
  const why = [...notes, toPlainError(failure).message];
  const kept = await openKept(0, why);
  if (kept) return kept;
  if (samplePath === undefined || !IpfsKitError.is(failure, 'missing')) throw failure;
  return listingOf(await openStore(samplePath), 'sample', why);
}

/** Of what was passed over: stores that are newer than the one that was opened, and may hold pins. */
export function newerUnread({ passedOver, asOfMs }: OpenedTable): readonly PassedOver[] {
  return passedOver.filter(
    ({ reason, modifiedMs }) => modifiedMs !== undefined && modifiedMs > asOfMs && !HOLDS_NO_PINS.includes(reason),
  );
}

const HOLDS_NO_PINS: readonly Reason[] = ['no-pins-table', 'not-a-database', 'empty', 'missing', 'not-a-file'];

export async function closeListing(worker: PinWorkerHandle, { opened }: Listing): Promise<void> {
  // Only an open thread holds tables; a failure to close one means that it is gone already.
  if (worker.isRunning()) await worker.request('close', { table: opened.table }).catch(() => undefined);
}

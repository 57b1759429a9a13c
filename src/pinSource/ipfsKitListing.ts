import { nameOf } from '../base/asker';
import { sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { Listing, ListingContext, ListingOptions } from './listing';
import { closeListing, newerUnread, openList } from './listing';

/** Where the pins of ipfs_kit_py may come from. What is left out is not asked. */
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

export interface IpfsKitListingOptions extends ListingOptions {
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  /** A person asks: also for a list that has stopped the thread that read it. */
  readonly again?: boolean | undefined;
  /** How long only the daemon is waited for, in ms; default 150. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 150;

/**
 * Asks the daemon first, cheaply; its list if it has one, else the store on disk, and after 150 ms the disk meanwhile (`onInterim`).
 * Rejects with the IpfsKitError that tells most: of the daemon where only the daemon was asked, or is up and has no list and no store; else of the store.
 */
export async function openIpfsKitList(sources: ListingSources, options: IpfsKitListingOptions): Promise<Listing> {
  const { worker, signal, onInterim, patienceMs = PATIENCE_MS } = options;
  const { daemonUrls, databasePath } = sources;
  worker.start();
  if (daemonUrls === undefined) return openDisk(sources, options);

  const interim = new AbortController();
  const showDisk = async (show: (listing: Listing) => void): Promise<void> => {
    const notes = ["The daemon hasn't responded yet."];
    const disk = await openDisk({ ...sources, samplePath: undefined }, { worker, signal: interim.signal }, { notes });
    if (interim.signal.aborted) await closeListing(worker, disk);
    else show(disk);
  };
  const patience = setTimeout(() => {
    // What is wrong with the store is told when the daemon has no list either.
    if (onInterim && databasePath !== undefined) showDisk(onInterim).catch(() => undefined);
  }, patienceMs);
  const endInterim = (): void => {
    clearTimeout(patience);
    interim.abort();
  };
  const showLive = (live: Listing): void => {
    endInterim(); // what the daemon sends is not to be replaced by what lies on disk
    onInterim?.(live);
  };
  const listing = await openDaemonFirst(daemonUrls, sources, { ...options, onInterim: onInterim && showLive }).finally(
    endInterim,
  );
  if (!signal?.aborted) return listing;
  void closeListing(worker, listing);
  throw new IpfsKitError('cancelled', 'Cancelled.');
}

async function openDaemonFirst(
  urls: readonly string[],
  sources: ListingSources,
  options: IpfsKitListingOptions,
): Promise<Listing> {
  const daemon = await options.probe(urls, options.signal);
  let failure: IpfsKitError | undefined;
  if ((daemon.state === 'up' || daemon.state === 'starting') && daemon.url !== undefined)
    try {
      return await openList({ kind: 'live', query: { baseUrl: daemon.url, again: options.again } }, options, { daemon });
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      failure = IpfsKitError.from(error);
    }
  if (sources.databasePath === undefined) throw failure ?? notUp(daemon);
  try {
    return await openDisk(sources, options, { daemon, notes: [failure?.message ?? daemon.detail] });
  } catch (error) {
    if (!IpfsKitError.is(error, 'missing')) throw error;
    throw failure ?? new IpfsKitError('missing', sentences(daemon.detail, error.message), { cause: error });
  }
}

function notUp({ state, detail, busyStatus }: Probe): IpfsKitError {
  if (state === 'absent')
    return new IpfsKitError('refused', sentences(detail, `Start the daemon, or set ${nameOf('daemon')} to its address`));
  const busy = busyStatus === undefined ? 'timeout' : 'http-status';
  return new IpfsKitError(state === 'busy' ? busy : 'foreign', detail);
}

/** The store; the last list that a daemon gave where that is later than what can be read; the sample where there is nothing. */
async function openDisk(sources: ListingSources, options: ListingOptions, context: ListingContext = {}): Promise<Listing> {
  const { databasePath, daemonUrls: urls, pythonPath, samplePath } = sources;
  const { worker } = options;
  if (databasePath === undefined) throw new IpfsKitError('invalid-argument', 'Neither a daemon nor a database was named.');

  const openStore = (path: string, of: ListingContext): Promise<Listing> =>
    openList({ kind: 'store', query: { databasePath: path, pythonPath } }, options, of);
  /** It is a courtesy: what is wrong with it is not told. */
  const openKept = async (laterThanMs: number, notes: readonly string[]): Promise<Listing | undefined> => {
    if (!urls) return undefined;
    const of = { ...context, freshness: 'kept', notes } as const;
    const kept = await openList({ kind: 'kept', query: { urls } }, options, of).catch(() => undefined);
    if (!kept || kept.opened.asOfMs > laterThanMs) return kept;
    void closeListing(worker, kept);
    return undefined;
  };

  let store: Listing;
  try {
    store = await openStore(databasePath, { ...context, freshness: databasePath === samplePath ? 'sample' : 'snapshot' });
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    const notes = [...(context.notes ?? []), IpfsKitError.from(error).message];
    const kept = await openKept(0, notes);
    if (kept) return kept;
    if (samplePath === undefined || !IpfsKitError.is(error, 'missing')) throw error;
    return openStore(samplePath, { ...context, freshness: 'sample', notes });
  }
  const kept = newerUnread(store.opened).length > 0 ? await openKept(store.opened.asOfMs, store.notes) : undefined;
  if (!kept) return store;
  void closeListing(worker, store);
  return kept;
}

import { ownTurn } from '../base/ownTurn';
import { nameOf } from '../base/settingOrOption';
import { sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { Listing, ListingContext, ListingOptions } from './listing';
import { closeListing, newerUnread, openList } from './listing';

/** Where the pins of ipfs_kit_py may come from. Only what is given is used. */
export interface ListingSources {
  /** Base URLs, in order of preference. */
  readonly daemonUrls?: readonly string[] | undefined;
  /** File or folder, absolute. */
  readonly databasePath?: string | undefined;
  /** The Python that reads DuckDB; without it, DuckDB is not read. */
  readonly pythonPath?: string | undefined;
  /** A database that is shown, labeled as a sample, where there is neither a daemon nor a store. */
  readonly samplePath?: string | undefined;
}

export interface IpfsKitListingOptions extends ListingOptions {
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  /** The user asked for the list: it is read even if reading it has ended a worker thread before. */
  readonly again?: boolean | undefined;
  /** Time in ms before the disk is read while the daemon is still being probed; default 150. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 150;

/**
 * Lists the daemon's pins if a probe finds it up, else those of the store on disk. If the daemon hasn't responded after `patienceMs`, `onInterim` receives
 * the store meanwhile. Rejects with the most useful IpfsKitError: that of the daemon where no database is given, or where the daemon is up but neither its
 * list nor a store can be had; else that of the store.
 */
export async function openIpfsKitList(sources: ListingSources, options: IpfsKitListingOptions): Promise<Listing> {
  const { worker, signal, onInterim, patienceMs = PATIENCE_MS } = options;
  const { daemonUrls, databasePath } = sources;
  // The command that lists, the request of the probe and the start of the worker each take milliseconds of the editor's thread.
  await ownTurn();
  void ownTurn().then(() => worker.start());
  if (daemonUrls === undefined) return openDisk(sources, options);

  const interim = new AbortController();
  const showDisk = async (show: (listing: Listing) => void): Promise<void> => {
    const notes = ["The daemon hasn't responded yet."];
    const disk = await openDisk({ ...sources, samplePath: undefined }, { worker, signal: interim.signal }, { notes });
    if (interim.signal.aborted) await closeListing(worker, disk);
    else show(disk);
  };
  const patience = setTimeout(() => {
    // An error of the store is reported once the daemon's list has failed too.
    if (onInterim && databasePath !== undefined) showDisk(onInterim).catch(() => undefined);
  }, patienceMs);
  const endInterim = (): void => {
    clearTimeout(patience);
    interim.abort();
  };
  const showLive = (live: Listing): void => {
    endInterim(); // the store on disk must not replace pins from the daemon
    onInterim?.(live);
  };
  const listing = await openDaemonFirst(daemonUrls, sources, { ...options, onInterim: onInterim && showLive }).finally(
    endInterim,
  );
  if (!signal?.aborted) return listing;
  void closeListing(worker, listing);
  throw new IpfsKitError('cancelled', 'Canceled.');
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
    return new IpfsKitError(
      'refused',
      sentences(detail, `Start the ipfs_kit_py daemon, or set ${nameOf('daemon')} to its address`),
    );
  const busy = busyStatus === undefined ? 'timeout' : 'http-status';
  return new IpfsKitError(state === 'busy' ? busy : 'foreign', detail);
}

/** Opens the store; the last live list instead, where that is newer than any store that can be read; the sample where there is neither. */
async function openDisk(sources: ListingSources, options: ListingOptions, context: ListingContext = {}): Promise<Listing> {
  const { databasePath, daemonUrls: urls, pythonPath, samplePath } = sources;
  const { worker } = options;
  if (databasePath === undefined) throw new IpfsKitError('invalid-argument', 'Neither a daemon nor a database was specified.');

  const openStore = (path: string, of: ListingContext): Promise<Listing> =>
    openList({ kind: 'store', query: { databasePath: path, pythonPath } }, options, of);
  /** The saved last list, if it is later than `laterThanMs`. It is a fallback, so its own errors are ignored. */
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

import type { Probe } from '../daemonClient/probe';
import { IpfsKitError, toPlainError } from '../ipfsKitError';
import type { OpenedTable } from './protocol';
import type { PinWorkerHandle } from './pinWorkerHandle';

/** Where pins may come from. A source that is left out is not asked. */
export interface ListingSources {
  /** Base URLs, in order of preference. */
  readonly daemonUrls?: readonly string[];
  /** File or folder, absolute. */
  readonly databasePath?: string;
  /** The Python that reads DuckDB; left out, DuckDB is not read. */
  readonly pythonPath?: string | undefined;
  /** Shown, labelled, where there is neither a daemon nor a store. */
  readonly samplePath?: string;
}

export type Freshness = 'live' | 'snapshot' | 'sample';

/** A table that is open in the worker, with where it came from and how fresh it is. */
export interface Listing {
  readonly opened: OpenedTable;
  readonly freshness: Freshness;
  /** What the daemon said; undefined where none was asked. */
  readonly daemon?: Probe;
  /** What people should know beside the pins: why not live, what was passed over. */
  readonly notes: readonly string[];
}

export interface ListingOptions {
  readonly worker: PinWorkerHandle;
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  readonly signal?: AbortSignal;
  /** A listing from disk that came while the daemon had not answered yet; the final one replaces it. The receiver closes it. */
  readonly onInterim?: (listing: Listing) => void;
  readonly onReceived?: (bytes: number) => void;
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
  const { daemonUrls, databasePath, pythonPath } = sources;
  worker.start();
  if (daemonUrls === undefined) return openDisk(sources, undefined, [], options);

  const interim = new AbortController();
  const patience =
    onInterim && databasePath !== undefined
      ? setTimeout(() => {
          openDisk(
            { databasePath, ...(pythonPath !== undefined && { pythonPath }) },
            undefined,
            ['The daemon has not answered yet.'],
            {
              ...options,
              signal: interim.signal,
            },
          ).then(
            (listing) => (interim.signal.aborted ? closeListing(worker, listing) : onInterim(listing)),
            () => undefined, // what is wrong with the store is told when the daemon has no list either
          );
        }, patienceMs)
      : undefined;
  let listing: Listing;
  try {
    listing = await openDaemonFirst(daemonUrls, sources, options);
  } finally {
    clearTimeout(patience);
    interim.abort();
  }
  if (!signal?.aborted) return listing;
  void closeListing(worker, listing);
  throw new IpfsKitError('cancelled', 'Cancelled.');
}

async function openDaemonFirst(urls: readonly string[], sources: ListingSources, options: ListingOptions): Promise<Listing> {
  const { worker, signal, onReceived, probe } = options;
  const daemon = await probe(urls, signal);
  let failure: IpfsKitError | undefined;
  if ((daemon.state === 'up' || daemon.state === 'starting') && daemon.url !== undefined) {
    try {
      const opened = await worker.request(
        'openLive',
        { baseUrl: daemon.url },
        { ...(signal && { signal }), ...(onReceived && { onReceived }) },
      );
      const notes = opened.arrowFailure && opened.arrowFailure.reason !== 'no-such-route' ? [opened.arrowFailure.message] : [];
      return { opened, freshness: 'live', daemon, notes };
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
      throw new IpfsKitError('missing', `${daemon.detail} ${error.message}`, { cause: error });
    throw error;
  }
}

function notUp({ state, detail }: Probe): IpfsKitError {
  return new IpfsKitError(state === 'absent' ? 'refused' : state === 'busy' ? 'timeout' : 'foreign', detail);
}

async function openDisk(
  { databasePath, pythonPath, samplePath }: ListingSources,
  daemon: Probe | undefined,
  notes: string[],
  options: ListingOptions,
): Promise<Listing> {
  const { worker, signal } = options;
  if (databasePath === undefined) throw new IpfsKitError('invalid-argument', 'Neither a daemon nor a database was named.');
  const open = async (path: string, freshness: Freshness, why: string[]): Promise<Listing> => {
    const opened = await worker.request(
      'openStore',
      { databasePath: path, ...(pythonPath !== undefined && { pythonPath }) },
      signal && { signal },
    );
    const passedOver = opened.passedOver.map(({ message }) => message);
    return { opened, freshness, ...(daemon && { daemon }), notes: [...why, ...passedOver] };
  };
  try {
    return await open(databasePath, databasePath === samplePath ? 'sample' : 'snapshot', notes);
  } catch (error) {
    if (samplePath === undefined || !IpfsKitError.is(error, 'missing')) throw error;
    return open(samplePath, 'sample', [...notes, toPlainError(error).message]);
  }
}

export async function closeListing(worker: PinWorkerHandle, { opened }: Listing): Promise<void> {
  // Only an open thread holds tables; a failure to close one means that it is gone already.
  if (worker.isRunning()) await worker.request('close', { table: opened.table }).catch(() => undefined);
}

import { IpfsKitError } from '../base/ipfsKitError';
import { isEndByAnother, isEndOfThread, repeatIfEndedByAnother } from '../base/threadHandle';
import { checkCount } from '../inventory/contentClasses';
import type { JoinSourceQuery } from '../pinWorker/protocol';
import type { Listing } from './listing';
import { closeListing } from './listing';
import type { OpenOptions, PinSource } from './pinSource';

/** A source to list together with others. */
export interface ChosenSource {
  readonly source: PinSource;
  /** Somebody named the source, so that its absence is reported; otherwise it was found. */
  readonly isNamed: boolean;
  /** The id by which pins name it; by default its own. */
  readonly as?: string | undefined;
}

/** A source with what came of its list. */
export interface ListedSource {
  readonly id: string;
  readonly name: string;
  readonly source: PinSource;
  readonly isNamed: boolean;
  /** Its list while it is open; undefined where there is none. */
  listing?: Listing | undefined;
  /** Its list as it was opened last. */
  last?: Listing | undefined;
  /** Why there is none. */
  error?: IpfsKitError | undefined;
  /** Why its list ended early while it was read. */
  failure?: IpfsKitError | undefined;
  /** Why its contents couldn't be compared with those of the others. */
  joinFailure?: IpfsKitError | undefined;
}

/** The lists of several sources, open and joined in one thread of the worker. */
export interface OpenLists {
  /** Undefined where no source could be listed. */
  readonly join: number | undefined;
  /** Undefined where it couldn't be listed. */
  readonly tableOf: (source: ListedSource) => number | undefined;
}

export interface ListedSources {
  readonly sources: readonly ListedSource[];
  /** Works with the lists, which are opened before the first call, and again where a request has ended the thread in which they were open. */
  with<T>(work: (lists: OpenLists) => Promise<T>): Promise<T>;
  /** Takes a source out of the lists, since it can't be read (`error`), or not to its end (`failure`). */
  leaveOut(source: ListedSource, why: Pick<ListedSource, 'error' | 'failure'>): Promise<void>;
  /** Closes the lists. */
  readonly close: () => Promise<void>;
}

type Options = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'>;

/**
 * Lists several sources at the same time, with the statuses of their pins, without which it isn't known whether they are copies. Rejects only with `cancelled`.
 * Throws `invalid-argument` for more sources than can be compared.
 */
export function listedSources(chosen: readonly ChosenSource[], { worker, signal, onReceived }: Options): ListedSources {
  checkCount(chosen.length);
  const sources = chosen.map(({ source, isNamed, as = source.id }): ListedSource => ({
    id: as,
    name: source.name,
    source,
    isNamed,
  }));
  let current: Promise<OpenLists> | undefined;

  const open = async (listed: ListedSource): Promise<void> => {
    try {
      listed.listing = listed.last = await listed.source.open({ worker, signal, onReceived, statuses: true });
    } catch (error) {
      if (signal?.aborted) throw error;
      listed.error = IpfsKitError.from(error);
    }
  };
  /** Joins the lists one at a time, so that it is known which of them ends the thread. Resolves with that one. */
  const joinAll = async (join?: number): Promise<number | ListedSource | undefined> => {
    let joined = join;
    for (const [at, listed] of sources.entries()) {
      if (!listed.listing) continue;
      try {
        const asked = sources.map((each, place) => joinedAs(each, place <= at || join !== undefined));
        const state = await worker.request('join', { join: joined, sources: asked }, { signal });
        joined = state.join;
        const error = state.sources.find(({ id }) => id === listed.id)?.error;
        if (error) listed.joinFailure = new IpfsKitError(error.reason, error.message);
      } catch (error) {
        if (signal?.aborted || isEndByAnother(error) || !isEndOfThread(error)) throw error;
        listed.error = IpfsKitError.from(error);
        return listed;
      }
    }
    return joined;
  };
  const openAll = async (isRepeated: boolean): Promise<OpenLists> => {
    // The requests of an ended thread are rejected one after the other, and the one that ended it must be known before its list is opened again.
    if (isRepeated) await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      for (const listed of sources) listed.listing = undefined;
      await Promise.all(sources.filter(isReadable).map(open));
      const join = await joinAll();
      if (typeof join === 'object') continue; // The thread has ended, and with it the other lists.
      return { join, tableOf: ({ listing }) => listing?.opened.table };
    }
  };
  const withLists: ListedSources['with'] = (work) =>
    repeatIfEndedByAnother(async (isRepeated) => {
      const lists = (current ??= openAll(isRepeated));
      try {
        return await work(await lists);
      } catch (error) {
        if (current === lists && (isEndOfThread(error) || isEndByAnother(error))) current = undefined;
        throw error;
      }
    });

  return {
    sources,
    with: withLists,
    leaveOut: async (listed, why) => {
      [listed.error, listed.failure] = [why.error ?? listed.error, why.failure ?? listed.failure];
      const { listing } = listed;
      listed.listing = undefined;
      if (!current || !listing) return;
      await withLists(({ join }) => joinAll(join)); // its pins, too, are unknown from now on
      await closeListing(worker, listing);
    },
    close: async () => {
      const lists = await current?.catch(() => undefined);
      current = undefined;
      if (!worker.isRunning()) return;
      if (lists?.join !== undefined) await worker.request('closeJoin', { join: lists.join }).catch(() => undefined);
      for (const { listing } of sources) if (listing) await closeListing(worker, listing);
    },
  };
}

function isReadable({ error, failure }: ListedSource): boolean {
  return error === undefined && failure === undefined;
}

/** A source that nobody named, and of which nothing was found, has no pins. */
function joinedAs({ id, source, listing, isNamed, error }: ListedSource, isRead: boolean): JoinSourceQuery {
  const one = { id, partOf: source.capabilities.partOf?.id };
  if (!listing) return { ...one, unknown: isNamed || error?.reason !== 'missing' ? 'list' : undefined };
  if (!isRead) return { ...one, unknown: 'list' };
  const { table, statuses } = listing.opened;
  return { ...one, table, unknown: listing.incomplete ? 'list' : statuses === 'unasked' ? 'statuses' : undefined };
}

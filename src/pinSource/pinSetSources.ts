import { IpfsKitError } from '../base/ipfsKitError';
import { lastUsed } from '../base/lastUsed';
import type { OtherSet } from '../pinStore/pinSets';
import type { ListingSources } from './ipfsKitListing';
import { closeListing, holdsNoPins, openList } from './listing';
import type { PinSource, WatchedStores } from './pinSource';

/** The most sets that are remembered: ipfs_kit_py has five. */
const MOST_SETS = 8;

interface SetParts {
  readonly id: string;
  readonly name: string;
  readonly sources: () => ListingSources | undefined | Promise<ListingSources>;
  readonly stores?: WatchedStores | undefined;
}

/** Gives the sources of sets on disk that a source found beside the one that it lists: the same source for a set each time. Sets without a name have none. */
export function pinSetSources(of: SetParts): (sets: readonly OtherSet[]) => readonly PinSource[] {
  const paths = new Map<string, string>();
  const once = lastUsed<PinSource>(MOST_SETS);
  return (sets) =>
    sets.flatMap(({ name, path }) => {
      if (name === undefined) return [];
      paths.set(name, path);
      return [once(name, () => setSource(name, () => paths.get(name) ?? path, of))];
    });
}

function setSource(set: NonNullable<OtherSet['name']>, store: () => string, { id, name, sources, stores }: SetParts): PinSource {
  return {
    id: `${id}:${set.replaceAll(' ', '-')}`,
    name: `${name} · ${set}`,
    welcome: '',
    capabilities: {
      actions: [],
      token: false,
      statuses: 'listed',
      sizes: 'listed',
      more: ['choosePinDatabase'],
      hiddenWhenMissing: true,
    },
    stores: stores && { ...stores, databasePath: store, pidFile: () => undefined },
    probe: () => Promise.resolve({ state: 'up', detail: `${store()} is read from disk.` }),
    open: async (options) => {
      const { databasePath, pythonPath } = (await sources()) ?? {};
      if (databasePath === undefined) throw noPins(store());
      const query = { databasePath, pythonPath, set };
      const listing = await openList({ kind: 'store', query }, options, { freshness: 'snapshot' }).catch((error: unknown) => {
        throw holdsNoPins(error) ? noPins(store(), error) : error;
      });
      if (listing.opened.atMost > 0) return listing;
      void closeListing(options.worker, listing);
      throw noPins(store());
    },
  };
}

/** A set without pins isn't shown. */
function noPins(store: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('missing', `${store} has no pins.`, { cause });
}

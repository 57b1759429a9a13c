import { IpfsKitError } from '../base/ipfsKitError';
import type { SourceSettings } from '../base/settingTypes';
import type { ListingSources } from './ipfsKitListing';
import { openIpfsKitList } from './ipfsKitListing';
import type { Listing } from './listing';
import { countedSets, setsBeside } from './otherSets';
import { pinSetSources } from './pinSetSources';
import type { PinSource } from './pinSource';
import type { SourceKind, SourceParts } from './sourceKind';

const ID = 'ipfs_kit_py';

export const ipfsKitKind: SourceKind = {
  id: ID,
  create: (parts) => {
    const source = usualIpfsKitSource(parts);
    return () => [source];
  },
};

/** The source as the settings describe it. The extension creates it before it loads the table of kinds, because it is listed first. */
export function usualIpfsKitSource({ settings, listing, ...parts }: SourceParts): PinSource {
  return ipfsKitSource({ ...parts, sources: () => (isIpfsKitWanted(settings()) ? listing() : undefined) });
}

export function isIpfsKitWanted({ wanted }: Pick<SourceSettings, 'wanted'>): boolean {
  return wanted?.includes(ID) ?? true;
}

export interface IpfsKitParts extends Pick<SourceParts, 'probe' | 'monitor' | 'stores'> {
  /** The sources of the settings; undefined where those disable ipfs_kit_py. */
  readonly sources: () => ListingSources | undefined | Promise<ListingSources>;
}

/** ipfs_kit_py: its daemon and, without one, its stores on disk. */
export function ipfsKitSource({ probe, sources, monitor, stores }: IpfsKitParts): PinSource {
  const sourcesOf = pinSetSources({ id: ID, name: ID, sources, stores });
  const listedFrom = new WeakMap<Listing, ListingSources>();
  let further: readonly PinSource[] = [];
  return {
    id: ID,
    name: ID,
    shortName: 'IPFS',
    welcome: '',
    capabilities: {
      actions: [],
      token: false,
      statuses: 'listed',
      sizes: 'listed',
      start: 'startDaemon',
      stop: 'stopDaemon',
      restart: 'restartDaemon',
      more: ['showDaemonProcesses', 'choosePinDatabase'],
      hiddenWhenMissing: true,
    },
    monitor,
    stores,
    probe: async (signal) => {
      const { state, detail } = await probe((await sources())?.daemonUrls ?? [], signal);
      return { state, detail };
    },
    open: async ({ from: named, daemon, onDaemon, ...options }) => {
      const from = named ?? (await sources());
      if (!from)
        throw new IpfsKitError(
          'left-out',
          'ipfs_kit_py is disabled in ipfsKit.sources, and none of the other sources was found.',
        );
      const listing = await openIpfsKitList(from, {
        ...options,
        probe: async (urls, signal) => {
          if (daemon) return daemon;
          const answer = await probe(urls, signal);
          onDaemon?.(answer);
          return answer;
        },
      });
      listedFrom.set(listing, from);
      if (named) return listing;
      // On disk they were found with the list; beside a daemon's they are looked for once that is listed.
      if (listing.freshness === 'snapshot') further = sourcesOf(listing.opened.otherSets ?? []);
      else
        void setsBeside(listing, from, { worker: options.worker }).then(
          (sets) => void (further = sourcesOf(sets)),
          () => undefined,
        );
      return listing;
    },
    further: () => further,
    otherSets: async (listing, options) => {
      const from = listedFrom.get(listing);
      return from ? countedSets(await setsBeside(listing, from, options), options) : [];
    },
  };
}

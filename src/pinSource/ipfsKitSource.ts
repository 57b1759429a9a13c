import { IpfsKitError } from '../base/ipfsKitError';
import type { SourceSettings } from '../base/settings';
import type { ListingSources } from './ipfsKitListing';
import { openIpfsKitList } from './ipfsKitListing';
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

/** By the settings. The editor has it before it has the table of kinds, since this source is asked at once. */
export function usualIpfsKitSource({ settings, listing, ...parts }: SourceParts): PinSource {
  return ipfsKitSource({ ...parts, sources: () => (isIpfsKitWanted(settings()) ? listing() : undefined) });
}

export function isIpfsKitWanted({ wanted }: Pick<SourceSettings, 'wanted'>): boolean {
  return wanted?.includes(ID) ?? true;
}

export interface IpfsKitParts extends Pick<SourceParts, 'probe' | 'monitor' | 'stores'> {
  /** By the settings; undefined where they leave it out. */
  readonly sources: () => ListingSources | undefined | Promise<ListingSources>;
}

/** ipfs_kit_py: its daemon, and without one its stores on disk. Always worth asking. */
export function ipfsKitSource({ probe, sources, monitor, stores }: IpfsKitParts): PinSource {
  return {
    id: ID,
    name: ID,
    shortName: 'IPFS',
    welcome: '',
    capabilities: {
      actions: [],
      token: false,
      statuses: 'listed',
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
      return openIpfsKitList(from, {
        ...options,
        probe: async (urls, signal) => {
          if (daemon) return daemon;
          const answer = await probe(urls, signal);
          onDaemon?.(answer);
          return answer;
        },
      });
    },
  };
}

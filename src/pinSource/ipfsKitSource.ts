import { IpfsKitError } from '../base/ipfsKitError';
import type { SourceSettings } from '../base/settings';
import type { ListingSources } from './ipfsKitListing';
import { openIpfsKitList } from './ipfsKitListing';
import type { PinSource } from './pinSource';
import type { SourceKind, SourceParts } from './sourceKind';

const ID = 'ipfs_kit_py';

export const ipfsKitKind: SourceKind = {
  id: ID,
  settings: ['daemon', 'database', 'python'],
  create: ({ settings, listing, ...parts }) => {
    const source = ipfsKitSource({ ...parts, sources: () => (isIpfsKitWanted(settings()) ? listing() : undefined) });
    return () => [source];
  },
};

export function isIpfsKitWanted({ wanted }: Pick<SourceSettings, 'wanted'>): boolean {
  return wanted.includes(ID);
}

export interface IpfsKitParts extends Pick<SourceParts, 'probe' | 'monitor' | 'stores'> {
  /** By the settings; undefined where they leave it out. */
  readonly sources: () => ListingSources | undefined;
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
      const { state, detail } = await probe(sources()?.daemonUrls ?? [], signal);
      return { state, detail };
    },
    open: async ({ from = sources(), daemon, onDaemon, ...options }) => {
      if (!from) throw new IpfsKitError('left-out', 'ipfsKit.sources leaves out ipfs_kit_py; nothing else was found.');
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

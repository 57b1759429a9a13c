import type { Probe } from '../daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../base/ipfsKitError';
import type { ListingSources } from './ipfsKitListing';
import { openIpfsKitList } from './ipfsKitListing';
import type { PinSource } from './pinSource';

export const IPFS_KIT_SOURCE = 'ipfs_kit_py';

export interface IpfsKitParts {
  readonly probe: (urls: readonly string[], signal?: AbortSignal) => Promise<Probe>;
  /** By the settings; undefined where they leave it out. */
  readonly sources: () => ListingSources | undefined;
}

/** ipfs_kit_py: its daemon, and without one its stores on disk. Always worth asking. */
export function ipfsKitSource({ probe, sources }: IpfsKitParts): PinSource {
  return {
    id: IPFS_KIT_SOURCE,
    name: 'ipfs_kit_py',
    capabilities: { names: true, sizes: 'listed', times: true, actions: [], stop: true },
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

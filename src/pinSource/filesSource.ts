import { filesRoot } from '../daemonClient/kubo/kuboFiles';
import { failAs } from '../daemonClient/rpcJson';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { filesEntries } from './filesEntries';
import type { KuboAccessOptions } from './kuboAccess';
import { createKuboAccess, sourcesAtKubo } from './kuboAccess';
import { sizesFromKubo } from './kuboSizes';
import { openList } from './listing';
import type { EntryActions, PinSource } from './pinSource';
import type { SourceKind } from './sourceKind';

export const filesKind: SourceKind = {
  id: 'files',
  create: (parts) => sourcesAtKubo(parts, createFilesSource),
};

export interface FilesSource extends PinSource {
  readonly entries: EntryActions;
}

/**
 * Kubo's Files (MFS), in which IPFS Desktop and WebUI keep everything, without pins. Its rows are the entries of the root folder. Kubo is asked only for the CID of
 * that folder; the pin worker reads its blocks.
 */
export function createFilesSource(options: KuboAccessOptions): FilesSource {
  const { repository, url } = options;
  const kubo = createKuboAccess(options);
  const { probe, proven, openProven, watch, tokenAddress } = kubo;
  const rootOf = (access: RpcAccess, signal?: AbortSignal): Promise<string> =>
    filesRoot(access, { signal }).catch((error: unknown) => failAs(error, "Kubo's Files couldn't be listed"));
  /** The daemon of the last list; undefined before the first. */
  let listed: { readonly peerId: string | undefined } | undefined;
  return {
    id: 'files',
    name: 'Files',
    welcome: 'kubo',
    capabilities: {
      actions: [],
      token: true,
      statuses: 'none',
      sizes: 'listed',
      lacks: ['date', 'folder', 'type', 'tier', 'backend'],
      start: 'startKubo',
      stop: url === undefined ? 'stopKubo' : undefined,
      partOf: { name: 'Kubo', id: 'kubo' },
      hiddenWhenEmpty: true,
    },
    probe,
    open: async (options) => {
      let from: typeof listed;
      const opened = await openProven(async (access, peerId) => {
        from = { peerId };
        const root = await rootOf(access, options.signal);
        // The blocks of a daemon at an address from the settings may be on another machine.
        const query = { access, root, repository: url === undefined ? repository : undefined };
        return { ...(await openList({ kind: 'files', query }, options)), version: root, identity: peerId };
      }, options);
      listed = from;
      return opened;
    },
    entries: filesEntries({ kubo, listed: () => listed }),
    version: (signal) => proven((access) => rootOf(access, signal), 'It is not known whether Files has changed.', signal),
    rowFacts: sizesFromKubo(kubo).rowFacts,
    watch,
    tokenAddress,
  };
}

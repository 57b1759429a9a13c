import { because, sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import { filesRoot } from '../daemonClient/kubo/kuboFiles';
import { failAs } from '../daemonClient/rpcJson';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { filesEntries } from './filesEntries';
import type { KuboAccessOptions } from './kuboAccess';
import { createKuboAccess, sourcesAtKubo } from './kuboAccess';
import { sizesFromKubo } from './kuboSizes';
import type { Listing } from './listing';
import { openList } from './listing';
import type { EntryActions, OpenOptions, PinSource } from './pinSource';
import type { SourceKind } from './sourceKind';

export const filesKind: SourceKind = {
  id: 'files',
  create: (parts) => sourcesAtKubo(parts, createFilesSource),
};

/** How often Kubo is asked for the CID of the root folder (ms), which takes it some milliseconds. */
const ROOT_EVERY_MS = 5000;

export interface FilesSource extends PinSource {
  readonly entries: EntryActions;
}

const AS_LEFT = "Kubo isn't running. These are its Files as it left them on disk; start Kubo to change them.";

/**
 * Kubo's Files (MFS), in which IPFS Desktop and WebUI keep everything, without pins. Its rows are the entries of the root folder. Kubo is asked only for the CID of
 * that folder; the pin worker reads its blocks. While the Kubo of the repository doesn't run, the worker reads the CID from its datastore, too, if it can.
 */
export function createFilesSource(options: KuboAccessOptions): FilesSource {
  const { repository, url } = options;
  const kubo = createKuboAccess(options);
  const { probe, proven, openProven, watch, tokenAddress } = kubo;
  const rootOf = (access: RpcAccess, signal?: AbortSignal): Promise<string> =>
    filesRoot(access, { signal }).catch((error: unknown) => failAs(error, "Kubo's Files couldn't be listed"));
  /** Lists what Kubo left on disk. Rejects with `notRunning`, and why that can't be listed, where Kubo must run; as openList with `cancelled`. */
  const openLeft = async (notRunning: IpfsKitError, options: OpenOptions): Promise<Listing> => {
    const { state, detail } = await probe(options.signal);
    if (state !== 'absent') throw notRunning; // It has started meanwhile, or another program responds.
    const daemon = { state, detail, attempts: [], ms: 0 } as const;
    const context = { freshness: 'snapshot', daemon, notes: [AS_LEFT] } as const;
    return openList({ kind: 'files', query: { repository } }, options, context).catch((error: unknown) => {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      const why = because("Its Files couldn't be read from disk", IpfsKitError.from(error).message);
      throw new IpfsKitError(notRunning.reason, sentences(notRunning.message, why), { cause: error });
    });
  };
  /** The daemon of the last list of one; undefined before the first. */
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
      const opening = openProven(async (access, peerId) => {
        from = { peerId };
        const root = await rootOf(access, options.signal);
        // The blocks of a daemon at an address from the settings may be on another machine.
        const query = { access, root, repository: url === undefined ? repository : undefined };
        return { ...(await openList({ kind: 'files', query }, options)), hint: root, identity: peerId };
      }, options);
      const opened = await opening.catch((error: unknown) => {
        if (url !== undefined || !IpfsKitError.is(error, 'refused')) throw error;
        return openLeft(error, options);
      });
      if (opened.freshness === 'live') listed = from;
      return opened;
    },
    entries: filesEntries({ kubo, listed: () => listed }),
    hint: {
      everyMs: ROOT_EVERY_MS,
      ask: (signal) => proven((access) => rootOf(access, signal), 'It is not known whether Files has changed.', signal),
    },
    rowFacts: sizesFromKubo(kubo).rowFacts,
    watch,
    tokenAddress,
  };
}

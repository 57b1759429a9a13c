import { probe } from './daemonClient/ipfsKit/probe';
import type { DaemonMonitor, MonitorState } from './daemonClient/ipfsKit/monitor';
import { IpfsKitError } from './base/ipfsKitError';
import type { PinQuery } from './pin/pinQuery';
import { ipfsKitKind, ipfsKitSource } from './pinSource/ipfsKitSource';
import type { PinList } from './pinSource/listPins';
import type { PinWorkerHandle } from './pinWorker/pinWorkerHandle';
import type { ListView } from './pinTree/list/listView';
import type { PinLists } from './pinTree/list/pinLists';
import type { StopDaemonOptions, StopResult } from './reaper/stopContract';
import type { Settings } from './base/settings';

/** Whose pins to list. A database or daemons are asked in place of those of the settings; naming one kind asks that alone. */
export interface ListPinsQuery extends PinQuery {
  /** The id of a source: `ipfs_kit_py` (the default), `kubo`, `cluster`, `service:NAME`. Only ipfs_kit_py takes a database or daemons. */
  readonly source?: string;
  /** File or folder; `~` is the home directory. */
  readonly database?: string;
  readonly daemonUrls?: readonly string[];
}

/** What activate() returns: for other extensions, and for tests. */
export interface IpfsKitApi {
  readonly version: 1;
  /** One page of pins. Rejects with an error that has a `reason`: `invalid-argument` for a source that isn't set up, and names those that are. */
  readonly listPins: (query?: ListPinsQuery) => Promise<PinList>;
  /** What the view shows now; of several places, the first. */
  readonly state: () => IpfsKitState;
  /**
   * Stops the daemon; what is not given is taken from the settings. If there is anything to stop, the person is asked first, as by the command, and is told
   * which extension asks; not if `ipfsKit.stop.allowedExtensions` names that. Rejects with `cancelled` when the person says no, and in an untrusted
   * workspace, with `busy` while a stop is under way, and with `invalid-argument`; how it went is in the result.
   */
  readonly stopDaemon: (options?: StopDaemonOptions) => Promise<StopResult>;
}

export interface IpfsKitState {
  readonly daemon: MonitorState;
  readonly list: {
    readonly busy: boolean;
    readonly source?: string;
    readonly location?: string;
    readonly freshness?: string;
    /** Topmost rows: pins, or groups. */
    readonly shown: number;
    /** How many pins match the filter. */
    readonly matching?: number;
    readonly view: ListView & { readonly fuzzy?: boolean };
    /** The daemon's list is still coming in, or has broken off. */
    readonly incomplete?: string;
    readonly total?: number;
    readonly error?: { readonly reason: string; readonly message: string };
  };
}

interface Parts {
  readonly worker: PinWorkerHandle;
  readonly monitor: Pick<DaemonMonitor, 'current'>;
  readonly lists: Pick<PinLists, 'shown' | 'sources'>;
  readonly settings: Pick<Settings, 'daemonUrls' | 'databasePath' | 'pythonPath'>;
  readonly stopDaemon: IpfsKitApi['stopDaemon'];
}

export function createApi({ worker, monitor, lists, settings, stopDaemon }: Parts): IpfsKitApi {
  return {
    version: 1,
    stopDaemon,
    listPins: async ({ source: id = ipfsKitKind.id, database, daemonUrls, ...query } = {}) => {
      const { listPins, namedSources, sourceOfId } = await import('./pinSource/listPins');
      if (id !== ipfsKitKind.id) {
        if (database !== undefined || daemonUrls !== undefined)
          throw new IpfsKitError('invalid-argument', 'Only ipfs_kit_py takes a database or daemons.');
        return listPins(query, sourceOfId(id, await lists.sources()), { worker });
      }
      const usual = { daemonUrls: settings.daemonUrls.value(), databasePath: settings.databasePath.value() };
      const named = { ...namedSources({ database, daemonUrls }, usual), pythonPath: settings.pythonPath.value() };
      const source = ipfsKitSource({ probe: (urls, signal) => probe(urls, signal && { signal }), sources: () => named });
      return listPins(query, source, { worker });
    },
    state: () => {
      const [{ model }] = lists.shown();
      const { busy, listing, rows, total, matching, view, fuzzy, error } = model.state;
      return {
        daemon: monitor.current(),
        list: {
          busy,
          ...(listing && { source: listing.opened.source, location: listing.opened.location, freshness: listing.freshness }),
          shown: rows.pins.length + rows.groups.length,
          ...(matching !== undefined && { matching }),
          view: { ...view, ...(fuzzy && { fuzzy }) },
          ...(listing?.incomplete && { incomplete: listing.incomplete }),
          ...(total !== undefined && { total }),
          ...(error && { error: { reason: error.reason, message: error.message } }),
        },
      };
    },
  };
}

import { probe } from './daemonClient/ipfsKit/probe';
import type { DaemonMonitor, MonitorState } from './daemonClient/ipfsKit/monitor';
import type { PinQuery } from './pin/pinQuery';
import { ipfsKitSource } from './pinSource/ipfsKitSource';
import type { PinList } from './pinSource/listPins';
import type { PinWorkerHandle } from './pinWorker/pinWorkerHandle';
import type { ListView } from './pinTree/list/listView';
import type { PinLists } from './pinTree/list/pinLists';
import type { StopDaemonOptions, StopResult } from './reaper/stopContract';
import type { Settings } from './base/settings';

/** A database or daemons to ask in place of those of the settings. Naming one kind asks that alone. */
export interface ListPinsQuery extends PinQuery {
  /** File or folder; `~` is the home directory. */
  readonly database?: string;
  readonly daemonUrls?: readonly string[];
}

/** What activate() returns: for other extensions, and for tests. */
export interface IpfsKitApi {
  readonly version: 1;
  /** One page of pins. Rejects with an error that has a `reason`. */
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
  readonly monitor: DaemonMonitor;
  readonly lists: PinLists;
  readonly settings: Settings;
  readonly stopDaemon: IpfsKitApi['stopDaemon'];
}

export function createApi({ worker, monitor, lists, settings, stopDaemon }: Parts): IpfsKitApi {
  return {
    version: 1,
    stopDaemon,
    listPins: async ({ database, daemonUrls, ...query } = {}) => {
      const usual = { daemonUrls: settings.daemonUrls.value(), databasePath: settings.databasePath.value() };
      const { listPins, namedSources } = await import('./pinSource/listPins');
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

import { probe } from './daemonClient/ipfsKit/probe';
import type { DaemonMonitor, MonitorState } from './daemonClient/ipfsKit/monitor';
import { IpfsKitError } from './base/ipfsKitError';
import { cutText } from './pin/pin';
import type { PinQuery } from './pin/pinQuery';
import { checkQuery } from './pin/pinQuery';
import { ipfsKitKind, ipfsKitSource } from './pinSource/ipfsKitSource';
import type { PinList } from './pinSource/listPins';
import type { PinWorkerHandle } from './pinWorker/pinWorkerHandle';
import type { ListView } from './pinTree/list/listView';
import type { PinLists } from './pinTree/list/pinLists';
import type { StopDaemonOptions, StopResult } from './reaper/stopContract';
import type { Settings } from './base/settingTypes';

/** The pins to list. `database` and `daemonUrls` replace those of the settings; where only one of the two is given, only that one is used. */
export interface ListPinsQuery extends PinQuery {
  /** The id of a source: `ipfs_kit_py` (the default), `kubo`, `cluster`, `service:NAME`. Only ipfs_kit_py accepts a database or daemons. */
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
  /** What the view shows now; of several sources, the first. */
  readonly state: () => IpfsKitState;
  /**
   * Stops the daemon. Options that are left out come from the settings. If there is anything to stop, a dialog names the calling extension and asks the
   * user to confirm, unless `ipfsKit.stop.allowedExtensions` contains that extension. The result says what was stopped. Rejects with `cancelled` when the
   * user declines and in an untrusted workspace, with `busy` while another stop is under way, and with `invalid-argument`.
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
    /** Number of topmost rows: pins, or groups. */
    readonly shown: number;
    /** Number of pins that match the filter; left out while they are counted. */
    readonly matching?: number;
    readonly view: ListView & { readonly fuzzy?: boolean };
    /** Set if pins are missing: `receiving` while the list loads, `broken-off` once the rest won't arrive. */
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
  const list = async (asked: ListPinsQuery): Promise<PinList> => {
    const query = checkQuery(asked); // reads and copies what the caller gave, before anything waits
    const { source: id = ipfsKitKind.id, database, daemonUrls } = asked;
    const { listPins, namedSources, sourceOfId } = await import('./pinSource/listPins');
    if (id !== ipfsKitKind.id) {
      if (database !== undefined || daemonUrls !== undefined)
        throw new IpfsKitError('invalid-argument', 'Only ipfs_kit_py accepts a database or daemons.');
      return listPins(query, sourceOfId(id, await lists.sources()), { worker });
    }
    const usual = { daemonUrls: settings.daemonUrls.value(), databasePath: settings.databasePath.value() };
    const named = { ...namedSources({ database, daemonUrls }, usual), pythonPath: settings.pythonPath.value() };
    const source = ipfsKitSource({ probe: (urls, signal) => probe(urls, signal && { signal }), sources: () => named });
    return listPins(query, source, { worker });
  };
  return {
    version: 1,
    stopDaemon,
    listPins: (asked = {}) => list(asked).catch((error: unknown) => Promise.reject(withShortMessage(error))),
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

/** The error for the caller, whose own words may be of any length. */
function withShortMessage(error: unknown): IpfsKitError {
  const { reason, message } = IpfsKitError.from(error);
  return new IpfsKitError(reason, cutText(message), { cause: error });
}

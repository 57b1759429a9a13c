import { probe } from './daemonClient/ipfsKit/probe';
import type { DaemonMonitor, MonitorState } from './daemonClient/ipfsKit/monitor';
import { IpfsKitError } from './base/ipfsKitError';
import type { Difference } from './inventory/differences';
import type { Pin } from './pin/pin';
import { cutText } from './pin/pin';
import type { PinQuery } from './pin/pinQuery';
import { checkQuery } from './pin/pinQuery';
import type { ComparedSource } from './pinSource/comparedSources';
import { ipfsKitKind, ipfsKitSource } from './pinSource/ipfsKitSource';
import type { AskedSource, JoinedHead, JoinedPin } from './pinSource/joinedList';
import type { PinList } from './pinSource/listPins';
import { listPins, namedSources, sourceOfId } from './pinSource/listPins';
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

/** The pins of several sources, which are listed together and compared. */
export interface ListSeveralQuery extends PinQuery {
  /** Their ids, or `all` for every source that is set up. */
  readonly sources: readonly string[] | 'all';
}

/** One page of the pins of several sources, source after source unless they are sorted or grouped. A pin has `sources` and `copies`. */
export interface SeveralPins extends JoinedHead {
  readonly sources: readonly AskedSource[];
  readonly pins: readonly JoinedPin[];
}

/** Two sources to compare, by their ids. */
export interface ComparePinsQuery {
  readonly left: string;
  readonly right: string;
  /** The most entries of each part; by default as for listPins. */
  readonly limit?: number;
}

/** What two sources list, compared by content: the first `limit` of each part. Content that an incomplete list doesn't show is unknown, not missing. */
export interface ComparedPins {
  /** Pins whose content only one of the two lists. */
  readonly left: readonly Pin[];
  readonly right: readonly Pin[];
  /** Contents of both with another name, or with another status where both report one. */
  readonly changed: readonly Difference[];
  /** The number of contents that both list. */
  readonly both: number;
  readonly sources: readonly ComparedSource[];
  readonly incomplete?: true;
}

/** What activate() returns: for other extensions, and for tests. */
export interface IpfsKitApi {
  readonly version: 1;
  /** One page of pins, of one source or, with `sources`, of several. Rejects with an error that has a `reason`: `invalid-argument` for a source that isn't set up, and names those that are. */
  readonly listPins: ListPins;
  /** Compares two sources. Rejects like listPins, and if neither can be listed. */
  readonly comparePins: (query: ComparePinsQuery) => Promise<ComparedPins>;
  /** What the view shows now; of several sources, the first. */
  readonly state: () => IpfsKitState;
  /**
   * Stops the daemon. Options that are left out come from the settings. If there is anything to stop, a dialog names the calling extension and asks the
   * user to confirm, unless `ipfsKit.stop.allowedExtensions` contains that extension. The result says what was stopped. Rejects with `cancelled` when the
   * user declines and in an untrusted workspace, with `busy` while another stop is under way, and with `invalid-argument`.
   */
  readonly stopDaemon: (options?: StopDaemonOptions) => Promise<StopResult>;
}

export interface ListPins {
  (query?: ListPinsQuery): Promise<PinList>;
  (query: ListSeveralQuery): Promise<SeveralPins>;
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
  /** Rejects with the reason of the first source where none could be listed. */
  const listSeveral = async (asked: ListSeveralQuery): Promise<SeveralPins> => {
    const query = checkQuery(asked);
    const ids: unknown = asked.sources;
    if (ids !== 'all' && !(Array.isArray(ids) && ids.length > 0 && ids.every((id) => typeof id === 'string')))
      throw new IpfsKitError('invalid-argument', 'The sources must be an array of ids, or "all".');
    const all = await lists.sources();
    const named = ids === 'all' ? all : [...new Set<string>(ids)].map((id) => sourceOfId(id, all));
    const { joinedList } = await import('./pinSource/joinedList');
    const chosen = named.map((source) => ({ source, isNamed: ids !== 'all' }));
    const { head, sources, pins, failure, close } = await joinedList(chosen, query, query.limit, { worker });
    try {
      if (failure) throw new IpfsKitError(failure.reason, sources()[0]?.error?.message ?? failure.message);
      const page: JoinedPin[] = [];
      for await (const some of pins) page.push(...some);
      return { ...head, sources: sources(), pins: page };
    } finally {
      await close();
    }
  };
  const compare = async (asked: ComparePinsQuery): Promise<ComparedPins> => {
    const { limit } = checkQuery(asked);
    const { left, right } = asked;
    const all = await lists.sources();
    const chosen = [sourceOfId(left, all), sourceOfId(right, all)];
    if (chosen[0] === chosen[1]) throw new IpfsKitError('invalid-argument', 'Specify two sources.');
    const { comparedSources } = await import('./pinSource/comparedSources');
    const compared = await comparedSources(chosen, { worker });
    try {
      const { failure } = compared;
      if (failure !== undefined) throw new IpfsKitError(failure, compared.sources()[0]?.error?.message ?? '');
      const parts = [await firstOf(compared.left, limit), await firstOf(compared.right, limit)] as const;
      const { differences, both } = await compared.changed();
      const sources = compared.sources();
      const isIncomplete = sources.some(({ error }) => error);
      const changed = differences.slice(0, limit);
      return { left: parts[0], right: parts[1], changed, both, sources, ...(isIncomplete && { incomplete: true }) };
    } finally {
      await compared.close();
    }
  };
  function listPinsOf(asked?: ListPinsQuery): Promise<PinList>;
  function listPinsOf(asked: ListSeveralQuery): Promise<SeveralPins>;
  function listPinsOf(asked: ListPinsQuery | ListSeveralQuery = {}): Promise<PinList | SeveralPins> {
    const begin = async (): Promise<PinList | SeveralPins> => (isOfSeveral(asked) ? listSeveral(asked) : list(asked));
    return begin().catch((error: unknown) => Promise.reject(withShortMessage(error)));
  }
  return {
    version: 1,
    stopDaemon,
    listPins: listPinsOf,
    comparePins: (asked) => compare(asked).catch((error: unknown) => Promise.reject(withShortMessage(error))),
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

async function firstOf(pages: AsyncIterable<readonly Pin[]>, limit: number): Promise<readonly Pin[]> {
  const first: Pin[] = [];
  for await (const pins of pages) {
    first.push(...pins.slice(0, limit - first.length));
    if (first.length === limit) break;
  }
  return first;
}

/** Another extension may give anything. */
function isOfSeveral(asked: ListPinsQuery | ListSeveralQuery): asked is ListSeveralQuery {
  const given: unknown = asked;
  return typeof given === 'object' && given !== null && 'sources' in given;
}

/** The error for the caller, whose own words may be of any length. */
function withShortMessage(error: unknown): IpfsKitError {
  const { reason, message } = IpfsKitError.from(error);
  return new IpfsKitError(reason, cutText(message), { cause: error });
}

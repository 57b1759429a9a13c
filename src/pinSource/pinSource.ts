import type { CommandName } from '../base/contributions';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { Pin } from '../pin/pin';
import type { StoreWatchOptions } from '../pinStore/watchStore';
import type { ListingSources } from './ipfsKitListing';
import type { Listing, ListingOptions } from './listing';

/** What can be done with a source: the view, its menus, the status bar, commands and the command line go by this, and by no source's name. */
export interface Capabilities {
  readonly actions: readonly PinAction[];
  /** What unpinning touches besides, as a sentence for the question before it. */
  readonly unpinEffect?: string;
  /** A token can be set for it. */
  readonly token: boolean;
  /** The status of a pin: `listed` with the pins, `asked` for apart where it is wanted, or never known. */
  readonly statuses: 'listed' | 'asked' | 'none';
  /** The commands for its daemon, each left out where that can't be done. */
  readonly start?: CommandName | undefined;
  readonly stop?: CommandName | undefined;
  readonly restart?: CommandName | undefined;
  /** Further commands of its own, for menus. */
  readonly more?: readonly CommandName[] | undefined;
  /** Not shown where nothing of it is found (`missing`), and other sources are shown. */
  readonly hiddenWhenMissing?: boolean | undefined;
}

export const PIN_ACTIONS = ['pin', 'unpin', 'rename', 'verify', 'recover'] as const;
export type PinAction = (typeof PIN_ACTIONS)[number];

/** `needs-token`: it is there, and refuses whoever brings none. */
export type AnswerState = 'up' | 'starting' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** What a cheap look found. */
export interface SourceAnswer {
  readonly state: AnswerState;
  /** For people: what answered, or what did not, and the next step. */
  readonly detail: string;
}

/** Progress of pinning; a source tells what it knows. */
export interface PinProgress {
  readonly blocks?: number;
  readonly bytes?: number;
}

/** What is done to one pin. Resolves when the daemon has confirmed; rejects with an IpfsKitError that names the CID and the daemon. */
export type RunPinAction = (
  action: PinAction,
  of: { readonly cid: string; readonly name?: string; readonly type?: string },
  options: { readonly signal: AbortSignal; readonly onProgress?: (progress: PinProgress) => void },
) => Promise<string | undefined>;

export interface AskedFacts {
  readonly sizeBytes?: number;
  /** It is a file, with nothing below it, or a folder; left out where it is neither, or that isn't known. */
  readonly isFile?: boolean;
  /** `pinned`, `2 of 3 pinned`, `pin_error`. */
  readonly status?: string;
  /** In full, a line for each machine. */
  readonly detail?: string;
}

export interface FactRow {
  readonly pin: Pin;
}

/** What a list does not tell of its pins, sizes for one: asked for the rows that are shown, and told when it is there. */
export interface RowFacts<R extends FactRow> {
  of(row: R): AskedFacts | undefined;
  /** The rows are others now, and how pins stand may have changed. */
  forget(): void;
  dispose(): void;
}

export interface Peer {
  readonly id: string;
  readonly name: string;
  /** What is wrong with it; undefined where nothing is. */
  readonly problem?: string;
}

/** Stores on disk that are watched: `note` receives why the system can't tell of their changes. */
export type WatchedStores = Pick<StoreWatchOptions, 'databasePath' | 'pidFile' | 'note'>;

/** Somewhere that pins stand: a daemon, stores on disk, a cluster, a service. Plain Node; `vscode` knows nothing of it. */
export interface PinSource {
  /** Stays the same: rows are known by it. */
  readonly id: string;
  /** `Kubo`, `IPFS Cluster`. */
  readonly name: string;
  /** In the status bar, in place of the name. */
  readonly shortName?: string | undefined;
  /** What the `when` clause of its own welcome views begins with, `kubo` in `kubo refused`; empty where the reason stands alone. */
  readonly welcome: string;
  readonly capabilities: Capabilities;
  /** At most a second. Never rejects, but for `cancelled`. */
  probe(signal?: AbortSignal): Promise<SourceAnswer>;
  /** Its pins, as a table in the pin worker. Rejects with an IpfsKitError. */
  open(options: OpenOptions): Promise<Listing>;
  readonly run?: RunPinAction;
  /** What the list does not tell, for rows in view. */
  rowFacts?<R extends FactRow>(tell: (rows: readonly R[]) => void): RowFacts<R>;
  /** The machines of a cluster. */
  peers?(signal?: AbortSignal): Promise<readonly Peer[]>;
  /** Tells when its daemon has come or gone, as far as that can be seen without asking. */
  watch?(changed: () => void): { dispose(): void };
  /** Where it is asked, for whoever keeps a token for it; undefined while that is not known. */
  place?(): Promise<string | undefined>;
  /** Polls its daemon: the status bar shows that state, and the list follows it. */
  readonly monitor?: DaemonMonitor | undefined;
  /** What is listed without its daemon: the list follows these files, and may be opened from another one. */
  readonly stores?: WatchedStores | undefined;
}

export interface OpenOptions extends ListingOptions {
  /** A person asks: also for a list that has stopped the thread that read it. */
  readonly again?: boolean;
  /** In place of what the settings say; of ipfs_kit_py alone. */
  readonly from?: ListingSources;
  /** What its daemon has answered already: it is not asked again. */
  readonly daemon?: Probe;
  /** Also how each pin stands, where that is asked for apart from the list. */
  readonly statuses?: boolean;
  readonly onDaemon?: (answer: Probe) => void;
}

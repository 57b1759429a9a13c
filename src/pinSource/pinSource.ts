import type { CommandName } from '../base/contributions';
import type { DaemonMonitor } from '../daemonClient/ipfsKit/monitor';
import type { Probe } from '../daemonClient/ipfsKit/probe';
import type { Pin } from '../pin/pin';
import type { PinFilter } from '../pin/pinQuery';
import type { StoreWatchOptions } from '../pinStore/watchStore';
import type { ListingSources } from './ipfsKitListing';
import type { Listing, ListingOptions } from './listing';
import type { OtherPins } from './otherSets';

/** What a source supports. The view, menus, status bar, commands and command line read this and never compare the name of a source. */
export interface Capabilities {
  readonly actions: readonly PinAction[];
  /** Other effects of unpinning: a sentence for the question before it. */
  readonly unpinEffect?: string;
  /** A token can be set for the source. */
  readonly token: boolean;
  /** The status of pins: `listed` with them, `asked` for in requests of their own when it is needed, or `none`: never known. */
  readonly statuses: 'listed' | 'asked' | 'none';
  /** The sizes of pins, likewise. `listed`: as far as the list has them. */
  readonly sizes: 'listed' | 'asked' | 'none';
  /** What its pins never have, apart from the above: they can't be sorted or grouped by it. */
  readonly lacks?: readonly Fact[] | undefined;
  /** The commands that start, stop and restart its daemon; each is left out where that isn't possible. */
  readonly start?: CommandName | undefined;
  readonly stop?: CommandName | undefined;
  readonly restart?: CommandName | undefined;
  /** Further commands of the source, for menus. */
  readonly more?: readonly CommandName[] | undefined;
  /** The source is hidden where nothing of it is found (`missing`) while other sources are shown. */
  readonly hiddenWhenMissing?: boolean | undefined;
  /** The source is hidden while nothing is known to be in it and other sources are shown. */
  readonly hiddenWhenEmpty?: boolean | undefined;
  /** The source is a part of the daemon of another one, whose errors are those of both. */
  readonly partOf?: DaemonOf | undefined;
}

interface DaemonOf {
  /** The name of the daemon: what is started for it. */
  readonly name: string;
  /** The ID of the source that has the same daemon. */
  readonly id: string;
}

/** Whether two sources ask the same daemon, so that one token and one start are for both. */
export function shareDaemon(one: PinSource, other: PinSource): boolean {
  const daemonOf = ({ id, capabilities }: PinSource): string => capabilities.partOf?.id ?? id;
  return daemonOf(one) === daemonOf(other);
}

/** What pins are sorted and grouped by, apart from their names. */
export type Fact = 'date' | 'size' | 'folder' | 'type' | 'status' | 'tier' | 'backend';

export const PIN_ACTIONS = ['pin', 'unpin', 'rename', 'verify', 'recover'] as const;
export type PinAction = (typeof PIN_ACTIONS)[number];

/** What a source can do to a pin. An indirect pin is kept by a recursive one above it, and goes only with that. */
export function actionsOn({ type }: Pick<Pin, 'type'>, { actions }: Pick<Capabilities, 'actions'>): readonly PinAction[] {
  return type === 'indirect' ? [] : actions;
}

/** `foreign`: another program responds at the address. `needs-token`: the daemon requires a token, or rejected the saved one. */
export type AnswerState = 'up' | 'starting' | 'absent' | 'busy' | 'foreign' | 'needs-token';

/** The result of a probe. */
export interface SourceAnswer {
  readonly state: AnswerState;
  /** For people: what responded or failed to, and the next step. */
  readonly detail: string;
}

/** Progress of pinning, as far as the source knows it. */
export interface PinProgress {
  /** Of content that was pinned before: whether it is still stored, or has been deleted and must be fetched. */
  readonly content?: 'stored' | 'deleted';
  readonly blocks?: number;
  readonly bytes?: number;
}

type ActedOn = Readonly<Pick<Pin, 'cid' | 'type'>> & { readonly name?: string | undefined };

interface ActionOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PinProgress) => void;
}

/**
 * Does one action to one pin. Resolves when the daemon has confirmed it, with a sentence about the result or undefined. Rejects with an IpfsKitError that
 * names the CID and the daemon: `not-pinned` where that doesn't have the pin any more.
 */
export type RunPinAction = (
  action: Exclude<PinAction, 'recover'>,
  of: ActedOn,
  options: ActionOptions,
) => Promise<string | undefined>;

/** Pins content again as it was pinned before; resolves and rejects as RunPinAction. */
export type PinAgain = (options: ActionOptions) => Promise<string | undefined>;

/** A file or folder: the names that lead to it from the root folder of its source, outermost first, and the CID that its row has. */
export interface Entry {
  readonly path: readonly string[];
  readonly cid: string;
}

/**
 * What can be done to the entries of a source with folders. Each resolves once the source has it, and rejects with an IpfsKitError that says what wasn't done:
 * `no-entry` where the entry, or the folder for it, is gone, `mismatch` where it has another CID by then, `invalid-argument` where a path is taken or can't be
 * one. Nothing is changed then, and nothing is ever overwritten.
 */
export interface EntryActions {
  /** Removes it with everything below it. Resolves with what puts it back, which rejects with `missing` where the content has been deleted meanwhile. */
  readonly remove: (entry: Entry, signal: AbortSignal) => Promise<(signal: AbortSignal) => Promise<void>>;
  /** Puts content at a path. */
  readonly copyHere: (cid: string, path: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly move: (entry: Entry, to: readonly string[], signal: AbortSignal) => Promise<void>;
  readonly makeFolder: (path: readonly string[], signal: AbortSignal) => Promise<void>;
  /** The CID of a folder as it is now; without names, of the root folder. */
  readonly folder: (path: readonly string[], signal: AbortSignal) => Promise<string>;
}

/** What came of a recovery: every peer has the pin, some failed again, or it isn't known yet. */
export interface Recovered {
  readonly state: 'pinned' | 'failed' | 'pinning';
  /** The peers that failed, with their errors: `alder: no space`. Empty where none did. */
  readonly detail: string;
}

export interface AskedFacts {
  readonly sizeBytes?: number | undefined;
  /** True for a file, which has nothing below it; false for a folder; left out where it is neither or unknown. */
  readonly isFile?: boolean | undefined;
  /** The name ending of a file without a name, with its dot, as its first bytes show it: `.png`. */
  readonly ending?: string | undefined;
  /** `pinned`, `pinning 1 of 3`, `failed on alder (2 of 3 pinned)`. */
  readonly status?: string | undefined;
  /** The status in full, a line for each machine. */
  readonly detail?: string;
}

export interface FactRow {
  readonly pin: Pin;
}

/** Facts that a list doesn't contain, such as sizes. They are requested for the rows that are shown, which are drawn again once the facts are known. */
export interface RowFacts<R extends FactRow> {
  of(row: R): AskedFacts | undefined;
  /**
   * Drops the waiting requests and the statuses: the rows have been replaced, and statuses may have changed. `isSilent`: nobody asked for that, so each status
   * stays until it has been asked for again.
   */
  forget(isSilent?: boolean): void;
  dispose(): void;
}

/**
 * Asks for the sizes of the pins of a table that match a filter and have none yet, and adds them to the table, until `isEnough` says so between two
 * requests. Resolves with whether there are more to ask for. Rejects with an IpfsKitError; the sizes that were added before stay.
 */
export type AskSizes = (options: AskSizesOptions) => Promise<boolean>;

export interface AskSizesOptions extends Pick<ListingOptions, 'worker' | 'signal'> {
  readonly table: number;
  readonly of: PinFilter;
  /** Receives how many sizes were added or asked for since the last call. */
  readonly onAsked?: ((pins: number) => void) | undefined;
  readonly isEnough?: () => boolean;
}

export interface Peer {
  readonly id: string;
  readonly name: string;
  /** Why the peer isn't healthy; undefined where it is. */
  readonly problem?: string;
}

/** A cheap text that is another one once the list has changed; `Listing.hint` is that of a list. */
export interface Hint {
  /** How often it is asked for, in ms. */
  readonly everyMs: number;
  /** Undefined where it isn't known. Rejects with an IpfsKitError. */
  readonly ask: (signal: AbortSignal) => Promise<string | undefined>;
}

/** Stores on disk that are watched. `note` receives the reason where the system can't report their changes. */
export type WatchedStores = Pick<StoreWatchOptions, 'databasePath' | 'pidFile' | 'note'>;

/** Somewhere that pins are kept: a daemon, stores on disk, a cluster, a service. Plain Node, without `vscode`. */
export interface PinSource {
  /** Unique among the sources, and constant: row ids contain it. */
  readonly id: string;
  /** `Kubo`, `IPFS Cluster`. */
  readonly name: string;
  /** The name in the status bar; default `name`. */
  readonly shortName?: string | undefined;
  /** The first word in the `when` clauses of its own welcome views, `kubo` in `kubo refused`; empty for views whose clause has only the reason. */
  readonly welcome: string;
  readonly capabilities: Capabilities;
  /** Finds out cheaply, within a second, whether the source responds. Rejects only with `cancelled`. */
  probe(signal?: AbortSignal): Promise<SourceAnswer>;
  /** Opens the list of its pins as a table in the pin worker. Rejects with an IpfsKitError. */
  open(options: OpenOptions): Promise<Listing>;
  /** Only where it is cheap to find out that the list has changed. */
  readonly hint?: Hint;
  readonly run?: RunPinAction;
  /** Reads what unpinning loses: the name, type and options of a pin. Rejects with an IpfsKitError. */
  readonly keep?: (of: ActedOn, signal: AbortSignal) => Promise<PinAgain>;
  /** Only where its rows are entries of a folder. */
  readonly entries?: EntryActions;
  /** Makes the peers that failed to pin it try again, and waits some seconds for them. Rejects with an IpfsKitError where the cluster refuses. */
  readonly recover?: (cid: string, signal: AbortSignal) => Promise<Recovered>;
  /** Facts that the list doesn't contain; `tell` receives the rows whose facts have become known. */
  rowFacts?<R extends FactRow>(tell: (rows: readonly R[]) => void): RowFacts<R>;
  /** Asks for the sizes of the pins of a table that this source has opened. Only where its listing has `sizes: 'asked'`. */
  readonly askSizes?: AskSizes;
  /** Counts the pins that have failed. Only where its statuses are `asked`. Rejects with an IpfsKitError. */
  readonly countFailed?: (signal: AbortSignal) => Promise<number>;
  /** The peers of a cluster. Rejects with an IpfsKitError. */
  peers?(signal?: AbortSignal): Promise<readonly Peer[]>;
  /** Calls `changed` when its daemon has started or stopped, or its token has changed. */
  watch?(changed: () => void): { dispose(): void };
  /** The address or socket path that its token is saved for; undefined while that is unknown. Rejects with an IpfsKitError. */
  tokenAddress?(): Promise<string | undefined>;
  /** The sources that its last list has found: sets of pins on disk that it doesn't list itself. They are listed after it. */
  further?(): readonly PinSource[];
  /** The sets of pins on disk that a list of this source doesn't have. Rejects only with `cancelled`. */
  otherSets?(listing: Listing, options: Pick<ListingOptions, 'worker' | 'signal'>): Promise<readonly OtherPins[]>;
  /** Polls its daemon: the status bar shows the state, and the list follows it. */
  readonly monitor?: DaemonMonitor | undefined;
  /** The stores that are listed without its daemon: the list follows these files, and can be opened from another one. */
  readonly stores?: WatchedStores | undefined;
}

export interface OpenOptions extends ListingOptions {
  /** The user asked for the list: it is read even if reading it has ended a worker thread before. */
  readonly again?: boolean;
  /** Only for ipfs_kit_py: replaces the sources of the settings. */
  readonly from?: ListingSources | undefined;
  /** A probe that is known already, so that the daemon isn't probed again. */
  readonly daemon?: Probe | undefined;
  /** Whether the status of each pin is wanted, where that takes separate requests. */
  readonly statuses?: boolean;
  readonly onDaemon?: (answer: Probe) => void;
}

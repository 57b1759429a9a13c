import type { Probe } from '../../daemonClient/ipfsKit/probe';
import type { IpfsKitError } from '../../base/ipfsKitError';
import type { ListingSources } from '../../pinSource/ipfsKitListing';
import type { Listing } from '../../pinSource/listing';
import type { ListView } from './listView';
import type { PinLevel, Wanted } from './pinLevel';
import { NO_ROWS } from './pinLevel';

/** What the view shows. Rows, error and listing always belong together. */
export interface PinListState {
  /** True from the first question until the final answer; rows from disk, or the first of a daemon, may be there before. */
  readonly busy: boolean;
  /** How the rows are shown. */
  readonly view: ListView;
  /** True where nothing holds the filter as it is, and the rows are what resembles it. */
  readonly fuzzy: boolean;
  /** The topmost rows: pins, or groups. */
  readonly rows: PinLevel;
  /** How many pins match the filter, and how many there are; undefined while they are being counted. */
  readonly matching?: number;
  readonly total?: number;
  readonly listing?: Listing;
  readonly error?: IpfsKitError;
  /** What the daemon answered when the rows, or the error, were asked for. */
  readonly daemon?: Probe;
}

/** Asks the source for its list. */
export interface Open {
  readonly do: 'open';
  readonly quiet: boolean;
  /** In place of what the settings say. */
  readonly from: ListingSources | undefined;
  /** A person asks. */
  readonly again: boolean;
  /** The status of each pin is wanted, too. */
  readonly statuses: boolean;
  /** What the daemon has answered already: a quiet list doesn't probe it. */
  readonly daemon: Probe | undefined;
}

/** Reads the topmost rows of a table, to show them. */
export interface Read {
  readonly do: 'read';
  readonly quiet: boolean;
  readonly listing: Listing;
  readonly view: ListView;
  readonly limits: Wanted;
}

/** Counts the pins of the table that is shown: those that match, and all. */
export interface Count {
  readonly do: 'count';
  readonly quiet: boolean;
  readonly table: number;
  readonly view: ListView;
  readonly fuzzy: boolean;
  /** How many match, where all of them have been read. */
  readonly matching: number | undefined;
}

/** Adds rows to those that are shown. */
export interface Add {
  readonly do: 'add';
  readonly quiet: boolean;
  readonly table: number;
  readonly view: ListView;
  readonly fuzzy: boolean;
  readonly before: PinLevel;
  readonly limits: Wanted;
}

/**
 * What is under way. Work is known by identity: its outcome counts only while the state holds that very object, and work that the state lets go is aborted.
 * The numbers that are shown stay during `quiet` work, and the view shows progress only once that work is slow.
 */
export type Work = Open | Read | Count | Add;

/** One listing. What it reads ends with it. */
export type Run =
  /** The source is asked. `read`: the first rows of what has come so far, the interim list. */
  | { readonly phase: 'opening'; readonly open: Open; readonly daemon: Probe | undefined; readonly read: Read | undefined }
  /** The source has given its list, and the first rows are read. */
  | { readonly phase: 'reading'; readonly open: Open; readonly daemon: Probe | undefined; readonly read: Read };

/** Rows of a table. What is asked about the table ends with them. */
export interface Rows {
  readonly is: 'rows';
  /** The work that brought these rows: they are known by it. */
  readonly origin: Read;
  readonly listing: Listing;
  readonly view: ListView;
  readonly fuzzy: boolean;
  readonly rows: PinLevel;
  readonly matching: number | undefined;
  readonly total: number | undefined;
  readonly isCounted: boolean;
  readonly daemon: Probe | undefined;
  /** The table is closed, to make room for the one that replaces it, or can't be read: only its rows are left. */
  readonly isGone: boolean;
  /** Counting shows no progress. */
  readonly quiet: boolean;
  /** The same table in the view that is wanted now. */
  readonly read: Read | undefined;
  readonly count: Count | undefined;
  readonly add: Add | undefined;
}

export type Shown =
  { readonly is: 'nothing' } | { readonly is: 'failed'; readonly error: IpfsKitError; readonly daemon: Probe | undefined } | Rows;

/** Two regions, what the source is asked and what is shown, and what is wanted of them. */
export interface ListState {
  readonly run: Run | undefined;
  readonly shown: Shown;
  readonly wanted: ListView;
  /** More rows at the top. */
  readonly isMoreWanted: boolean;
  /** A quiet list, once nothing is under way: that may have read the store before it changed. */
  readonly isRelistWanted: boolean;
  /** The rows of which a group couldn't be read, so that the source was listed again. */
  readonly retried: Read | undefined;
  /** Why the source isn't listed before a person asks: listing it has ended the thread, and would do so again. */
  readonly halted: IpfsKitError | undefined;
  /** Quiet work that shows progress by now. */
  readonly slow: Work | undefined;
  readonly isDisposed: boolean;
}

export type ListEvent =
  // What people and the watchers of daemons and files ask for.
  | { readonly on: 'list'; readonly from?: ListingSources | undefined; readonly again?: boolean | undefined }
  | { readonly on: 'relist' }
  | { readonly on: 'view'; readonly view: ListView }
  | { readonly on: 'more' }
  | { readonly on: 'stop' }
  | { readonly on: 'forget' }
  | { readonly on: 'dispose' }
  // What comes of work.
  | { readonly on: 'probed'; readonly of: Open; readonly daemon: Probe }
  | { readonly on: 'releasing'; readonly of: Open }
  | { readonly on: 'interim'; readonly of: Open; readonly listing: Listing }
  | { readonly on: 'opened'; readonly of: Open; readonly listing: Listing }
  | { readonly on: 'read'; readonly of: Read; readonly rows: PinLevel; readonly fuzzy: boolean }
  | { readonly on: 'counted'; readonly of: Count; readonly matching: number; readonly total: number }
  | { readonly on: 'added'; readonly of: Add; readonly rows: PinLevel }
  | { readonly on: 'slow'; readonly of: Work }
  | { readonly on: 'failed'; readonly of: Work; readonly error: IpfsKitError }
  /** `of`: the origin of the rows that hold the group. */
  | { readonly on: 'groupFailed'; readonly of: Read; readonly error: IpfsKitError }
  | { readonly on: 'threadEnded'; readonly error: IpfsKitError };

export type Effect =
  | { readonly do: 'begin' | 'abort'; readonly work: Work }
  | { readonly do: 'close'; readonly listing: Listing }
  /** Other rows are shown: the rows of open groups are read again when the tree asks. */
  | { readonly do: 'renewGroups' }
  /** `state` or `view` of the model has changed. */
  | { readonly do: 'tell' };

export const firstState = (wanted: ListView): ListState => ({
  run: undefined,
  shown: { is: 'nothing' },
  wanted,
  isMoreWanted: false,
  isRelistWanted: false,
  retried: undefined,
  halted: undefined,
  slow: undefined,
  isDisposed: false,
});

export function worksOf({ run, shown }: ListState): readonly Work[] {
  const ofRun = run && [run.phase === 'opening' ? run.open : undefined, run.read];
  const ofRows = shown.is === 'rows' ? [shown.read, shown.count, shown.add] : [];
  return [...(ofRun ?? []), ...ofRows].filter((work) => work !== undefined);
}

/** The listings whose tables stay open. */
export function listingsOf({ run, shown }: ListState): readonly Listing[] {
  return [...(run?.read ? [run.read.listing] : []), ...(shown.is === 'rows' && !shown.isGone ? [shown.listing] : [])];
}

export function originOf({ shown }: ListState): Read | undefined {
  return shown.is === 'rows' ? shown.origin : undefined;
}

export function publicState(state: ListState): PinListState {
  const { shown, wanted, slow } = state;
  const busy = worksOf(state).some((work) => !work.quiet || work === slow);
  if (shown.is === 'nothing') return { busy, view: wanted, fuzzy: false, rows: NO_ROWS };
  const daemon = shown.daemon && { daemon: shown.daemon };
  if (shown.is === 'failed') return { busy, view: wanted, fuzzy: false, rows: NO_ROWS, error: shown.error, ...daemon };
  const { view, fuzzy, rows, matching, total, listing } = shown;
  return {
    busy,
    view,
    fuzzy,
    rows,
    listing,
    ...daemon,
    ...(matching !== undefined && { matching }),
    ...(total !== undefined && { total }),
  };
}

/** What a caller waits for. */
export type Asked = 'list' | 'relist' | 'view' | 'more';

/** Whether what was asked for is there, or can't be had. */
export function isDone(state: ListState, asked: Asked): boolean {
  const { run, shown, wanted } = state;
  const isReadWhole = shown.is !== 'rows' || (!shown.read && !shown.count);
  switch (asked) {
    case 'list':
      return !run && isReadWhole;
    case 'relist':
      return !run && isReadWhole && !state.isRelistWanted;
    case 'view':
      return isReadWhole && (!run || (shown.is === 'rows' && shown.view === wanted && !run.read));
    case 'more': // and the list that is read where rows couldn't be added
      return !state.isMoreWanted && (shown.is !== 'rows' || (!(run && shown.isGone) && shown.count?.quiet !== false));
  }
}

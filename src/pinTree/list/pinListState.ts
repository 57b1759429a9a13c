import type { Probe } from '../../daemonClient/ipfsKit/probe';
import type { SortKey } from '../../pin/pinQuery';
import type { IpfsKitError } from '../../base/ipfsKitError';
import type { ListingSources } from '../../pinSource/ipfsKitListing';
import type { PinTotal } from '../../pin/pinQuery';
import { isOfSize } from '../../pin/pinQuery';
import type { Listing } from '../../pinSource/listing';
import type { ListView } from './listView';
import type { Move, PinLevel, Wanted } from './pinLevel';
import { NO_ROWS } from './pinLevel';

/** The state that the view shows. Rows, error and listing always belong together. */
export interface PinListState {
  /** True while the list is read. Rows from disk, or the first rows of a daemon, may be shown before the end. */
  readonly busy: boolean;
  /** Filter, order and groups of the rows. */
  readonly view: ListView;
  /** The order of the pins, which `view` may leave open; undefined for that of the source. */
  readonly order?: SortKey | undefined;
  /** True where the filter has no exact match, and the rows are similar pins. */
  readonly fuzzy: boolean;
  /** The topmost rows: pins, or groups. */
  readonly rows: PinLevel;
  /** Number of pins that match the filter, and of all pins; undefined while they are being counted. */
  readonly matching?: number | undefined;
  readonly total?: number | undefined;
  /** Number of pins that have failed, with or without the filter; undefined while and where that isn't known. */
  readonly failed?: number | undefined;
  /** The sizes of the pins that match; undefined until they have been added up. */
  readonly sizes?: PinTotal | undefined;
  readonly sizing?: Sizing | undefined;
  /** While sizes are asked for: for how many of the pins that has been done. */
  readonly sizesAsked?: number | undefined;
  readonly listing?: Listing;
  /** The rows came with a list that nobody asked for. */
  readonly isSilent?: boolean;
  readonly error?: IpfsKitError;
  /** The probe of the daemon that belongs to the rows or the error. */
  readonly daemon?: Probe;
}

/**
 * What happens about sizes that the list doesn't have: they are asked for; there are so many that the user is asked first; or no more are asked for, because
 * the user has stopped that, because it failed (`stopped`), or because the daemon knows no others (`complete`). Undefined while there is nothing to say.
 */
type Sizing = 'asking' | 'too-many' | NonNullable<Rows['sizing']>;

/** Quiet work keeps the numbers that are shown, and shows progress only once it is slow. Silent work, which nobody asked for, never shows any. */
export type Quiet = boolean | 'silent';

/** Work that opens the list of the source. */
export interface Open {
  readonly do: 'open';
  readonly quiet: Quiet;
  /** Replaces the sources of the settings. */
  readonly from: ListingSources | undefined;
  /** The user asked for the list. */
  readonly again: boolean;
  /** The status of each pin is wanted too. */
  readonly statuses: boolean;
  /** The earlier probe: a quiet list doesn't probe the daemon again. */
  readonly daemon: Probe | undefined;
}

/** Work that reads the topmost rows of a table, to show them. */
export interface Read {
  readonly do: 'read';
  readonly quiet: Quiet;
  readonly listing: Listing;
  readonly view: ListView;
  readonly order: SortKey | undefined;
  readonly limits: Wanted;
}

/** Work that counts the pins of the table that is shown: those that match, and all. */
export interface Count {
  readonly do: 'count';
  readonly quiet: Quiet;
  readonly table: number;
  readonly view: ListView;
  readonly fuzzy: boolean;
  /** Number of pins that match, where all of them have been read. */
  readonly matching: number | undefined;
}

/** Work that reads other rows in place of those that are shown, or in addition to them. */
export interface Add {
  readonly do: 'add';
  readonly quiet: boolean;
  readonly table: number;
  readonly view: ListView;
  readonly order: SortKey | undefined;
  readonly fuzzy: boolean;
  /** The move that asks for them. */
  readonly move: Move;
  readonly before: PinLevel;
  readonly limits: Wanted;
}

/** Work that counts the failed pins of the table that is shown, once nothing else is to be read from it; where `asks`, by asking the source. */
interface CountFailed {
  readonly do: 'countFailed';
  readonly quiet: true;
  readonly table: number;
  readonly asks: boolean;
}

/** Work that asks for sizes of the pins that match, where `asks`, and adds up those that are known. */
export interface Size {
  readonly do: 'size';
  readonly quiet: Quiet;
  readonly table: number;
  readonly view: ListView;
  readonly fuzzy: boolean;
  readonly asks: boolean;
  /** How many sizes are known already. Once as many more are, the rows are read again, so that they move only a few times. */
  readonly known: number;
}

/**
 * Work that is under way. It is compared by identity: its outcome counts only while the state contains that same object, and work that leaves the state is
 * aborted.
 */
export type Work = Open | Read | Count | Add | CountFailed | Size;

/** One listing of the source. Its work is aborted when it ends. */
export type Run =
  /** The source opens its list. `read`: reads the first rows of the interim list. */
  | { readonly phase: 'opening'; readonly open: Open; readonly daemon: Probe | undefined; readonly read: Read | undefined }
  /** The source has given its list, and the first rows are read. */
  | { readonly phase: 'reading'; readonly open: Open; readonly daemon: Probe | undefined; readonly read: Read };

/** The rows of a table that are shown. Work on the table is aborted when other rows replace them. */
export interface Rows {
  readonly is: 'rows';
  /** The work that read these rows, which identifies them. */
  readonly origin: Read;
  readonly listing: Listing;
  readonly view: ListView;
  readonly order: SortKey | undefined;
  readonly fuzzy: boolean;
  readonly rows: PinLevel;
  readonly matching: number | undefined;
  readonly total: number | undefined;
  readonly isCounted: boolean;
  /** The failed pins, undefined where they couldn't be counted, and the table that was counted: those of the previous one stay until then. */
  readonly failed: { readonly table: number; readonly pins: number | undefined } | undefined;
  readonly sizes: PinTotal | undefined;
  /** `failed`: the sizes couldn't be added up. */
  readonly sizing: 'stopped' | 'complete' | 'failed' | undefined;
  readonly sizesAsked: number;
  readonly daemon: Probe | undefined;
  /** The table can't be read any more, or is closed to make room for the one that replaces it: only its rows are left. */
  readonly isGone: boolean;
  /** Counting shows no progress. */
  readonly quiet: Quiet;
  /** The sizes of the rows that these have replaced silently: they stay until these have sizes, too. */
  readonly oldSizes: PinTotal | undefined;
  /** Reads the same table in the view that is wanted now. */
  readonly read: Read | undefined;
  readonly count: Count | undefined;
  readonly add: Add | undefined;
  readonly countFailed: CountFailed | undefined;
  readonly size: Size | undefined;
}

export type Shown =
  { readonly is: 'nothing' } | { readonly is: 'failed'; readonly error: IpfsKitError; readonly daemon: Probe | undefined } | Rows;

/** The whole state: the listing that is under way, the rows or error that are shown, and what is still requested of both. */
export interface ListState {
  readonly run: Run | undefined;
  readonly shown: Shown;
  readonly wanted: ListView;
  /** Other rows at the top are wanted. */
  readonly move: Move | undefined;
  /** The user wants the sizes of however many pins, as long as the view is by size. */
  readonly areAllSizesWanted: boolean;
  /** The view is visible. */
  readonly isSeen: boolean;
  /** A quiet list is wanted once no work is under way: that work may have read the store before it changed. */
  readonly isRelistWanted: boolean;
  /** The rows that have a group that couldn't be read, for which the source was listed again once. */
  readonly retried: Read | undefined;
  /** Why the source isn't listed until the user asks: listing it has ended the worker thread, and probably would again. */
  readonly halted: IpfsKitError | undefined;
  /** Quiet work that has become slow, so that it shows progress. */
  readonly slow: Work | undefined;
  readonly isDisposed: boolean;
}

export type ListEvent =
  // Requests of the user and of the watchers of daemons and files.
  | { readonly on: 'list'; readonly from?: ListingSources | undefined; readonly again?: boolean | undefined }
  | { readonly on: 'relist' }
  /** Lists the source again silently. */
  | { readonly on: 'refresh' }
  | { readonly on: 'view'; readonly view: ListView }
  | { readonly on: 'more'; readonly move: Move }
  | { readonly on: 'sizes' }
  /** What the lists know of each other has changed. */
  | { readonly on: 'joined' }
  | { readonly on: 'seen'; readonly isSeen: boolean }
  | { readonly on: 'stop' }
  | { readonly on: 'forget' }
  | { readonly on: 'dispose' }
  // Outcomes and signs of work.
  | { readonly on: 'probed'; readonly of: Open; readonly daemon: Probe }
  | { readonly on: 'releasing'; readonly of: Open }
  | { readonly on: 'interim'; readonly of: Open; readonly listing: Listing }
  | { readonly on: 'opened'; readonly of: Open; readonly listing: Listing }
  | { readonly on: 'read'; readonly of: Read; readonly rows: PinLevel; readonly fuzzy: boolean }
  | { readonly on: 'counted'; readonly of: Count; readonly matching: number; readonly total: number }
  | { readonly on: 'countedFailed'; readonly of: CountFailed; readonly failed: number | undefined }
  | { readonly on: 'added'; readonly of: Add; readonly rows: PinLevel }
  | { readonly on: 'sizing'; readonly of: Size; readonly asked: number }
  | { readonly on: 'sized'; readonly of: Size; readonly total: PinTotal; readonly hasMore: boolean }
  | { readonly on: 'slow'; readonly of: Work }
  | { readonly on: 'failed'; readonly of: Work; readonly error: IpfsKitError }
  /** `of`: the origin of the rows that contain the group. */
  | { readonly on: 'groupFailed'; readonly of: Read; readonly error: IpfsKitError }
  | { readonly on: 'threadEnded'; readonly error: IpfsKitError };

export type Effect =
  | { readonly do: 'begin' | 'abort'; readonly work: Work }
  | { readonly do: 'close'; readonly listing: Listing }
  /** Other rows are shown, so the rows of open groups must be read again when the tree asks. */
  | { readonly do: 'renewGroups' }
  /** `state` or `view` of the model has changed. */
  | { readonly do: 'tell' };

export const firstState = (wanted: ListView): ListState => ({
  run: undefined,
  shown: { is: 'nothing' },
  wanted,
  move: undefined,
  areAllSizesWanted: false,
  isSeen: false,
  isRelistWanted: false,
  retried: undefined,
  halted: undefined,
  slow: undefined,
  isDisposed: false,
});

export function worksOf({ run, shown }: ListState): readonly Work[] {
  const ofRun = run && [run.phase === 'opening' ? run.open : undefined, run.read];
  const ofRows = shown.is === 'rows' ? [shown.read, shown.count, shown.add, shown.countFailed, shown.size] : [];
  return [...(ofRun ?? []), ...ofRows].filter((work) => work !== undefined);
}

/** The listings whose tables stay open. */
export function listingsOf({ run, shown }: ListState): readonly Listing[] {
  return [...(run?.read ? [run.read.listing] : []), ...(shown.is === 'rows' && !shown.isGone ? [shown.listing] : [])];
}

/** The listing whose rows are shown, while its table is open. */
export function openListing({ shown }: ListState): Listing | undefined {
  return shown.is === 'rows' && !shown.isGone ? shown.listing : undefined;
}

export function originOf({ shown }: ListState): Read | undefined {
  return shown.is === 'rows' ? shown.origin : undefined;
}

export function publicState(state: ListState): PinListState {
  const { shown, wanted, slow } = state;
  const busy = worksOf(state).some((work) => !work.quiet || work === slow) || isAwaited(state);
  if (shown.is === 'nothing') return { busy, view: wanted, fuzzy: false, rows: NO_ROWS };
  const daemon = shown.daemon && { daemon: shown.daemon };
  if (shown.is === 'failed') return { busy, view: wanted, fuzzy: false, rows: NO_ROWS, error: shown.error, ...daemon };
  const { view, order, fuzzy, rows, matching, total, failed, oldSizes, size, listing } = shown;
  const sizes = shown.sizes === undefined || size ? (oldSizes ?? shown.sizes) : shown.sizes;
  return {
    busy,
    view,
    order,
    fuzzy,
    rows,
    listing,
    isSilent: shown.quiet === 'silent',
    ...daemon,
    matching,
    total,
    failed: failed?.pins,
    sizes,
    sizing: size?.asks ? 'asking' : areTooMany(state, shown) ? 'too-many' : shown.sizing,
    sizesAsked: size?.asks ? Math.min(size.known + shown.sizesAsked, sizes?.count ?? 0) : undefined,
  };
}

/** Whether the user waits for rows that only the silent list which is under way can give. */
function isAwaited({ run, shown, wanted, move }: ListState): boolean {
  return run !== undefined && shown.is === 'rows' && shown.isGone && (shown.view !== wanted || move !== undefined);
}

/** Whether the rows are those of a live list that may be read again silently: nothing else is under way or wanted. */
export function isAtRest(state: ListState): boolean {
  const { shown, move, isRelistWanted, halted } = state;
  const isLive = shown.is === 'rows' && !shown.isGone && shown.listing.freshness === 'live' && !shown.listing.incomplete;
  return isLive && !move && !isRelistWanted && !halted && worksOf(state).length === 0;
}

/** Sizes of so few pins are asked for in any case: those of the rows that are shown would be. */
const FEW_SIZES = 1000;
/** Sizes of more pins are asked for only if the user wants that: Kubo gives some hundred a second. */
const MANY_SIZES = 20_000;

/** Whether sizes decide the order of the rows, or are added up in them. */
export function isBySize({ sort, group }: ListView): boolean {
  return isOfSize(sort) || group !== undefined;
}

/** Whether sizes of the pins that are shown should be asked for. */
export function needsSizes(state: ListState, shown: Rows): boolean {
  return canAsk(shown) && ((shown.sizes?.count ?? 0) <= FEW_SIZES || (isBySize(shown.view) && !areTooMany(state, shown)));
}

function areTooMany({ areAllSizesWanted }: ListState, shown: Rows): boolean {
  return !areAllSizesWanted && canAsk(shown) && isBySize(shown.view) && (shown.sizes?.count ?? 0) > MANY_SIZES;
}

function canAsk({ listing, sizes, sizing }: Rows): boolean {
  return listing.opened.sizes === 'asked' && sizing === undefined && sizes !== undefined && sizes.sized < sizes.count;
}

/** Events that a caller waits for. */
export type Asked = 'list' | 'relist' | 'view' | 'more';

/** Whether the request is done or has failed. */
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
    case 'more': // where rows couldn't be added the source is listed again, and that list counts too
      return !state.move && (shown.is !== 'rows' || (!(run && shown.isGone) && shown.count?.quiet !== false));
  }
}

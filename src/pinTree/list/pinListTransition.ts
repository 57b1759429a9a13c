import { IpfsKitError } from '../../base/ipfsKitError';
import { isEndByAnother } from '../../base/threadHandle';
import type { SortKey } from '../../pin/pinQuery';
import { DEFAULT_PAGE } from '../../pin/pinQuery';
import { MOST_BY_NAME } from '../../pin/pinTable';
import type { Listing } from '../../pinSource/listing';
import { needsStatuses } from '../../pin/filterWords';
import { asksJoin } from '../../pin/joinQuery';
import { asksForFailed, canCountFailed, hasStatuses } from './failedPins';
import { lacksStatuses } from './listView';
import type { Move, Part } from './pinLevel';
import { FIRST_ROWS, movedFrom, rangeOf } from './pinLevel';
import type { Add, Effect, ListEvent, ListState, Open, PinListState, Quiet, Read, Rows, Size, Work } from './pinListState';
import { isAtRest, isBySize, listingsOf, needsSizes, originOf, publicState, worksOf } from './pinListState';
import type { RowRange } from './rowRange';
import { MORE, MOST_ROWS } from './rowRange';

/** Reasons that may come from the view rather than from the list, so that another view lists again. */
const OF_VIEW = ['timeout', 'too-large', 'internal'] as const;

/**
 * The state after an event, with the effects that lead to it; nothing is performed here. `step` records the event, `settle` decides which work must be
 * under way now, and the effects are the difference between the two states. So no step can forget to abort work, to close a table or to tell the listeners.
 */
export function next(before: ListState, event: ListEvent): { readonly state: ListState; readonly effects: readonly Effect[] } {
  const state = isStale(before, event) ? before : settle(step(before, event));
  return { state, effects: effectsBetween(before, event, state) };
}

/** Whether an event is the outcome of work that has left the state. Such outcomes are dropped here and nowhere else. */
function isStale(state: ListState, event: ListEvent): boolean {
  if (state.isDisposed) return true;
  if (!('of' in event)) return false;
  return event.on === 'groupFailed' ? event.of !== originOf(state) : !worksOf(state).includes(event.of);
}

function effectsBetween(before: ListState, event: ListEvent, after: ListState): readonly Effect[] {
  const [had, has] = [worksOf(before), worksOf(after)];
  const open = listingsOf(after).map(tableOf);
  const known = [...listingsOf(before), ...('listing' in event ? [event.listing] : [])];
  const isSame = before.wanted === after.wanted && isAlike(publicState(before), publicState(after));
  const effects: (Effect | false)[] = [
    ...had.map((work) => !has.includes(work) && ({ do: 'abort', work } as const)),
    originOf(before) !== originOf(after) && { do: 'renewGroups' },
    ...known.map((listing) => !open.includes(tableOf(listing)) && ({ do: 'close', listing } as const)),
    ...has.map((work) => !had.includes(work) && ({ do: 'begin', work } as const)),
    !isSame && !after.isDisposed && { do: 'tell' },
  ];
  return effects.filter((effect) => effect !== false);
}

function step(state: ListState, event: ListEvent): ListState {
  const { run, shown } = state;
  switch (event.on) {
    case 'list':
      return list({ ...state, retried: undefined }, event);
    case 'relist':
      return { ...state, retried: undefined, isRelistWanted: true };
    case 'refresh':
      return isAtRest(state) ? refresh(state) : state;
    case 'view': {
      const areAllSizesWanted = state.areAllSizesWanted && isBySize(event.view);
      return changeView(
        withRows({ ...state, retried: undefined, wanted: event.view, move: undefined, areAllSizesWanted }, RESUMED),
      );
    }
    case 'more':
      return { ...state, move: event.move };
    case 'sizes':
      return withRows({ ...state, areAllSizesWanted: true }, RESUMED);
    case 'joined':
      // The same rows, unless other pins fit by now. Their sizes are added up again.
      return withRows(state, (rows) =>
        asksJoin(rows.view) && !rows.isGone && rows.view === state.wanted
          ? { read: readOf(state, rows.listing, true), sizes: undefined, ...RESUMED(rows) }
          : {},
      );
    case 'seen':
      return { ...state, isSeen: event.isSeen };
    case 'stop':
      return run ? stop(state) : withRows(state, stopAsking);
    case 'forget':
      return { ...state, run: undefined, shown: { is: 'nothing' }, isRelistWanted: false };
    case 'dispose':
      return { ...state, shown: { is: 'nothing' }, isDisposed: true };
    case 'threadEnded':
      return { ...state, halted: event.error };
    case 'slow':
      return event.of.quiet === 'silent' ? state : { ...state, slow: event.of };
    case 'probed':
      return run ? { ...state, run: { ...run, daemon: event.daemon } } : state;
    case 'releasing':
      // Memory must not contain two lists of a million pins: the old table is closed once the daemon is about to send the new one.
      return shown.is === 'rows' && shown.listing.freshness === 'live' && !staysOpen(event.of, shown)
        ? withRows(state, { isGone: true })
        : state;
    case 'interim':
      return run?.phase === 'opening' && isUseful(state, event.listing)
        ? { ...state, run: { ...run, read: readOf(state, event.listing, false) } }
        : state;
    case 'opened':
      return run ? { ...state, run: { ...run, phase: 'reading', read: readOf(state, event.listing, run.open.quiet) } } : state;
    case 'read':
      return show(state, event);
    case 'counted': {
      const { matching, total } = event;
      return withRows(state, ({ view, rows }) => ({
        count: undefined,
        isCounted: true,
        matching,
        total,
        rows: view.group !== undefined || rows.pinTotal === matching ? rows : { ...rows, pinTotal: matching },
      }));
    }
    case 'countedFailed':
      return withRows(state, { countFailed: undefined, failed: { table: event.of.table, pins: event.failed } });
    case 'added':
      // The pins may have been counted meanwhile.
      return withRows({ ...state, move: undefined }, ({ rows: { pinTotal } }) => ({
        add: undefined,
        rows: { pinTotal, ...event.rows },
      }));
    case 'sizing':
      return withRows(state, { sizesAsked: event.asked });
    case 'sized': {
      const { of, total, hasMore } = event;
      return withRows(state, ({ sizes, listing }) => ({
        size: undefined,
        sizesAsked: 0,
        sizes: total,
        ...(of.asks && !hasMore && ({ sizing: 'complete' } as const)),
        ...(of.asks && isBySize(of.view) && total.sized !== sizes?.sized && { read: readOf(state, listing, true) }),
      }));
    }
    case 'failed':
      return workFailed(state, event.of, event.error);
    case 'groupFailed':
      // After each list the tree asks for its open groups. Where one can't be read, the source is listed again only once, or that would never end. A list that
      // ends the thread of another isn't read again automatically, so that the other may be listed again each time.
      if (run) return state;
      if (isEndByAnother(event.error)) return list(state);
      return state.retried ? failed(state, event.error) : list({ ...state, retried: event.of });
  }
}

/** Adds the work that the state needs, and removes work that has become useless. */
function settle(state: ListState): ListState {
  const { run, shown, wanted } = state;
  if (state.isDisposed) return withRows({ ...state, run: undefined, move: undefined, isRelistWanted: false }, NO_WORK);
  if (run?.phase === 'reading' && lacksStatuses(run.read.listing, wanted) && !run.open.statuses && !state.halted)
    return settle(list(state, run.open));
  if (run?.read && run.read.view !== wanted)
    return settle({ ...state, run: { ...run, read: readOf(state, run.read.listing, run.read.quiet) } });
  if (shown.is !== 'rows') return relistAtRest(run ? state : { ...state, move: undefined });
  // Another view is wanted, and this list can show it. A list without statuses shows a view of statuses only while no list with them is on its way.
  const isOther = shown.view !== wanted && !(run && lacksStatuses(shown.listing, wanted));
  if (shown.isGone && !run && (isOther || state.move)) return settle(list(state));
  return relistAtRest(withRows(state, shown.isGone || run?.read ? NO_WORK : workOn(shown, state, isOther)));
}

const NO_WORK = { read: undefined, count: undefined, add: undefined, countFailed: undefined, size: undefined } as const;

/** Sizes may be asked for again that the user had stopped. */
const RESUMED = ({ sizing }: Rows): Partial<Rows> => (sizing === 'stopped' ? { sizing: undefined } : {});

/** Ends requests for what the list doesn't have. */
function stopAsking({ listing, size, countFailed }: Rows): Partial<Rows> {
  return {
    ...(size?.asks && ({ size: undefined, sizing: 'stopped' } as const)),
    ...(countFailed?.asks && { failed: { table: tableOf(listing), pins: undefined } }),
  };
}

/** The work that the rows which are shown need: another view first, because counting and adding rows depend on the view. */
function workOn(shown: Rows, state: ListState, isOther: boolean): Pick<Rows, keyof typeof NO_WORK> {
  const { listing, view, fuzzy, quiet, isCounted } = shown;
  const read = shown.read?.view === state.wanted ? shown.read : undefined;
  if (isOther || read) return { ...NO_WORK, read: read ?? readOf(state, listing, true) };
  const of = { table: tableOf(listing), view, fuzzy };
  return {
    read: undefined,
    count: isCounted ? undefined : (shown.count ?? { do: 'count', quiet, ...of, matching: countedBy(shown) }),
    add: state.move && (shown.add?.move === state.move ? shown.add : addOf(shown, state.move)),
    countFailed: isReadyForFailed(state, shown)
      ? (shown.countFailed ?? { do: 'countFailed', quiet: true, table: of.table, asks: !hasStatuses(listing) })
      : undefined,
    size: isCounted && (shown.size?.asks === true || !state.move) ? (shown.size ?? sizeOf(shown, state)) : undefined,
  };
}

/** Failed pins are counted last, so that their number never delays rows. */
function isReadyForFailed({ run, move, isSeen }: ListState, { failed, isCounted, total, listing }: Rows): boolean {
  return failed?.table !== tableOf(listing) && isCounted && !move && !run && canCountFailed(listing, total, isSeen);
}

/** The next work about sizes, last of all: adding those up that are known, then asking for others. */
function sizeOf(shown: Rows, state: ListState): Size | undefined {
  const { listing, view, fuzzy, sizes, sizing } = shown;
  if (listing.incomplete === 'receiving') return undefined;
  const of = { do: 'size', table: tableOf(listing), view, fuzzy, known: sizes?.sized ?? 0 } as const;
  if (!sizes) return sizing === 'failed' ? undefined : { ...of, quiet: true, asks: false };
  return needsSizes(state, shown)
    ? { ...of, quiet: shown.quiet === 'silent' ? 'silent' : !isBySize(view), asks: true }
    : undefined;
}

function addOf({ listing, view, order, fuzzy, rows }: Rows, move: Move): Add {
  return {
    do: 'add',
    quiet: false,
    table: tableOf(listing),
    view,
    order,
    fuzzy,
    move,
    before: rows,
    limits: movedFrom(rows, move),
  };
}

/** Begins a wanted quiet list once no work is under way; not for a live list, whose changes the daemon reports. */
function relistAtRest(state: ListState): ListState {
  const { shown, halted } = state;
  if (!state.isRelistWanted || worksOf(state).length > 0) return state;
  const rest = { ...state, isRelistWanted: false };
  if (halted || (shown.is === 'rows' && shown.listing.freshness === 'live')) return rest;
  const daemon = shown.is === 'nothing' ? undefined : shown.daemon;
  const open: Open = { do: 'open', quiet: true, from: undefined, again: false, statuses: false, daemon };
  return { ...rest, run: { phase: 'opening', open, daemon, read: undefined } };
}

/** Begins a listing, which replaces an earlier one. */
function list(state: ListState, { from, again = false }: Pick<ListEvent & { on: 'list' }, 'from' | 'again'> = {}): ListState {
  const { halted, run, shown } = state;
  if (halted && !again && !from) return (run ?? shown.is === 'failed') ? state : failed(state, halted);
  const open: Open = { do: 'open', quiet: false, from, again, statuses: needsStatuses(state.wanted), daemon: undefined };
  return { ...state, halted: undefined, run: { phase: 'opening', open, daemon: undefined, read: undefined } };
}

/** Begins a silent listing, during which the rows that are shown stay as they are. */
function refresh(state: ListState): ListState {
  const statuses = needsStatuses(state.wanted);
  const open: Open = { do: 'open', quiet: 'silent', from: undefined, again: false, statuses, daemon: undefined };
  return { ...state, retried: undefined, run: { phase: 'opening', open, daemon: undefined, read: undefined } };
}

/** The most pins of a list that stays open while it is listed silently, so that its groups can be expanded: two such lists need less memory than a long one. */
export const MOST_BESIDE = 200_000;

function staysOpen({ quiet }: Open, { listing }: Rows): boolean {
  return quiet === 'silent' && listing.opened.atMost <= MOST_BESIDE;
}

function changeView(state: ListState): ListState {
  const { run, shown, wanted } = state;
  const isLacking = shown.is === 'rows' && lacksStatuses(shown.listing, wanted) && !run?.open.statuses;
  const isFailedView = shown.is === 'failed' && !run && IpfsKitError.is(shown.error, ...OF_VIEW);
  return isLacking || isFailedView ? list(state, run?.open) : state;
}

function stop(state: ListState): ListState {
  if (state.shown.is !== 'rows')
    return failed(state, new IpfsKitError('cancelled', 'Listing was stopped. Refresh to list the pins.'));
  const notes = ['Listing was stopped, so this list is partial. Refresh to load all of it.'];
  return withRows({ ...state, run: undefined }, ({ listing }) => ({
    listing: listing.incomplete === 'receiving' ? { ...listing, incomplete: 'broken-off', notes } : listing,
  }));
}

/**
 * Whether an interim list shows more than the current rows. Rows of a complete list stay until those that replace them are read, and so do rows that don't
 * begin with the first, which an interim list may not have yet.
 */
function isUseful({ run, shown, wanted }: ListState, listing: Listing): boolean {
  if (run?.read) return false; // the rows of the previous interim list are still being read
  if (listing.incomplete === 'receiving' && asksJoin(wanted)) return false; // it isn't joined with the others until it is whole
  if (shown.is !== 'rows') return true;
  const { pins, groups } = shown.rows.first;
  return pins + groups === 0 && !shown.count && listing.freshness === 'live' && !lacksStatuses(listing, wanted);
}

/**
 * The order of a listing. By default that of names where it costs the first rows little, else that of the source. A list that is being received may change from
 * the first to the second when it has become too long, and never back.
 */
function orderOf({ shown, wanted }: ListState, { opened, incomplete }: Listing): SortKey | undefined {
  if (wanted.sort !== undefined) return wanted.sort === 'stored' ? undefined : wanted.sort;
  const wasLong = incomplete === 'receiving' && shown.is === 'rows' && shown.view.sort === undefined && shown.order === undefined;
  return wasLong || opened.atMost > MOST_BY_NAME ? undefined : 'name';
}

/** The work that reads a listing: the same rows as are shown of this view, or the first rows of another view. */
function readOf(state: ListState, listing: Listing, quiet: Quiet): Read {
  const { shown, wanted } = state;
  const limits =
    shown.is === 'rows' && shown.view === wanted
      ? { groups: againOf(shown, 'groups'), pins: againOf(shown, 'pins') }
      : FIRST_ROWS;
  return { do: 'read', quiet, listing, view: wanted, order: orderOf(state, listing), limits };
}

/** The rows to read again: those that are shown and, where they are the last ones, those that the list has got meanwhile. */
function againOf({ rows, listing }: Rows, what: Part): RowRange {
  const { first, end } = rangeOf(rows, what);
  const isEnd = listing.incomplete !== 'receiving' && end === (what === 'groups' ? rows.groupTotal : rows.pinTotal);
  return { first, end: Math.max(isEnd ? Math.min(end + MORE, first + MOST_ROWS) : end, first + DEFAULT_PAGE) };
}

/** Puts rows in place of what is shown. */
function show(state: ListState, { of, rows, fuzzy }: ListEvent & { on: 'read' }): ListState {
  const { run, shown } = state;
  const isNew = run?.read === of;
  const isInterim = isNew && run.phase === 'opening';
  const { view, order } = of;
  const old = shown.is === 'rows' ? shown : undefined;
  const kept = of.quiet ? old : undefined;
  const counted = countedBy({ view, rows });
  const alike = kept?.view.filter === view.filter && kept?.fuzzy === fuzzy ? kept : undefined;
  const next: Rows = {
    is: 'rows',
    origin: of,
    listing: isNew || !old ? of.listing : old.listing,
    view,
    order,
    fuzzy,
    rows,
    matching: counted ?? alike?.matching,
    total: (view.filter === undefined ? counted : undefined) ?? kept?.total,
    isCounted: view.filter === undefined && counted !== undefined,
    failed: hasStatuses(of.listing) || asksForFailed(of.listing) ? old?.failed : undefined,
    sizes: isNew ? undefined : alike?.sizes,
    sizing: isNew ? stoppedSilently(of, alike) : alike?.sizing,
    oldSizes: isNew ? (of.quiet === 'silent' ? (alike?.sizes ?? alike?.oldSizes) : undefined) : alike?.oldSizes,
    sizesAsked: 0,
    daemon: isNew ? run.daemon : old?.daemon,
    isGone: false,
    quiet: isInterim || (of !== state.slow && of.quiet),
    ...NO_WORK,
  };
  return { ...state, run: isInterim ? { ...run, read: undefined } : isNew ? undefined : run, shown: next };
}

/** The user has stopped asking for sizes: a list that they didn't ask for doesn't begin again. */
function stoppedSilently({ quiet }: Read, before: Rows | undefined): Rows['sizing'] {
  return quiet === 'silent' && before?.sizing === 'stopped' ? 'stopped' : undefined;
}

function workFailed(state: ListState, work: Work, error: IpfsKitError): ListState {
  const { run, shown } = state;
  switch (work.do) {
    case 'open': {
      const isSample = shown.is === 'rows' && shown.listing.freshness === 'sample'; // the user asked for it
      return work.quiet && isSample && IpfsKitError.is(error, 'missing') ? { ...state, run: undefined } : failed(state, error);
    }
    case 'read':
      if (run?.read !== work) return unreadable(state);
      return run.phase === 'opening'
        ? { ...state, run: { ...run, read: undefined } }
        : isEndByAnother(error)
          ? list(state, run.open)
          : failed(state, error);
    case 'count':
      return run || work.quiet || isEndByAnother(error) ? unreadable(state) : failed(state, error);
    case 'add':
      return unreadable({ ...state, move: undefined });
    case 'countFailed':
      return isEndByAnother(error) ? unreadable(state) : withRows(state, { failed: { table: work.table, pins: undefined } });
    case 'size':
      if (IpfsKitError.is(error, 'closed') || isEndByAnother(error)) return unreadable(state);
      return withRows(state, {
        size: undefined,
        ...(work.asks ? { sizing: 'stopped', sizes: undefined } : { sizing: 'failed' }),
      });
  }
}

/** The table that is shown is closed or has changed. The list that is on its way replaces it, or a new one that begins here. */
function unreadable(state: ListState): ListState {
  const gone = withRows(state, { isGone: true });
  return gone.run ? gone : list(gone);
}

function failed(state: ListState, error: IpfsKitError): ListState {
  const { run, shown } = state;
  const daemon = run ? run.daemon : shown.is === 'nothing' ? undefined : shown.daemon;
  return { ...state, run: undefined, shown: { is: 'failed', error, daemon } };
}

function withRows(state: ListState, change: Partial<Rows> | ((rows: Rows) => Partial<Rows>)): ListState {
  const { shown } = state;
  if (shown.is !== 'rows') return state;
  return { ...state, shown: { ...shown, ...(typeof change === 'function' ? change(shown) : change) } };
}

function isAlike(...states: readonly [PinListState, PinListState]): boolean {
  const [one, other] = states.map((state): readonly unknown[] => Object.entries(state).flat());
  return one?.length === other?.length && one?.every((part, at) => part === other?.[at]) === true;
}

/** Number of pins that match, where all of them have been read. */
function countedBy({ view, rows }: Pick<Rows, 'view' | 'rows'>): number | undefined {
  return view.group === undefined ? rows.pinTotal : undefined;
}

function tableOf({ opened }: Listing): number {
  return opened.table;
}

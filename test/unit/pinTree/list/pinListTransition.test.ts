import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Listing } from '../../../../src/pinSource/listing';
import type { ListView } from '../../../../src/pinTree/list/listView';
import type { PinLevel } from '../../../../src/pinTree/list/pinLevel';
import { NO_ROWS } from '../../../../src/pinTree/list/pinLevel';
import type { ListEvent, ListState, Open, Rows, Work, PinListState } from '../../../../src/pinTree/list/pinListState';
import { firstState, isDone, publicState } from '../../../../src/pinTree/list/pinListState';
import { MOST_BY_NAME } from '../../../../src/pin/pinTable';
import { MOST_BESIDE, next } from '../../../../src/pinTree/list/pinListTransition';

/** The state machine, and what its effects have done so far. */
interface World {
  readonly state: ListState;
  /** The open tables. */
  readonly tables: readonly number[];
  readonly begun: readonly Work[];
  readonly over: readonly Work[];
  readonly opens: readonly Open[];
  readonly events: readonly ListEvent['on'][];
}

const FIRST: World = { state: firstState({}), tables: [], begun: [], over: [], opens: [], events: [] };
const ASKED: readonly ListEvent[] = [{ on: 'list' }, { on: 'relist' }, { on: 'refresh' }, { on: 'stop' }];
const MORE_ROWS: ListEvent = { on: 'more', move: { to: 'after' } };
const FAILED = new IpfsKitError('timeout', 'It failed.');
const VIEWS: readonly ListView[] = [
  { filter: 'a' },
  { group: 'status' },
  {},
  { filter: 'none', sort: 'name' },
  { sort: '-size' },
  { sort: 'stored' },
];

/** Pins whose sizes are asked for, three at a time. */
/** So few pins that a cluster is asked which have failed. */
const FEW = 5;
const SIZES = 8;

/** The identity of the pins in a view: each table and filter has its own pins. */
const named = (table: number, view: ListView): string => `${table} ${JSON.stringify(view)}`;
const numberOf = (table: number, filter: string | undefined): number => 1000 * table + (filter ?? '').length;

function rowsOf(table: number, view: ListView, count = 1): PinLevel {
  const row = { cid: named(table, view), key: named(table, view), count: 1, sized: 0, own: 1, hasFolders: false };
  const rows = Array.from({ length: count }, () => row);
  const { first } = NO_ROWS;
  if (view.group !== undefined) return { groups: rows, groupTotal: count, pins: [], pinTotal: 0, first };
  return { groups: [], groupTotal: 0, first, pins: rows, ...(view.sort && { pinTotal: numberOf(table, view.filter) }) };
}

/** Tables of a later list have greater numbers, and so do later tables of one list. */
function listingOf(of: Open, { opens, tables, events }: World, isWhole: boolean): Listing {
  const table = 1000 * (opens.indexOf(of) + 1) + events.length;
  assert.ok(!tables.includes(table));
  return {
    opened: {
      table,
      source: 'cluster',
      location: '',
      detail: '',
      atMost: [MOST_BY_NAME, MOST_BY_NAME + 1, FEW, MOST_BESIDE + 1][events.length % 4] ?? 0,
      asOfMs: 0,
      passedOver: [],
      statuses: of.statuses ? 'asked' : 'unasked',
      sizes: of.quiet === true ? undefined : 'asked',
    },
    freshness: of.quiet === true ? 'snapshot' : 'live',
    notes: [],
    ...(!isWhole && { incomplete: 'receiving' }),
  };
}

/** The event with which successful work ends. */
function outcome(of: Work, world: World): ListEvent {
  switch (of.do) {
    case 'open':
      return { on: 'opened', of, listing: listingOf(of, world, true) };
    case 'read':
      return { on: 'read', of, rows: rowsOf(of.listing.opened.table, of.view), fuzzy: of.view.filter === 'none' };
    case 'count': {
      const { table, view, matching } = of;
      return { on: 'counted', of, matching: matching ?? numberOf(table, view.filter), total: numberOf(table, undefined) };
    }
    case 'countFailed':
      return { on: 'countedFailed', of, failed: of.table };
    case 'add':
      return { on: 'added', of, rows: rowsOf(of.table, of.view, of.before.pins.length + of.before.groups.length + 1) };
    case 'size': {
      const sized = Math.min(SIZES, of.known + (of.asks ? 3 : 0));
      return { on: 'sized', of, total: { count: SIZES, sized }, hasMore: of.asks && sized < SIZES };
    }
  }
}

const tableShown = ({ shown }: ListState): number => (shown.is === 'rows' ? shown.listing.opened.table : 0);
const withoutOne = <T>(items: readonly T[], item: T): readonly T[] => {
  assert.ok(items.includes(item), 'only what exists ends');
  return items.filter((each) => each !== item);
};

/** Applies an event, runs its effects, and asserts the invariants. */
function after(world: World, event: ListEvent): World {
  const { state: before } = world;
  const { state, effects } = next(before, event);
  let { tables, begun, over, opens } = world;
  if ('listing' in event) tables = [...tables, event.listing.opened.table];
  let isReported = false;
  for (const effect of effects)
    switch (effect.do) {
      case 'begin':
        assert.ok(![...begun, ...over].includes(effect.work), 'work begins once');
        begun = [...begun, effect.work];
        if (effect.work.do === 'open') opens = [...opens, effect.work];
        break;
      case 'abort':
        begun = withoutOne(begun, effect.work);
        over = [...over, effect.work];
        break;
      case 'close':
        tables = withoutOne(tables, effect.listing.opened.table);
        break;
      case 'tell':
        isReported = true;
        break;
      case 'renewGroups':
        break;
    }
  if (event.on === 'view' && !before.isDisposed) assert.equal(state.wanted, event.view, 'the last requested view');
  if (event.on === 'stop' || event.on === 'dispose')
    assert.ok(!begun.some((work) => work.do === 'open' && world.begun.includes(work)), 'no listing goes on once it is stopped');
  const { run, shown } = state;
  const wantsTable = [run?.read?.listing, shown.is === 'rows' && !shown.isGone ? shown.listing : undefined];
  assert.deepEqual([...tables].sort(), wantsTable.flatMap((each) => each?.opened.table ?? []).sort(), 'no other table is open');
  for (const kind of ['open', 'count', 'add', 'size'])
    assert.ok(begun.filter((work) => work.do === kind).length <= 1, `one ${kind} at most`);
  if ('of' in event && event.on !== 'groupFailed' && !world.begun.includes(event.of))
    assert.equal(state, before, 'late outcomes count for nothing');
  if (shown.is === 'rows') {
    assert.ok(tableShown(state) >= tableShown(before), 'an older list never replaces a newer one');
    const { rows, view, listing, matching, isCounted, total, failed } = shown;
    const [first] = [...rows.pins, ...rows.groups];
    assert.equal(
      first && ('cid' in first ? first.cid : first.key),
      named(listing.opened.table, view),
      'rows are those of the table and the view',
    );
    if (isCounted)
      assert.deepEqual(
        [matching, total],
        [numberOf(listing.opened.table, view.filter), numberOf(listing.opened.table, undefined)],
      );
    assertOrder(before, shown);
    if (failed?.pins !== undefined) assert.equal(failed.pins, failed.table);
    for (const work of begun)
      if (work.do === 'countFailed') {
        assert.equal(work.table, listing.opened.table);
        assert.ok(isCounted && !run, 'failed pins are counted last');
        assert.equal(work.asks, listing.opened.statuses === 'unasked');
        assert.ok(!work.asks || listing.opened.atMost === FEW);
      } else if ('table' in work) assert.deepEqual([work.table, work.view], [listing.opened.table, view]);
    if (event.on === 'read') for (const work of begun) if (work.do === 'read') assert.equal(work.view, state.wanted);
  }
  const [said, says] = [publicState(before), publicState(state)];
  if (JSON.stringify(said) !== JSON.stringify(says)) assert.ok(isReported || state.isDisposed, 'a change is reported');
  if (state === before || before.isDisposed) assert.ok(!isReported, 'only a change is reported');
  const isAwaited = run && shown.is === 'rows' && shown.isGone && (shown.view !== state.wanted || state.move);
  if (says.busy && !begun.some((work) => !work.quiet)) assert.ok(state.slow ?? isAwaited, 'busy only with work');
  assert.notEqual(state.slow?.quiet, 'silent', 'silent work never shows progress');
  if (event.on === 'refresh' && run !== before.run) {
    assert.deepEqual([before.run, run?.open.quiet, said.busy, says.busy], [undefined, 'silent', false, false]);
    assert.ok(shown.is === 'rows' && before.shown.is === 'rows' && shown.rows === before.shown.rows, 'the rows stay');
  }
  if (event.on === 'releasing' && event.of.quiet === 'silent' && shown.is === 'rows' && before.shown.is === 'rows')
    assert.equal(
      shown.isGone,
      before.shown.isGone || shown.listing.opened.atMost > MOST_BESIDE,
      'only a long list is closed before',
    );
  return { state, tables, begun, over, opens, events: [...world.events, event.on] };
}

/** By default up to MOST_BY_NAME pins are in the order of names, and more as stored; a list that is being received doesn't change from the second to the first. */
function assertOrder({ shown: before }: ListState, { view, order, listing: { opened, incomplete } }: Rows): void {
  if (view.sort !== undefined) return assert.equal(order, view.sort === 'stored' ? undefined : view.sort);
  if (opened.atMost > MOST_BY_NAME) return assert.equal(order, undefined);
  if (incomplete === undefined) return assert.equal(order, 'name');
  if (before.is === 'rows' && before.view.sort === undefined && before.order === undefined) assert.equal(order, undefined);
}

/** Completes all work with success until none is left. */
function atRest(from: World): World {
  let world = from;
  for (let turn = 0; turn < 25; turn++) {
    const [work] = world.begun;
    if (work) world = after(world, outcome(work, world));
  }
  assert.deepEqual(world.begun, [], 'it comes to rest');
  const { state } = world;
  const { shown, wanted } = state;
  assert.equal(publicState(state).busy, false);
  for (const asked of ['list', 'relist', 'view', 'more'] as const)
    assert.ok(isDone(state, asked), `${asked} is no longer awaited`);
  if (shown.is !== 'rows') return world;
  assert.deepEqual([shown.view, shown.isGone || shown.isCounted], [wanted, true]);
  const { statuses, atMost } = shown.listing.opened;
  const isFailedKnown = statuses === 'asked' || (state.isSeen && atMost === FEW && !shown.listing.incomplete);
  if (!shown.isGone && isFailedKnown) assert.equal(shown.failed?.table, tableShown(state));
  const isAsked = shown.listing.opened.sizes === undefined || shown.sizes?.sized === SIZES;
  assert.ok(shown.isGone || isAsked || shown.sizing !== undefined, 'sizes are asked for until all are known, or it says why not');
  return world;
}

/** Asserts that the model settles after any event, that the next list is complete, and that nothing happens after dispose. */
function assertSound(world: World): void {
  const listed = atRest(after(atRest(world), { on: 'list', again: true }));
  assert.deepEqual([listed.state.shown.is, listed.tables.length], ['rows', 1]);
  let disposed = after(world, { on: 'dispose' });
  assert.deepEqual(disposed.begun, []);
  for (const work of disposed.over) disposed = after(disposed, outcome(work, disposed));
  for (const event of [...ASKED, MORE_ROWS]) disposed = after(disposed, event);
  assert.deepEqual(disposed.begun, []);
}

/** All events that can follow: any request, and each outcome of present or past work. */
function eventsFrom(world: World, isLong: boolean): readonly ListEvent[] {
  const { begun, over, state } = world;
  const asked: readonly ListEvent[] = [...ASKED, MORE_ROWS, { on: 'forget' }];
  const views = (isLong ? VIEWS : VIEWS.slice(0, 2)).map((view) => ({ on: 'view', view }) as const);
  const origin = state.shown.is === 'rows' ? state.shown.origin : undefined;
  const outcomes = begun.flatMap((of): ListEvent[] => [
    outcome(of, world),
    { on: 'failed', of, error: FAILED },
    ...(isLong ? [{ on: 'slow', of } as const] : []),
    ...(of.do === 'size' ? [{ on: 'sizing', of, asked: 1 } as const] : []),
    ...(of.do === 'open' && of.quiet !== true ? [{ on: 'releasing', of } as const] : []),
    ...(of.do === 'open' && !of.quiet ? [{ on: 'interim', of, listing: listingOf(of, world, false) } as const] : []),
  ]);
  const late = over.slice(isLong ? -4 : -1).map((of) => outcome(of, world));
  const rare: ListEvent[] = [
    { on: 'list', again: true },
    { on: 'sizes' },
    { on: 'seen', isSeen: !state.isSeen },
    { on: 'threadEnded', error: FAILED },
  ];
  if (origin) rare.push({ on: 'groupFailed', of: origin, error: FAILED });
  return [...asked, ...views, ...outcomes, ...late, ...(isLong ? rare : [])];
}

function everyWay(world: World, depth: number): number {
  if (depth === 0) {
    assertSound(world);
    return 1;
  }
  return eventsFrom(world, false).reduce((ways, event) => ways + everyWay(after(world, event), depth - 1), 0);
}

describe('what follows from an event', () => {
  const listed = atRest(after(FIRST, { on: 'list' }));
  const listing = after(listed, { on: 'list' });
  const [open] = listing.begun;
  const silent = after(listed, { on: 'refresh' });
  assert.equal(silent.begun.length, 1);
  assert.ok(open?.do === 'open');
  for (const [name, from] of [
    ['nothing', FIRST],
    ['a list at rest', listed],
    ['a list that is read again silently', silent],
    ['a list that is replaced', after(listing, { on: 'releasing', of: open })],
    ['a list that is coming in', after(after(FIRST, { on: 'list' }), MORE_ROWS)],
  ] as const)
    it(`is consistent for all events in every order, from ${name}`, () => {
      const ways = everyWay(from, 3);
      assert.ok(ways > 400, `${ways} ways`);
    });

  it('reads a list again silently only while it is live and whole, and nothing is under way or wanted', () => {
    const opens = (world: World): number => after(world, { on: 'refresh' }).opens.length - world.opens.length;
    assert.equal(opens(listed), 1);
    assert.deepEqual(
      [
        FIRST,
        listing,
        silent,
        after(listed, MORE_ROWS),
        after(listed, { on: 'view', view: { filter: 'a' } }),
        after(listed, { on: 'threadEnded', error: FAILED }),
        after(listed, { on: 'forget' }),
        after(listed, { on: 'dispose' }),
        atRest(after(after(FIRST, { on: 'list' }), { on: 'stop' })),
      ].map(opens),
      Array.from({ length: 9 }, () => 0),
    );
  });

  it('keeps the sizes of the old rows until those of the new ones are known', () => {
    const sizes = ({ state }: World): PinListState['sizes'] => publicState(state).sizes;
    const before = sizes(listed);
    let world = silent;
    for (let work = world.begun[0]; work; work = world.begun[0]) {
      assert.deepEqual([sizes(world), publicState(world.state).busy], [before, false]);
      world = after(world, outcome(work, world));
    }
    assert.deepEqual([sizes(world)?.sized, tableShown(world.state) > tableShown(listed.state)], [SIZES, true]);
  });

  it('asks for very many sizes once the user wants them, as long as the view is by size', () => {
    const rest = (world: World): World => {
      const work = world.begun.find((each) => each.do !== 'size' || !each.asks);
      if (!work) return world;
      const total = { count: 30_000, sized: 0 };
      return rest(after(world, work.do === 'size' ? { on: 'sized', of: work, total, hasMore: true } : outcome(work, world)));
    };
    const sizing = ({ state }: World): PinListState['sizing'] => publicState(state).sizing;
    const view = (world: World, sort: '-size' | 'size' | 'name'): World => rest(after(world, { on: 'view', view: { sort } }));
    const bySize = view(rest(after(FIRST, { on: 'list' })), '-size');
    assert.equal(sizing(bySize), 'too-many');
    const asking = after(bySize, { on: 'sizes' });
    assert.equal(sizing(asking), 'asking');
    assert.equal(sizing(view(asking, 'size')), 'asking');
    assert.equal(sizing(view(view(asking, 'name'), '-size')), 'too-many');
  });

  it('is consistent however many events there are', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), (choices) => {
        let world = FIRST;
        for (const choice of choices) {
          const events = eventsFrom(world, true);
          const event = events[choice % events.length];
          if (event) world = after(world, event);
        }
        assertSound(world);
      }),
      { numRuns: 1500 },
    ));
});

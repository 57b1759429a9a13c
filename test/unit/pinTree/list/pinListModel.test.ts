import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { probe } from '../../../../src/daemonClient/ipfsKit/probe';
import { listPins } from '../../../../src/pinSource/listPins';
import type { GroupNode } from '../../../../src/columns/groupLevel';
import type { Pin } from '../../../../src/pin/pin';
import type { PinQuery } from '../../../../src/pin/pinQuery';
import type { ListingSources } from '../../../../src/pinSource/ipfsKitListing';
import type { Listing } from '../../../../src/pinSource/listing';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import type { PinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { WorkerOperations } from '../../../../src/pinWorker/protocol';
import type { ListView } from '../../../../src/pinTree/list/listView';
import type { Move, Part, PinLevel } from '../../../../src/pinTree/list/pinLevel';
import type { PinListModel, PinListState } from '../../../../src/pinTree/list/pinListModel';
import type { IpfsKitParts } from '../../../../src/pinSource/ipfsKitSource';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { MOST_ROWS } from '../../../../src/pinTree/list/rowRange';
import { writeDatabase } from '../../../support/python';
import type { TestDaemon } from '../../../support/testDaemon';
import { startTestDaemon } from '../../../support/testDaemon';

const dist = path.join(process.cwd(), 'dist');
const folder = mkdtempSync(path.join(tmpdir(), 'model-'));
const database = path.join(folder, 'pins.db');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
const asking: IpfsKitParts['probe'] = (urls, signal) => probe(urls, signal && { signal });
let daemon: TestDaemon;

before(async () => {
  writeDatabase(database, 1500);
  daemon = await startTestDaemon(['--pins', '2000', '--batches', '4', '--batch-delay', '0.06', '--no-database']);
});
after(async () => {
  await worker.dispose();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
});

const live = (): ListingSources => ({ daemonUrls: [daemon.url] });
const fromDisk = (): ListingSources => ({ databasePath: database });
const modelOf = (sources: () => ListingSources): PinListModel =>
  createPinListModel({ worker, source: ipfsKitSource({ probe: asking, sources }) });

/** A model whose requests and states are all checked; violations are added to `wrong`. */
function watchedModel(sources: () => ListingSources) {
  const wrong: string[] = [];
  const pending = new Set<{ readonly query: PinQuery; readonly signal: AbortSignal | undefined }>();
  const opens: { readonly signal: AbortSignal | undefined; isOver: boolean }[] = [];
  /** The listing to which a table belongs. */
  const turnOf = new Map<number, number>();
  const watched: PinWorkerHandle = {
    ...worker,
    request: async (operation, params, options) => {
      const request = operation === 'page' && {
        query: (params as WorkerOperations['page']['params']).query,
        signal: options?.signal,
      };
      if (request) pending.add(request);
      return worker.request(operation, params, options).finally(() => request && pending.delete(request));
    },
  };
  const source = ipfsKitSource({ probe: asking, sources });
  const open: PinSource['open'] = async (options) => {
    if (listings().length > 0) wrong.push('two listings at the same time');
    const turn = opens.length;
    const one = { signal: options.signal, isOver: false };
    opens.push(one);
    const noted = (listing: Listing): Listing => {
      turnOf.set(listing.opened.table, turn);
      return listing;
    };
    const onInterim = options.onInterim && ((listing: Listing) => options.onInterim?.(noted(listing)));
    try {
      return noted(await source.open({ ...options, ...(onInterim && { onInterim }) }));
    } finally {
      one.isOver = true;
    }
  };
  const model = createPinListModel({ worker: watched, source: { open } });
  let isDisposed = false;
  let shown = -1;
  model.onDidChange(() => {
    if (isDisposed) wrong.push('notified after it was disposed');
    const { listing, error, rows } = model.state;
    if (error && listing) wrong.push('an error and a list at the same time');
    const turn = listing ? turnOf.get(listing.opened.table) : shown;
    if (turn === undefined || turn < shown) wrong.push('an older list in place of a newer one');
    shown = turn ?? shown;
    if (rows.pinTotal !== undefined && rows.pinTotal < rows.pins.length) wrong.push('fewer pins than rows');
  });
  const listings = (): readonly (AbortSignal | undefined)[] =>
    opens.filter(({ isOver, signal }) => !isOver && !signal?.aborted).map(({ signal }) => signal);
  return {
    model,
    wrong,
    /** The listings in progress. */
    listings,
    /** Pages of another view that are still being read. */
    strayPages: () =>
      [...pending].filter(
        ({ query, signal }) =>
          !signal?.aborted && !query.within && (query.filter !== model.view.filter || query.sort !== (model.view.sort ?? 'name')),
      ).length,
    dispose: async () => {
      isDisposed = true;
      await closed(model);
      if (listings().length > 0) wrong.push('a listing goes on after it was disposed');
    },
  };
}

/** Waits until no request is in progress. A list that was stopped may have closed its table without being counted. */
async function atRest(model: PinListModel, isStopped = false): Promise<void> {
  const quiet = (): boolean =>
    !model.state.busy && model.state.view === model.view && (model.state.matching !== undefined || isStopped);
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20))
    if (quiet() || (model.state.error && !model.state.busy)) return;
  const { busy, view, matching, total, listing } = model.state;
  assert.fail(
    `never at rest: ${JSON.stringify({ busy, view, wanted: model.view, matching, total, incomplete: listing?.incomplete })}`,
  );
}

/** Asserts that the rows are those of the list for this view, and that the worker has no other table open. */
async function assertWhole(model: PinListModel, sources: ListingSources, isStopped = false): Promise<void> {
  const { rows, view, order, fuzzy, matching, total, listing } = model.state;
  const limit = Math.max(1, rows.pins.length);
  const asked = { ...view, sort: order, ...(view.filter !== undefined && { fuzzy }), limit, offset: rows.first.pins };
  const expected = await listPins(asked, ipfsKitSource({ probe: asking, sources: () => sources }), { worker });
  if (listing?.incomplete === undefined) {
    if (matching !== undefined) assert.equal(matching, expected.total);
    if (total !== undefined)
      assert.equal(
        total,
        (await listPins({ limit: 1 }, ipfsKitSource({ probe: asking, sources: () => sources }), { worker })).total,
      );
    if (view.group === undefined) assert.deepEqual(rows.pins, expected.pins.slice(0, rows.pins.length));
    else assert.ok(rows.groups.length > 0 || expected.total === 0);
  }
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if ([1, isStopped ? 0 : 1].includes((await worker.request('inspect', undefined)).openTables)) return;
  assert.fail(`${(await worker.request('inspect', undefined)).openTables} tables are open`);
}

async function closed(model: PinListModel): Promise<void> {
  model.dispose();
  const { listing } = model.state;
  if (listing) await worker.request('close', { table: listing.opened.table });
}

const view: fc.Arbitrary<ListView> = fc.record(
  {
    filter: fc.constantFrom('readme', 'rdm1', 'zzz', 'a', 'café-1'),
    sort: fc.constantFrom('name', '-time', '-size'),
    group: fc.constantFrom('type', 'folder', 'month'),
  },
  { requiredKeys: [] },
);
type Step = (model: PinListModel) => unknown;
const stop: Step = (model) => model.stopListing();
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: view.map(
      (wanted): Step =>
        (model) =>
          void model.setView(wanted),
    ),
  },
  fc.constantFrom<Step>(
    (model) => void model.list(),
    (model) => void model.relist(),
    (model) => void model.showMore(),
    (model) => void model.showMore(undefined, { to: 'before' }),
    (model) => void model.showMore(undefined, { to: 850 }),
    (model) => {
      const [group] = model.state.rows.groups;
      if (group) void model.rowsOf(group).then(() => model.showMore(group));
    },
    stop,
  ),
);
const steps = fc.array(fc.tuple(step, fc.constantFrom(0, 0, 1, 5, 30, 120)), { minLength: 1, maxLength: 12 });

describe('the list behind the view', () => {
  for (const [name, sources, isNow] of [
    ['is still coming in', live, ({ listing }) => listing?.incomplete === 'receiving'],
    ['is read again', fromDisk, ({ busy, total }) => busy && total !== undefined],
  ] satisfies readonly [string, () => ListingSources, (state: PinListState) => boolean][])
    it(`adds the rows that are requested while it ${name}`, { timeout: 30_000 }, async () => {
      const model = modelOf(sources);
      let more: Promise<void> | undefined;
      try {
        if (sources === fromDisk) await model.list();
        model.onDidChange(() => {
          if (isNow(model.state)) more ??= model.showMore();
        });
        for (let turn = 0; turn < 20 && !more; turn++) await model.list(); // A list that is sent fast enough is complete.
        assert.ok(more, 'it was never requested');
        await more;
        await atRest(model);
        assert.ok(model.state.rows.pins.length >= 500, `${model.state.rows.pins.length} rows`); // As many rows as had arrived.
        await assertWhole(model, sources());
      } finally {
        await closed(model);
      }
    });

  for (const [name, sources] of [
    ['live', live],
    ['from disk', fromDisk],
  ] as const)
    it(`(${name}) settles on the rows of the last requested view, regardless of earlier requests`, { timeout: 110_000 }, () =>
      fc.assert(
        fc.asyncProperty(steps, async (plan) => {
          const watched = watchedModel(sources);
          const { model, wrong } = watched;
          const isStopped = plan.some(([take]) => take === stop);
          try {
            void model.list();
            let wanted = model.view;
            const setView = (to: ListView): Promise<void> => model.setView((wanted = to));
            for (const [take, pauseMs] of plan) {
              const before = watched.listings();
              take({ ...model, setView });
              if (take === stop)
                assert.ok(
                  before.every((signal) => signal?.aborted),
                  'a listing goes on after it was stopped',
                );
              assert.equal(watched.strayPages(), 0, 'pages of another view are still being read');
              await sleep(pauseMs);
            }
            await atRest(model, isStopped);
            assert.equal(model.view, wanted, 'the last requested view');
            if (isStopped && model.state.error) assert.equal(model.state.error.reason, 'cancelled');
            else assert.equal(model.state.error, undefined);
            if (!model.state.error) await assertWhole(model, sources(), isStopped);
            await model.list(); // Whatever happened before, the next list is complete.
            await atRest(model);
            assert.equal(model.state.error, undefined);
            await assertWhole(model, sources());
            void model.list(); // The test doesn't wait for this list.
          } finally {
            await watched.dispose();
          }
          await sleep(5);
          assert.deepEqual(wrong, []);
        }),
        { numRuns: name === 'live' ? 8 : 20, endOnFailure: true, includeErrorInReport: true },
      ),
    );

  it('is not delayed by a change of view while the rows of a list are being read', async () => {
    const model = modelOf(fromDisk);
    await model.list();
    for (let turn = 0; turn < 20; turn++) {
      const listing = model.list();
      await sleep(turn);
      void model.setView(turn % 2 === 0 ? { filter: 'readme' } : {});
      await listing;
      await atRest(model);
    }
    await assertWhole(model, fromDisk());
    await closed(model);
  });

  it('keeps the rows of a group that was opened, as many as were shown, over a refresh', async () => {
    const model = modelOf(fromDisk);
    await model.setView({ group: 'type' });
    await model.list();
    const group = model.state.rows.groups.find(({ key }) => key === 'recursive');
    assert.ok(group);
    assert.equal((await model.rowsOf(group)).pins.length, 200);
    await model.showMore(group);
    assert.equal((await model.rowsOf(group)).pins.length, 700);
    await model.list();
    const again = await model.rowsOf(group);
    assert.deepEqual([again.pins.length, again.pinTotal], [700, group.count]);
    assert.ok(again.pins.every(({ type }) => type === 'recursive'));
    await closed(model);
  });

  it('finds any pin in any view, keeps the rows around it over a refresh, and shows those before and after them', async () => {
    const model = modelOf(fromDisk);
    await model.list();
    const table = model.state.listing?.opened.table ?? assert.fail();
    const pins = await worker.request('page', { table, query: { limit: 1500 } });
    const { signal } = new AbortController();
    /** The pin in the tree at the place that was found, and the groups that contain it. */
    const shown = async (pin: Pin): Promise<readonly unknown[] | undefined> => {
      const place = await model.placeOf(pin, signal);
      if (!place) return undefined;
      const levels: { readonly group?: GroupNode; readonly rows: PinLevel }[] = [{ rows: model.state.rows }];
      const keys: unknown[] = [];
      const go = async (move: Move & { readonly to: number; readonly what: Part }): Promise<GroupNode | Pin | undefined> => {
        const { group } = levels.at(-1) ?? {};
        await model.showMore(group, move);
        const rows = group ? await model.rowsOf(group) : model.state.rows;
        return rows[move.what][move.to - rows.first[move.what]];
      };
      for (const to of place.groups) {
        const group = await go({ what: 'groups', to });
        assert.ok(group && 'own' in group);
        levels.push({ group, rows: await model.rowsOf(group) });
        keys.push(group.key);
      }
      return [...keys, await go({ what: 'pins', to: place.pin })];
    };
    for (const view of [{}, { sort: 'name' }, { sort: '-size' }, { filter: 'readme' }] as const) {
      await model.setView(view);
      for (const pin of pins.filter((_, at) => at % 311 === 3)) {
        const isListed = !('filter' in view) || pin.name?.includes('readme') === true;
        assert.deepEqual(await shown(pin), isListed ? [pin] : undefined, JSON.stringify([view, pin.name]));
        assert.ok(model.state.rows.pins.length <= MOST_ROWS);
      }
    }
    await model.setView({ group: 'folder', sort: '-time' });
    for (const pin of pins.filter((_, at) => at % 311 === 3)) {
      const end = pin.vfsPath?.lastIndexOf('/') ?? 0;
      const folders = pin.vfsPath
        ?.slice(1, end)
        .split('/')
        .map((_, at, all) => `/${all.slice(0, at + 1).join('/')}`);
      assert.deepEqual(await shown(pin), [...(folders ?? [undefined]), pin]);
    }
    await model.setView({ sort: 'stored' });
    await model.showMore(undefined, { what: 'pins', to: 1200 });
    assert.deepEqual(model.state.rows.pins, pins.slice(1000, 1500));
    await model.list();
    assert.deepEqual(model.state.rows.pins, pins.slice(1000, 1500));
    await model.showMore(undefined, { what: 'pins', to: 'before' });
    assert.deepEqual(model.state.rows.pins, pins.slice(500, 1400));
    await model.showMore();
    assert.deepEqual([model.state.rows.pins, model.state.rows.pinTotal], [pins.slice(600, 1500), 1500]);
    await closed(model);
  });

  it('is read again for a group that is opened once its table is closed and the list that was to replace it is stopped', async () => {
    const source = ipfsKitSource({ probe: asking, sources: live });
    let opens = 0;
    const stalled: PinSource['open'] = (options) =>
      new Promise((_, reject) => {
        options.beforeLive?.();
        options.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    const model = createPinListModel({
      worker,
      source: { open: (options) => (++opens === 2 ? stalled(options) : source.open(options)) },
      view: { group: 'type' },
    });
    await model.list();
    const [group = assert.fail()] = model.state.rows.groups;
    void model.list();
    assert.deepEqual((await model.rowsOf(group)).pins, [], 'no rows while the list is on its way');
    model.stopListing();
    await model.rowsOf(group);
    await atRest(model);
    assert.deepEqual([opens, model.state.error], [3, undefined]);
    assert.ok((await model.rowsOf(group)).pins.length > 0);
    await closed(model);
  });

  it('closes its table when it is disposed', async () => {
    const model = modelOf(fromDisk);
    const { openTables } = await worker.request('inspect', undefined);
    await model.list();
    model.dispose();
    assert.equal((await worker.request('inspect', undefined)).openTables, openTables);
  });
});

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPinningServiceSource } from '../../../../src/pinSource/pinningServiceSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import type { ListView } from '../../../../src/pinTree/list/listView';
import { createNewRows, MOST_NEW } from '../../../../src/pinTree/list/newRows';
import type { PinListModel, PinListState } from '../../../../src/pinTree/list/pinListModel';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { pinKey } from '../../../../src/pin/pinKey';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { withStandIn } from '../../../support/daemonStandIn';
import { ServiceStandIn } from '../../../support/serviceStandIn';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

interface Listed {
  readonly model: PinListModel;
  readonly mine: ServiceStandIn;
  /** The states since the list came, one for each call of a listener. */
  readonly states: readonly PinListState[];
  /** Lists silently, and waits until nothing is under way. */
  readonly refresh: () => Promise<void>;
  readonly news: () => readonly string[];
  /** While it is set, lists wait for it. */
  readonly gate: { until?: Promise<void> };
}

async function atRest(model: PinListModel): Promise<void> {
  for (const end = Date.now() + 10_000; !model.isIdle; await sleep(2)) assert.ok(Date.now() < end, 'it comes to rest');
}

/** Calls `check` with the list of a service, which has been listed with two pins. */
async function listed(check: (list: Listed) => Promise<void>, view: ListView = {}): Promise<void> {
  const mine = new ServiceStandIn();
  mine.count = 2;
  await withStandIn(mine.routes, async (url) => {
    const real = createPinningServiceSource({ name: 'mine', url, authorization: () => Promise.resolve(undefined) });
    const gate: { until?: Promise<void> } = {};
    const source: PinSource = {
      ...real,
      open: async (options) => {
        await gate.until;
        return real.open(options);
      },
    };
    const model = createPinListModel({ worker, source, view });
    await model.list();
    await atRest(model);
    const states: PinListState[] = [];
    model.onDidChange(() => states.push(model.state));
    const news = (): readonly string[] =>
      model.state.rows.pins.filter((pin) => model.newRows.since(pinKey(pin)) !== undefined).map(({ name = '' }) => name);
    const refresh = async (): Promise<void> => {
      model.refresh();
      await atRest(model);
    };
    try {
      await check({ model, mine, states, refresh, news, gate });
    } finally {
      model.dispose();
    }
  });
}

describe('a list that is read again silently', () => {
  it('shows no progress, keeps rows and sizes until the new ones are there, and marks what is new', () =>
    listed(async ({ model, mine, states, refresh, news }) => {
      const before = Date.now();
      mine.count = 4;
      await refresh();
      assert.deepEqual([model.state.total, news()], [4, ['pin 3', 'pin 4']]);
      assert.ok(states.length > 0);
      for (const { busy, rows, sizes, error } of states) {
        assert.deepEqual([busy, error], [false, undefined]);
        assert.ok(rows.pins.length >= 2 && sizes !== undefined);
      }
      assert.equal(model.state.sizes?.sizeBytes, 40);
      const [since = 0] = model.state.rows.pins.map((pin) => model.newRows.since(pinKey(pin)) ?? 0).filter((ms) => ms > 0);
      assert.ok(since >= before && since <= Date.now());
    }));

  it('keeps the very rows where nothing has changed, so that nothing is drawn again', () =>
    listed(async ({ model, refresh, news }) => {
      const { rows, listing } = model.state;
      await refresh();
      assert.notEqual(model.state.listing, listing);
      assert.equal(model.state.rows.pins, rows.pins);
      assert.equal(model.state.rows.groups, rows.groups);
      assert.deepEqual(news(), []);
    }));

  it('loses rows that are gone, and keeps the marks of the others until each is looked at', () =>
    listed(async ({ model, mine, refresh, news }) => {
      mine.count = 5;
      await refresh();
      mine.count = 4;
      await refresh();
      assert.deepEqual(news(), ['pin 3', 'pin 4']);
      const third = model.state.rows.pins.find(({ name }) => name === 'pin 3');
      assert.ok(third);
      assert.deepEqual([model.newRows.look(pinKey(third)), model.newRows.look(pinKey(third))], [true, false]);
      await refresh();
      assert.deepEqual(news(), ['pin 4']);
    }));

  it('has no marks for a list that a person or an act of theirs asked for; Refresh Pins removes all marks', () =>
    listed(async ({ model, mine, refresh, news }) => {
      mine.count = 3;
      await model.list();
      assert.deepEqual(news(), []);
      await atRest(model);
      mine.count = 4;
      await refresh();
      mine.count = 5;
      await model.list();
      assert.deepEqual(news(), ['pin 4']);
      await model.list(undefined, true);
      assert.deepEqual(news(), []);
    }));

  it('keeps filter, order and groups; a group can be expanded meanwhile', () =>
    listed(
      async ({ model, mine, refresh, gate }) => {
        const [queued] = model.state.rows.groups.filter(({ key }) => key === 'queued');
        assert.ok(queued);
        let open = (): void => undefined;
        gate.until = new Promise((resolve) => (open = resolve));
        mine.count = 4;
        model.refresh();
        assert.equal(model.isIdle, false);
        assert.deepEqual(
          (await model.rowsOf(queued)).pins.map(({ name }) => name),
          ['pin 1'],
        );
        assert.equal(model.state.busy, false);
        open();
        await atRest(model);
        const { groups } = model.state.rows;
        assert.deepEqual(groups.map(({ key, count }) => `${key ?? ''} ${count}`).sort(), ['pinned 2', 'queued 2']);
        const names = (await model.rowsOf(queued)).pins.map(({ name }) => name);
        assert.deepEqual([...names].sort(), ['pin 1', 'pin 3']);
        await refresh();
        assert.deepEqual(model.state.view, { group: 'status' });
      },
      { group: 'status' },
    ));

  it('gives way to a list that a person asks for, and is not begun while they do something with its pins', () =>
    listed(async ({ model, mine, gate }) => {
      let open = (): void => undefined;
      gate.until = new Promise((resolve) => (open = resolve));
      model.refresh();
      delete gate.until;
      mine.count = 3;
      await model.list();
      assert.equal(model.state.total, 3);
      open();
      await atRest(model);
      assert.equal(model.state.total, 3);
      const { listing } = model.state;
      const release = model.hold();
      model.refresh();
      assert.equal(model.isIdle, false);
      release();
      await sleep(50);
      assert.equal(model.state.listing, listing);
    }));

  it('leaves no table behind', () =>
    listed(async ({ mine, refresh }) => {
      for (let round = 0; round < 20; round++) {
        mine.count = 2 + (round % 3);
        await refresh();
      }
      for (const end = Date.now() + 5000; ; await sleep(5)) {
        const { openTables } = await worker.request('inspect', undefined);
        if (openTables === 1) return;
        assert.ok(Date.now() < end, `${openTables} tables are open`);
      }
    }));
});

describe('new rows', () => {
  it('are at most a thousand, the last ones', () => {
    let now = 1;
    const rows = createNewRows(() => now);
    rows.add(Array.from({ length: MOST_NEW }, (_, at) => `pin ${at}`));
    now = 2;
    rows.add(['pin 0', 'another']);
    assert.deepEqual(
      [rows.since('pin 0'), rows.since('pin 1'), rows.since('pin 2'), rows.since('another')],
      [2, undefined, 1, 2],
    );
  });

  it('are found in the pin worker, as many as are asked for', () =>
    listed(async ({ model, mine }) => {
      const before = model.openListing?.opened.table ?? assert.fail();
      mine.count = 9;
      await withStandIn(mine.routes, async (url) => {
        const real = createPinningServiceSource({ name: 'mine', url, authorization: () => Promise.resolve(undefined) });
        const { table } = (await real.open({ worker })).opened;
        const found = async (most: number): Promise<number> =>
          (await worker.request('newPins', { table, before, areEntries: false, most })).length;
        assert.deepEqual([await found(1000), await found(3)], [7, 3]);
        assert.deepEqual(await worker.request('newPins', { table, before: table, areEntries: false, most: 10 }), []);
        await worker.request('close', { table });
      });
    }));
});

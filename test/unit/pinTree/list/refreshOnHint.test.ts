import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPinningServiceSource } from '../../../../src/pinSource/pinningServiceSource';
import { createClusterSource } from '../../../../src/pinSource/clusterSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import type { PinListModel } from '../../../../src/pinTree/list/pinListModel';
import type { PinLists } from '../../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../../src/pinTree/list/pinLists';
import type { HintRefresh } from '../../../../src/pinTree/list/refreshOnHint';
import { refreshOnHint } from '../../../../src/pinTree/list/refreshOnHint';
import type { SourceList } from '../../../../src/pinTree/list/sourceList';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { Routes } from '../../../support/daemonStandIn';
import { cluster, json, withStandIn } from '../../../support/daemonStandIn';
import type { ManualClock } from '../../../support/manualClock';
import { manualClock } from '../../../support/manualClock';
import { ServiceStandIn } from '../../../support/serviceStandIn';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const SECOND = 1000;
const MINUTE = 60 * SECOND;

interface Watched {
  readonly model: PinListModel;
  readonly refresh: HintRefresh;
  readonly clock: ManualClock;
  /** The requests so far, since the last call: `count` or `list`. */
  readonly asked: () => readonly string[];
  /** Lets time pass, and everything that begins meanwhile end. */
  readonly pass: (ms: number) => Promise<void>;
  /** Lists the source, as a person or an act of theirs does. */
  readonly list: () => Promise<void>;
}

/** Waits for what is under way in the model and at the server. */
async function atRest(model: PinListModel, pending: () => number): Promise<void> {
  for (const end = Date.now() + 10_000; ; await sleep(2)) {
    assert.ok(Date.now() < end, 'everything ends');
    if (pending() === 0 && (model.isIdle || model.state.error !== undefined)) return;
  }
}

/** Calls `check` with the list of a source, which has been listed and isn't watched yet. `tookMs`: how long its lists say that they took. */
async function watching(
  routes: Routes,
  make: (url: string) => PinSource,
  check: (watched: Watched) => Promise<void>,
  tookMs?: number,
): Promise<void> {
  await withStandIn(routes, async (url, server) => {
    const real = make(url);
    const { hint } = real;
    let pending = 0;
    const counted = async <T>(work: Promise<T>): Promise<T> => {
      pending++;
      try {
        return await work;
      } finally {
        pending--;
      }
    };
    const source: PinSource = {
      ...real,
      open: async (options) => ({ ...(await real.open(options)), ...(tookMs !== undefined && { tookMs }) }),
      ...(hint && { hint: { ...hint, ask: (signal) => counted(hint.ask(signal)) } }),
    };
    const clock = manualClock();
    const model = createPinListModel({ worker, source });
    const refresh = refreshOnHint({ source, model }, clock);
    const list = async (): Promise<void> => {
      await model.list();
      await atRest(model, () => pending);
    };
    await list();
    let seen = server.requests.length;
    const asked = (): readonly string[] => {
      const now = server.requests.slice(seen);
      seen = server.requests.length;
      return now.map(({ query, path: at }) => (query.get('limit') === '1' ? 'count' : at.startsWith('/id') ? 'id' : 'list'));
    };
    const settled = async (): Promise<void> => {
      await sleep(1); // what a timer has begun has asked for its connection
      await atRest(model, () => pending);
    };
    await check({ model, refresh, clock, asked, list, pass: (ms) => clock.pass(ms, settled) });
    refresh.dispose();
    assert.equal(clock.waiting(), 0, 'no timer is left');
    await clock.pass(60 * MINUTE, settled);
    assert.deepEqual(asked(), [], 'nothing is asked after the end');
    model.dispose();
  });
}

const service = (url: string): PinSource =>
  createPinningServiceSource({ name: 'mine', url, authorization: () => Promise.resolve(undefined) });

describe('a source with a hint', () => {
  it('is asked for it once a minute while it is watched, and listed only when it has changed', async () => {
    const mine = new ServiceStandIn();
    await watching(mine.routes, service, async ({ model, refresh, asked, pass }) => {
      await pass(10 * MINUTE);
      assert.deepEqual(asked(), [], 'it is not watched');
      refresh.setWatched(true);
      await pass(3 * MINUTE);
      assert.deepEqual(asked(), ['count', 'count', 'count', 'count'], 'at once, since its list is old, and then each minute');
      mine.count = 3;
      await pass(MINUTE);
      assert.deepEqual(asked(), ['count', 'list']);
      assert.equal(model.state.total, 3);
      mine.count = 2;
      await pass(2 * MINUTE);
      assert.deepEqual(asked(), ['count', 'list', 'count']);
      assert.equal(model.state.total, 2);
      refresh.setWatched(false);
      mine.count = 4;
      await pass(60 * MINUTE);
      assert.deepEqual([asked(), model.state.total], [[], 2]);
    });
  });

  it('is not listed while the hint is unknown, or has no number', async () => {
    const mine = new ServiceStandIn();
    await watching(mine.routes, service, async ({ model, refresh, asked, pass }) => {
      const { listing } = model.state;
      for (const answer of [
        json({ error: { reason: 'BUSY' } }, '500 Internal Server Error'),
        json({ results: [] }),
        json({ count: 'many', results: [] }),
        { body: 'no JSON' },
        { fault: { kind: 'cut', after: 3 }, body: '{"count":9}' } as const,
      ]) {
        mine.counts = () => answer;
        refresh.setWatched(true);
        await pass(2 * MINUTE);
        const requests = asked();
        assert.ok(requests.length > 0 && requests.every((each) => each === 'count'), requests.join());
      }
      assert.equal(model.state.listing, listing);
    });
  });

  it('is not asked before the time that it has named with 429', async () => {
    const mine = new ServiceStandIn();
    mine.counts = () => ({
      ...json({ error: { reason: 'TOO_MANY_REQUESTS' } }, '429 Too Many Requests'),
      headers: { 'retry-after': '2' },
    });
    await watching(mine.routes, service, async ({ refresh, asked, pass }) => {
      refresh.setWatched(true);
      const began = performance.now();
      await pass(30 * MINUTE);
      const wasBefore = performance.now() - began < 2000;
      const requests = asked();
      if (wasBefore) assert.deepEqual(requests, ['count'], 'though half an hour has passed on the clock of the list');
      mine.counts = undefined;
      mine.count = 2;
      await sleep(Math.max(0, 2050 - (performance.now() - began)));
      await pass(MINUTE);
      assert.deepEqual(asked().slice(0, 2), ['count', 'list']);
    });
  });

  it('is left alone once it has rejected the token, until it is listed again', async () => {
    const mine = new ServiceStandIn();
    mine.counts = () => json({ error: { reason: 'UNAUTHORIZED' } }, '401 Unauthorized');
    await watching(mine.routes, service, async ({ list, refresh, asked, pass }) => {
      refresh.setWatched(true);
      await pass(30 * MINUTE);
      assert.deepEqual(asked(), ['count']);
      mine.counts = undefined;
      await list();
      await pass(MINUTE);
      assert.deepEqual(asked(), ['list', 'count']);
    });
  });

  it('is listed only once for a service that counts the rows of a page', async () => {
    const mine = new ServiceStandIn();
    mine.count = 5;
    mine.counts = () => json({ count: 1, results: [mine.pin(5)] });
    await watching(mine.routes, service, async ({ refresh, asked, pass }) => {
      refresh.setWatched(true);
      await pass(5 * MINUTE);
      assert.equal(asked().filter((each) => each === 'list').length, 1);
    });
  });

  it('rests 20 times as long as its list took, and is not even asked then', async () => {
    const mine = new ServiceStandIn();
    await watching(
      mine.routes,
      service,
      async ({ refresh, asked, pass }) => {
        refresh.setWatched(true);
        mine.count = 2;
        await pass(5 * MINUTE - 1);
        assert.deepEqual(asked(), []);
        await pass(1);
        assert.deepEqual(asked(), ['count', 'list']);
        mine.count = 3;
        await pass(5 * MINUTE - 1);
        assert.deepEqual(asked(), []);
        await pass(1);
        assert.deepEqual(asked(), ['count', 'list']);
      },
      15 * SECOND,
    );
  });

  it('is neither asked nor listed while a person does something with its pins, and soon afterwards', async () => {
    const mine = new ServiceStandIn();
    await watching(mine.routes, service, async ({ model, refresh, clock, asked, pass }) => {
      const passHeld = (): Promise<void> => clock.pass(5 * MINUTE, () => sleep(1)); // nothing that begins would end
      refresh.setWatched(true);
      const release = model.hold();
      const other = model.hold();
      mine.count = 2;
      await passHeld();
      other();
      other();
      await passHeld();
      assert.deepEqual(asked(), []);
      release();
      await pass(SECOND);
      assert.deepEqual(asked(), ['count', 'list']);
    });
  });

  it('is left alone after a list that failed', async () => {
    const mine = new ServiceStandIn();
    const failing = { ...mine.routes };
    await watching(failing, service, async ({ model, refresh, asked, pass }) => {
      Object.assign(failing, { 'GET /pins': json({ error: { reason: 'GONE' } }, '500 Internal Server Error') });
      await model.list();
      asked();
      refresh.setWatched(true);
      await pass(30 * MINUTE);
      assert.deepEqual([asked(), model.state.error?.reason], [[], 'http-status']);
    });
  });
});

describe('a source without a hint', () => {
  const routes: Routes = {
    'GET /id': cluster('id'),
    'GET /allocations': cluster('allocations'),
    'GET /pins': cluster('pins-cids'),
  };
  const atCluster = (url: string): PinSource =>
    createClusterSource({ url: () => url, authorization: () => Promise.resolve(undefined) });
  const lists = (asked: readonly string[]): number => asked.filter((each) => each === 'list').length;

  it('is listed again twice a minute where its lists take little time', () =>
    watching(
      routes,
      atCluster,
      async ({ model, refresh, asked, pass }) => {
        let busy = 0;
        model.onDidChange(() => (busy += Number(model.state.busy)));
        await pass(10 * MINUTE);
        assert.equal(lists(asked()), 0);
        refresh.setWatched(true);
        await pass(0);
        assert.equal(lists(asked()), 1, 'its list is old');
        await pass(30 * SECOND - 1);
        assert.equal(lists(asked()), 0);
        await pass(1);
        assert.equal(lists(asked()), 1);
        await pass(5 * MINUTE);
        assert.equal(lists(asked()), 10);
        assert.equal(busy, 0, 'no progress is shown');
      },
      SECOND,
    ));

  it('rests 20 times as long as its list took', () =>
    watching(
      routes,
      atCluster,
      async ({ refresh, asked, pass }) => {
        refresh.setWatched(true);
        await pass(40 * SECOND - 1);
        assert.equal(lists(asked()), 0);
        await pass(1);
        assert.equal(lists(asked()), 1);
        await pass(40 * SECOND - 1);
        assert.equal(lists(asked()), 0);
      },
      2 * SECOND,
    ));

  it('rests after a list that a person or an act of theirs asked for, too', () =>
    watching(routes, atCluster, async ({ list, refresh, asked, pass }) => {
      refresh.setWatched(true);
      await pass(29 * SECOND);
      await list();
      assert.equal(lists(asked()), 1);
      await pass(29 * SECOND);
      assert.equal(lists(asked()), 0);
      await pass(SECOND);
      assert.equal(lists(asked()), 1);
    }));
});

describe('lists that keep current', () => {
  const asksIn = async (set: (lists: PinLists) => void): Promise<number> => {
    const mine = new ServiceStandIn();
    let count = 0;
    await withStandIn(mine.routes, async (url, server) => {
      const clock = manualClock();
      const source = service(url);
      const listOf = (of: PinSource): SourceList => ({
        source: of,
        model: createPinListModel({ worker, source: of }),
      });
      const lists = createPinLists(source, () => Promise.resolve([source]), listOf, undefined, clock);
      await lists.list();
      const [{ model }] = lists.shown();
      await atRest(model, () => 0);
      const before = server.requests.length;
      set(lists);
      await clock.pass(3 * MINUTE, () => sleep(50));
      count = server.requests.length - before;
      lists.dispose();
      assert.equal(clock.waiting(), 0);
    });
    return count;
  };

  it('do so only while the view is visible, the window has the focus, and the setting is on', async () => {
    assert.equal(await asksIn(() => undefined), 0, 'neither');
    assert.equal(await asksIn((lists) => lists.setVisible(true)), 0, 'no focus, or switched off');
    assert.equal(await asksIn((lists) => lists.setAlive(true)), 0, 'hidden');
    const both = (lists: PinLists): void => {
      lists.setVisible(true);
      lists.setAlive(true);
    };
    assert.equal(await asksIn(both), 3);
    for (const off of [(lists: PinLists) => lists.setVisible(false), (lists: PinLists) => lists.setAlive(false)])
      assert.equal(
        await asksIn((lists) => {
          both(lists);
          off(lists);
        }),
        0,
      );
  });
});

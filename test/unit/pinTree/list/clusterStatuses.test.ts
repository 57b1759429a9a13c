import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { createClusterSource } from '../../../../src/pinSource/clusterSource';
import type { PinListModel, PinListState } from '../../../../src/pinTree/list/pinListModel';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { provenance, viewMessage } from '../../../../src/pinTree/text/provenanceText';
import type { ListView } from '../../../../src/pinTree/list/listView';
import { withStandIn } from '../../../support/daemonStandIn';
import type { Answer } from '../../../support/replayServer';
import { lines } from '../../../support/replayServer';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const STATUSES = ['pinned', 'pinned', 'pin_error', 'pin_queued', 'pinned'];
const cid = (at: number): string => `Qm${at}`;
const listed: Answer = { body: lines(STATUSES.map((_, at) => ({ cid: cid(at), name: `pin ${at}` }))) };
const statusLines = lines(
  STATUSES.map((status, at) => ({ cid: cid(at), allocations: [], peer_map: { A: { peername: 'a', status } } })),
);
const prompt: Answer = { body: statusLines };
/** Sent within a second. */
const slow: Answer = { body: statusLines, fault: { kind: 'drip', everyMs: 100, bytes: Math.ceil(statusLines.length / 9) } };

interface Against {
  readonly model: PinListModel;
  /** The routes that were requested since the last call, without the question which cluster it is. */
  readonly asked: () => string[];
  /** Every reported state, in order. */
  readonly states: readonly PinListState[];
}

async function against(
  statuses: Answer | readonly Answer[],
  view: ListView,
  check: (of: Against) => Promise<void>,
): Promise<void> {
  await withStandIn({ 'GET /allocations': listed, 'GET /pins': statuses }, async (url, server) => {
    const source = createClusterSource({ url: () => url, authorization: () => Promise.resolve(undefined) });
    const model = createPinListModel({ worker, source, view });
    const states: PinListState[] = [];
    model.onDidChange(() => states.push(model.state));
    let seen = 0;
    const asked = (): string[] => {
      const routes = server.requests
        .slice(seen)
        .map(({ path: route }) => route)
        .filter((route) => route !== '/id');
      seen = server.requests.length;
      return routes;
    };
    await check({ model, asked, states });
    model.dispose();
    const openTables = async (): Promise<number> => (await worker.request('inspect', undefined)).openTables;
    for (const end = Date.now() + 5000; Date.now() < end; await sleep(20)) if ((await openTables()) === 0) break;
    assert.equal(await openTables(), 0, 'no table is left open');
  });
}

const groups = ({ state }: PinListModel): string[] => state.rows.groups.map(({ key, count }) => `${key ?? '-'} ${count}`);
const names = ({ state }: PinListModel): (string | undefined)[] => state.rows.pins.map(({ name }) => name);
const failed = ({ state }: PinListModel): number | undefined => state.failed;
const origin = (model: PinListModel): string => provenance(model.state, Date.now());

describe('the statuses of a cluster', () => {
  it("are not requested where the view doesn't need them", () =>
    against(prompt, {}, async ({ model, asked }) => {
      await model.list();
      await model.setView({ group: 'type' });
      await model.setView({ filter: 'status:' });
      await model.setView({ sort: 'name' });
      assert.deepEqual([asked(), origin(model)], [['/allocations'], '5 pins · live, IPFS Cluster']);
    }));

  it('are not requested to count the failed pins, only those, while the view is visible', () =>
    against([prompt, { body: '' }], {}, async ({ model, asked }) => {
      const counted = async (wanted: number): Promise<void> => {
        for (const end = Date.now() + 5000; Date.now() < end && failed(model) !== wanted; await sleep(5));
        assert.deepEqual([failed(model), model.state.listing?.opened.statuses], [wanted, 'unasked']);
      };
      await model.list();
      assert.deepEqual([asked(), failed(model)], [['/allocations'], undefined]);
      model.setVisible(true);
      await counted(1);
      assert.deepEqual(asked(), ['/pins?filter=error,unexpectedly_unpinned']);
      await model.list();
      await counted(0);
      model.setVisible(false);
      asked();
      await model.list();
      assert.deepEqual(asked(), ['/allocations']);
    }));

  it('make groups, pinned ones last; they are requested once, and again by a refresh', () =>
    against([prompt, { body: '' }], {}, async ({ model, asked }) => {
      await model.list();
      assert.equal(failed(model), undefined, 'not known is not zero');
      await model.setView({ group: 'status' });
      for (const end = Date.now() + 5000; Date.now() < end && failed(model) === undefined; await sleep(5));
      assert.equal(failed(model), 1);
      assert.deepEqual(
        [asked(), groups(model)],
        [
          ['/allocations', '/allocations', '/pins'],
          ['failed 1', 'queued 1', 'pinned 3'],
        ],
      );
      const [first] = model.state.rows.groups;
      assert.ok(first);
      assert.deepEqual(
        (await model.rowsOf(first)).pins.map(({ name, status }) => [name, status]),
        [['pin 2', 'failed']],
      );
      await model.setView({ group: 'status', sort: '-name' });
      await model.setView({ filter: '-status:pinned', sort: '-name' });
      assert.deepEqual(
        [asked(), names(model), origin(model)],
        [[], ['pin 3', 'pin 2'], '2 of 5 pins match “-status:pinned” · live, IPFS Cluster'],
      );
      await model.list();
      assert.deepEqual(
        [asked(), names(model)],
        [
          ['/allocations', '/pins'],
          ['pin 4', 'pin 3', 'pin 2', 'pin 1', 'pin 0'],
        ],
      );
    }));

  it('filter only once they are known, however much is typed meanwhile', () =>
    against(slow, {}, async ({ model, asked, states }) => {
      await model.list();
      const typing = ['status:f', 'status:fa', 'status:fail'].map(async (filter, at) => {
        await sleep(200 * at);
        await model.setView({ filter });
      });
      await Promise.all(typing);
      assert.deepEqual([names(model), model.state.matching, model.state.total], [['pin 2'], 1, 5]);
      assert.deepEqual(asked(), ['/allocations', '/allocations', '/pins']);
      for (const { view, listing } of states)
        assert.ok(view.filter === undefined || listing?.opened.statuses === 'asked', 'none is shown as none before');
    }));

  it('are requested too if they are needed while the list is being read', () =>
    against(prompt, {}, async ({ model, asked }) => {
      await Promise.all([model.list(), model.setView({ group: 'status' })]);
      assert.deepEqual([asked().filter((route) => route === '/pins'), groups(model).length], [['/pins'], 3]);
    }));

  it('leave the rows in place until they are loaded, and groups can be opened meanwhile', () =>
    against([prompt, slow], { group: 'status' }, async ({ model, states }) => {
      await model.list();
      const from = states.length;
      const again = model.list();
      await sleep(300);
      const [failed] = model.state.rows.groups;
      assert.ok(failed && model.state.busy);
      assert.deepEqual(
        (await model.rowsOf(failed)).pins.map(({ name }) => name),
        ['pin 2'],
      );
      await again;
      for (const { rows } of states.slice(from)) assert.equal(rows.groups.length, 3);
    }));

  it('are waited for beside the list, where nothing is shown yet', () =>
    against(slow, { group: 'status' }, async ({ model, states }) => {
      await model.list();
      const first = states.find(({ listing }) => listing);
      assert.ok(first?.listing);
      assert.equal(first.listing.incomplete, 'receiving');
      assert.deepEqual(
        first.rows.groups.map(({ key, count }) => [key, count]),
        [[undefined, 5]],
      );
      assert.match(provenance(first, Date.now()), /loading…, status unavailable$/);
      assert.deepEqual(groups(model), ['failed 1', 'queued 1', 'pinned 3']);
    }));

  it('that are stopped are not requested again automatically, and the view says that they are unavailable', () =>
    against([slow, prompt], {}, async ({ model, asked }) => {
      await model.list();
      const grouping = model.setView({ group: 'status' });
      await sleep(300);
      model.stopListing();
      await grouping;
      for (const end = Date.now() + 5000; model.state.view !== model.view && Date.now() < end;) await sleep(10);
      assert.deepEqual([groups(model), model.state.busy], [['- 5'], false]);
      assert.match(origin(model), /live, IPFS Cluster, status unavailable$/);
      assert.deepEqual(asked(), ['/allocations', '/allocations', '/pins']);
      await model.list();
      assert.deepEqual(groups(model), ['failed 1', 'queued 1', 'pinned 3']);
    }));

  it("that aren't all available are shown as incomplete", () =>
    against(
      { body: statusLines.split('\n').slice(0, 3).join('\n') + '\n', trailers: { 'X-Stream-Error': 'a peer is lost' } },
      { group: 'status' },
      async ({ model }) => {
        await model.list();
        assert.deepEqual(groups(model), ['failed 1', 'unknown 2', 'pinned 2']);
        assert.equal(origin(model), '5 pins · live, IPFS Cluster, statuses incomplete');
        assert.match(
          viewMessage(model.state, Date.now()),
          /statuses incomplete\. The status of some pins isn't known: .* ended its response early: a peer is lost/,
        );
      },
    ));
});

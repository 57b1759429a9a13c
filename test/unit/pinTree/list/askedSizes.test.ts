import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKuboSource } from '../../../../src/pinSource/kuboSource';
import type { PinSource } from '../../../../src/pinSource/pinSource';
import { knownFacts } from '../../../../src/pinTree/list/knownFacts';
import type { PinListModel, PinListState } from '../../../../src/pinTree/list/pinListModel';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import type { SourceList } from '../../../../src/pinTree/list/sourceList';
import { provenance, viewMessage } from '../../../../src/pinTree/text/provenanceText';
import type { PinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import { json, kubo, withStandIn } from '../../../support/daemonStandIn';
import { testFolder } from '../../../support/folder';
import type { Answer, ReplayedRequest, ReplayServer } from '../../../support/replayServer';
import { lines } from '../../../support/replayServer';

const dist = path.join(process.cwd(), 'dist');
const folder = testFolder('asked-sizes');
const workers: PinWorkerHandle[] = [];
after(() => Promise.all(workers.map((worker) => worker.dispose())));

function newWorker(keepFolder?: string): PinWorkerHandle {
  const worker = createPinWorkerHandle({
    file: path.join(dist, 'pinWorker.js'),
    wasmFile: path.join(dist, 'sql-wasm.wasm'),
    ...(keepFolder !== undefined && { keepFolder }),
  });
  workers.push(worker);
  return worker;
}

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const OTHER = kubo('id');
const A_B_C = 'abcdefghijklmnopqrstuvwxyz234567';

/** A raw CID for each number below 1,024. */
const cid = (at: number): string =>
  `bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd${A_B_C[at >> 5] ?? ''}${A_B_C[at & 31] ?? ''}a`;
const EMPTY: Answer = { body: '' };

interface Kubo {
  readonly pins: number;
  /** The size of a pin; an error where it has none. */
  readonly sizeOf: (at: number) => number | 'silence' | undefined;
  readonly id?: () => Answer;
}

/** The size of a pin by the path of a request. */
function stat({ pins, sizeOf }: Kubo, { query }: ReplayedRequest): Answer {
  const wanted = (query.get('arg') ?? '').replace('/ipfs/', '');
  const at = Array.from({ length: pins }, (_, each) => each).find((each) => cid(each) === wanted) ?? -1;
  const size = sizeOf(at);
  if (size === 'silence') return { fault: { kind: 'mute' } };
  return size === undefined
    ? {
        ...json({ Message: 'block was not found locally (offline)', Code: 0, Type: 'error' }),
        status: '500 Internal Server Error',
      }
    : json({ CumulativeSize: size, Type: 'file' });
}

interface Against {
  readonly url: string;
  readonly source: PinSource;
  readonly model: PinListModel;
  readonly states: readonly PinListState[];
  /** How many sizes were requested since the last call. */
  readonly asked: () => number;
  /** The number of open connections. */
  readonly open: () => number;
}

async function against(of: Kubo, worker: PinWorkerHandle, check: (of: Against) => Promise<void>): Promise<void> {
  const routes = {
    'POST /api/v0/id': of.id ?? (() => kubo('id')),
    'POST /api/v0/pin/ls': ({ query }: ReplayedRequest): Answer =>
      query.get('type') === 'recursive'
        ? { body: lines(Array.from({ length: of.pins }, (_, at) => ({ Cid: cid(at), Name: `pin ${at}`, Type: 'recursive' }))) }
        : EMPTY,
    'POST /api/v0/files/stat': (request: ReplayedRequest) => stat(of, request),
    'POST /api/v0/dag/stat': (request: ReplayedRequest) => stat(of, request),
  };
  await withStandIn(routes, async (url, server) => {
    const source = sourceAt(url);
    const model = createPinListModel({ worker, source });
    const states: PinListState[] = [];
    model.onDidChange(() => states.push(model.state));
    await check({ url, source, model, states, asked: counter(server), open: () => server.open() });
    model.dispose();
  });
}

function sourceAt(url: string, isNamed = false): PinSource {
  const repository = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(repository, 'config'), JSON.stringify({ Identity: { PeerID: PEER } }));
  writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
  return createKuboSource({
    repository,
    url: isNamed ? url : undefined,
    authorization: () => Promise.resolve(undefined),
    indirect: () => false,
  });
}

function counter(server: ReplayServer): () => number {
  let seen = 0;
  return () => {
    const routes = server.requests.slice(seen).map(({ path: route }) => route);
    seen = server.requests.length;
    return routes.filter((route) => route.startsWith('/api/v0/files/stat')).length;
  };
}

async function until(model: PinListModel, is: (state: PinListState) => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(10)) if (is(model.state)) return;
  assert.fail(JSON.stringify({ ...model.state, rows: undefined, listing: undefined }));
}

const isSized = ({ sizes, sizing, busy }: PinListState): boolean => !busy && sizes !== undefined && sizing !== 'asking';
const names = ({ state }: PinListModel): (string | undefined)[] => state.rows.pins.map(({ name }) => name);
const said = ({ state }: PinListModel): [string, string] => [provenance(state, Date.now(), true), viewMessage(state, Date.now())];

describe('the sizes of the pins of Kubo', () => {
  it('decide the order of the rows from the first moment on where the list is read again silently, and none is asked for twice', () =>
    against({ pins: 9, sizeOf: (at) => 1000 + ((at * 7) % 10) }, newWorker(), async ({ model, states, asked }) => {
      await model.setView({ sort: '-size' });
      await model.list();
      await until(model, (state) => isSized(state) && model.isIdle);
      const [before, count, { listing }] = [names(model), states.length, model.state];
      const { sizes } = model.state;
      asked();
      model.refresh();
      await until(model, () => model.state.listing !== listing && model.isIdle);
      for (const { rows, sizes: then, busy } of states.slice(count))
        assert.deepEqual([rows.pins.map(({ name }) => name), then?.sized, busy], [before, sizes?.sized, false]);
      assert.deepEqual([model.state.sizes, asked()], [sizes, 0]);
    }));

  it('are asked for once and added up; pins are sorted by them, and those without one come last', () =>
    against(
      { pins: 9, sizeOf: (at) => (at === 4 ? undefined : 1000 + ((at * 7) % 10)) },
      newWorker(),
      async ({ model, asked }) => {
        await model.list();
        await until(model, isSized);
        assert.deepEqual(model.state.sizes, { count: 9, sized: 8, sizeBytes: 8034 });
        assert.equal(said(model)[0], '9 pins · 7.8 KB of 8 pins · live');
        await model.setView({ sort: '-size' });
        await until(model, isSized);
        assert.deepEqual(names(model), [7, 1, 8, 5, 2, 6, 3, 0, 4].map((at) => `pin ${at}`)); // prettier-ignore
        assert.match(
          said(model)[1],
          /^9 pins · 7\.8 KB of 8 pins · by size, largest first\. Sizes of 8 of 9 pins are known; the others come last\.$/,
        );
        assert.equal(asked(), 9);
        await model.setView({ filter: 'pin 1', group: 'type' });
        await until(model, isSized);
        assert.deepEqual(
          model.state.rows.groups.map(({ key, count, sized, sizeBytes }) => [key, count, sized, sizeBytes]),
          [['recursive', 1, 1, 1007]],
        );
        assert.equal(asked(), 0);
      },
    ));

  it('are there where a date never is, and an order by date says so', () =>
    against({ pins: 2, sizeOf: () => 1 }, newWorker(), async ({ model, source }) => {
      await model.list();
      await model.setView({ sort: '-time' });
      const text = viewMessage(model.state, Date.now(), source);
      assert.equal(text, "2 pins · by date, newest first. Not sorted by date: Kubo doesn't report when content was pinned.");
      const list = { source, model } as unknown as SourceList;
      assert.deepEqual(knownFacts([list]), ['size', 'type']);
    }));

  it('are kept for the next window by CID, not for another daemon, and a damaged file is ignored', async () => {
    const keepFolder = mkdtempSync(path.join(folder, 'kept-'));
    const kuboOf = { pins: 5, sizeOf: (at: number) => 100 * (at + 1) };
    const asks = async (of: Kubo): Promise<number> => {
      let requests = -1;
      await against(of, newWorker(keepFolder), async ({ model, asked }) => {
        await model.list();
        await until(model, isSized);
        assert.equal(model.state.sizes?.sized, of.pins);
        requests = asked();
      });
      return requests;
    };
    assert.equal(await asks(kuboOf), 5);
    assert.equal(await asks({ ...kuboOf, pins: 7 }), 2);
    const [file = ''] = readdirSync(path.join(keepFolder, 'sizes'));
    const kept = path.join(keepFolder, 'sizes', file);
    const bytes = readFileSync(kept);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(kept, bytes);
    assert.equal(await asks(kuboOf), 5);
  });

  it('of a Kubo at an address from the settings, which proves nothing, are not written', async () => {
    const keepFolder = mkdtempSync(path.join(folder, 'named-'));
    await against({ pins: 3, sizeOf: () => 7 }, newWorker(), async ({ url }) => {
      const model = createPinListModel({ worker: newWorker(keepFolder), source: sourceAt(url, true) });
      await model.list();
      await until(model, isSized);
      assert.equal(model.state.sizes?.sized, 3);
      assert.ok(!readdirSync(keepFolder).includes('sizes'));
      model.dispose();
    });
  });

  it('that come from another program on the port are neither shown nor kept', async () => {
    const keepFolder = mkdtempSync(path.join(folder, 'taken-'));
    let isTaken = false;
    const stranger = json({ ID: '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8', AgentVersion: 'kubo/0.42.0' });
    const of: Kubo = {
      pins: 3,
      sizeOf: () => ((isTaken = true), 7),
      id: () => (isTaken ? stranger : OTHER),
    };
    await against(of, newWorker(keepFolder), async ({ model }) => {
      await model.list();
      await until(model, ({ sizing }) => sizing === 'stopped');
      await until(model, isSized);
      assert.deepEqual(model.state.sizes, { count: 3, sized: 0 });
      assert.ok(!readdirSync(keepFolder).includes('sizes'));
    });
  });

  it('are asked for until the user stops that, and again from there; the rows move a few times', async () => {
    await against({ pins: 1010, sizeOf: (at) => at + 1 }, newWorker(), async ({ model, asked, states }) => {
      await model.list();
      await until(model, isSized);
      assert.deepEqual([asked(), said(model)[0]], [0, '1,010 pins · live'], 'of many pins only when it is wanted');
      await model.setView({ sort: 'size' });
      await until(model, ({ sizing, sizesAsked = 0 }) => sizing === 'asking' && sizesAsked > 0);
      assert.match(said(model)[1], /· sizes of \d+ of 1,010…$/);
      assert.equal(model.state.busy, true);
      model.stopListing();
      await until(model, isSized);
      const { sizing, sizes } = model.state;
      assert.equal(sizing, 'stopped');
      assert.ok(sizes && sizes.sized < 1010);
      const orders = states.length;
      await model.setView({ sort: '-size' });
      await until(model, ({ rows, sizes }) => sizes?.sized === 1010 && rows.pins[0]?.name === 'pin 1009');
      assert.equal(names(model)[1], 'pin 1008');
      const drawn = new Set(states.slice(orders).map(({ rows }) => rows.pins));
      assert.ok(drawn.size <= 8, `the rows moved ${drawn.size} times`);
    });
  });

  it('of a Kubo that stops responding are four open requests, which end when the user stops them', () =>
    against({ pins: 9, sizeOf: () => 'silence' }, newWorker(), async ({ model, asked, open }) => {
      await model.list();
      await until(model, ({ sizing }) => sizing === 'asking');
      await sleep(300);
      assert.deepEqual([asked(), open()], [4, 4]);
      model.stopListing();
      await until(model, isSized);
      assert.equal(model.state.sizing, 'stopped');
      for (const end = Date.now() + 5000; open() > 0 && Date.now() < end;) await sleep(10);
      assert.deepEqual([asked(), open()], [0, 0]);
    }));
});

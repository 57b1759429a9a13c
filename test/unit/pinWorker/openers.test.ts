import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import type { OpenRequest } from '../../../src/pinWorker/openers';
import type { OpenedTable } from '../../../src/pinWorker/protocol';
import { cluster as recordedCluster, json, withStandIn } from '../../support/daemonStandIn';
import { blockGet } from '../../support/filesStandIn';
import { testFolder } from '../../support/folder';
import { Made } from '../../support/madeBlocks';
import type { Answer, ReplayedRequest } from '../../support/replayServer';
import { lines, recordedAnswer, replayServer } from '../../support/replayServer';
import { settled } from '../daemonClient/rawServer';

const dist = path.join(process.cwd(), 'dist');
const newWorker = (keepFolder?: string) =>
  createPinWorkerHandle({
    file: path.join(dist, 'pinWorker.js'),
    wasmFile: path.join(dist, 'sql-wasm.wasm'),
    ...(keepFolder !== undefined && { keepFolder }),
  });
const worker = newWorker();
after(() => worker.dispose());

async function against(answer: (request: ReplayedRequest) => Answer, check: (url: string) => Promise<void>): Promise<void> {
  const server = await replayServer(answer);
  try {
    await check(server.url);
  } finally {
    await server.close();
  }
}

const close = ({ table }: OpenedTable): Promise<unknown> => worker.request('close', { table });
const openTables = async (): Promise<number> => (await worker.request('inspect', undefined)).openTables;

const pins = Array.from({ length: 60 }, (_, at) => ({ Cid: `Qm${at}`, Type: 'recursive' }));
const isNamed = ({ query }: ReplayedRequest): boolean => query.get('names') === 'true';
const isDirect = ({ query }: ReplayedRequest): boolean => query.get('type') === 'direct';

describe('the one operation that opens lists', () => {
  it('opens each kind, and reports where its pins come from', async () => {
    const folder = testFolder('openers');
    const own = newWorker(path.join(folder, 'kept'));
    const file = path.join(process.cwd(), 'test/fixtures/sqlite/pins-cli-shape.db');
    const made = new Made();
    const leaf = await made.leaf('x');
    const root = (await made.folder([['a', leaf], ['b', leaf]])).toString(); // prettier-ignore
    const routes = {
      'GET /pins': json({ pins: [{ cid: 'Qm1', name: 'one' }] }),
      'GET /allocations': recordedCluster('allocations'),
      'POST /api/v0/pin/ls': { body: lines(pins) },
      'POST /api/v0/block/get': blockGet(made.blocks),
    };
    await withStandIn(routes, async (url) => {
      const kept = { kind: 'kept', query: { urls: [url] } } as const;
      const outcomeOf = async (request: OpenRequest) => {
        const { table, source, location } = await own.request('open', request);
        const count = await own.request('count', { table, of: {} });
        await own.request('close', { table });
        return [source, location, count];
      };
      await assert.rejects(outcomeOf(kept), { reason: 'missing', message: /No list from http:\S+ was saved/ });
      assert.deepEqual(await outcomeOf({ kind: 'live', query: { baseUrl: url } }), ['json', `${url}/pins`, 1]);
      assert.ok(await settled(() => readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.json'))));
      assert.deepEqual(await outcomeOf(kept), ['json', `${url}/pins`, 1]);
      assert.deepEqual(await outcomeOf({ kind: 'store', query: { databasePath: file } }), ['sqlite', file, 2]);
      assert.deepEqual(await outcomeOf({ kind: 'kubo', query: { access: { url }, indirect: false } }), ['kubo', url, 60]);
      assert.deepEqual(await outcomeOf({ kind: 'files', query: { access: { url }, root } }), ['files', url, 2]);
      assert.deepEqual(await outcomeOf({ kind: 'cluster', query: { access: { url }, statuses: false } }), ['cluster', url, 4]);
    });
    await withStandIn({ 'GET /pins': recordedCluster('svc-pins-status') }, async (url) => {
      const request = { kind: 'pinning-service', query: { access: { url }, name: 'x' } } as const;
      const { table, source } = await own.request('open', request);
      assert.deepEqual([source, (await own.request('page', { table, query: {} })).length > 0], ['pinning-service', true]);
      await own.request('close', { table });
    });
    assert.equal((await own.request('inspect', undefined)).openTables, 0);
    await own.dispose();
  });

  for (const kind of ['gateway', 'constructor'])
    it(`rejects a kind that is not in its table: ${kind}`, async () => {
      const request = { kind, query: {} } as unknown as OpenRequest;
      await assert.rejects(worker.request('open', request), { reason: 'invalid-argument', message: new RegExp(kind) });
    });
});

describe('the pin worker', () => {
  it('opens a Kubo and loads nothing but HTTP for it', () =>
    against(
      (request) => recordedAnswer(`test/fixtures/kubo/pin-ls-stream-${isDirect(request) ? 'direct' : 'recursive'}.http`),
      async (url) => {
        const own = newWorker();
        const { table, source, location, incomplete, namesMissing } = await own.request('open', {
          kind: 'kubo',
          query: { access: { url }, indirect: false },
        });
        assert.deepEqual([source, location, incomplete, namesMissing], ['kubo', url, undefined, undefined]);
        assert.equal(await own.request('count', { table, of: { filter: 'demo' } }), 1);
        const { loaded } = await own.request('inspect', undefined);
        assert.deepEqual(loaded.map((file) => path.basename(file)).sort(), ['daemonLists.js', 'pinWorker.js']);
        await own.dispose();
      },
    ));

  it('shows what a Kubo has sent while loading…; each table stays as it was, and none is left open', () =>
    against(
      (request) => {
        if (isDirect(request)) return {};
        return isNamed(request)
          ? { body: lines(pins.map((pin) => ({ ...pin, Name: 'named' }))) }
          : { body: lines(pins), fault: { kind: 'drip', everyMs: 40, bytes: 150 } };
      },
      async (url) => {
        const soFar: { readonly opened: OpenedTable; readonly count: Promise<number> }[] = [];
        const opened = await worker.request(
          'open',
          { kind: 'kubo', query: { access: { url }, indirect: false } },
          { onSoFar: (each) => soFar.push({ opened: each, count: worker.request('count', { table: each.table, of: {} }) }) },
        );
        const then = await Promise.all(soFar.map(({ count }) => count));
        assert.ok(then.length >= 2 && (then[0] ?? 0) < 60 && then.at(-1) === 60, then.join());
        for (const [at, each] of soFar.entries()) {
          const { table } = each.opened;
          assert.equal(await worker.request('count', { table, of: {} }), then[at]);
          assert.equal(await worker.request('count', { table, of: { filter: 'named' } }), 0);
          await close(each.opened);
        }
        assert.equal(await worker.request('count', { table: opened.table, of: { filter: 'named' } }), 60);
        await close(opened);
        assert.equal(await openTables(), 0);
      },
    ));

  it("reports what is missing from a list that was cut off, and which names didn't arrive", () =>
    against(
      (request) => {
        if (isDirect(request)) return {};
        return { body: lines(pins), ...(isNamed(request) && { trailers: { 'X-Stream-Error': 'no names' } }) };
      },
      async (url) => {
        const opened = await worker.request('open', { kind: 'kubo', query: { access: { url }, indirect: false } });
        assert.deepEqual([opened.incomplete, opened.namesMissing?.reason], [undefined, 'truncated']);
        await close(opened);
      },
    ));

  it('opens a cluster, and groups its pins by status where a service reports one', () =>
    against(
      ({ path: asked }) =>
        recordedAnswer(`test/fixtures/cluster/${asked === '/allocations' ? 'allocations' : 'svc-pins-status'}.http`),
      async (url) => {
        const cluster = await worker.request('open', { kind: 'cluster', query: { access: { url }, statuses: false } });
        assert.deepEqual([cluster.source, await worker.request('count', { table: cluster.table, of: {} })], ['cluster', 4]);
        const service = await worker.request('open', { kind: 'pinning-service', query: { access: { url }, name: 'x' } });
        assert.equal(service.source, 'pinning-service');
        const groups = await worker.request('groups', { table: service.table, key: 'status', of: {} });
        assert.ok(groups.length > 0 && groups.every(({ key }) => key !== undefined));
        await close(cluster);
        await close(service);
      },
    ));

  it('closes the connection to a daemon when it is canceled', async () => {
    const server = await replayServer(() => ({ body: lines(pins), fault: { kind: 'silence', after: 500 } }));
    const controller = new AbortController();
    const shown: OpenedTable[] = [];
    const opening = worker.request(
      'open',
      { kind: 'kubo', query: { access: { url: server.url }, indirect: false } },
      { signal: controller.signal, onSoFar: (each) => (shown.push(each), controller.abort()) },
    );
    await assert.rejects(opening, (error) => IpfsKitError.is(error, 'cancelled'));
    assert.ok(await settled(() => server.open() === 0));
    await server.close();
    for (const each of shown) await close(each);
    assert.equal(await openTables(), 0);
  });

  it('is not considered dead while a daemon is silent', () =>
    against(
      (request) =>
        isDirect(request) || isNamed(request) ? {} : { body: lines(pins), fault: { kind: 'drip', everyMs: 3000, bytes: 2000 } },
      async (url) => {
        const own = createPinWorkerHandle({
          file: path.join(dist, 'pinWorker.js'),
          wasmFile: path.join(dist, 'sql-wasm.wasm'),
          silenceMs: 2500,
        });
        const { table } = await own.request('open', { kind: 'kubo', query: { access: { url }, indirect: false } });
        assert.equal(await own.request('count', { table, of: {} }), 60);
        await own.dispose();
      },
    ));

  it('fails as a daemon does that requires a token', () =>
    against(
      () => ({ status: '403 Forbidden' }),
      async (url) => {
        await assert.rejects(worker.request('open', { kind: 'kubo', query: { access: { url }, indirect: false } }), (error) =>
          IpfsKitError.is(error, 'needs-token'),
        );
      },
    ));
});

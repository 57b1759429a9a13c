import assert from 'node:assert/strict';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { ListPinsQuery } from '../../src/api';
import { createApi } from '../../src/api';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import { createClusterSource } from '../../src/pinSource/clusterSource';
import { ipfsKitSource } from '../../src/pinSource/ipfsKitSource';
import { createKuboSource } from '../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../src/pinSource/pinningServiceSource';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { cluster, json, kubo, withStandIn } from '../support/daemonStandIn';
import { recordedAnswer } from '../support/replayServer';

const dist = path.join(process.cwd(), 'dist');
const database = path.join(process.cwd(), 'test/fixtures/sqlite/pins-cli-shape.db');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const authorization = () => Promise.resolve(undefined);
const unasked = (): never => assert.fail('no client requests this');

/** The API beside a Kubo, a cluster and a service at one address; in its settings, ipfs_kit_py has no daemon. */
const apiAt = (url: string) =>
  createApi({
    worker,
    monitor: { current: unasked },
    stopDaemon: unasked,
    settings: {
      daemonUrls: { value: () => ['http://127.0.0.1:1'] },
      databasePath: { value: () => database },
      pythonPath: { value: () => undefined },
    },
    lists: {
      shown: unasked,
      sources: () =>
        Promise.resolve([
          ipfsKitSource({ probe: unasked, sources: unasked }),
          createKuboSource({ repository: '/nowhere', url, authorization, indirect: () => false }),
          createClusterSource({ url: () => url, authorization }),
          createPinningServiceSource({ name: 'mine', url, authorization }),
        ]),
    },
  });

describe('the lists of the API', () => {
  it('lists any source by its id, with where its pins come from; without one, ipfs_kit_py', () =>
    withStandIn(
      {
        'POST /api/v0/id': kubo('id'),
        'POST /api/v0/pin/ls': ({ query }) =>
          recordedAnswer(`test/fixtures/kubo/pin-ls-stream-${query.get('type') === 'direct' ? 'direct' : 'recursive'}.http`),
        'GET /allocations': cluster('allocations'),
        'GET /pins': cluster('svc-pins-status'),
      },
      async (url) => {
        const { listPins } = apiAt(url);
        const { pins, asOf, ...rest } = await listPins({ source: 'kubo', filter: 'demo', group: 'type' });
        assert.deepEqual(
          [pins.length, rest.source, rest.location, rest.freshness, rest.total, rest.groups?.length, 'incomplete' in rest],
          [1, 'kubo', url, 'live', 1, 1, false],
        );
        assert.ok(Date.now() - Date.parse(asOf) < 60_000);
        const others = [await listPins({ source: 'cluster' }), await listPins({ source: 'service:mine' })];
        assert.deepEqual(
          others.map(({ source, freshness, total }) => [source, freshness, total > 0]),
          [
            ['cluster', 'live', true],
            ['pinning-service', 'live', true],
          ],
        );
        const own = await listPins();
        assert.deepEqual([own.source, own.freshness, own.daemon, own.total], ['sqlite', 'snapshot', 'absent', 2]);
        assert.equal((await worker.request('inspect', undefined)).openTables, 0);
      },
    ));

  it('lists several sources together, with the sources and copies of each pin, and leaves no list open', () =>
    withStandIn(
      {
        'POST /api/v0/id': kubo('id'),
        'POST /api/v0/pin/ls': ({ query }) =>
          query.get('type') === 'recursive' ? json({ Cid: 'bafkqaaa', Type: 'recursive' }) : {},
        'GET /allocations': { body: '{"cid":"bafkqaaa"}\n{"cid":"bafkqaba"}' },
        'GET /pins': json({ cid: 'bafkqaaa', peer_map: { one: { status: 'pin_error' } } }),
      },
      async (url) => {
        const { listPins } = apiAt(url);
        const { sources, pins, ...head } = await listPins({ sources: ['cluster', 'kubo'], filter: 'in:cluster', sort: 'copies' });
        assert.deepEqual(
          pins.map(({ cid, source, sources: all, copies, copiesAtLeast, unknownSources }) => [cid, source, all, copies ?? copiesAtLeast, unknownSources]), // prettier-ignore
          [
            ['bafkqaba', 'cluster', ['cluster'], 0, ['cluster']],
            ['bafkqaaa', 'cluster', ['cluster', 'kubo'], 1, undefined],
            ['bafkqaaa', 'kubo', ['cluster', 'kubo'], 1, undefined],
          ],
        );
        assert.deepEqual(head, { total: 3, uncertainSources: ['cluster'] });
        assert.deepEqual(sources.map(({ id, state, total }) => [id, state, total]), [['cluster', 'up', 2], ['kubo', 'up', 1]]); // prettier-ignore
        for (const wrong of [[], 'kubo', ['nowhere'], [5], null, undefined])
          await assert.rejects(listPins({ sources: wrong as unknown as string[] }), { reason: 'invalid-argument' });
        const { openTables, openJoins } = await worker.request('inspect', undefined);
        assert.deepEqual([openTables, openJoins], [0, 0]);
      },
    ));

  it('compares two sources: what only one lists, what differs, and how many contents both list', () =>
    withStandIn(
      {
        'POST /api/v0/id': kubo('id'),
        'POST /api/v0/pin/ls': ({ query }) =>
          query.get('type') === 'recursive'
            ? { body: '{"Cid":"bafkqaaa","Type":"recursive"}\n{"Cid":"bafkqaca","Type":"recursive"}' }
            : {},
        'GET /allocations': { body: '{"cid":"bafkqaaa","name":"one"}\n{"cid":"bafkqaba","name":"two"}' },
        'GET /pins': json({ cid: 'bafkqaaa', peer_map: { one: { status: 'pinned' } } }),
      },
      async (url) => {
        const { comparePins } = apiAt(url);
        const { left, right, changed, both, sources, ...rest } = await comparePins({ left: 'cluster', right: 'kubo' });
        const cids = (pins: readonly { readonly cid: string }[]): string[] => pins.map(({ cid }) => cid);
        assert.deepEqual([cids(left), cids(right), both], [['bafkqaba'], ['bafkqaca'], 1]);
        assert.ok(![...left, ...right].some((pin) => 'sources' in pin || 'copies' in pin));
        assert.deepEqual(
          changed.map(({ cid, left: one, right: other }) => [cid, one?.name, other?.name]),
          [['bafkqaaa', 'one', undefined]],
        );
        assert.deepEqual([sources.map(({ id }) => id), rest], [['cluster', 'kubo'], {}]);
        assert.deepEqual((await comparePins({ left: 'cluster', right: 'kubo', limit: 0 })).left, []);
        for (const wrong of [{}, null, 5, { left: 'kubo' }, { left: 'kubo', right: 'kubo' }, { left: 'kubo', right: [] }])
          await assert.rejects(comparePins(wrong as { left: string; right: string }), { reason: 'invalid-argument' });
        const { openTables, openJoins } = await worker.request('inspect', undefined);
        assert.deepEqual([openTables, openJoins], [0, 0]);
      },
    ));

  it('says why sources that can’t be listed can’t be compared, and what is missing of one that can be', () =>
    withStandIn({ 'POST /api/v0/id': kubo('id'), 'GET /allocations': { body: '{"cid":"bafkqaaa"}' } }, async (url) => {
      const { comparePins } = apiAt(url);
      const { left, incomplete, sources } = await comparePins({ left: 'cluster', right: 'kubo' });
      assert.deepEqual([left, incomplete, sources.map(({ error }) => typeof error)], [[], true, ['undefined', 'object']]);
      await assert.rejects(comparePins({ left: 'kubo', right: 'service:mine' }), (error: IpfsKitError) => error.message !== '');
    }));

  it('requests statuses from a cluster if the query needs them', () =>
    withStandIn(
      {
        'GET /allocations': { body: '{"cid":"bafy1"}' },
        'GET /pins': json({ cid: 'bafy1', peer_map: { one: { status: 'pin_error' } } }),
      },
      async (url, { requests }) => {
        const { listPins } = apiAt(url);
        const { groups } = await listPins({ source: 'cluster', group: 'status' });
        assert.deepEqual(
          groups?.map(({ key }) => key),
          ['failed'],
        );
        assert.equal((await listPins({ source: 'cluster', filter: 'status:pinned' })).total, 0);
        const asked = (): number => requests.filter(({ path: route }) => route === '/pins').length;
        assert.equal(asked(), 2);
        await listPins({ source: 'cluster' });
        assert.equal(asked(), 2, 'no query needed them');
      },
    ));

  it('rejects an invalid query with a reason and a short message, without ending the pin worker', async () => {
    const { listPins } = apiAt('http://127.0.0.1:1');
    const long = 'x'.repeat(5_000_000);
    const refused: readonly unknown[] = [
      ...[null, 5, 'text', { source: null }, { source: Symbol('s') }, { source: long }, { database: 5 }],
      ...[5, {}, null, 'http://127.0.0.1:1', new Set(['http://127.0.0.1:1']), [null]].map((daemonUrls) => ({
        database,
        daemonUrls,
      })),
      ...[Symbol('s'), long, ['name'], null].flatMap((key) => [
        { database, sort: key },
        { database, group: key },
      ]),
      ...[null, 'text', { key: 5 }].map((within) => ({ database, group: 'type', within })),
    ];
    for (const query of refused)
      await assert.rejects(listPins(query as ListPinsQuery), (error) => {
        assert.ok(IpfsKitError.is(error, 'invalid-argument'), String(error).slice(0, 200));
        return error.message.length < 500;
      });
    const throwing = {
      database,
      get filter(): string {
        throw new Error(long);
      },
    };
    for (const query of [throwing, { database: `/${long}` }])
      await assert.rejects(listPins(query), (error) => IpfsKitError.is(error) && error.message.length < 5000);
    const within = new Proxy({ key: 'recursive' }, {});
    const more = { database, group: 'type', within, x: () => undefined } as const;
    assert.equal((await listPins(more)).location, database, "members that aren't part of a query are not sent");
  });

  it('rejects a source that is not set up, naming those that are, and options of another source', async () => {
    const { listPins } = apiAt('http://127.0.0.1:1');
    const ids = /Unknown source "ipfs"\. Use one of ipfs_kit_py, kubo, cluster, service:mine\./;
    await assert.rejects(listPins({ source: 'ipfs' }), { reason: 'invalid-argument', message: ids });
    for (const named of [{ database }, { daemonUrls: [] }])
      await assert.rejects(listPins({ source: 'kubo', ...named }), { reason: 'invalid-argument' });
  });
});

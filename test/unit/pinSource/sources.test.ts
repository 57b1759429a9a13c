import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Listing } from '../../../src/pinSource/listing';
import { closeListing } from '../../../src/pinSource/listing';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { createClusterSource } from '../../../src/pinSource/clusterSource';
import { createKuboSource } from '../../../src/pinSource/kuboSource';
import { createPinningServiceSource } from '../../../src/pinSource/pinningServiceSource';
import type { AskedFacts, PinSource, Recovered } from '../../../src/pinSource/pinSource';
import { NO_ROWS } from '../../../src/pinTree/list/pinLevel';
import { viewMessage } from '../../../src/pinTree/text/provenanceText';
import { testFolder } from '../../support/folder';
import { clusterStandIn } from '../../support/clusterStandIn';
import { cluster, json, kubo, withStandIn } from '../../support/daemonStandIn';
import type { Answer, ReplayedRequest, ReplayServer } from '../../support/replayServer';
import type { Stranger } from '../../support/stranger';
import { startStranger } from '../../support/stranger';
import { needs } from '../../support/needs';

const folder = testFolder('pin-sources');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const CID = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
const NOT_PINNED = { [`GET /allocations/${CID}`]: cluster('unpin-unknown') };
/** A CID in the recorded responses. */
const ADDED = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const REMOVED = 'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a';
const OTHER = '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8';
const TOKEN = 'Bearer s3cret';
const signal = new AbortController().signal;

const failing =
  (reason: Reason, text?: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(IpfsKitError.is(error), String(error));
    assert.equal(error.reason, reason, error.message);
    if (text) assert.match(error.message, text);
    return true;
  };

function repository(api?: string, peer = PEER): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(made, 'config'), JSON.stringify({ Identity: { PeerID: peer, PrivKey: 'CAES' } }));
  if (api !== undefined) writeFileSync(path.join(made, 'api'), api);
  return made;
}

const apiOf = (url: string): string => `/ip4/127.0.0.1/tcp/${new URL(url).port}`;

const kuboAt = (where: string, url?: string, token?: string) =>
  createKuboSource({
    repository: where,
    url,
    authorization: () => Promise.resolve(token),
    indirect: () => false,
  });

/**
 * Lists a daemon that requires the token and exits at `last`, in the middle of its response. A stranger then binds the port, and `received` has the requests
 * that it receives.
 */
async function takenOver(
  routes: Readonly<Record<string, string>>,
  last: { readonly route: string; readonly answer: string },
  sourceAt: (url: string) => PinSource,
  options: { readonly statuses?: boolean } = {},
): Promise<{ readonly received: readonly string[]; readonly opening: Promise<Listing> }> {
  let stranger: Stranger | undefined;
  let port = 0;
  const server = createServer((request, response) => {
    const route = (request.url ?? '').replace(/\?.*/, '');
    response.setHeader('connection', 'close');
    if (request.headers.authorization !== TOKEN) return void response.writeHead(401).end();
    if (route !== last.route) return void response.end(routes[route]);
    response.write(last.answer);
    server.close();
    stranger ??= startStranger(port);
    return void stranger.listening.then(() => response.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
  const opening = sourceAt(`http://127.0.0.1:${port}`).open({ worker, ...options });
  await opening.then((listing) => closeListing(worker, listing)).catch(() => undefined);
  const received = (await stranger?.end()) ?? ['The daemon was not asked.'];
  return { received, opening };
}

const clusterAt = (url: string, token?: string) =>
  createClusterSource({ url: () => url, authorization: () => Promise.resolve(token), settleMs: 100, everyMs: 10 });

async function rowsOf(source: PinSource): Promise<{ listing: Listing; names: unknown[] }> {
  const interim: Promise<void>[] = [];
  const listing = await source.open({ worker, onInterim: (early) => interim.push(closeListing(worker, early)) });
  await Promise.all(interim);
  const pins = await worker.request('page', { table: listing.opened.table, query: { offset: 0, limit: 100 } });
  await closeListing(worker, listing);
  return { listing, names: pins.map(({ name }) => name) };
}

const keys: Answer = json({ Keys: { [CID]: { Type: 'recursive', Name: 'demo site' } } });
const kuboLists = {
  'POST /api/v0/id': kubo('id'),
  'POST /api/v0/pin/ls': ({ query }: { readonly query: URLSearchParams }): Answer =>
    query.get('arg') === ADDED
      ? kubo('pin-ls-arg-notpinned')
      : query.get('arg') !== null
        ? keys
        : kubo(query.get('type') === 'direct' ? 'pin-ls-stream-direct' : 'pin-ls-stream-recursive'),
};

/** The same responses, for requests with the token. */
const guarded = Object.fromEntries(
  Object.entries(kuboLists).map(([route, answer]) => [
    route,
    (request: ReplayedRequest): Answer =>
      request.headers['authorization'] !== TOKEN
        ? { status: '403 Forbidden', body: '403' }
        : typeof answer === 'function'
          ? answer(request)
          : answer,
  ]),
);

const tokensOf = ({ requests }: ReplayServer): (string | undefined)[] => requests.map(({ headers }) => headers['authorization']);

describe('Kubo as a source', () => {
  it('lists the pins of the peer that the repository belongs to', () =>
    withStandIn(kuboLists, async (url) => {
      const source = kuboAt(repository(apiOf(url)));
      assert.equal((await source.probe()).state, 'up');
      const { listing, names } = await rowsOf(source);
      assert.deepEqual(
        [listing.freshness, listing.opened.source, listing.incomplete, listing.notes],
        ['live', 'kubo', undefined, []],
      );
      assert.ok(names.includes('demo site'));
    }));

  it('lists and changes nothing of another peer on that port', () =>
    withStandIn(kuboLists, async (url, server) => {
      const source = kuboAt(repository(apiOf(url), OTHER));
      assert.equal((await source.probe()).state, 'foreign');
      await assert.rejects(source.open({ worker }), failing('foreign'));
      for (const action of ['pin', 'unpin', 'rename', 'verify'] as const)
        await assert.rejects(source.run(action, { cid: CID }, { signal }), failing('foreign'));
      assert.ok(server.requests.every(({ path: route }) => route === '/api/v0/id'));
    }));

  it('contacts no daemon, and sends no token, if the config has no peer ID', () =>
    withStandIn(kuboLists, async (url, server) => {
      const source = kuboAt(repository(apiOf(url), '?'), undefined, 'Bearer s3cret');
      const { state, detail } = await source.probe();
      assert.equal(state, 'foreign');
      assert.match(detail, /has no peer ID/);
      await assert.rejects(source.open({ worker }), failing('foreign'));
      await assert.rejects(source.run('unpin', { cid: CID }, { signal }), failing('foreign'));
      assert.equal(server.requests.length, 0);
    }));

  it('trusts the daemon at an address that was set', () =>
    withStandIn(kuboLists, async (url) => {
      const source = kuboAt(repository(undefined, 'x'), `${url}/`);
      assert.equal((await source.probe()).state, 'up');
      assert.equal(source.capabilities.stop, undefined);
    }));

  it('says what to do if no daemon is running', async () => {
    const stale = repository('/ip4/127.0.0.1/tcp/9');
    for (const where of [repository(), stale]) {
      const { state, detail } = await kuboAt(where).probe();
      assert.equal(state, 'absent');
      assert.match(detail, /Kubo isn't running for .*Open IPFS Desktop or start Kubo to see its pins/);
      await assert.rejects(kuboAt(where).open({ worker }), failing('refused', /start Kubo to see its pins/));
    }
    const none = await kuboAt(path.join(folder, 'none')).probe();
    assert.match(none.detail, /There is no Kubo repository/);
  });

  it('sends its token if one is required, or reports that one is', () =>
    withStandIn(guarded, async (url, server) => {
      const where = repository(apiOf(url));
      const source = kuboAt(where, undefined, TOKEN);
      assert.equal((await source.probe()).state, 'up');
      assert.deepEqual(tokensOf(server), [undefined, TOKEN]);
      assert.ok((await rowsOf(source)).names.includes('demo site'));
      await assert.rejects(kuboAt(where).open({ worker }), failing('needs-token'));
      assert.equal((await kuboAt(where, undefined, 'Bearer wrong').probe()).state, 'needs-token');
    }));

  it("sends no token to a daemon that doesn't require one, to another peer, or to another program", async () => {
    for (const [answer, state] of [
      [kubo('id'), 'up'],
      [json({ ID: OTHER }), 'foreign'],
      [json({ hello: 'world' }), 'foreign'],
      [json({}, '500 Internal Server Error'), 'busy'],
    ] as const)
      await withStandIn({ ...kuboLists, 'POST /api/v0/id': answer }, async (url, server) => {
        const source = kuboAt(repository(apiOf(url)), undefined, TOKEN);
        assert.equal((await source.probe()).state, state);
        await (state === 'up' ? rowsOf(source) : assert.rejects(source.open({ worker })));
        await source.run('verify', { cid: CID }, { signal }).catch(() => undefined);
        await factsOf(source, CID, 300);
        assert.ok(server.requests.length > 3);
        assert.ok(tokensOf(server).every((token) => token === undefined));
      });
  });

  it(
    'sends no token to a program of a user other than the owner of the repository, even if it requires one',
    needs('/proc'),
    () =>
      withStandIn(guarded, async (url, server) => {
        const where = repository(apiOf(url));
        if (process.getuid?.() !== 0) return; // Only root can give a file to another user; connectionOwner.test.ts tests the rest.
        chownSync(path.join(where, 'config'), 4711, 4711);
        const source = kuboAt(where, undefined, TOKEN);
        const { state, detail } = await source.probe();
        assert.equal(state, 'foreign');
        assert.match(detail, /doesn't run as the owner of .* The token was not sent\. Set ipfsKit\.kubo\.url/);
        await assert.rejects(source.open({ worker }), failing('foreign'));
        assert.ok(tokensOf(server).every((token) => token === undefined));
      }),
  );

  it('sends no token to a program of another user that takes the port while the list comes', needs('/proc'), async () => {
    if (process.getuid?.() !== 0) return; // Only root can start a stranger.
    const line = JSON.stringify({ Cid: CID, Type: 'recursive' });
    const { received, opening } = await takenOver(
      { '/api/v0/id': JSON.stringify({ ID: PEER, AgentVersion: 'kubo/0.41.0/' }) },
      { route: '/api/v0/pin/ls', answer: `${line}\n` },
      (url) => kuboAt(repository(apiOf(url)), undefined, TOKEN),
    );
    await assert.rejects(opening, failing('foreign', /Another program took over the address of Kubo/));
    assert.deepEqual(received, ['POST /api/v0/id none']);
  });

  it('rejects the list of another daemon that took the port after Kubo had proved its identity', () =>
    withStandIn({ ...kuboLists, 'POST /api/v0/id': [kubo('id'), json({ ID: OTHER })] }, async (url) => {
      const early: Listing[] = [];
      const source = kuboAt(repository(apiOf(url)));
      const opening = source.open({ worker, onInterim: (listing) => early.push(listing) });
      await assert.rejects(opening, failing('foreign', /list was discarded\. Another program took over the address of Kubo/));
      for (const listing of early) await closeListing(worker, listing);
      const { openTables } = await worker.request('inspect', undefined);
      assert.equal(openTables, 0);
    }));

  it("doesn't accept another daemon's response for a change, a failure or a size", async () => {
    const changing = { ...kuboLists, 'POST /api/v0/pin/rm': kubo('pin-rm'), 'POST /api/v0/files/stat': kubo('files-stat') };
    const becoming = [kubo('id'), json({ ID: OTHER })];
    await withStandIn({ ...changing, 'POST /api/v0/id': becoming }, async (url) => {
      const unpinning = kuboAt(repository(apiOf(url))).run('unpin', { cid: REMOVED }, { signal });
      await assert.rejects(
        unpinning,
        failing('foreign', new RegExp(`It isn't known whether Kubo completed the action on ${REMOVED}\\. Another program`)),
      );
    });
    await withStandIn(
      { ...changing, 'POST /api/v0/pin/rm': kubo('pin-rm-notpinned'), 'POST /api/v0/id': becoming },
      async (url) => {
        await assert.rejects(kuboAt(repository(apiOf(url))).run('unpin', { cid: REMOVED }, { signal }), failing('foreign'));
      },
    );
    await withStandIn({ ...changing, 'POST /api/v0/id': becoming }, async (url) =>
      assert.equal(await factsOf(kuboAt(repository(apiOf(url))), CID, 500), undefined),
    );
  });

  it('takes the list of a daemon that stopped, or got busy, once it had been listed', async () => {
    for (const after of [json({}, '503 Service Unavailable'), { fault: { kind: 'cut', after: 0 } } as const])
      await withStandIn({ ...kuboLists, 'POST /api/v0/id': [kubo('id'), after] }, async (url) => {
        assert.ok((await rowsOf(kuboAt(repository(apiOf(url))))).names.includes('demo site'));
      });
  });

  it('never rejects a probe for what the settings contain', async () => {
    assert.equal((await kuboAt(folder, 'nonsense').probe()).state, 'foreign');
    const { state, detail } = await kuboAt(folder, 'http://192.0.2.1:5001', 'Bearer s3cret').probe();
    assert.equal(state, 'foreign');
    assert.match(detail, /sent unencrypted/);
    assert.doesNotMatch(detail, /s3cret/);
  });

  it("reports what is left out of a list, such as pins from a cluster's proxy, which ignores the type", () =>
    withStandIn({ ...kuboLists, 'POST /api/v0/pin/ls': kubo('pin-ls-stream-recursive') }, async (url) => {
      const { listing, names } = await rowsOf(kuboAt(repository(apiOf(url))));
      assert.deepEqual(listing.notes, ['Left out: 4 with a type that was not requested.']);
      const state = { busy: false, view: {}, fuzzy: false, rows: NO_ROWS, listing };
      assert.match(viewMessage(state, 0), /Left out: 4 with a type that was not requested\.$/);
      assert.equal(names.length, 4);
    }));

  it('labels a list that was cut off', () =>
    withStandIn(
      {
        ...kuboLists,
        'POST /api/v0/pin/ls': ({ query }) => ({
          ...kubo('pin-ls-stream-recursive'),
          ...(query.get('names') === null && { trailers: { 'X-Stream-Error': 'context canceled' } }),
        }),
      },
      async (url) => {
        const { listing, names } = await rowsOf(kuboAt(repository(apiOf(url))));
        assert.equal(listing.incomplete, 'broken-off');
        assert.ok(names.length > 0);
        assert.match(listing.notes.join(' '), /context canceled/);
      },
    ));

  it('pins, unpins and verifies, and reports the result', () =>
    withStandIn(
      {
        ...kuboLists,
        'POST /api/v0/pin/add': kubo('pin-add-progress'),
        'POST /api/v0/pin/rm': kubo('pin-rm'),
        'POST /api/v0/files/stat': [
          kubo('files-stat-withlocal'),
          json({ CumulativeSize: 3_000_969, WithLocality: true, SizeLocal: 1 }),
          kubo('files-stat'),
        ],
      },
      async (url) => {
        const source = kuboAt(repository(apiOf(url)));
        const seen: unknown[] = [];
        const onProgress = (progress: unknown): void => void seen.push(progress);
        assert.equal(await source.run('pin', { cid: ADDED }, { signal, onProgress }), undefined);
        assert.deepEqual(seen, [{ blocks: 13, bytes: 3_000_609 }]);
        assert.equal(await source.run('unpin', { cid: REMOVED }, { signal }), undefined);
        assert.match(
          (await source.run('verify', { cid: CID, type: 'recursive' }, { signal })) ?? '',
          /^All of it is stored locally/,
        );
        await assert.rejects(
          source.run('verify', { cid: CID, type: 'recursive' }, { signal }),
          failing('missing', /incomplete: 1 of 3,000,969 bytes/),
        );
        assert.deepEqual(await factsOf(source, CID), { sizeBytes: 3_000_969, isFile: false });
      },
    ));

  it('keeps the name of an existing pin, unless another is given', () =>
    withStandIn({ ...kuboLists, 'POST /api/v0/pin/add': json({ Pins: [CID] }) }, async (url, server) => {
      const source = kuboAt(repository(apiOf(url)));
      const said = await source.run('pin', { cid: CID }, { signal });
      assert.equal(said, 'It was already pinned, as “demo site”; all of it is stored locally.');
      await source.run('pin', { cid: CID, name: 'other' }, { signal });
      const names = server.requests
        .filter(({ path: route }) => route.startsWith('/api/v0/pin/add'))
        .map(({ query }) => query.get('name'));
      assert.deepEqual(names, ['demo site', 'other']);
    }));

  it("doesn't pin without a name if it is unknown whether the pin has one", () =>
    withStandIn({ ...kuboLists, 'POST /api/v0/pin/ls': json([]) }, async (url, server) => {
      await assert.rejects(
        kuboAt(repository(apiOf(url))).run('pin', { cid: CID }, { signal }),
        failing('foreign', /was not pinned, because IPFS Kit couldn't check whether its pin already has a name/),
      );
      assert.ok(server.requests.every(({ path: route }) => !route.startsWith('/api/v0/pin/add')));
    }));

  it('keeps the name of a direct pin that becomes a recursive one', () => {
    const direct = {
      'POST /api/v0/pin/add': json({ Pins: [CID] }),
      'POST /api/v0/pin/ls': ({ query }: ReplayedRequest) =>
        query.get('type') === 'direct'
          ? json({ Keys: { [CID]: { Type: 'direct', Name: 'one block' } } })
          : kubo('pin-ls-arg-notpinned'),
    };
    return withStandIn({ ...kuboLists, ...direct }, async (url, server) => {
      await kuboAt(repository(apiOf(url))).run('pin', { cid: CID }, { signal });
      assert.equal(
        server.requests.find(({ path: route }) => route.startsWith('/api/v0/pin/add'))?.query.get('name'),
        'one block',
      );
    });
  });

  it("doesn't pin again or rename through the proxy of a cluster, which would reset the options of the pin", () => {
    const proxied = { ...kuboLists, 'POST /api/v0/pin/ls': { ...keys, headers: { server: 'ipfs-cluster/ipfsproxy/1.1.0' } } };
    return withStandIn(proxied, async (url, server) => {
      for (const action of ['pin', 'rename'] as const)
        await assert.rejects(
          kuboAt(repository(apiOf(url))).run(action, { cid: CID, name: 'new' }, { signal }),
          failing('unsupported', /proxy of an IPFS Cluster .* ipfsKit\.cluster\.url/),
        );
      assert.ok(server.requests.every(({ path: route }) => !route.startsWith('/api/v0/pin/add')));
    });
  });

  it('is undone only at the Kubo that it was unpinned from, also where the settings name the address', async () => {
    for (const isNamed of [true, false]) {
      const ids = [kubo('id'), ...(isNamed ? [] : [kubo('id')]), json({ ID: OTHER })]; // the repository's daemon is checked before and after
      await withStandIn({ ...kuboLists, 'POST /api/v0/pin/ls': keys, 'POST /api/v0/id': ids }, async (url, server) => {
        const where = repository(apiOf(url));
        const again = await (isNamed ? kuboAt(where, url) : kuboAt(where)).keep({ cid: CID }, signal);
        await assert.rejects(again({ signal }), failing('foreign'));
        assert.ok(server.requests.every(({ path: route }) => !route.startsWith('/api/v0/pin/add')));
      });
    }
  });

  it('is changed only at the Kubo that it was listed from, also where the settings name the address', async () => {
    const becoming = [kubo('id'), json({ ID: OTHER })];
    await withStandIn({ ...kuboLists, 'POST /api/v0/pin/ls': keys, 'POST /api/v0/id': becoming }, async (url, server) => {
      const source = kuboAt(repository(apiOf(url)), url);
      await closeListing(worker, await source.open({ worker }));
      for (const action of ['unpin', 'rename', 'verify'] as const)
        await assert.rejects(source.run(action, { cid: CID, name: 'new' }, { signal }), failing('foreign', /another Kubo/));
      assert.ok(server.requests.every(({ path: route }) => !/pin\/(?:add|rm)/.test(route)));
    });
  });

  it('keeps the name that it was given meanwhile when its unpinning is undone', () =>
    withStandIn({ ...kuboLists, 'POST /api/v0/pin/ls': keys }, async (url, server) => {
      const again = await kuboAt(repository(apiOf(url))).keep({ cid: CID }, signal);
      assert.match((await again({ signal })) ?? '', /pinned again meanwhile/);
      assert.ok(server.requests.every(({ path: route }) => !route.startsWith('/api/v0/pin/add')));
    }));

  it('says when its unpinning is undone whether its content is still stored, before it is pinned and after', async () => {
    for (const isStored of [true, false]) {
      // The pin is there when its name is read, and not any more when it is pinned again.
      const pins = [keys, kubo('pin-ls-arg-notpinned')];
      const answers = {
        'POST /api/v0/pin/ls': pins,
        'POST /api/v0/block/stat': kubo(isStored ? 'block-stat' : 'block-stat-missing'),
        'POST /api/v0/pin/add': json({ Pins: [CID] }),
      };
      await withStandIn({ ...kuboLists, ...answers }, async (url) => {
        const again = await kuboAt(repository(apiOf(url))).keep({ cid: CID }, signal);
        const seen: unknown[] = [];
        const said = await again({ signal, onProgress: (progress) => seen.push(progress) });
        const content = isStored ? 'stored' : 'deleted';
        assert.deepEqual(seen, [{ content }]);
        const texts = ['Its content was still stored locally.', 'Kubo had deleted its content, and fetched it again.'];
        assert.equal(said, texts[isStored ? 0 : 1]);
      });
    }
  });

  it('has a list that names its Kubo, so that the history of another one is another', () =>
    withStandIn(kuboLists, async (url) => {
      const listing = await kuboAt(repository(apiOf(url))).open({ worker });
      assert.match(listing.identity ?? '', /^12D3Koo/);
      await closeListing(worker, listing);
    }));

  it("isn't complete if its first block is missing, in any format", () =>
    withStandIn(
      {
        ...kuboLists,
        'POST /api/v0/files/stat': kubo('block-stat-missing'),
        'POST /api/v0/block/stat': kubo('block-stat-missing'),
      },
      (url) =>
        assert.rejects(
          kuboAt(repository(apiOf(url))).run('verify', { cid: CID, type: 'recursive' }, { signal }),
          failing('missing', /is pinned but incomplete\. Pin it again/),
        ),
    ));

  it("is reported as missing if the settings name a repository that doesn't exist", () =>
    assert.rejects(kuboAt(path.join(folder, 'none')).open({ worker }), failing('missing', /no Kubo repository at .*none/)));

  it('has no sizes once its daemon has exited', async () =>
    assert.equal(await factsOf(kuboAt(repository()), CID, 300), undefined));
});

/** The facts that a source reports for a row in view; undefined if none arrive within `waitMs`. */
async function factsOf(source: PinSource, cid: string, waitMs = 10_000): Promise<AskedFacts | undefined> {
  const row = { pin: { cid } };
  let notify = (): void => undefined;
  const telling = new Promise<void>((resolve) => (notify = resolve));
  const facts = source.rowFacts?.<typeof row>(() => notify());
  assert.ok(facts);
  assert.equal(facts.of(row), undefined);
  await Promise.race([telling, sleep(waitMs)]);
  const known = facts.of(row);
  facts.dispose();
  return known;
}

const peerMap = (...statuses: readonly string[]): Answer =>
  json({
    cid: CID,
    name: '',
    peer_map: Object.fromEntries(statuses.map((status, at) => [`12D3${at}`, { peername: `peer${at}`, status, error: '' }])),
  });

describe('IPFS Cluster as a source', () => {
  it(
    'sends its token to a program of the owner of the service.json that names the address, and to no other',
    needs('/proc'),
    () =>
      withStandIn({ 'GET /id': cluster('id') }, async (url, server) => {
        const file = path.join(mkdtempSync(path.join(folder, 'cluster-')), 'service.json');
        writeFileSync(file, '{}');
        const named = (namedBy: string | undefined) =>
          createClusterSource({
            url: () => url,
            ...(namedBy !== undefined && { namedBy: () => namedBy }),
            authorization: () => Promise.resolve(TOKEN),
          });
        assert.equal((await named(file).probe()).state, 'up');
        assert.equal((await named(undefined).probe()).state, 'up');
        assert.deepEqual(tokensOf(server), [TOKEN, TOKEN]);
        if (process.getuid?.() !== 0) return; // Only root can give a file to another user; connectionOwner.test.ts tests the rest.
        chownSync(file, 4711, 4711);
        const { state, detail } = await named(file).probe();
        assert.equal(state, 'foreign');
        assert.match(detail, /The token was not sent\. Set ipfsKit\.cluster\.url/);
        await assert.rejects(named(file).open({ worker }), failing('foreign'));
        assert.equal(server.requests.length, 2);
      }),
  );

  it('sends no token to a program of another user that takes the port while the list comes', needs('/proc'), async () => {
    if (process.getuid?.() !== 0) return; // Only root can start a stranger.
    const file = path.join(mkdtempSync(path.join(folder, 'cluster-')), 'service.json');
    writeFileSync(file, '{}');
    const { received, opening } = await takenOver(
      {},
      { route: '/allocations', answer: `${JSON.stringify({ cid: CID, name: 'x' })}\n` },
      (url) => createClusterSource({ url: () => url, namedBy: () => file, authorization: () => Promise.resolve(TOKEN) }),
      { statuses: true },
    );
    await opening.then(
      ({ opened }) => assert.ok(opened),
      (error: unknown) => failing('foreign')(error),
    );
    assert.deepEqual(received, []);
  });

  it('is not running, and gets no token, where no server listens', async () => {
    const source = createClusterSource({
      url: () => 'http://127.0.0.1:9',
      namedBy: () => folder,
      authorization: () => Promise.resolve(TOKEN),
    });
    assert.equal((await source.probe()).state, 'absent');
  });

  it('lists its pins and its peers', () =>
    withStandIn(
      {
        'GET /id': cluster('id'),
        'GET /allocations': cluster('allocations'),
        'GET /peers': cluster('peers'),
        'GET /health/alerts': cluster('health-alerts'),
        'GET /pins': cluster('pins-cids'),
      },
      async (url, server) => {
        const source = clusterAt(url, 'Basic eDp5');
        assert.equal((await source.probe()).state, 'up');
        const { listing, names } = await rowsOf(source);
        assert.equal(listing.opened.source, 'cluster');
        assert.ok(names.includes('demo site'));
        assert.deepEqual(
          (await source.peers()).map(({ problem }) => problem),
          [undefined, undefined],
        );
        assert.ok(server.requests.every(({ headers }) => headers['authorization'] === 'Basic eDp5'));
      },
    ));

  it('shows the status of a pin in view at its peers', async () => {
    for (const [statuses, status] of [
      [['pinned', 'pinned', 'remote'], 'pinned'],
      [['pinned', 'pin_error', 'pinned'], 'failed on peer1 (2 of 3 pinned)'],
      [['pin_queued', 'pinning'], 'pinning 0 of 2'],
    ] as const)
      await withStandIn({ 'GET /pins': peerMap(...statuses) }, async (url) =>
        assert.equal((await factsOf(clusterAt(url), CID))?.status, status),
      );
  });

  it('names as many peers as can be read beside a pin, and counts the others', () =>
    withStandIn({ 'GET /pins': peerMap(...Array.from({ length: 1200 }, () => 'pinned')) }, async (url) => {
      const lines = (await factsOf(clusterAt(url), CID))?.detail?.split('\n') ?? [];
      assert.deepEqual([lines.length, lines.at(-1)], [51, 'and 1,150 more']);
    }));

  it('reports peers that should have a pin and are unknown', async () => {
    const line = (status: string): Answer =>
      json({ cid: CID, allocations: ['A', 'B', 'C'], peer_map: { A: { peername: 'a', status }, D: { status: 'remote' } } });
    for (const [answer, status] of [
      [line('pinned'), 'unknown (1 of 3 pinned)'],
      [line('pinning'), 'pinning 0 of 3'],
      [json({ cid: CID, allocations: ['A'], peer_map: {} }), 'unknown'],
    ] as const)
      await withStandIn({ 'GET /pins': answer }, async (url) =>
        assert.equal((await factsOf(clusterAt(url), CID))?.status, status),
      );
  });

  it('has pinned when its peers have, and reports how many', () =>
    withStandIn(
      {
        ...NOT_PINNED,
        [`POST /pins/${CID}`]: cluster('pin-post'),
        [`GET /pins/${CID}`]: [
          peerMap('unpinned', 'pin_queued'),
          peerMap('pinning', 'pinned'),
          peerMap('pinned', 'pinned', 'remote'),
        ],
      },
      async (url) => assert.equal(await clusterAt(url).run('pin', { cid: CID }, { signal }), 'Pinned by 2 of 2 peers.'),
    ));

  const pinnedAs = { name: 'demo', metadata: { app: 'x' }, expire_at: '2099-01-01T00:00:00Z' };

  it('keeps all options of an existing pin, except for a given name', async () => {
    const standIn = clusterStandIn(CID, pinnedAs);
    await withStandIn({ ...standIn.routes, [`GET /pins/${CID}`]: peerMap('pinned') }, async (url) => {
      const said = 'It was already pinned, as “demo”; its options were kept. Pinned by 1 of 1 peer.';
      assert.equal(await clusterAt(url).run('pin', { cid: CID }, { signal }), said);
      assert.deepEqual({ ...standIn.record(), ...pinnedAs }, standIn.record());
      const other = await clusterAt(url).run('pin', { cid: CID, name: 'other' }, { signal });
      assert.equal(other, said.replace('options', 'other options'));
      assert.deepEqual({ ...standIn.record(), ...pinnedAs, name: 'other' }, standIn.record());
    });
  });

  it('restores an unpinned pin with all its options, and leaves one alone that was pinned again meanwhile', async () => {
    const standIn = clusterStandIn(CID, pinnedAs);
    const routes = { ...standIn.routes, 'GET /id': cluster('id'), [`GET /pins/${CID}`]: peerMap('pinned') };
    await withStandIn(routes, async (url, server) => {
      const source = clusterAt(url);
      const before = standIn.record();
      const again = await source.keep({ cid: CID }, signal);
      await source.run('unpin', { cid: CID }, { signal });
      assert.equal(standIn.record(), undefined);
      assert.equal(await again({ signal }), 'Pinned by 1 of 1 peer.');
      assert.deepEqual({ ...standIn.record(), timestamp: before?.['timestamp'] }, before);
      const posted = (): number => server.requests.filter(({ method }) => method === 'POST').length;
      assert.equal(posted(), 1);
      assert.match((await again({ signal })) ?? '', /pinned again meanwhile/);
      assert.equal(posted(), 1);
    });
    await withStandIn({ ...NOT_PINNED, 'GET /id': cluster('id') }, (url) =>
      assert.rejects(clusterAt(url).keep({ cid: CID }, signal), failing('not-pinned')),
    );
  });

  it('restores an unpinned pin only in the cluster that it was unpinned from, at whichever of its peers', () => {
    const id = (peer: string, ...others: readonly string[]): Answer => json({ id: peer, cluster_peers: [peer, ...others] });
    const ids = [id('a', 'b'), id('x', 'y'), id('b', 'c')];
    const standIn = clusterStandIn(CID, pinnedAs);
    const routes = { ...standIn.routes, 'GET /id': ids, [`GET /pins/${CID}`]: peerMap('pinned') };
    return withStandIn(routes, async (url) => {
      const source = clusterAt(url);
      const again = await source.keep({ cid: CID }, signal);
      await source.run('unpin', { cid: CID }, { signal });
      await assert.rejects(again({ signal }), failing('foreign', /another cluster/));
      assert.equal(standIn.record(), undefined);
      assert.equal(await again({ signal }), 'Pinned by 1 of 1 peer.');
    });
  });

  it('is changed only in the cluster that it was listed from, at whichever of its peers', () => {
    const id = (peer: string, ...others: readonly string[]): Answer => json({ id: peer, cluster_peers: [peer, ...others] });
    const routes = {
      'GET /allocations': cluster('allocations'),
      [`DELETE /pins/${CID}`]: cluster('unpin'),
      [`POST /pins/${CID}/recover`]: peerMap('pin_queued'),
      [`GET /pins/${CID}`]: peerMap('pinned'),
    };
    return withStandIn({ ...routes, 'GET /id': [id('a', 'b'), id('x'), id('x'), id('b', 'c'), id('b')] }, async (url, server) => {
      const source = clusterAt(url);
      await closeListing(worker, await source.open({ worker }));
      const acts = [() => source.run('unpin', { cid: CID }, { signal }), () => source.recover(CID, signal)];
      const sent = (): number => server.requests.filter(({ method }) => method !== 'GET').length;
      for (const act of acts)
        await assert.rejects(act(), failing('foreign', /was listed from another cluster .* Nothing was changed\. Refresh/));
      assert.equal(sent(), 0);
      for (const act of acts) await act();
      assert.equal(sent(), 2);
    });
  });

  it('is listed, and can be changed, where its peers are unknown', () =>
    withStandIn({ 'GET /allocations': cluster('allocations'), [`DELETE /pins/${CID}`]: cluster('unpin') }, async (url) => {
      const source = clusterAt(url);
      assert.ok((await rowsOf(source)).names.includes('demo site'));
      assert.equal(await source.run('unpin', { cid: CID }, { signal }), undefined);
    }));

  it("fails if the cluster didn't keep an option, and names it; the cluster may choose other peers", async () => {
    const lossy = clusterStandIn(CID, pinnedAs, (stored) => ({ ...stored, metadata: null }));
    await withStandIn(lossy.routes, (url) =>
      assert.rejects(
        clusterAt(url).run('pin', { cid: CID }, { signal }),
        failing('unsupported', /is pinned, but the cluster didn't keep all its options: metadata was \{"app":"x"\}, is now none/),
      ),
    );
    const moving = clusterStandIn(CID, pinnedAs, (stored) => ({ ...stored, allocations: ['12D3'] }));
    await withStandIn({ ...moving.routes, [`GET /pins/${CID}`]: peerMap('pinned') }, async (url) =>
      assert.match(
        (await clusterAt(url).run('pin', { cid: CID }, { signal })) ?? '',
        /options were kept\. The cluster chose other peers/,
      ),
    );
  });

  const outcomes: [string, Answer, RegExp, Recovered['state'], RegExp][] = [
    [
      'one has failed',
      cluster('pin-get'),
      /^Pinned by 1 of 2 peers\. beta: .*not found/,
      'failed',
      /^beta: .*block was not found/,
    ],
    ['one is still pinning', peerMap('pinned', 'pinning'), /^Pinned by 1 of 2 peers, 1 in progress\.$/, 'pinning', /^$/],
    ['all have it', peerMap('pinned', 'pinned', 'remote'), /^Pinned by 2 of 2 peers\.$/, 'pinned', /^$/],
    [
      'no status can be requested',
      json({ code: 500, message: 'boom' }, '500 Internal Server Error'),
      /accepted the pin, but .* boom/,
      'pinning',
      /boom/,
    ],
  ];
  for (const [what, answer, said, state, detail] of outcomes)
    it(`says so after pinning and after recovering when ${what}`, () =>
      withStandIn(
        {
          ...NOT_PINNED,
          [`POST /pins/${CID}`]: cluster('pin-post'),
          [`POST /pins/${CID}/recover`]: peerMap('pin_queued', 'pin_queued'),
          [`GET /pins/${CID}`]: answer,
        },
        async (url) => {
          assert.match((await clusterAt(url).run('pin', { cid: CID }, { signal })) ?? '', said);
          const recovered = await clusterAt(url).recover(CID, signal);
          assert.equal(recovered.state, state);
          assert.match(recovered.detail, detail);
        },
      ));

  it('has not pinned when every peer failed', () =>
    withStandIn(
      { ...NOT_PINNED, [`POST /pins/${CID}`]: cluster('pin-post'), [`GET /pins/${CID}`]: peerMap('pin_error', 'cluster_error') },
      (url) =>
        assert.rejects(clusterAt(url).run('pin', { cid: CID }, { signal }), failing('http-status', /No peer .* peer0: failed/)),
    ));

  it('has accepted a pin that is canceled only after that', () =>
    withStandIn(
      { ...NOT_PINNED, [`POST /pins/${CID}`]: cluster('pin-post'), [`GET /pins/${CID}`]: peerMap('pinning') },
      async (url) => {
        const stop = new AbortController();
        const pinning = createClusterSource({ url: () => url, authorization: () => Promise.resolve(undefined) });
        setTimeout(() => stop.abort(), 200);
        assert.match((await pinning.run('pin', { cid: CID }, { signal: stop.signal })) ?? '', /accepted the pin/);
      },
    ));

  it("unpins, and can't rename or verify", () =>
    withStandIn({ [`DELETE /pins/${CID}`]: cluster('unpin') }, async (url) => {
      assert.equal(await clusterAt(url).run('unpin', { cid: CID }, { signal }), undefined);
      for (const action of ['rename', 'verify'] as const)
        await assert.rejects(clusterAt(url).run(action, { cid: CID }, { signal }), failing('unsupported'));
    }));
});

describe('a pinning service as a source', () => {
  it('lists its pins with its token, and supports no actions', () =>
    withStandIn({ 'GET /pins': cluster('svc-pins') }, async (url, server) => {
      const authorization = () => Promise.resolve('Bearer s3cret');
      const source = createPinningServiceSource({ name: 'Far Away', url, authorization });
      assert.deepEqual([source.id, source.name], ['service:Far Away', 'Far Away']);
      assert.deepEqual([source.capabilities.actions, source.run], [[], undefined]);
      assert.equal((await source.probe()).state, 'up');
      const { listing, names } = await rowsOf(source);
      assert.deepEqual([listing.opened.source, names.length], ['pinning-service', 4]);
      assert.ok(server.requests.every(({ headers }) => headers['authorization'] === 'Bearer s3cret'));
    }));

  it('has lists of another account with another token, and says nothing of the token', () =>
    withStandIn({ 'GET /pins': cluster('svc-pins') }, async (url) => {
      const identityWith = async (token: string): Promise<string> => {
        const authorization = (): Promise<string> => Promise.resolve(token);
        const { identity = '' } = (await rowsOf(createPinningServiceSource({ name: 'mine', url, authorization }))).listing;
        return identity;
      };
      const [one, again, other] = [
        await identityWith('Bearer a'),
        await identityWith('Bearer a'),
        await identityWith('Bearer c'),
      ];
      assert.deepEqual([one === again, one === other, one.length], [true, false, 4]);
    }));
});

describe('an address with a password in it', () => {
  it("isn't contacted; probe, list and token address say why without it", () =>
    withStandIn({ 'GET /id': cluster('id'), 'GET /pins': json({ count: 0, results: [] }), ...kuboLists }, async (url, server) => {
      const authorization = (): Promise<undefined> => Promise.resolve(undefined);
      for (const wrong of [url.replace('//', '//me:s3cret@'), `${url}?key=s3cret`, 'http://me:s3cret', 'me:s3cret@host'])
        for (const source of [
          kuboAt(folder, wrong),
          createClusterSource({ url: () => wrong, authorization }),
          createPinningServiceSource({ name: 'mine', url: wrong, authorization }),
        ]) {
          const isRejected = (error: unknown): boolean => failing('invalid-argument')(error) && !String(error).includes('s3cret');
          const { state, detail } = await source.probe();
          assert.equal(state, 'foreign', source.name);
          assert.doesNotMatch(detail, /s3cret/);
          await assert.rejects(source.open({ worker }), isRejected);
          const tokenAddress = source.tokenAddress?.();
          assert.ok(tokenAddress);
          await assert.rejects(tokenAddress, isRejected);
        }
      assert.equal(server.requests.length, 0);
    }));
});

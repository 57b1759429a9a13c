import assert from 'node:assert/strict';
import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CID } from 'multiformats/cid';
import type { Pin } from '../../../src/pin/pin';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { createFilesSource } from '../../../src/pinSource/filesSource';
import type { Listing } from '../../../src/pinSource/listing';
import { closeListing } from '../../../src/pinSource/listing';
import { listPins } from '../../../src/pinSource/listPins';
import type { PinSource } from '../../../src/pinSource/pinSource';
import type { Routes } from '../../support/daemonStandIn';
import { json, kubo, withStandIn } from '../../support/daemonStandIn';
import { writeFilesOnDisk } from '../../support/filesOnDisk';
import { blockGet, rootAnswer } from '../../support/filesStandIn';
import { testFolder } from '../../support/folder';
import type { ImportedTree } from '../../support/ipfsTree';
import { importTree, writeRepository } from '../../support/ipfsTree';
import type { Answer, ReplayedRequest } from '../../support/replayServer';

const folder = testFolder('files-source');
const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const TOKEN = 'Bearer s3cret';
const signal = new AbortController().signal;

/** What a person keeps in IPFS Desktop: two files and a folder. */
const CONTENT = [
  { path: 'holiday.jpg', content: Buffer.alloc(2000, 1) },
  { path: 'notes/readme.md', content: Buffer.from('# Notes') },
  { path: 'video.mp4', content: Buffer.alloc(700_000, 2) },
];
let tree: ImportedTree;
let root: string;
/** The responses of a Kubo with these files. */
let routes: Routes;
before(async () => {
  tree = await importTree(CONTENT);
  root = tree.root.toString();
  routes = {
    'POST /api/v0/id': kubo('id'),
    'POST /api/v0/files/stat': rootAnswer(root),
    'POST /api/v0/block/get': blockGet(tree.blocks),
  };
});
const cidOf = (name: string): string => tree.cids.get(name)?.toString() ?? '';

function repositoryAt(url: string | undefined, peer = PEER): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(made, 'config'), JSON.stringify({ Identity: { PeerID: peer, PrivKey: 'CAES' } }));
  if (url !== undefined) writeFileSync(path.join(made, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
  return made;
}

const filesAt = (repository: string, url?: string, token?: string): PinSource =>
  createFilesSource({ repository, url, authorization: () => Promise.resolve(token) });

async function listed(source: PinSource): Promise<{ listing: Listing; pins: readonly Pin[] }> {
  const listing = await source.open({ worker });
  const pins = await worker.request('page', { table: listing.opened.table, query: { sort: 'name' } });
  await closeListing(worker, listing);
  return { listing, pins };
}

describe('Files as a source', () => {
  it('lists the entries of the root folder, with the sizes that it states', () =>
    withStandIn(routes, async (url, { requests }) => {
      const source = filesAt(repositoryAt(url));
      assert.equal((await source.probe()).state, 'up');
      const { listing, pins } = await listed(source);
      assert.deepEqual(
        pins.map(({ cid, name, sizeBytes, ...others }) => [name, cid, Number(sizeBytes) > 0, others]),
        ['holiday.jpg', 'notes', 'video.mp4'].map((name) => [name, cidOf(name), true, {}]),
      );
      assert.equal(pins[0]?.sizeBytes, 2000);
      const { opened, hint, freshness, notes } = listing;
      assert.deepEqual(
        [opened.source, opened.location, opened.detail, opened.statuses, opened.sizes, hint, freshness, notes],
        ['files', url, `root folder ${root}`, 'none', undefined, root, 'live', []],
      );
      assert.deepEqual(
        requests.slice(1).map(({ path: of }) => of.replace(/\?.*/, '').slice('/api/v0/'.length)),
        ['id', 'files/stat', 'block/get', 'id'],
        'the daemon is checked before and after',
      );
    }));

  it('reads the blocks from the repository of the daemon', () =>
    withStandIn({ ...routes, 'POST /api/v0/block/get': json({}, '500 Internal Server Error') }, async (url) => {
      const repository = repositoryAt(url);
      writeRepository(repository, tree.blocks);
      assert.equal((await listed(filesAt(repository))).pins.length, 3);
    }));

  it('lists a Kubo at an address from the settings, without looking at blocks on this disk', () =>
    withStandIn(routes, async (url, { requests }) => {
      const repository = repositoryAt(undefined);
      writeRepository(repository, tree.blocks);
      const source = filesAt(repository, url);
      assert.equal((await listed(source)).pins.length, 3);
      assert.equal(requests.filter(({ path: of }) => of.includes('block/get')).length, 1);
      assert.equal(source.capabilities.stop, undefined);
    }));

  it('sends the token only where Kubo requires it', async () => {
    const needsToken =
      (answer: Answer | ((request: ReplayedRequest) => Answer)) =>
      (request: ReplayedRequest): Answer =>
        request.headers['authorization'] !== TOKEN
          ? { status: '403 Forbidden', body: '403' }
          : typeof answer === 'function'
            ? answer(request)
            : answer;
    const guarded = {
      'POST /api/v0/id': needsToken(kubo('id')),
      'POST /api/v0/files/stat': needsToken(rootAnswer(root)),
      'POST /api/v0/block/get': needsToken(blockGet(tree.blocks)),
    };
    await withStandIn(guarded, async (url) => {
      const repository = repositoryAt(url);
      assert.equal((await listed(filesAt(repository, undefined, TOKEN))).pins.length, 3);
      await assert.rejects(filesAt(repository).open({ worker }), { reason: 'needs-token' });
    });
    await withStandIn(routes, async (url, { requests }) => {
      await listed(filesAt(repositoryAt(url), undefined, TOKEN));
      assert.deepEqual([...new Set(requests.map(({ headers }) => headers['authorization']))], [undefined]);
    });
  });

  it('says that Kubo must run, and that another daemon responds', async () => {
    const stopped = filesAt(repositoryAt(undefined));
    await assert.rejects(stopped.open({ worker }), { reason: 'refused', message: /Kubo isn't running for .* start Kubo/ });
    assert.equal(stopped.capabilities.start, 'startKubo');
    await withStandIn(routes, async (url) => {
      const other = filesAt(repositoryAt(url, '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8'));
      await assert.rejects(other.open({ worker }), { reason: 'foreign' });
    });
  });

  it('discards a list where another program has taken over the address meanwhile', () =>
    withStandIn({ ...routes, 'POST /api/v0/id': [kubo('id'), json({ ID: `${PEER.slice(0, -4)}abcd` })] }, async (url) => {
      await assert.rejects(filesAt(repositoryAt(url)).open({ worker }), { reason: 'foreign', message: /The list was discarded/ });
      assert.equal((await worker.request('inspect', undefined)).openTables, 0);
    }));

  for (const [what, answer, reason, message] of [
    [
      'has no such route',
      () => ({ status: '404 Not Found' }),
      'no-such-route',
      /Kubo's Files couldn't be listed: .*files\/stat doesn't exist/,
    ],
    [
      'fails',
      () => json({ Message: 'root is lost' }, '500 Internal Server Error'),
      'http-status',
      /couldn't be listed: .*HTTP 500: root is lost/,
    ],
    ['says something else', () => json({ Pins: [] }), 'foreign', /without the CID of the root folder/],
    ['says no CID', () => json({ Hash: '../../etc', Type: 'directory' }), 'foreign', /without the CID of the root folder/],
    ['says that its root is a file', () => json({ Hash: root, Type: 'file' }), 'not-a-folder', /is no folder/],
    ['has a file as its root', () => rootAnswer(cidOf('video.mp4')), 'not-a-folder', /but it is a file/],
    ['sends no JSON', () => ({ body: '<html>' }), 'foreign', /not in JSON/],
  ] as const)
    it(`says so where Kubo ${what}`, () =>
      withStandIn({ ...routes, 'POST /api/v0/files/stat': answer() }, async (url) => {
        await assert.rejects(filesAt(repositoryAt(url)).open({ worker }), { reason, message });
      }));

  it('has another hint once the root folder is another one', () =>
    withStandIn(
      { ...routes, 'POST /api/v0/files/stat': [rootAnswer(root), rootAnswer(root), rootAnswer(cidOf('notes'))] },
      async (url) => {
        const source = filesAt(repositoryAt(url));
        const { listing } = await listed(source);
        assert.deepEqual([await source.hint?.ask(signal), await source.hint?.ask(signal)], [listing.hint, cidOf('notes')]);
        const { pins } = await listed(source);
        assert.deepEqual(
          pins.map(({ name, cid }) => [name, cid]),
          [['readme.md', cidOf('notes/readme.md')]],
        );
      },
    ));

  it('is sorted by size, filtered and counted as any list', () =>
    withStandIn(routes, async (url) => {
      const source = filesAt(repositoryAt(url));
      const bySize = await listPins({ sort: '-size', limit: 2 }, source, { worker });
      assert.deepEqual([bySize.pins.map(({ name }) => name), bySize.total], [['video.mp4', 'holiday.jpg'], 3]);
      const found = await listPins({ filter: 'HOLI' }, source, { worker });
      assert.deepEqual([found.source, found.pins.map(({ name }) => name), found.total], ['files', ['holiday.jpg'], 1]);
      assert.deepEqual(found.notes, undefined);
    }));
});

describe('Files without Kubo', () => {
  /** A repository as Kubo left it, after a hard end with its address still in it. */
  const left = (blocks = tree.blocks, of: CID | undefined = tree.root, url?: string): string => {
    const repository = repositoryAt(url);
    writeFilesOnDisk(repository, blocks, of);
    return repository;
  };
  const NOTE = "Kubo isn't running. These are its Files as it left them on disk; start Kubo to change them.";

  it('are listed from its datastore and its blocks on disk, with their age', async () => {
    const repository = left();
    const hour = Date.now() - 3_600_000;
    for (const file of ['CURRENT', 'MANIFEST-000001', '000002.log'])
      utimesSync(path.join(repository, 'datastore', file), hour / 1000, hour / 1000);
    const source = filesAt(repository);
    const { listing, pins } = await listed(source);
    const { opened, hint, freshness, daemon, incomplete, notes } = listing;
    assert.deepEqual(
      pins.map(({ cid, name }) => [name, cid]),
      ['holiday.jpg', 'notes', 'video.mp4'].map((name) => [name, cidOf(name)]),
    );
    assert.equal(pins[0]?.sizeBytes, 2000);
    assert.deepEqual(
      [opened.source, opened.location, opened.detail, hint, freshness, daemon?.state, incomplete, notes],
      ['files', repository, `root folder ${root}`, undefined, 'snapshot', 'absent', undefined, [NOTE]],
    );
    assert.ok(Math.abs(opened.asOfMs - hour) < 2000);
    assert.equal((await source.probe()).state, 'absent');
  });

  it('are listed after Kubo was killed, which leaves its address behind', async () => {
    const { listing, pins } = await listed(filesAt(left(undefined, undefined, 'http://127.0.0.1:9')));
    assert.deepEqual([listing.freshness, pins.length], ['snapshot', 3]);
  });

  it('are none where Kubo has never run', async () => {
    const repository = repositoryAt(undefined);
    writeFilesOnDisk(repository, new Map());
    const { listing, pins } = await listed(filesAt(repository));
    assert.deepEqual([listing.opened.atMost, pins, listing.incomplete], [0, [], undefined]);
  });

  it('follow Kubo when it starts: it is asked for each list', () =>
    withStandIn(routes, async (url) => {
      const repository = left(tree.blocks, tree.cids.get('notes'));
      const source = filesAt(repository);
      const before = await listed(source);
      writeFileSync(path.join(repository, 'api'), `/ip4/127.0.0.1/tcp/${new URL(url).port}`);
      const after = await listed(source);
      assert.deepEqual([before.listing.freshness, before.pins.length], ['snapshot', 1]);
      assert.deepEqual([after.listing.freshness, after.pins.length, after.listing.hint], ['live', 3, root]);
    }));

  it('say what is missing on disk: the root folder, and other parts', async () => {
    const lost = new Map(tree.blocks);
    lost.delete(root);
    const refused = { reason: 'refused' } as const;
    await assert.rejects(filesAt(left(lost)).open({ worker }), { ...refused, message: /The root folder of Files is lost/ });
    await assert.rejects(filesAt(left(undefined, tree.cids.get('video.mp4'))).open({ worker }), {
      ...refused,
      message: /Kubo isn't running for .* Its Files couldn't be read from disk: .* but it is a file/,
    });
  });

  it('need Kubo where its metadata are stored in another way, and never hide why', async () => {
    const repository = left();
    const spec = { type: 'mount', mounts: [{ mountpoint: '/', type: 'pebbleds', path: 'datastore' }, { mountpoint: '/blocks' }] };
    writeFileSync(path.join(repository, 'datastore_spec'), JSON.stringify(spec));
    const message =
      /Kubo isn't running for .* start Kubo to see its pins\. Its Files couldn't be read from disk: .* stores its metadata in pebbleds/;
    await assert.rejects(filesAt(repository).open({ worker }), { reason: 'refused', message });
    assert.equal((await worker.request('inspect', undefined)).openTables, 0);
  });

  it('are never those on this disk where Kubo is at an address from the settings, or something else responds', async () => {
    await assert.rejects(filesAt(left(), 'http://127.0.0.1:9').open({ worker }), { reason: 'refused' });
    await withStandIn({ ...routes, 'POST /api/v0/id': { status: '403 Forbidden', body: '403' } }, (url) =>
      assert.rejects(filesAt(left(undefined, undefined, url)).open({ worker }), { reason: 'needs-token' }),
    );
    await withStandIn({ ...routes, 'POST /api/v0/id': json({ ID: `${PEER.slice(0, -4)}abcd` }) }, (url) =>
      assert.rejects(filesAt(left(undefined, undefined, url)).open({ worker }), { reason: 'foreign' }),
    );
    await withStandIn({ ...routes, 'POST /api/v0/id': { status: '503 Service Unavailable', body: '' } }, (url) =>
      assert.rejects(filesAt(left(undefined, undefined, url)).open({ worker }), { reason: 'http-status' }),
    );
  });

  it("can't be changed, and say that Kubo must run", async () => {
    const source = createFilesSource({ repository: left(), url: undefined, authorization: () => Promise.resolve(undefined) });
    await listed(source);
    const refused = { reason: 'refused', message: /Kubo isn't running/ };
    await assert.rejects(source.entries.makeFolder(['new'], signal), refused);
    await assert.rejects(source.entries.remove({ path: ['notes'], cid: cidOf('notes') }, signal), refused);
  });
});

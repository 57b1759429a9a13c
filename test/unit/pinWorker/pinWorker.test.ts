import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { probe } from '../../../src/daemonClient/ipfsKit/probe';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { ListingSources } from '../../../src/pinSource/ipfsKitListing';
import { openIpfsKitList } from '../../../src/pinSource/ipfsKitListing';
import type { Listing } from '../../../src/pinSource/listing';
import { closeListing } from '../../../src/pinSource/listing';
import type { PinList } from '../../../src/pinSource/listPins';
import { listPins } from '../../../src/pinSource/listPins';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../../src/pinTree/list/pinListModel';
import { MOST_ROWS } from '../../../src/pinTree/list/rowRange';
import { writeDatabase } from '../../support/python';
import type { TestDaemon } from '../../support/testDaemon';
import { startTestDaemon } from '../../support/testDaemon';

const folder = mkdtempSync(path.join(tmpdir(), 'worker-'));
const dist = path.join(process.cwd(), 'dist');
const newWorker = () =>
  createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
const worker = newWorker();
const asking = (urls: readonly string[], signal?: AbortSignal) => probe(urls, signal && { signal });
const sourceOf = (sources: ListingSources) => ipfsKitSource({ probe: asking, sources: () => sources });
const NO_SERVER = 'http://127.0.0.1:1';
const database = path.join(folder, 'pins.db');
let daemon: TestDaemon;

before(async () => {
  writeDatabase(database, 1000);
  daemon = await startTestDaemon(['--pins', '2000', '--batches', '3', '--no-database']);
});
after(async () => {
  await worker.dispose();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
});

const loaded = async (handle = worker): Promise<string[]> =>
  (await handle.request('inspect', undefined)).loaded.map((file) => path.relative(dist, file)).sort();

describe('the pin worker', () => {
  it('sends heartbeats during every request, and receives messages', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const data = {
      wasmFile: '',
      canceled: new Int32Array(new SharedArrayBuffer(4)),
      executing: new Int32Array(new SharedArrayBuffer(4)),
      firstTable: 0,
      environment: {},
      tempFolder: folder,
    };
    const thread = new Worker(path.join(dist, 'pinWorker.js'), { workerData: data });
    const baseUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    thread.postMessage({ id: 7, operation: 'open', params: { kind: 'live', query: { baseUrl } } });
    assert.deepEqual(await once(thread, 'message'), [{ id: 7, alive: true }]);
    await thread.terminate();
    silent.closeAllConnections();
    silent.close();
  });

  it('loads neither Arrow nor SQLite when the probe fails and there is no store', async () => {
    const own = newWorker();
    await assert.rejects(
      openIpfsKitList({ daemonUrls: [NO_SERVER], databasePath: path.join(folder, 'nowhere') }, { worker: own, probe: asking }),
      (error) => IpfsKitError.is(error, 'missing'),
    );
    assert.deepEqual(await loaded(own), ['pinWorker.js']);
    await own.dispose();
  });

  it('loads only SQLite for a store, and nothing of SQLite for a daemon', async () => {
    const disk = newWorker();
    await openIpfsKitList({ databasePath: database }, { worker: disk, probe: asking });
    assert.deepEqual(await loaded(disk), ['pinWorker.js', 'sqliteReader.js']);
    await disk.dispose();
    const live = newWorker();
    await openIpfsKitList({ daemonUrls: [daemon.url] }, { worker: live, probe: asking });
    assert.deepEqual(await loaded(live), ['arrowReader.js', 'daemonLists.js', 'pinWorker.js']);
    await live.dispose();
  });

  it('names the databases at a path, and opens none', async () => {
    const own = newWorker();
    const { size: sizeBytes, mtimeMs: modifiedMs } = statSync(database);
    assert.deepEqual(await own.request('locate', { databasePath: folder }), [
      { path: database, format: 'sqlite', modifiedMs, sizeBytes },
    ]);
    await assert.rejects(own.request('locate', { databasePath: path.join(folder, 'nowhere') }), (error) =>
      IpfsKitError.is(error, 'missing'),
    );
    assert.deepEqual(await loaded(own), ['pinWorker.js']);
    await own.dispose();
  });

  it('requests /health and the index of a daemon once each', async () => {
    const before = (await daemon.requests()).length;
    const listing = await openIpfsKitList({ daemonUrls: [daemon.url], databasePath: database }, { worker, probe: asking });
    assert.deepEqual((await daemon.requests()).slice(before), ['GET /health', 'GET /pin-index-arrow']);
    assert.equal(listing.freshness, 'live');
    await closeListing(worker, listing);
  });

  it('shows the disk while a slow daemon is awaited, then the live list, and keeps no table open', async () => {
    await daemon.setFault('arrow', 'slow-first-byte', '1');
    const interim: Listing[] = [];
    const listing = await openIpfsKitList(
      { daemonUrls: [daemon.url], databasePath: database },
      { worker, probe: asking, onInterim: (each) => interim.push(each) },
    );
    await daemon.setFault('arrow', null);
    const [fromDisk, ...arriving] = interim;
    assert.deepEqual([fromDisk?.opened.source, listing.opened.source], ['sqlite', 'arrow']);
    assert.ok(arriving.every(({ incomplete }) => incomplete === 'receiving'));
    for (const each of [...interim, listing]) await closeListing(worker, each);
    assert.equal((await worker.request('inspect', undefined)).openTables, 0);
  });

  it('reports the daemon’s failure if its list fails and there is no store', async () => {
    await daemon.setFault('arrow', 'cut');
    await daemon.setFault('pins', '500');
    const sources = { daemonUrls: [daemon.url], databasePath: path.join(folder, 'nowhere') };
    await assert.rejects(
      openIpfsKitList(sources, { worker, probe: asking }),
      (error) => IpfsKitError.is(error, 'malformed', 'truncated') && error.message.includes('/pins responded with HTTP 500'),
    );
    await daemon.setFault('arrow', null);
    await daemon.setFault('pins', null);
  });

  it('leaves no table open when a listing is canceled', async () => {
    await daemon.setFault('arrow', 'slow-first-byte', '1');
    const controller = new AbortController();
    const listing = openIpfsKitList(
      { daemonUrls: [daemon.url], databasePath: database },
      { worker, probe: asking, signal: controller.signal, onInterim: () => controller.abort() },
    );
    await assert.rejects(listing, (error) => IpfsKitError.is(error, 'cancelled'));
    await daemon.setFault('arrow', null);
  });
});

describe('the list behind the view', () => {
  it('goes from nothing to rows to their number, and grows by 500', async () => {
    const model = createPinListModel({
      worker,
      source: ipfsKitSource({ probe: asking, sources: () => ({ daemonUrls: [NO_SERVER], databasePath: database }) }),
    });
    const seen: string[] = [];
    model.onDidChange(() =>
      seen.push(`${model.state.busy ? 'busy' : 'still'} ${model.state.rows.pins.length}/${model.state.total ?? '?'}`),
    );
    await model.list();
    assert.deepEqual(seen, ['busy 0/?', 'busy 200/?', 'still 200/1000']);
    await model.showMore();
    const { pins: before } = model.state.rows;
    await model.showMore();
    const { pins: after, first } = model.state.rows;
    assert.deepEqual([before.length, after.length, first.pins], [700, MOST_ROWS, 100], 'no more rows than that at a time');
    assert.equal(new Set([...before, ...after].map(({ cid }) => cid)).size, 1000);
    model.dispose();
  });

  it('with two lists requested at the same time shows the later one', async () => {
    const model = createPinListModel({
      worker,
      source: ipfsKitSource({ probe: asking, sources: () => ({ databasePath: database }) }),
    });
    await Promise.all([model.list({ daemonUrls: [daemon.url] }), model.list()]);
    assert.deepEqual([model.state.listing?.opened.source, model.state.total, model.state.busy], ['sqlite', 1000, false]);
    model.dispose();
  });

  it('is read again from disk quietly, with as many rows, and without connecting to the daemon again', async () => {
    const file = path.join(folder, 'growing.db');
    writeDatabase(file, 900);
    let probes = 0;
    const model = createPinListModel({
      worker,
      source: ipfsKitSource({
        probe: (urls, signal) => {
          probes++;
          return asking(urls, signal);
        },
        sources: () => ({ daemonUrls: [NO_SERVER], databasePath: file }),
      }),
    });
    await model.list();
    await model.showMore();
    writeDatabase(`${file}.new`, 950);
    renameSync(`${file}.new`, file);
    const busy: boolean[] = [];
    model.onDidChange(() => busy.push(model.state.busy));
    await model.relist();
    assert.deepEqual(
      [model.state.rows.pins.length, model.state.total, model.state.daemon?.state, probes],
      [700, 950, 'absent', 1],
    );
    assert.ok(!busy.includes(true), 'nothing showed that it was at work');
    model.dispose();
  });

  it('that is being read is waited for before it is read again, because it may have come too early', async () => {
    const file = path.join(folder, 'changing.db');
    writeDatabase(file, 300);
    const model = createPinListModel({
      worker,
      source: ipfsKitSource({ probe: asking, sources: () => ({ databasePath: file }) }),
    });
    const first = model.list();
    const again = model.relist();
    await first;
    writeDatabase(`${file}.new`, 301);
    renameSync(`${file}.new`, file);
    const more = model.showMore();
    const last = model.relist();
    await Promise.all([again, more, last]);
    assert.deepEqual([model.state.total, model.state.busy], [301, false]);
    assert.equal(model.state.rows.pins.length, 301);
    model.dispose();
  });

  it('lists again when its thread has ended meanwhile', async () => {
    const own = newWorker();
    const model = createPinListModel({
      worker: own,
      source: ipfsKitSource({ probe: asking, sources: () => ({ databasePath: database }) }),
    });
    await model.list();
    own.start();
    await assert.rejects(own.request('page', { table: 12, query: {} }), (error) => IpfsKitError.is(error, 'closed'));
    const { listing } = model.state;
    assert.ok(listing);
    await closeListing(own, listing);
    await model.showMore();
    assert.deepEqual([model.state.error, model.state.rows.pins.length, model.state.busy], [undefined, 200, false]);
    await own.dispose();
  });
});

describe('npm run pins', () => {
  const run = (
    ...args: string[]
  ): { status: number | null; answer: PinList & { error?: { reason: string; message: string } } } => {
    const { status, stdout } = spawnSync(process.execPath, [path.join(dist, 'cli/kit.js'), 'pins', ...args], {
      encoding: 'utf8',
    });
    return { status, answer: JSON.parse(stdout) as PinList };
  };

  it('prints the list of a database, and that of a daemon, in one form', () => {
    const disk = run('--database', database, '--limit', '3', '--json').answer;
    assert.deepEqual(
      [disk.source, disk.freshness, disk.total, disk.pins.length, disk.location],
      ['sqlite', 'snapshot', 1000, 3, database],
    );
    const live = run('--daemon', daemon.url, '--limit', '3', '--json').answer;
    assert.deepEqual([live.source, live.freshness, live.total, live.pins.length], ['arrow', 'live', 2000, 3]);
    assert.equal(live.pins[0]?.cid, disk.pins[0]?.cid);
  });

  it('takes filter, sort, group and pages', () => {
    const { answer } = run(
      '--database',
      database,
      '--filter',
      'readme',
      '--sort',
      '-name',
      '--group',
      'type',
      '--offset',
      '1',
      '--limit',
      '2',
    );
    assert.ok(answer.total > 3 && answer.total < 1000 && answer.pins.length === 2 && (answer.groups?.length ?? 0) > 1);
  });

  it('on failure prints the reason, with exit status 1', () => {
    const cases: [string[], string][] = [
      [['--database', path.join(folder, 'nowhere')], 'missing'],
      [['--daemon', NO_SERVER], 'refused'],
      [['--sort', 'colour'], 'invalid-argument'],
      [['--limit', 'many', '--database', database], 'invalid-argument'],
      [['--nonsense'], 'invalid-argument'],
    ];
    for (const [args, reason] of cases) {
      const { status, answer } = run(...args);
      assert.deepEqual([status, answer.error?.reason], [1, reason], args.join(' '));
    }
  });
});

describe('the last live list of a daemon', () => {
  let keepFolder = '';
  /** A new folder for each worker, since ports are reused, and saved lists are named by them. */
  const withKeeping = () => {
    keepFolder = mkdtempSync(path.join(folder, 'kept-'));
    return createPinWorkerHandle({
      file: path.join(dist, 'pinWorker.js'),
      wasmFile: path.join(dist, 'sql-wasm.wasm'),
      keepFolder,
    });
  };
  const missing = path.join(folder, 'nowhere');

  /** Lists a daemon once, so that its list is saved, and returns its URL after it has stopped. */
  async function listedOnce(own: ReturnType<typeof newWorker>, ...args: string[]): Promise<string> {
    const gone = await startTestDaemon(['--pins', '30', '--no-database', ...args]);
    await openIpfsKitList({ daemonUrls: [gone.url] }, { worker: own, probe: asking });
    const isKept = (): boolean => readdirSync(keepFolder).some((name) => !name.endsWith('.tmp'));
    for (const end = Date.now() + 20_000; !isKept() && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 10));
    await gone.stop();
    return gone.url;
  }

  for (const [kind, ...args] of [['arrow'], ['json', '--fault', 'arrow=404']])
    it(`is shown, labeled as such, when the daemon has exited and there is nothing on disk (${kind})`, async () => {
      const own = withKeeping();
      const url = await listedOnce(own, ...args);
      const list = await listPins({}, sourceOf({ daemonUrls: [url], databasePath: missing }), { worker: own });
      assert.deepEqual([list.freshness, list.source, list.total, list.daemon], ['kept', kind, 30, 'absent']);
      assert.ok(list.location.startsWith(url));
      assert.ok(Date.now() - Date.parse(list.asOf) < 60_000);
      assert.match(list.notes?.join(' ') ?? '', /nowhere/);
      await own.dispose();
    });

  it('is not shown where the database can be read, though it is older', async () => {
    const own = withKeeping();
    const url = await listedOnce(own);
    const list = await listPins({}, sourceOf({ daemonUrls: [url], databasePath: database }), { worker: own });
    assert.deepEqual([list.freshness, list.source], ['snapshot', 'sqlite']);
    await own.dispose();
  });

  it("is shown where a database that is newer than all that can be read can't be", async () => {
    const own = withKeeping();
    const root = path.join(folder, 'several');
    mkdirSync(root);
    const old = path.join(root, 'old.db');
    writeDatabase(old, 5);
    utimesSync(old, 1_700_000_000, 1_700_000_000);
    const damaged = path.join(root, 'new.db');
    writeFileSync(damaged, readFileSync(old).subarray(0, 4096));
    utimesSync(damaged, 1_750_000_000, 1_750_000_000);
    const snapshot = await listPins({}, sourceOf({ databasePath: root }), { worker: own });
    assert.deepEqual([snapshot.freshness, snapshot.total], ['snapshot', 5]);
    const url = await listedOnce(own);
    const list = await listPins({}, sourceOf({ daemonUrls: [url], databasePath: root }), { worker: own });
    assert.deepEqual([list.freshness, list.total], ['kept', 30]);
    await own.dispose();
  });

  it("isn't saved or found without a folder for it", async () => {
    const own = newWorker();
    await assert.rejects(own.request('open', { kind: 'kept', query: { urls: [daemon.url] } }), { reason: 'missing' });
    await own.dispose();
  });
});

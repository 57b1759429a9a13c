import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Probe } from '../../../src/daemonClient/ipfsKit/probe';
import { ipfsKitKind, ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { listPins } from '../../../src/pinSource/listPins';
import type { OtherPins } from '../../../src/pinSource/otherSets';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { createSources } from '../../../src/pinSource/sourceKinds';
import type { PinLists } from '../../../src/pinTree/list/pinLists';
import { createPinLists } from '../../../src/pinTree/list/pinLists';
import { createPinListModel } from '../../../src/pinTree/list/pinListModel';
import { sourceContext, sourceDescription } from '../../../src/pinTree/text/sourceText';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { runKit } from '../../support/kit';
import { writeDatabase } from '../../support/python';
import { sourceParts } from '../../support/sourceParts';
import { copyOfFixture, newFolder, settled } from '../pinStore/testDatabases';

const dist = path.join(process.cwd(), 'dist');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(() => worker.dispose());

/** A data folder with 20 pins in a database, 1 of the pin manager and 1 of the dashboard. */
function dataFolder(): string {
  const root = newFolder();
  mkdirSync(path.join(root, 'pin_metadata'));
  const database = path.join(root, 'pin_metadata', 'pins.db');
  writeDatabase(database, 20);
  settled(database, 10);
  settled(copyOfFixture('parquet/simplepin-pins.parquet', path.join(root, 'pin_metadata', 'pins.parquet')), 20);
  settled(copyOfFixture('json/pins.json', path.join(root, 'pins.json')), 30);
  return root;
}

const pinsIn = (...cids: readonly string[]): string => JSON.stringify(cids.map((cid) => ({ cid, name: cid })));

/** The lists as the extension composes them, seen. */
function listsOf(databasePath: string): PinLists {
  const listing = (): { databasePath: string } => ({ databasePath });
  const stores = { databasePath: () => databasePath, pidFile: () => undefined, note: () => undefined };
  const parts = sourceParts({ set: () => ({ wanted: ['ipfs_kit_py'] }), listing, stores });
  const first = ipfsKitSource({ ...parts, sources: listing });
  const sources = createSources(parts, [{ ...ipfsKitKind, create: () => () => [first] }]);
  const expected = (): Promise<readonly PinSource[]> => Promise.resolve(sources());
  const lists = createPinLists(first, expected, (source) => ({ source, model: createPinListModel({ worker, source }) }), 100);
  lists.setVisible(true);
  return lists;
}

const shown = (lists: PinLists): string =>
  lists
    .shown()
    .map(({ source, model }) => `${source.name} ${model.state.total}`)
    .join(', ');

async function shows(lists: PinLists, wanted: string): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) if (shown(lists) === wanted) return;
  assert.equal(shown(lists), wanted);
}

describe('the sets of pins that ipfs_kit_py has on disk', () => {
  it('have a row each, after the newest, with pins, filter and commands of their own', async () => {
    const lists = listsOf(dataFolder());
    await lists.list();
    await shows(lists, 'ipfs_kit_py 20, ipfs_kit_py · pin manager 1, ipfs_kit_py · dashboard 1');
    assert.deepEqual(
      lists.shown().map(({ source }) => source.id),
      ['ipfs_kit_py', 'ipfs_kit_py:pin-manager', 'ipfs_kit_py:dashboard'],
    );
    const [, manager, dashboard] = lists.shown();
    assert.ok(manager && dashboard);
    assert.match(sourceDescription(dashboard.model.state, Date.now()), /^1 pin · JSON, /);
    assert.equal(sourceContext(dashboard.source, undefined), 'listed:choosePinDatabase:filterByStatus');
    await lists.setView({ filter: 'status:pending' });
    assert.deepEqual(
      lists.shown().map(({ model }) => model.state.matching),
      [0, 1, 0],
    );
    lists.dispose();
  });

  it('change places when another one becomes the newest, and are read again when their files change', async () => {
    const root = dataFolder();
    const lists = listsOf(root);
    await lists.list();
    await shows(lists, 'ipfs_kit_py 20, ipfs_kit_py · pin manager 1, ipfs_kit_py · dashboard 1');
    const dashboard = path.join(root, 'pins.json');
    writeFileSync(dashboard, pinsIn('QmA', 'QmB', 'QmC'));
    // A database that isn't ipfs_kit_py's has no separate row.
    await shows(lists, 'ipfs_kit_py 3, ipfs_kit_py · pin manager 1');
    settled(path.join(root, 'pin_metadata', 'pins.db'), -3600);
    await shows(lists, 'ipfs_kit_py 20, ipfs_kit_py · dashboard 3, ipfs_kit_py · pin manager 1');
    writeFileSync(dashboard, pinsIn('QmA', 'QmB'));
    await shows(lists, 'ipfs_kit_py 20, ipfs_kit_py · dashboard 2, ipfs_kit_py · pin manager 1');
    lists.dispose();
  });

  it('have no row once they have no pins', async () => {
    const root = dataFolder();
    writeFileSync(path.join(root, 'pins.json'), '[]');
    settled(path.join(root, 'pins.json'), 30);
    const lists = listsOf(root);
    await lists.list();
    await shows(lists, 'ipfs_kit_py 20, ipfs_kit_py · pin manager 1');
    rmSync(path.join(root, 'pin_metadata', 'pins.parquet'));
    await shows(lists, 'ipfs_kit_py 20');
    lists.dispose();
  });

  it('have rows beside the list of a daemon too, apart from the index that it lists', async () => {
    const root = dataFolder();
    mkdirSync(path.join(root, 'pin_metadata', 'parquet_storage'));
    copyOfFixture('parquet/pins-19col-pandas.parquet', path.join(root, 'pin_metadata', 'parquet_storage', 'pins.parquet'));
    const daemon = createServer(({ url }, response) => {
      response.statusCode = url === '/pins' ? 200 : 404;
      response.end(`{"pins":${pinsIn('QmA', 'QmB', 'QmC')},"total":3}`);
    });
    const address = await new Promise<string>((resolve) =>
      daemon.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(daemon.address() as AddressInfo).port}`)),
    );
    const probe = (): Promise<Probe> => Promise.resolve({ state: 'up', url: address, detail: 'Up.', attempts: [], ms: 0 });
    const source = ipfsKitSource({ probe, sources: () => ({ daemonUrls: [address], databasePath: root }) });
    const list = await listPins({}, source, { worker });
    assert.deepEqual([list.freshness, list.total], ['live', 3]);
    assert.deepEqual(
      list.otherSets?.map(({ name, pins }) => [name, pins]),
      [
        ['pin manager', 1],
        ['dashboard', 1],
      ],
    );
    assert.deepEqual(
      source.further?.().map(({ name }) => name),
      ['ipfs_kit_py · pin manager', 'ipfs_kit_py · dashboard'],
    );
    daemon.close();
  });
});

describe('kit pins with several sets of pins', () => {
  const printed = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const run = await runKit(['pins', '--json', ...args]);
    assert.equal(run.status, 0, run.out);
    return JSON.parse(run.out) as Record<string, unknown>;
  };

  it('lists the newest, and names the others with their numbers of pins', async () => {
    const root = dataFolder();
    const { location, total, otherSets, notes } = await printed('--database', root);
    const [manager, dashboard] = [path.join(root, 'pin_metadata', 'pins.parquet'), path.join(root, 'pins.json')];
    assert.deepEqual([location, total], [path.join(root, 'pin_metadata', 'pins.db'), 20]);
    assert.deepEqual(
      (otherSets as OtherPins[]).map(({ asOf, ...set }) => ({ ...set, isTime: !Number.isNaN(Date.parse(asOf)) })),
      [
        { name: 'pin manager', location: manager, source: 'parquet', pins: 1, isTime: true },
        { name: 'dashboard', location: dashboard, source: 'json', pins: 1, isTime: true },
      ],
    );
    assert.deepEqual(notes, [
      `Other sets of pins, which this list doesn't have: pin manager (1 pin in ${manager}), dashboard (1 pin in ${dashboard}). To list one, name it with --database.`,
    ]);
  });

  it('names the others beside further sources, too', async () => {
    const root = dataFolder();
    const { sources } = await printed('--database', root, '--all-sources');
    const [own] = sources as readonly { id: string; notes?: readonly string[] }[];
    assert.equal(own?.id, 'ipfs_kit_py');
    assert.match(own.notes?.join('\n') ?? '', /^Other sets of pins, .*: pin manager \(1 pin in .*\), dashboard \(1 pin in /m);
  });

  it('lists each by its path, and then names no others', async () => {
    const root = dataFolder();
    const dashboard = await printed('--database', path.join(root, 'pins.json'));
    assert.deepEqual(
      [dashboard['source'], dashboard['total'], dashboard['notes'], dashboard['otherSets']],
      ['json', 1, undefined, undefined],
    );
    const { pins } = await printed('--database', path.join(root, 'pin_metadata', 'pins.parquet'), '--filter', 'status:pending');
    assert.deepEqual(
      (pins as { name: string; status: string }[]).map(({ name, status }) => [name, status]),
      [['hello.txt', 'pending']],
    );
  });
});

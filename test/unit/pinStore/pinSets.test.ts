import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { OpenedStore } from '../../../src/pinStore/openNewestStore';
import { openNewestStore } from '../../../src/pinStore/openNewestStore';
import type { PinSetName } from '../../../src/pinStore/pinSets';
import { setOf } from '../../../src/pinStore/pinSets';
import { addSuperJournal } from '../../support/superJournal';
import { because, copyOfFixture, databaseOf, newFolder, NEVER, PINS, settled, TABLES, WASM_FILE } from './testDatabases';

/** Where ipfs_kit_py's programs write, with files that they wrote. */
const WRITTEN = {
  'pins.json': 'json/pins.json',
  'pin_metadata/pins.parquet': 'parquet/simplepin-pins.parquet',
  'pin_metadata/pin_metadata.parquet': 'parquet/simplepin-pin_metadata.parquet',
  'pin_metadata/pin_metadata_shard_index.parquet': 'parquet/simplepin-shard_index-empty.parquet',
  'pin_metadata/pin_metadata.duckdb': 'duckdb/pins-v999.duckdb.gz',
  'pin_metadata/parquet_storage/pins.parquet': 'parquet/pins-19col-duckdb.parquet',
  'enhanced_pin_index/enhanced_pins.parquet': 'parquet/enhanced_pins-old.parquet',
  'backends/s3/pin_mappings.parquet': 'parquet/pin_mappings.parquet',
  'mcp_metadata_cache.db': 'sqlite/mcp_metadata_cache.db',
} as const;

/** A data folder with these files, the first one written last. */
function dataFolder(...files: readonly (keyof typeof WRITTEN)[]): string {
  const root = newFolder();
  for (const [at, name] of files.entries()) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    settled(copyOfFixture(WRITTEN[name], file), 60 + 10 * at);
  }
  return root;
}

async function opened<T>(root: string, look: (store: OpenedStore) => T | Promise<T>, set?: PinSetName): Promise<T> {
  const store = await openNewestStore(root, { tables: TABLES, wasmFile: WASM_FILE }, set);
  try {
    return await look(store);
  } finally {
    store.table.close();
  }
}

const within = (root: string, file: string): string => path.relative(root, file).replaceAll('\\', '/');
const others = (root: string, { otherSets }: OpenedStore): unknown[] =>
  otherSets.map((set) => [set.name, within(root, set.path), set.format]);

describe('the sets of pins of ipfs_kit_py', () => {
  it('are told apart by their places', () => {
    const names = Object.keys(WRITTEN).map((name) => setOf(path.join('/home/user/.ipfs_kit', name)));
    assert.deepEqual(names, [
      'dashboard',
      'pin manager',
      undefined,
      undefined,
      'pin index',
      'pin index',
      'older pin index',
      'backends',
      'backends',
    ]);
    assert.equal(setOf('/home/user/.ipfs_kit/backends'), 'backends');
    assert.equal(setOf('/home/user/.ipfs_kit/pin_metadata/pins.db'), undefined);
  });

  it('are all found: the newest is listed, the others are named once each, by their newest store, the newest first', async () => {
    const root = dataFolder(
      'pins.json',
      'pin_metadata/parquet_storage/pins.parquet',
      'pin_metadata/pins.parquet',
      'backends/s3/pin_mappings.parquet',
      'pin_metadata/pin_metadata.duckdb',
      'mcp_metadata_cache.db',
      'enhanced_pin_index/enhanced_pins.parquet',
    );
    const all = [
      ['pin index', 'pin_metadata/parquet_storage/pins.parquet', 'parquet'],
      ['pin manager', 'pin_metadata/pins.parquet', 'parquet'],
      ['backends', 'backends/s3/pin_mappings.parquet', 'parquet'],
      ['older pin index', 'enhanced_pin_index/enhanced_pins.parquet', 'parquet'],
    ];
    await opened(root, async (store) => {
      assert.equal(within(root, store.path), 'pins.json');
      assert.equal(await store.table.count({}, NEVER), 1);
      assert.deepEqual(others(root, store), all);
      assert.deepEqual(store.passedOver, []);
    });
    settled(path.join(root, 'mcp_metadata_cache.db'), 10);
    await opened(root, (store) => {
      assert.equal(within(root, store.path), 'mcp_metadata_cache.db');
      const dashboard = ['dashboard', 'pins.json', 'json'];
      assert.deepEqual(others(root, store), [dashboard, ...all.filter(([name]) => name !== 'backends')]);
    });
  });

  it('are listed one by one when asked for', async () => {
    const root = dataFolder('pins.json', 'pin_metadata/pin_metadata.duckdb', 'pin_metadata/parquet_storage/pins.parquet');
    await opened(root, async ({ table }) => assert.equal(await table.count({}, NEVER), 1), 'dashboard');
    await opened(
      root,
      async (store) => {
        assert.equal(within(root, store.path), 'pin_metadata/parquet_storage/pins.parquet');
        assert.equal(await store.table.count({}, NEVER), 5);
        assert.deepEqual(
          store.passedOver.map(({ reason }) => reason),
          ['unsupported'],
        );
      },
      'pin index',
    );
    await assert.rejects(
      opened(root, () => undefined, 'backends'),
      because('missing', root),
    );
  });

  it('leave out an export of the listed store, and what only describes pins', async () => {
    const root = dataFolder(
      'pin_metadata/pin_metadata_shard_index.parquet',
      'pin_metadata/pin_metadata.parquet',
      'pin_metadata/parquet_storage/pins.parquet',
      'pin_metadata/pin_metadata.duckdb',
    );
    await opened(root, (store) => {
      assert.equal(within(root, store.path), 'pin_metadata/parquet_storage/pins.parquet');
      assert.deepEqual([store.otherSets, store.passedOver], [[], []]);
    });
  });

  it('name other databases by their paths', async () => {
    const root = dataFolder('pins.json');
    const older = path.join(root, 'older.db');
    settled(copyOfFixture('sqlite/pins-cli-shape.db', older), 500);
    await opened(root, (store) => assert.deepEqual(others(root, store), [[undefined, 'older.db', 'sqlite']]));
  });

  it('are one, where a file is named', async () => {
    const root = dataFolder('pins.json', 'pin_metadata/pins.parquet');
    await opened(path.join(root, 'pins.json'), ({ otherSets }) => assert.deepEqual(otherSets, []));
    const described = path.join(dataFolder('pin_metadata/pin_metadata.parquet'), 'pin_metadata/pin_metadata.parquet');
    await opened(described, async ({ table }) => assert.equal(await table.count({}, NEVER), 2));
  });
});

describe('a set without pins', () => {
  const EMPTY = '[]';

  it('gives way to the next one that has any, and is listed where none has', async () => {
    const root = dataFolder('pins.json', 'pin_metadata/pins.parquet');
    const dashboard = path.join(root, 'pins.json');
    writeFileSync(dashboard, EMPTY);
    settled(dashboard, 5);
    await opened(root, (store) => {
      assert.deepEqual([within(root, store.path), store.otherSets], ['pin_metadata/pins.parquet', []]);
    });
    const alone = dataFolder('pins.json');
    writeFileSync(path.join(alone, 'pins.json'), EMPTY);
    settled(path.join(alone, 'pins.json'));
    await opened(alone, async ({ table }) => assert.equal(await table.count({}, NEVER), 0));
    const table = settled(await databaseOf((db) => db.exec(PINS), path.join(alone, 'pins.db')), 10);
    await opened(alone, (store) => assert.equal(store.path, table)); // the newest of two that are empty
  });

  it("doesn't give way to an older store of the same set, whose pins were removed since", async () => {
    const root = newFolder();
    mkdirSync(path.join(root, 'pin_metadata'));
    const at = (name: string): string => path.join(root, 'pin_metadata', name);
    settled(copyOfFixture('sqlite/pins-cli-shape.db', at('before.db')), 500);
    settled(await databaseOf((db) => db.exec(PINS), at('pins.db')), 100);
    await opened(root, async (store) => {
      assert.equal(store.path, at('pins.db'));
      assert.equal(await store.table.count({}, NEVER), 0);
    });
    settled(copyOfFixture(WRITTEN['pins.json'], path.join(root, 'pins.json')), 700);
    await opened(root, (store) => assert.equal(within(root, store.path), 'pins.json'));
  });

  it('of which the state is unknown hides nothing: a busy store is reported', async () => {
    const root = dataFolder('pins.json');
    const busy = copyOfFixture('sqlite/pins-cli-shape.db', path.join(root, 'pins.db'));
    addSuperJournal(settled(busy, 1));
    await assert.rejects(
      opened(root, () => undefined),
      because('busy', busy),
    );
  });
});

describe('pins that the pin manager has only noted', () => {
  const root = dataFolder(
    'pin_metadata/pin_metadata_shard_index.parquet',
    'pin_metadata/pin_metadata.parquet',
    'pin_metadata/pins.parquet',
  );

  it('are pending, and those that it has removed are gone', async () => {
    await opened(root, async ({ table }) => {
      const [pin, ...more] = await table.page({}, NEVER);
      assert.deepEqual([pin?.name, pin?.status, more], ['hello.txt', 'pending', []]);
      assert.equal(await table.count({ filter: 'status:pending' }, NEVER), 1);
      assert.equal(await table.count({ filter: '-status:pending' }, NEVER), 0);
      assert.equal(await table.count({ filter: 'status:pinned' }, NEVER), 0);
      assert.deepEqual(await table.groups('status', {}, NEVER), [{ key: 'pending', count: 1, sized: 1, sizeBytes: 12 }]);
    });
  });
});

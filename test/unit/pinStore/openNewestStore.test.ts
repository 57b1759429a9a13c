import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { OpenedStore } from '../../../src/pinStore/openNewestStore';
import { addSuperJournal } from '../../support/superJournal';
import { openNewestStore } from '../../../src/pinStore/openNewestStore';
import {
  because,
  copyOfFixture,
  databaseOf,
  fixture,
  NEVER,
  TABLES,
  newFile,
  newFolder,
  PINS,
  settled,
  WASM_FILE,
} from './testDatabases';
import { needs, POSIX } from '../../support/needs';

async function stored<T>(databasePath: string, look: (store: OpenedStore) => T | Promise<T>): Promise<T> {
  const store = await openNewestStore(databasePath, { tables: TABLES, wasmFile: WASM_FILE });
  try {
    return await look(store);
  } finally {
    store.table.close();
  }
}

const refusing = (databasePath: string): Promise<OpenedStore> =>
  openNewestStore(databasePath, { tables: TABLES, wasmFile: WASM_FILE });

const README = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPaG8';
const V1 = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

describe('openNewestStore on what ipfs_kit_py and its command line write', () => {
  it('lists the table pins of the command line', async () => {
    const file = fixture('sqlite/pins-cli-shape.db');
    await stored(file, async ({ table, path: opened, format, modifiedMs, passedOver }) => {
      assert.equal(opened, file);
      assert.equal(format, 'sqlite');
      assert.equal(modifiedMs, statSync(file).mtimeMs);
      assert.deepEqual(passedOver, []);
      assert.equal(table.detail, 'table pins');
      assert.equal(await table.count({}, NEVER), 2);
      assert.deepEqual(await table.page({}, NEVER), [
        { cid: README, name: 'readme', type: 'recursive', pinnedAt: '2025-07-27T08:00:00.000Z' },
        { cid: V1, type: 'direct', pinnedAt: '2025-07-27T07:00:00.000Z' },
      ]);
    });
  });

  it('lists the cache of the MCP server', async () => {
    await stored(fixture('sqlite/mcp_metadata_cache.db'), async ({ table }) => {
      assert.equal(table.detail, 'table pin_cache');
      assert.equal(await table.count({}, NEVER), 2);
      assert.deepEqual(await table.page({}, NEVER), [
        {
          cid: README,
          name: 'readme',
          sizeBytes: 1688,
          pinnedAt: '2025-07-30T10:00:00.000Z',
          replicas: 1,
          backend: 'ipfs_local',
        },
        { cid: V1, pinnedAt: '2025-07-30T11:00:00.000Z', replicas: 1, backend: 'ipfs_local' },
      ]);
    });
  });

  it('finds no pins in the program state', async () => {
    const file = fixture('sqlite/program_state.db');
    await assert.rejects(refusing(file), because('no-pins-table', file));
  });

  it('identifies a DuckDB file if there is no Python to read it', async () => {
    const duckdb = copyOfFixture('duckdb/pins-v999.duckdb.gz');
    await assert.rejects(refusing(duckdb), because('unsupported', `${duckdb} is a DuckDB database`));
  });

  it('reads an Arrow file, too', async () => {
    await stored(fixture('arrow/route-19col.file.arrow'), async ({ table, format }) => {
      assert.equal(format, 'arrow');
      assert.equal(await table.count({}, NEVER), 5);
    });
  });

  it('takes text for text where a Parquet file should be', async () => {
    const file = fixture('parquet/not-parquet-27-bytes-of-text.parquet');
    await assert.rejects(refusing(file), because('not-a-database', file));
  });
});

describe('openNewestStore on a file without pins', () => {
  const fileOf = (content: string | Uint8Array): string => {
    const file = newFile();
    writeFileSync(file, content);
    return settled(file);
  };

  it('gives each fault its own reason', async () => {
    const missing = newFile();
    await assert.rejects(refusing(missing), because('missing', missing));
    const empty = fileOf('');
    await assert.rejects(refusing(empty), because('empty', empty));
    const text = fileOf('updated=1753600000.123456\n');
    await assert.rejects(refusing(text), because('not-a-database', text));
    // A first byte of { or [ would be that of damaged JSON.
    const random = fileOf(Buffer.concat([Buffer.from([0]), randomBytes(16_383)]));
    await assert.rejects(refusing(random), because('not-a-database', random));
    const through = path.join(text, 'pins.db');
    await assert.rejects(refusing(through), because('unreadable', through));
    const withoutTables = await databaseOf((db) => db.exec('CREATE TABLE pin(cid TEXT); CREATE TABLE pins(name TEXT)'));
    await assert.rejects(refusing(withoutTables), because('no-pins-table', withoutTables));
  });

  it('takes a header with random pages after it for an encrypted database', async () => {
    const file = fileOf(Buffer.concat([Buffer.from('SQLite format 3\0'), randomBytes(8), Buffer.alloc(8168)]));
    const bytes = readFileSync(file);
    bytes[16] = 0x12; // These bytes are a page size that isn't a power of two, whatever the random ones were.
    bytes[17] = 0x34;
    writeFileSync(file, bytes);
    await assert.rejects(refusing(settled(file)), because('not-a-database', file));
  });

  it('reports valid headers with random pages as damage', async () => {
    const bytes = readFileSync(fixture('sqlite/pins-cli-shape.db'));
    randomBytes(bytes.length - 100).copy(bytes, 100);
    const file = fileOf(bytes);
    await assert.rejects(refusing(file), because('corrupt', file));
  });

  it("doesn't wait for a FIFO or take a device for a file", needs(POSIX), async () => {
    const fifo = newFile();
    execFileSync('mkfifo', [fifo]);
    await assert.rejects(refusing(fifo), because('not-a-file', fifo));
    await assert.rejects(refusing('/dev/zero'), because('not-a-file', '/dev/zero'));
  });
});

describe('openNewestStore on a folder', () => {
  it('reads the newest SQLite database with pins and says what it passed over', async () => {
    const root = newFolder();
    mkdirSync(path.join(root, 'pin_metadata'));
    const at = (name: string): string => path.join(root, 'pin_metadata', name);
    settled(copyOfFixture('sqlite/pins-cli-shape.db', at('old.db')), 500);
    settled(
      await databaseOf((db) => db.exec(`${PINS}; INSERT INTO pins VALUES ('bafynew', 'new', NULL, NULL)`), at('new.db')),
      400,
    );
    settled(copyOfFixture('sqlite/program_state.db', at('state.db')), 300);
    settled(copyOfFixture('duckdb/pins-v999.duckdb.gz', at('pin_metadata.duckdb')), 200);
    copyOfFixture('parquet/not-parquet-27-bytes-of-text.parquet', at('pins.parquet'));
    await stored(root, async ({ table, path: opened, passedOver }) => {
      assert.equal(opened, at('new.db'));
      assert.deepEqual(await table.page({}, NEVER), [{ cid: 'bafynew', name: 'new' }]);
      assert.deepEqual(
        passedOver.map(({ path: file, reason, message }) => [path.basename(file), reason, message.includes(file)]),
        [
          ['pins.parquet', 'not-a-database', true],
          ['pin_metadata.duckdb', 'unsupported', true],
          ['state.db', 'no-pins-table', true],
        ],
      );
    });
  });

  it('does not show the older of two databases while the newer is busy', async () => {
    const root = newFolder();
    settled(copyOfFixture('sqlite/pins-cli-shape.db', path.join(root, 'old.db')), 500);
    const newer = copyOfFixture('sqlite/pins-cli-shape.db', path.join(root, 'new.db'));
    addSuperJournal(newer);
    await assert.rejects(refusing(root), because('busy', newer));
  });

  it('gives the reason that helps most where there is nothing to show', async () => {
    const root = newFolder();
    await assert.rejects(refusing(root), because('missing', root));
    const empty = path.join(root, 'empty.db');
    writeFileSync(empty, '');
    await assert.rejects(refusing(root), because('empty', empty));
    const state = copyOfFixture('sqlite/program_state.db', path.join(root, 'state.db'));
    await assert.rejects(refusing(root), because('no-pins-table', state));
    const duckdb = copyOfFixture('duckdb/pins-v999.duckdb.gz', path.join(root, 'x.duckdb'));
    await assert.rejects(refusing(root), because('unsupported', duckdb));
    const damaged = path.join(root, 'damaged.db');
    writeFileSync(damaged, readFileSync(fixture('sqlite/pins-cli-shape.db')).subarray(0, 4096));
    settled(damaged);
    await assert.rejects(refusing(root), because('corrupt', damaged));
  });

  it('stops when it is canceled', async () => {
    const signal = AbortSignal.abort();
    const opening = openNewestStore(fixture('sqlite/pins-cli-shape.db'), { tables: TABLES, wasmFile: WASM_FILE, signal });
    await assert.rejects(
      opening,
      (error: unknown) => error instanceof Error && 'reason' in error && error.reason === 'cancelled',
    );
  });
});

describe('openNewestStore and the files of others', () => {
  it('reads a read-only file in a read-only folder and leaves everything as it was', needs(POSIX), async () => {
    const file = copyOfFixture('sqlite/pins-cli-shape.db');
    const folder = path.dirname(file);
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    const look = (): unknown => {
      const { mtimeNs, ctimeNs, size } = statSync(file, { bigint: true });
      return [
        readdirSync(folder),
        String(mtimeNs),
        String(ctimeNs),
        String(size),
        createHash('sha256').update(readFileSync(file)).digest('hex'),
      ];
    };
    const before = look();
    await stored(file, async ({ table }) => {
      assert.equal((await table.page({ sort: '-time', group: 'type' }, NEVER)).length, 2);
      assert.deepEqual(readdirSync(folder), ['pins-cli-shape.db']);
    });
    assert.deepEqual(look(), before);
    chmodSync(folder, 0o755);
  });
});

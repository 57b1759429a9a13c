import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import { MAX_TEXT } from '../../../../src/pin/pin';
import { timeOf } from '../../../../src/pin/pinRecord';
import {
  because,
  copyOfFixture,
  databaseOf,
  fixture,
  NEVER,
  newFile,
  open,
  PINS,
  pinsOf,
  python,
  settled,
  using,
} from '../testDatabases';
import { needs } from '../../../support/needs';

const FILL = (rows: number): string =>
  `db.execute('${PINS}')\ndb.execute('BEGIN')\ndb.executemany('INSERT INTO pins VALUES (?, ?, ?, ?)', ((f'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy{n:08}', f'name {n}', 'recursive', '2025-07-27T08:00:00') for n in range(${rows})))\ndb.execute('COMMIT')`;

describe('a SQLite file', () => {
  it('costs the same to open and to show at any length', async () => {
    const bytesFor = async (rows: number): Promise<number[]> => {
      const file = newFile();
      python(file, FILL(rows));
      const read: number[] = [];
      await using(open(settled(file), { onBytesRead: (total) => read.push(total) }), async (table) => {
        const page = await table.page({ limit: 200 }, NEVER);
        assert.equal(page.length, 200);
        assert.equal(page[199]?.name, 'name 199');
      });
      rmSync(file);
      return read;
    };
    const small = await bytesFor(1000);
    const large = await bytesFor(200_000);
    assert.equal(small.length, 2);
    assert.ok(
      (large[1] ?? Infinity) <= 1.3 * (small[1] ?? 0),
      `${large.join()} bytes read of 200,000 rows, ${small.join()} of 1,000`,
    );
    assert.ok((large[1] ?? Infinity) < 200_000);
  });

  it('is read through descriptors that are closed again in every case', needs('/proc'), async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const good = fixture('sqlite/pins-cli-shape.db');
    await pinsOf(good);
    const before = descriptors();
    const damaged = newFile();
    writeFileSync(damaged, readFileSync(good).subarray(0, 8192));
    for (let time = 0; time < 20; time++) {
      await pinsOf(good);
      for (const file of [
        settled(damaged),
        fixture('sqlite/program_state.db'),
        fixture('parquet/pins-19col-duckdb.parquet'),
        newFile(),
      ])
        await assert.rejects(open(file));
    }
    assert.equal(descriptors(), before);
  });

  it('rejects queries once it is closed, and may be closed twice', async () => {
    const table = await open(fixture('sqlite/pins-cli-shape.db'));
    table.close();
    table.close();
    await assert.rejects(table.page({}, NEVER), because('cancelled', ''));
  });

  it('rejects an invalid query', async () => {
    await using(open(fixture('sqlite/pins-cli-shape.db')), async (table) => {
      await assert.rejects(table.page({ limit: -1 }, NEVER), because('invalid-argument', 'limit'));
      await assert.rejects(table.page({ offset: 0.5 }, NEVER), because('invalid-argument', 'offset'));
    });
  });

  it('gives the same rows if it is read as one piece, up to a limit', async () => {
    for (const name of ['sqlite/pins-cli-shape.db', 'sqlite/mcp_metadata_cache.db']) {
      const whole = await using(open(fixture(name), { readWholeUpTo: 1_000_000 }), (table) => table.page({}, NEVER));
      assert.deepEqual(whole, await pinsOf(fixture(name)));
    }
    const wal = newFile();
    python(wal, `db.execute('PRAGMA journal_mode = WAL')\n${FILL(3)}\ndb.close()`);
    assert.equal(readFileSync(wal)[18], 2);
    assert.equal((await using(open(settled(wal), { readWholeUpTo: 1_000_000 }), (table) => table.page({}, NEVER))).length, 3);
    const file = fixture('sqlite/pins-cli-shape.db');
    await assert.rejects(open(file, { readWholeUpTo: 10_000 }), because('too-large', file));
  });

  it('is read beyond 2 GiB', async () => {
    // The table's only page is moved to the end of the file, after a hole that uses no disk space.
    const file = newFile();
    const pageSize = 65_536;
    const pages = 40_000;
    python(
      file,
      `db.execute('PRAGMA page_size = ${pageSize}')\ndb.execute('CREATE TABLE pins(cid TEXT, name TEXT)')\ndb.execute("INSERT INTO pins VALUES ('bafyfar', 'far away')")\ndb.execute('PRAGMA writable_schema = 1')\ndb.execute('UPDATE sqlite_schema SET rootpage = ${pages}')\ndb.close()`,
    );
    const descriptor = openSync(file, 'r+');
    const page = Buffer.alloc(pageSize);
    readSync(descriptor, page, 0, pageSize, pageSize);
    ftruncateSync(descriptor, pages * pageSize);
    writeSync(descriptor, page, 0, pageSize, (pages - 1) * pageSize);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(pages);
    writeSync(descriptor, count, 0, 4, 28);
    closeSync(descriptor);
    assert.ok(statSync(file).size > 2 ** 31);
    assert.deepEqual(await pinsOf(settled(file)), [{ cid: 'bafyfar', name: 'far away' }]);
    rmSync(file);
  });

  it("reports that SQLite itself can't be loaded", () => {
    // A process loads SQLite only once, so the first load is tested in another process.
    const script = newFile('load.js');
    const build = path.join(process.cwd(), 'node_modules/esbuild/bin/esbuild');
    const reader = path.join(process.cwd(), 'src/pinStore/sqlite/sqliteReader.ts');
    execFileSync(process.execPath, [
      build,
      reader,
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--log-level=error',
      `--outfile=${script}`,
    ]);
    const code = `const { openSqlite } = require(${JSON.stringify(script)});
      const open = (wasmFile) => openSqlite(${JSON.stringify(fixture('sqlite/pins-cli-shape.db'))}, { wasmFile });
      open('/nowhere/sql-wasm.wasm').catch((error) => console.log(error.reason, error.message.includes('/nowhere')))
        .then(() => open(${JSON.stringify(path.join(process.cwd(), 'node_modules/sql.js/dist/sql-wasm.wasm'))})).then((table) => console.log(table.detail));`;
    assert.equal(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }), 'internal true\ntable pins\n');
  });
});

describe('text in a SQLite file', () => {
  const LONG = 'x'.repeat(100_000);
  const shown = async (names: readonly string[]): Promise<(string | undefined)[]> => {
    const file = await databaseOf((db) => {
      db.exec('CREATE TABLE pins(cid TEXT, name TEXT)');
      names.forEach((name, index) => db.run('INSERT INTO pins VALUES (?, ?)', [`cid${index}`, name]));
    });
    return (await pinsOf(file)).map(({ name }) => name);
  };

  it('is cut when it is long, by what is shown and never within a character', async () => {
    const cut = 'x'.repeat(MAX_TEXT) + '…';
    const names = [
      LONG,
      'x'.repeat(MAX_TEXT),
      'x'.repeat(MAX_TEXT + 1),
      '𝄞'.repeat(50_000),
      'x' + '𝄞'.repeat(50_000),
      'é'.repeat(9000),
      '€'.repeat(9000),
    ];
    assert.deepEqual(await shown(names), [
      cut,
      'x'.repeat(MAX_TEXT),
      cut,
      '𝄞'.repeat(MAX_TEXT / 2) + '…',
      'x' + '𝄞'.repeat(MAX_TEXT / 2 - 1) + '…',
      'é'.repeat(MAX_TEXT) + '…',
      '€'.repeat(MAX_TEXT) + '…',
    ]);
  });

  it('passes as it is, control and bidi characters, markup and all', async () => {
    const names = [
      'a\u202eb\u2066c',
      '\u0000\u0007\u001b[31m',
      '$(trash) [x](command:y) <b>`',
      'line\r\nline',
      '\ud7ff\ue000\uffff',
      'a\0b',
      '\ufeffmarked',
      '\ufeff',
    ];
    assert.deepEqual(await shown(names), names);
  });

  it('is searched and sorted by its complete text, including what is not shown', async () => {
    const file = await databaseOf((db) => {
      db.exec('CREATE TABLE pins(cid TEXT, name TEXT)');
      db.run('INSERT INTO pins VALUES (?, ?), (?, ?), (?, ?)', ['c1', `${LONG}Needle`, 'c2', `${LONG}b`, 'c3', `${LONG}A`]);
    });
    await using(open(file), async (table) => {
      const cids = (pins: readonly Pin[]): string[] => pins.map(({ cid }) => cid);
      assert.deepEqual(cids(await table.page({ filter: 'xnEEdle' }, NEVER)), ['c1']);
      assert.equal(await table.count({ filter: 'xneedle' }, NEVER), 1);
      assert.deepEqual(cids(await table.page({ sort: 'name' }, NEVER)), ['c3', 'c2', 'c1']);
    });
  });

  it('of many megabytes is cut, and searched and sorted by what is shown of it', async () => {
    const file = newFile();
    python(
      file,
      `db.execute('CREATE TABLE pins(name TEXT, vfs_path BLOB, cid TEXT)')\nhuge = 'y' * 30_000_000\ndb.execute('INSERT INTO pins VALUES (?, ?, ?)', (huge, huge.encode(), 'c1'))\ndb.execute('INSERT INTO pins VALUES (?, ?, ?)', ('b', '/b', 'c2'))`,
    );
    const cut = 'y'.repeat(MAX_TEXT) + '…';
    await using(open(settled(file)), async (table) => {
      assert.deepEqual(await table.page({}, NEVER), [
        { cid: 'c1', name: cut, vfsPath: cut },
        { cid: 'c2', name: 'b', vfsPath: '/b' },
      ]);
      assert.deepEqual(
        (await table.page({ sort: 'name' }, NEVER)).map(({ cid }) => cid),
        ['c2', 'c1'],
      );
      assert.equal(await table.count({ filter: 'yyy' }, NEVER), 1);
    });
    rmSync(file);
  });

  it('that is a CID of many megabytes is shown, cut: what is counted is shown', async () => {
    const file = newFile();
    python(file, `db.execute('CREATE TABLE pins(cid TEXT)')\ndb.execute('INSERT INTO pins VALUES (?)', ('c' * 30_000_000,))`);
    await using(open(settled(file)), async (table) => {
      assert.deepEqual(await table.page({}, NEVER), [{ cid: 'c'.repeat(MAX_TEXT) + '…' }]);
      assert.equal(await table.count({}, NEVER), 1);
    });
    rmSync(file);
  });
});

describe('a damaged SQLite file', () => {
  /** Reasons with which a damaged file may be rejected, instead of giving the right list. */
  const ALLOWED: readonly Reason[] = ['corrupt', 'not-a-database', 'empty'];

  const look = async (file: string): Promise<{ pins: Pin[]; count: number; sorted: Pin[] } | Reason> => {
    try {
      return await using(open(file), async (table) => ({
        pins: await table.page({}, NEVER),
        count: await table.count({}, NEVER),
        sorted: await table.page({ sort: '-name', group: 'type' }, NEVER),
      }));
    } catch (error) {
      assert.ok(IpfsKitError.is(error), `not an IpfsKitError: ${String(error)}`);
      return error.reason;
    }
  };

  it('gives the right rows or an error, cut at every page and at odd offsets', async () => {
    const whole = newFile();
    python(whole, `db.execute('PRAGMA page_size = 1024')\n${FILL(120)}`);
    const bytes = readFileSync(whole);
    const truth = await look(settled(whole));
    assert.ok(typeof truth === 'object' && truth.pins.length === 120);
    const pages = bytes.length / 1024;
    assert.ok(pages > 20 && Number.isInteger(pages));
    const lengths = Array.from({ length: pages }, (_, page) => page * 1024);
    for (const odd of [1, 15, 16, 17, 99, 100, 101, 511, 1023, 1025, bytes.length - 1, bytes.length - 1023, bytes.length + 700])
      lengths.push(odd);
    // An older version wrote no valid page count, so only the length of the file gives the number of pages.
    let lists = 0;
    for (const trusted of [true, false])
      for (const length of lengths) {
        const cut = Buffer.alloc(length); // One file is longer, since SQLite reserves space too.
        bytes.copy(cut);
        if (!trusted && length >= 100) cut.writeUInt32BE(0, 92);
        const file = newFile();
        writeFileSync(file, cut);
        const seen = await look(settled(file));
        rmSync(file);
        if (typeof seen === 'string') assert.ok(ALLOWED.includes(seen), `${length} bytes: ${seen}`);
        else {
          lists++;
          assert.deepEqual(seen.pins, pythonSees(cut), `${length} bytes: what Python reads`);
          assert.deepEqual(seen, truth, `${length} bytes`);
        }
      }
    assert.equal(lists, 1, 'the longer one is read');
  });

  function pythonSees(content: Buffer): unknown {
    const file = newFile();
    writeFileSync(file, content);
    const printed = python(
      file,
      `print(json.dumps(db.execute('SELECT cid, name, pin_type, created_at FROM pins ORDER BY rowid').fetchall()))`,
    );
    rmSync(file);
    const rows = JSON.parse(printed) as [string, string, string, string][];
    return rows.map(([cid, name, type, time]) => ({ cid, name, type, pinnedAt: timeOf(time) }));
  }

  it('gives an error or a list, and nothing worse, with any byte changed', async () => {
    const whole = newFile();
    python(whole, `db.execute('PRAGMA page_size = 512')\n${FILL(40)}`);
    const bytes = readFileSync(whole);
    let [errors, lists] = [0, 0];
    let random = 12_345;
    const next = (below: number): number => (random = (random * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let time = 0; time < 400; time++) {
      const spoilt = Buffer.from(bytes);
      const at = time < 100 ? time : next(bytes.length);
      spoilt[at] = (spoilt[at] ?? 0) ^ (1 + next(255));
      writeFileSync(whole, spoilt);
      const seen = await look(settled(whole));
      if (typeof seen === 'string') errors++;
      else lists++;
      // With a changed table name, the file has no pins.
      if (typeof seen === 'string') assert.ok([...ALLOWED, 'no-pins-table'].includes(seen), `byte ${at}: ${seen}`);
    }
    assert.ok(errors > 20 && lists > 20, `${errors} errors, ${lists} lists`);
  });

  it('does not make SQLite request huge allocations', async () => {
    // 65,536-byte pages, a page count of 2^32 - 2, and a schema with a hundred thousand columns.
    const file = copyOfFixture('sqlite/pins-cli-shape.db');
    const bytes = readFileSync(file);
    bytes.writeUInt32BE(0xfffffffe, 28);
    writeFileSync(file, bytes);
    await assert.rejects(open(settled(file)), because('corrupt', file));
    const copy = newFile();
    copyFileSync(fixture('sqlite/pins-cli-shape.db'), copy);
    const wide = readFileSync(copy);
    wide.writeUInt16BE(1, 16);
    writeFileSync(copy, wide);
    await assert.rejects(open(settled(copy)), because('corrupt', copy));
  });
});

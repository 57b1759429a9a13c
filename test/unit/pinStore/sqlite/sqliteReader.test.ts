import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import type { Pin } from '../../../../src/pin/pin';
import { locateStores } from '../../../../src/pinStore/locate';
import { openNewestStore } from '../../../../src/pinStore/openNewestStore';
import { sniff } from '../../../../src/pinStore/sniff';
import { TABLES } from '../testDatabases';
import { openSqlite } from '../../../../src/pinStore/sqlite/sqliteReader';
import { oraclePins, python, writeDatabase } from '../../../support/python';
import { testPython } from '../../../support/testDaemon';
import { needs, POSIX } from '../../../support/needs';

const folder = mkdtempSync(path.join(tmpdir(), 'store-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const wasmFile = path.join(process.cwd(), 'dist/sql-wasm.wasm');
const fixture = (name: string): string => path.join(process.cwd(), 'test/fixtures', name);
const going = new AbortController().signal;
const failing = (reason: Reason) => (error: unknown) => IpfsKitError.is(error, reason) && error.message.length > 20;

let made = 0;
const newFile = (name = 'pins.db'): string => {
  const own = path.join(folder, String(++made));
  mkdirSync(own);
  return path.join(own, name);
};

async function pinsOf(file: string): Promise<Pin[]> {
  const table = await openSqlite(file, { wasmFile });
  try {
    const pins = await table.page({ limit: 10_000 }, going);
    assert.equal(await table.count({}, going), pins.length);
    return pins;
  } finally {
    table.close();
  }
}

const sorted = (pins: readonly Pin[]): Pin[] => [...pins].sort((a, b) => (a.cid < b.cid ? -1 : 1));
const SQL = 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);';

describe('a SQLite store', () => {
  it('ends a query that is canceled while it runs, when no message could tell it', async () => {
    const file = newFile();
    writeDatabase(file, 40_000);
    let stopped = false;
    let reads = 0;
    const stopAfter = 3;
    // A real worker has the flag in shared memory, since its thread is inside SQLite.
    const isStopped = (): boolean => stopped && ++reads > stopAfter;
    const totals: number[] = [];
    const table = await openSqlite(file, { wasmFile, isStopped, onBytesRead: (total) => totals.push(total) });
    try {
      stopped = true;
      await assert.rejects(table.count({ filter: 'nowhere to be found' }, going), { reason: 'cancelled' });
      assert.equal(reads, stopAfter + 1);
      stopped = false;
      assert.equal(await table.count({}, going), 40_000, 'and the next one is answered');
    } finally {
      table.close();
    }
  });

  for (const name of ['pins-cli-shape.db', 'mcp_metadata_cache.db'])
    it(`${name} lists as Python reads it, field by field`, async () => {
      const file = fixture(`sqlite/${name}`);
      assert.deepEqual(await pinsOf(file), oraclePins('sqlite', file));
    });

  for (const shape of ['cli', 'wide', 'enhanced_pins', 'pin_cache'] as const)
    it(`of the shape ${shape} lists as Python reads it, field by field`, async () => {
      const file = newFile();
      writeDatabase(file, 500, shape);
      const pins = await pinsOf(file);
      assert.equal(pins.length, 500);
      assert.deepEqual(pins, oraclePins('sqlite', file));
    });

  it('with several backends for a CID is one pin with all of them', async () => {
    const file = newFile();
    writeDatabase(file, 5, 'pin_cache');
    python(
      `${SQL} db.execute("insert into pin_cache select cid, 'a-second', status, '2020-01-01T00:00:00', null, null, null, null from pin_cache limit 2")`.replace(
        ', null, null, null, null from',
        ', null, null, null from',
      ),
      file,
    );
    const pins = await pinsOf(file);
    assert.deepEqual(sorted(pins), sorted(oraclePins('sqlite', file)));
    assert.deepEqual(pins.map(({ replicas }) => replicas).sort(), [1, 1, 1, 2, 2]);
  });

  it('with odd tables is read by what its columns are called: a view, no rowid, other case, quotes, extra columns, a column named rowid', async () => {
    const cases = [
      'create table Pins("CID" text primary key, "Name" text, "weird ""name" blob) without rowid; insert into pins values (\'QmB\', \'b\', 1), (\'QmA\', \'a\', 2)',
      "create table t(cid, name); insert into t values ('QmA', 'a'), ('QmB', 'b'); create view pins as select cid, name from t",
      "create table enhanced_pins(rowid, cid, name); insert into enhanced_pins values (7, 'QmA', 'a'), (3, 'QmB', 'b')",
    ];
    for (const sql of cases) {
      const file = newFile();
      python(`${SQL} db.executescript(sys.argv[2])`, file, sql);
      assert.deepEqual(sorted(await pinsOf(file)), [
        { cid: 'QmA', name: 'a' },
        { cid: 'QmB', name: 'b' },
      ]);
    }
  });

  it('passes over rows without a CID, in the rows and in the count', async () => {
    const file = newFile();
    python(
      `${SQL} db.execute("create table pins(cid, name)"); db.executemany("insert into pins values (?, ?)", [(None, "a"), ("", "b"), (b"", "c"), ("QmA", "d")])`,
      file,
    );
    assert.deepEqual(await pinsOf(file), [{ cid: 'QmA', name: 'd' }]);
  });

  it('converts values by their clear meaning: text in number columns, blobs, integers past 2^53, times of every kind', async () => {
    const file = newFile();
    const rows =
      '[("QmA", b"blob", "1688", "2025-07-27 08:00:00"), ("QmB", 5, 9007199254740993, 1753603200), ("QmC", "x\\u0000y", -1, 1753603200123), ("QmD", None, "many", "yesterday")]';
    python(
      `${SQL} db.execute("create table pins(cid, name, size_bytes, created_at)"); db.executemany("insert into pins values (?, ?, ?, ?)", ${rows})`,
      file,
    );
    assert.deepEqual(await pinsOf(file), [
      { cid: 'QmA', name: 'blob', sizeBytes: 1688, pinnedAt: '2025-07-27T08:00:00.000Z' },
      { cid: 'QmB', name: '5', sizeBytes: '9007199254740993', pinnedAt: '2025-07-27T08:00:00.000Z' },
      { cid: 'QmC', name: 'x\0y', pinnedAt: '2025-07-27T08:00:00.123Z' },
      { cid: 'QmD' },
    ]);
  });

  it('gives long text cut, without reading all of it', async () => {
    const file = newFile();
    python(
      `${SQL} db.execute("create table pins(cid, name)"); db.execute("insert into pins values ('QmA', ?)", ("é" * 20_000_000,))`,
      file,
    );
    const [pin] = await pinsOf(file);
    assert.equal(pin?.name, `${'é'.repeat(4096)}…`);
  });
});

describe('reading a SQLite store', () => {
  it('costs the first page of 200,000 rows what that of 1,000 costs, in bytes read', async () => {
    const read: number[] = [];
    for (const count of [1000, 200_000]) {
      const file = newFile();
      python(
        `${SQL} db.execute("create table pins(cid text primary key, name text, created_at)"); db.execute("begin"); db.executemany("insert into pins values (?, ?, 5)", ((f"Qm{i:044}", f"name {i}") for i in range(${count}))); db.execute("commit")`,
        file,
      );
      const bytes: number[] = [];
      const table = await openSqlite(file, { wasmFile, onBytesRead: (total) => bytes.push(total) });
      assert.equal((await table.page({ limit: 200 }, going)).length, 200);
      table.close();
      read.push(bytes.at(-1) ?? Infinity);
      if (count > 1000) assert.ok((bytes.at(-1) ?? Infinity) < statSync(file).size / 50);
    }
    const [small = 0, large = Infinity] = read;
    assert.ok(large <= small * 1.3, `${small} and ${large} bytes`);
  });

  it('writes nothing, creates no file beside it, and works in a read-only folder', needs(POSIX), async () => {
    const file = newFile();
    writeDatabase(file, 50);
    const before = { bytes: readFileSync(file), mtimeNs: statSync(file, { bigint: true }).mtimeNs };
    spawnSync('chmod', ['555', path.dirname(file)]);
    assert.equal((await pinsOf(file)).length, 50);
    spawnSync('chmod', ['755', path.dirname(file)]);
    assert.deepEqual({ bytes: readFileSync(file), mtimeNs: statSync(file, { bigint: true }).mtimeNs }, before);
    assert.deepEqual(readdirSync(path.dirname(file)), ['pins.db']);
  });

  it('never returns a torn list beside an active writer', { timeout: 60_000 }, async () => {
    const file = newFile();
    // Every transaction gives all pins the same generation as a name, so two generations in one list are a torn read.
    const code = `${SQL} db.execute("pragma synchronous=off"); db.execute("create table if not exists pins(cid text primary key, name text)"); db.executemany("insert into pins values (?, '0')", ((f"Qm{i:044}",) for i in range(500)));
import time
print("ready", flush=True)
for g in range(1, 100000):
    db.execute("begin immediate"); db.execute("update pins set name = ?", (str(g),)); db.execute("commit"); time.sleep(0.03)`;
    const writer = spawn(testPython(), ['-c', code, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await new Promise((resolve) => writer.stdout.once('data', resolve));
      const table = await openSqlite(file, { wasmFile });
      const generations = new Set<string>();
      let reads = 0;
      let busy = 0;
      // Fast reads may all fall between commits, so the test continues until some coincided with one.
      while (reads < 30 || reads + busy < 60 || generations.size < 5) {
        try {
          const pins = await table.page({ limit: 1000 }, going);
          assert.equal(pins.length, 500);
          const names = new Set(pins.map(({ name }) => name ?? ''));
          assert.equal(names.size, 1, 'one generation');
          for (const name of names) generations.add(name);
          reads++;
        } catch (error) {
          if (!IpfsKitError.is(error, 'busy')) throw error;
          busy++;
        }
      }
      table.close();
    } finally {
      writer.kill('SIGKILL');
    }
  });

  it('of a file cut at any page, and in the middle of any, gives an error or the truth', { timeout: 120_000 }, async () => {
    const file = newFile();
    python(
      `${SQL} db.execute("pragma page_size=512"); db.execute("create table pins(cid text primary key, name text)"); db.executemany("insert into pins values (?, ?)", ((f"Qm{i:044}", f"name {i}") for i in range(120)))`,
      file,
    );
    const whole = readFileSync(file);
    const truth = await pinsOf(file);
    const reasons = new Set<Reason>();
    for (let at = 0; at < whole.length; at += 256) {
      const cut = newFile();
      writeFileSync(cut, whole.subarray(0, at));
      try {
        assert.deepEqual(await pinsOf(cut), truth, `cut at ${at}`);
      } catch (error) {
        if (!IpfsKitError.is(error)) throw error;
        reasons.add(error.reason);
      }
      rmSync(path.dirname(cut), { recursive: true });
    }
    assert.deepEqual([...reasons].sort(), ['corrupt', 'empty']);
  });
});

describe('a store that is not merged', () => {
  const walWith = (after: string): string => {
    const file = newFile();
    python(
      `${SQL} import os; db.execute("pragma journal_mode=wal"); db.execute("create table pins(cid, name)"); db.execute("insert into pins values ('QmA', 'a')"); ${after} os._exit(0)`,
      file,
    );
    return file;
  };

  it('in its -wal is read from there', async () => {
    assert.deepEqual(await pinsOf(walWith('')), [{ cid: 'QmA', name: 'a' }]);
    const later = walWith(
      'db.execute("pragma wal_checkpoint(truncate)"); db.execute("insert into pins values (\'QmB\', \'b\')");',
    );
    assert.deepEqual(
      (await pinsOf(later)).map(({ cid }) => cid),
      ['QmA', 'QmB'],
    );
  });

  it('but whose -wal is checkpointed, and still there, is read', async () => {
    const file = walWith('db.execute("pragma wal_checkpoint(full)");');
    assert.ok(statSync(`${file}-wal`).size > 0);
    assert.deepEqual(await pinsOf(file), [{ cid: 'QmA', name: 'a' }]);
  });

  it('and whose -wal ends in a transaction that was never committed is read without it', async () => {
    const file = walWith(
      'db.execute("pragma wal_checkpoint(full)"); db.execute("pragma cache_size=1"); db.execute("begin"); db.executemany("insert into pins values (?, ?)", ((f"Qm{i}", "x" * 500) for i in range(2000)));',
    );
    assert.deepEqual(await pinsOf(file), [{ cid: 'QmA', name: 'a' }]);
  });

  it('with a hot journal is read without what is uncommitted', async () => {
    const file = newFile();
    writeDatabase(file, 2000);
    const before = await pinsOf(file);
    python(
      `${SQL} import os; db.execute("pragma cache_size=1"); db.execute("begin"); db.execute("update pins set name = cid || cid"); os._exit(0)`,
      file,
    );
    assert.ok(statSync(`${file}-journal`).size > 0);
    assert.deepEqual(await pinsOf(file), before);
  });

  it('with a journal that was used up (zeroed header, or empty) is read', async () => {
    for (const mode of ['persist', 'truncate']) {
      const file = newFile();
      python(
        `${SQL} import os; db.execute("pragma journal_mode=${mode}"); db.execute("create table pins(cid, name)"); db.execute("insert into pins values ('QmA', 'a')"); os._exit(0)`,
        file,
      );
      statSync(`${file}-journal`);
      assert.deepEqual(await pinsOf(file), [{ cid: 'QmA', name: 'a' }]);
    }
  });
});

describe('a path without a store', needs(POSIX), () => {
  const open = (file: string) => openNewestStore(file, { wasmFile, tables: TABLES });

  const bad: [string, Reason, () => string][] = [
    ['nothing', 'missing', () => path.join(folder, 'nowhere')],
    ['an empty folder', 'missing', () => path.dirname(newFile())],
    ['a path below a file', 'unreadable', () => path.join(fixture('sqlite/program_state.db'), 'below')],
    ['a database without pins', 'no-pins-table', () => fixture('sqlite/program_state.db')],
    ['text with the name of a Parquet file', 'not-a-database', () => fixture('parquet/not-parquet-27-bytes-of-text.parquet')],
    [
      'a DuckDB database',
      'unsupported',
      () => {
        const file = newFile('pin_metadata.duckdb');
        python(
          'import gzip, sys; open(sys.argv[2], "wb").write(gzip.open(sys.argv[1]).read())',
          fixture('duckdb/pins-v999.duckdb.gz'),
          file,
        );
        return file;
      },
    ],
    [
      'random bytes',
      'not-a-database',
      () => (
        writeFileSync(newFile(), Buffer.from(Array.from({ length: 9000 }, (_, at) => (at * 7919) % 251))),
        path.join(folder, String(made), 'pins.db')
      ),
    ],
    ['a device', 'not-a-file', () => '/dev/null'],
  ];
  for (const [what, reason, make] of bad)
    it(`(${what}) is reported as ${reason}`, async () => assert.rejects(open(make()), failing(reason)));

  it('that the user may not read is reported as unreadable', () => {
    const file = newFile();
    writeDatabase(file, 3);
    spawnSync('chmod', ['000', file]);
    // Root may read everything, so the file is read as another user.
    const script = path.join(folder, 'sniff.js');
    const bundle = path.join(process.cwd(), 'node_modules/.bin/esbuild');
    spawnSync(bundle, [
      path.join(process.cwd(), 'src/pinStore/sniff.ts'),
      '--bundle',
      '--platform=node',
      '--format=cjs',
      `--outfile=${script}`,
      '--log-level=error',
    ]);
    spawnSync('chmod', ['-R', 'a+rX', folder]);
    spawnSync('chmod', ['000', file]);
    const code = `try { require(${JSON.stringify(script)}).sniff(${JSON.stringify(file)}); console.log('read'); } catch (error) { console.log(error.reason); }`;
    const uid = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', cwd: '/', ...uid });
    assert.equal(stdout.trim(), 'unreadable', stderr);
  });

  it('is recognized by its content, regardless of its name', () => {
    const file = newFile('pins.parquet');
    copyFileSync(fixture('sqlite/pins-cli-shape.db'), file);
    assert.equal(sniff(file), 'sqlite');
  });
});

describe('a folder with several stores', () => {
  it('returns the newest with pins, and reports what it skipped and why', async () => {
    const root = path.dirname(newFile());
    const put = (name: string, from: string, minutesAgo: number): void => {
      const file = path.join(root, name);
      mkdirSync(path.dirname(file), { recursive: true });
      copyFileSync(fixture(from), file);
      spawnSync('touch', ['-d', `${minutesAgo} minutes ago`, file]);
    };
    put('mcp_metadata_cache.db', 'sqlite/mcp_metadata_cache.db', 60);
    put('pin_metadata/pins.db', 'sqlite/pins-cli-shape.db', 30);
    put('pin_metadata/state.db', 'sqlite/program_state.db', 10);
    put('pin_metadata/parquet_storage/pins.parquet', 'parquet/not-parquet-27-bytes-of-text.parquet', 5);
    put('enhanced_pin_index/enhanced_pins.parquet', 'parquet/enhanced_pins-old.parquet', 90);
    assert.deepEqual(
      locateStores(root).candidates.map(({ format }) => format),
      ['unknown', 'sqlite', 'sqlite', 'sqlite', 'parquet'],
    );
    const store = await openNewestStore(root, { wasmFile, tables: TABLES });
    store.table.close();
    assert.equal(path.relative(root, store.path), 'pin_metadata/pins.db');
    assert.deepEqual(
      store.passedOver.map(({ reason }) => reason),
      ['not-a-database', 'no-pins-table'],
    );
  });
});

describe('a walk through all pins of a database', () => {
  it('gives each once, in order, and stops at the end', async () => {
    const file = newFile();
    writeDatabase(file, 5000);
    const table = await openSqlite(file, { wasmFile });
    const walk = table.walk({ sort: '-time' });
    const pins: Pin[] = [];
    for (let next = await walk.next(going); next.length > 0; next = await walk.next(going)) pins.push(...next);
    assert.deepEqual(await walk.next(going), []);
    assert.deepEqual(pins.slice(0, 10_000), await table.page({ sort: '-time', limit: 10_000 }, going));
    assert.equal(new Set(pins.map(({ cid }) => cid)).size, 5000);
    walk.close();
    table.close();
  });

  it('is busy when the database is changed in the middle: it would be no list of one moment', async () => {
    const file = newFile();
    writeDatabase(file, 5000);
    const table = await openSqlite(file, { wasmFile });
    const walk = table.walk({});
    assert.equal((await walk.next(going)).length, 2000);
    python('import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("update pins set name = 1"); db.commit()', file);
    await assert.rejects(walk.next(going), failing('busy'));
    walk.close();
    assert.equal((await table.page({ limit: 1 }, going))[0]?.name, '1');
    table.close();
  });
});

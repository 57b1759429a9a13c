import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { addSuperJournal } from '../../../support/superJournal';
import { because, copyOfFixture, newFile, open, PINS, pinsOf, python, pythonRows, settled, using } from '../testDatabases';
import { needs, POSIX } from '../../../support/needs';

/** Python code that exits without closing the database, so that the side files keep what isn't merged. */
const LEAVE = 'sys.stdout.flush(); os._exit(0)';
const FILL = `db.execute('${PINS}')\nfor n in range(200): db.execute('INSERT INTO pins VALUES (?, ?, NULL, NULL)', (f'cid{n:04}', 'old'))`;
const SIDES = ['', '-wal', '-shm', '-journal'];

/** What Python reads of a recovered copy; the original files stay as they are. */
function recovered(file: string): unknown {
  const copy = newFile();
  for (const side of SIDES) if (existsSync(file + side)) copyFileSync(file + side, copy + side);
  const rows = pythonRows(copy, 'SELECT cid, name FROM pins ORDER BY rowid LIMIT 200');
  return Array.isArray(rows) ? (rows as [string, string][]).map(([cid, name]) => ({ cid, name })) : rows;
}

function bytesOfAll(file: string): Record<string, string> {
  const folder = path.dirname(file);
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name)).toString('base64')]));
}

async function assertRecovered(file: string): Promise<void> {
  const before = bytesOfAll(file);
  const pins = await pinsOf(file);
  assert.deepEqual(bytesOfAll(file), before, 'its files are as they were, and no others beside them');
  assert.deepEqual(pins, recovered(file));
}

describe('a database with a write-ahead log', () => {
  const inWal = (code: string, before = ''): string => {
    const file = newFile();
    python(
      file,
      `${before}\ndb.execute('PRAGMA journal_mode = WAL')\ndb.execute('PRAGMA wal_autocheckpoint = 0')\n${FILL}\n${code}\n${LEAVE}`,
    );
    return settled(file);
  };
  const CHECKPOINT = `db.execute('PRAGMA wal_checkpoint(FULL)')`;
  const CHANGE = `db.execute("UPDATE pins SET name = 'new' WHERE cid = 'cid0007'")`;

  it('is read with the rows that are only in the log, and reports it', async () => {
    const file = inWal(`${CHECKPOINT}\n${CHANGE}`);
    await assertRecovered(file);
    assert.equal((await pinsOf(file))[7]?.name, 'new');
    assert.equal(await using(open(file), ({ detail }) => Promise.resolve(detail)), 'table pins, with its write-ahead log');
  });

  it('is read when all of it is in the log', async () => {
    const file = inWal('');
    assert.equal(statSync(file).size, 4096);
    await assertRecovered(file);
  });

  it('is read without rows that are deleted only in the log', async () => {
    const file = inWal(`${CHECKPOINT}\ndb.execute("DELETE FROM pins WHERE cid > 'cid0100'")`);
    assert.equal((await pinsOf(file)).length, 101);
    await assertRecovered(file);
  });

  it('is read up to the length that the log states, even if the file is longer', async () => {
    const file = inWal(`${CHECKPOINT}\ndb.execute('DELETE FROM pins')\ndb.execute('VACUUM')`);
    assert.ok(statSync(file).size > 8192);
    assert.deepEqual(await pinsOf(file), []);
  });

  it('is read when the log has been merged and is still there', async () => {
    const file = inWal(CHECKPOINT);
    assert.ok(statSync(`${file}-wal`).size > 32);
    assert.equal(readFileSync(file)[18], 2, 'the file is in WAL mode');
    await assertRecovered(file);
  });

  it('is read if frames of an older run follow the new ones', async () => {
    const file = inWal(`db.execute('PRAGMA wal_checkpoint(RESTART)')\n${CHANGE}`);
    assert.equal((await pinsOf(file))[7]?.name, 'new');
    await assertRecovered(file);
  });

  it('is read without a transaction at the end of the log that was not committed, and without half a frame', async () => {
    const spilled = inWal(
      `${CHANGE}\ndb.execute('PRAGMA cache_size = 2')\ndb.execute('BEGIN')\ndb.execute("UPDATE pins SET name = hex(randomblob(2000))")`,
    );
    const half = inWal(CHANGE);
    appendFileSync(`${half}-wal`, Buffer.alloc(1000, 7));
    for (const file of [spilled, settled(half)]) {
      await assertRecovered(file);
      assert.equal((await pinsOf(file))[7]?.name, 'new');
    }
  });

  for (const pageSize of [512, 1024, 65_536])
    it(`is read at a page size of ${pageSize}`, () =>
      assertRecovered(inWal(`${CHECKPOINT}\n${CHANGE}`, `db.execute('PRAGMA page_size = ${pageSize}')`)));

  it('has the length that the last commit in the log states, even if every page agrees', async () => {
    const file = copyOfFixture('sqlite/pins-cli-shape.db');
    const page = readFileSync(file).subarray(0, 4096);
    writeFileSync(`${file}-wal`, bigEndianLog(page, 3));
    assert.equal((await pinsOf(settled(file))).length, 2);
    writeFileSync(`${file}-wal`, bigEndianLog(page, 2)); // The page count in the header of that page differs.
    await assert.rejects(open(settled(file)), because('corrupt', file));
  });

  it('is read with a log whose checksums are big-endian', async () => {
    const file = inWal(`${CHECKPOINT}\n${CHANGE}`);
    const log = readFileSync(`${file}-wal`);
    writeFileSync(`${file}-wal`, inOtherOrder(log));
    await assertRecovered(settled(file));
    assert.equal((await pinsOf(file))[7]?.name, 'new');
  });

  it('is read when what is called its log is something else', async () => {
    const logs = [Buffer.alloc(5000, 0x37), Buffer.from('377f0682002de218', 'hex'), Buffer.alloc(5000), Buffer.alloc(0)];
    for (const log of logs) {
      const file = copyOfFixture('sqlite/pins-cli-shape.db');
      writeFileSync(`${file}-wal`, log);
      assert.equal((await pinsOf(settled(file))).length, 2);
    }
  });

  it('is read with the log beside the file itself, where a link leads to it', needs(POSIX), async () => {
    const file = inWal(`${CHECKPOINT}\n${CHANGE}`);
    const link = newFile('link.db');
    symlinkSync(file, link);
    writeFileSync(`${link}-wal`, 'beside the link, and none of it');
    assert.equal((await pinsOf(link))[7]?.name, 'new');
  });

  it('is read or rejected quickly, for any length that the log states', async () => {
    const file = copyOfFixture('sqlite/pins-cli-shape.db');
    const page = readFileSync(file).subarray(0, 4096);
    for (const pages of [0x7fffffff, 0xffffffff]) {
      writeFileSync(`${file}-wal`, bigEndianLog(page, pages));
      assert.equal((await pinsOf(settled(file))).length, 2);
    }
  });

  it('is not read with a log of a later version of SQLite', async () => {
    const file = inWal(CHANGE);
    const log = readFileSync(`${file}-wal`);
    log.writeUInt32BE(3_008_000, 4);
    writeFileSync(`${file}-wal`, inOtherOrder(inOtherOrder(log)));
    await assert.rejects(open(settled(file)), because('unsupported', `${file}-wal`));
    assert.equal(recovered(file), 'OperationalError');
  });

  /** A log of one frame: page 1 of a database with `pageCount` pages. */
  function bigEndianLog(page: Buffer, pageCount: number): Buffer {
    const log = Buffer.alloc(32 + 24 + 4096);
    [0x377f0682, 3_007_000, 4096, 0, 1, 2].forEach((word, index) => log.writeUInt32BE(word, 4 * index));
    [1, pageCount, 1, 2].forEach((word, index) => log.writeUInt32BE(word, 32 + 4 * index));
    page.copy(log, 56);
    return inOtherOrder(log);
  }

  /** The header of a log states the byte order of its checksums; this returns the same log in the other order. */
  function inOtherOrder(log: Buffer): Buffer {
    const bytes = Buffer.from(log);
    const pageSize = bytes.readUInt32BE(8);
    const big = (bytes.readUInt32BE(0) & 1) === 0;
    bytes.writeUInt32BE(big ? 0x377f0683 : 0x377f0682, 0);
    let [a, b] = [0, 0];
    const add = (from: number, to: number): void => {
      for (let at = from; at < to; at += 8) {
        a = (a + (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
        b = (b + (big ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
      }
    };
    const write = (at: number): void => {
      bytes.writeUInt32BE(a, at);
      bytes.writeUInt32BE(b, at + 4);
    };
    add(0, 24);
    write(24);
    for (let at = 32; at + 24 + pageSize <= bytes.length; at += 24 + pageSize) {
      add(at, at + 8);
      add(at + 24, at + 24 + pageSize);
      write(at + 16);
    }
    return bytes;
  }
});

describe('a database with a rollback journal', () => {
  const withJournal = (mode: string, code: string, before = ''): string => {
    const file = newFile();
    python(
      file,
      `${before}\ndb.execute('PRAGMA journal_mode = ${mode}')\ndb.execute('PRAGMA cache_size = 2')\n${FILL}\n${code}\n${LEAVE}`,
    );
    return settled(file);
  };
  const SPILL = `db.execute('BEGIN')\ndb.execute("UPDATE pins SET name = hex(randomblob(500))")`;

  for (const mode of ['DELETE', 'TRUNCATE', 'PERSIST']) {
    it(`is read as it was before the transaction in which its writer crashed, and reports it (${mode})`, async () => {
      const file = withJournal(mode, SPILL);
      assert.ok(statSync(`${file}-journal`).size > 512);
      assert.ok((await pinsOf(file)).every(({ name }) => name === 'old'));
      await assertRecovered(file);
      assert.equal(
        await using(open(file), ({ detail }) => Promise.resolve(detail)),
        'table pins, without an unfinished transaction',
      );
    });

    it(`is read when the transaction was finished (${mode})`, () =>
      assertRecovered(withJournal(mode, `${SPILL}\ndb.execute('ROLLBACK')`)));
  }

  for (const pageSize of [512, 65_536])
    it(`is read at a page size of ${pageSize}`, () =>
      assertRecovered(withJournal('DELETE', SPILL, `db.execute('PRAGMA page_size = ${pageSize}')`)));

  it('is read when the transaction had grown the file, or brought its journal to the disk several times', async () => {
    const grown = withJournal(
      'DELETE',
      `db.execute('BEGIN')\nfor n in range(3000): db.execute('INSERT INTO pins VALUES (?, ?, NULL, NULL)', (f'new{n}', 'new'))`,
    );
    const synced = withJournal(
      'DELETE',
      `db.execute("UPDATE pins SET name = hex(zeroblob(500))")
db.execute('PRAGMA synchronous = FULL')
db.execute('BEGIN')
for n in range(0, 200, 3): db.execute('UPDATE pins SET name = ? WHERE cid = ?', ('n' * 1000, f'cid{n:04}'))`,
    );
    for (const file of [grown, synced]) await assertRecovered(file);
    const headers = readFileSync(`${synced}-journal`).toString('latin1').split('\xd9\xd5\x05\xf9\x20\xa1\x63\xd7').length - 1;
    assert.ok(headers > 1, `${headers} segments`);
  });

  it('is empty if its very first transaction was not finished, although no page identifies it', async () => {
    const file = newFile();
    python(
      file,
      `db.execute('PRAGMA cache_size = 2')\ndb.execute('BEGIN')\n${FILL}\ndb.execute("UPDATE pins SET name = hex(randomblob(500))")\n${LEAVE}`,
    );
    assert.ok(statSync(file).size > 0);
    assert.ok(statSync(`${file}-journal`).size > 0);
    await assert.rejects(open(settled(file)), because('empty', file));
    assert.equal(recovered(file), 'OperationalError');
  });

  it('is busy when the transaction is one over several databases', async () => {
    const file = newFile();
    python(file, FILL);
    addSuperJournal(file);
    await assert.rejects(open(settled(file)), because('busy', `${file}-journal`));
  });

  it('is read when what is called its journal is something else', async () => {
    for (const journal of [
      Buffer.alloc(0),
      Buffer.alloc(512),
      Buffer.from('d9d505f920a163d7', 'hex'),
      Buffer.from('text'.repeat(200)),
    ]) {
      const file = copyOfFixture('sqlite/pins-cli-shape.db');
      writeFileSync(`${file}-journal`, journal);
      assert.equal((await pinsOf(settled(file))).length, 2);
    }
  });
});

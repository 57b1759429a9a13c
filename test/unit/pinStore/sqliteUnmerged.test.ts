import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { because, copyOfFixture, newFile, open, PINS, pinsOf, python, pythonRows, settled } from './testDatabases';

/** Python code that leaves without closing the database: what it has not merged stays in the side files. */
const LEAVE = 'sys.stdout.flush(); os._exit(0)';
const FILL = `db.execute('${PINS}')\nfor n in range(200): db.execute('INSERT INTO pins VALUES (?, ?, NULL, NULL)', (f'cid{n:04}', 'old'))`;

function cidsOf(file: string): unknown {
  return (pythonRows(file, 'SELECT cid, name FROM pins ORDER BY rowid LIMIT 200') as [string, string][]).map(([cid, name]) => ({
    cid,
    name,
  }));
}

/** The database with its side files, elsewhere: Python may repair that one. */
function copyWithSides(file: string): string {
  const copy = newFile();
  for (const side of ['', '-wal', '-journal'])
    try {
      copyFileSync(file + side, copy + side);
    } catch {
      // not every database has every side file
    }
  return copy;
}

describe('a database with a write-ahead log', () => {
  const inWal = (code: string): string => {
    const file = newFile();
    python(
      file,
      `db.execute('PRAGMA journal_mode = WAL')\ndb.execute('PRAGMA wal_autocheckpoint = 0')\n${FILL}\n${code}\n${LEAVE}`,
    );
    return settled(file);
  };

  it('is busy while the log holds what the file does not', async () => {
    const file = inWal(
      `db.execute('PRAGMA wal_checkpoint(FULL)')\ndb.execute("UPDATE pins SET name = 'new' WHERE cid = 'cid0007'")`,
    );
    assert.ok(statSync(`${file}-wal`).size > 0);
    await assert.rejects(open(file), because('busy', file));
  });

  it('is busy, not without a table, while all of it is in the log', async () => {
    const file = inWal('');
    await assert.rejects(open(file), because('busy', file));
  });

  it('is read when the log has been merged and is still there', async () => {
    const file = inWal(`db.execute('PRAGMA wal_checkpoint(FULL)')`);
    assert.ok(statSync(`${file}-wal`).size > 32);
    assert.equal(readFileSync(file)[18], 2, 'the file is in WAL mode');
    assert.deepEqual(await pinsOf(file), cidsOf(copyWithSides(file)));
  });

  it('is read when frames of an older run stand behind the merged ones', async () => {
    const file = inWal(
      `db.execute('PRAGMA wal_checkpoint(RESTART)')\ndb.execute("UPDATE pins SET name = 'new' WHERE cid = 'cid0007'")\ndb.execute('PRAGMA wal_checkpoint(FULL)')`,
    );
    const pins = await pinsOf(file);
    assert.deepEqual(pins, cidsOf(copyWithSides(file)));
    assert.equal(pins.find(({ cid }) => cid === 'cid0007')?.name, 'new');
  });

  it('is read when the log ends in a transaction that was not committed, or in half a frame', async () => {
    const spilled = inWal(
      `db.execute('PRAGMA wal_checkpoint(FULL)')\ndb.execute('PRAGMA cache_size = 2')\ndb.execute('BEGIN')\ndb.execute("UPDATE pins SET name = hex(randomblob(2000))")`,
    );
    const half = inWal(`db.execute('PRAGMA wal_checkpoint(FULL)')`);
    appendFileSync(`${half}-wal`, Buffer.alloc(1000, 7));
    for (const file of [spilled, settled(half)]) {
      const pins = await pinsOf(file);
      assert.equal(pins.length, 200);
      assert.ok(pins.every(({ name }) => name === 'old'));
      assert.deepEqual(pins, cidsOf(copyWithSides(file)));
    }
  });

  it('is busy when a commit in the log makes it shorter, though every page agrees', async () => {
    const file = copyOfFixture('sqlite/pins-cli-shape.db');
    const page = readFileSync(file).subarray(0, 4096);
    writeFileSync(`${file}-wal`, bigEndianLog(page, 3));
    assert.equal((await pinsOf(settled(file))).length, 2);
    writeFileSync(`${file}-wal`, bigEndianLog(page, 2));
    await assert.rejects(open(settled(file)), because('busy', file));
  });

  it('is read when what is called its log is something else', async () => {
    for (const log of [Buffer.alloc(5000, 0x37), Buffer.from('377f0682002de218', 'hex'), Buffer.alloc(5000)]) {
      const file = copyOfFixture('sqlite/pins-cli-shape.db');
      writeFileSync(`${file}-wal`, log);
      assert.equal((await pinsOf(settled(file))).length, 2);
    }
  });

  it('is busy at any page size and either byte order of the checksums', async () => {
    const file = newFile();
    python(file, `db.execute('PRAGMA page_size = 65536')\ndb.execute('PRAGMA journal_mode = WAL')\n${FILL}\n${LEAVE}`);
    await assert.rejects(open(settled(file)), because('busy', file));
    // The log says itself in which order its checksums are: the same log is made anew in the other one.
    const other = copyOfFixture('sqlite/pins-cli-shape.db');
    const page = readFileSync(other).subarray(0, 4096);
    page.writeUInt32BE(99, 24); // the change counter
    writeFileSync(`${other}-wal`, bigEndianLog(page, 3));
    await assert.rejects(open(settled(other)), because('busy', other));
  });

  /** A log of one frame: page 1, in a database of so many pages. */
  function bigEndianLog(page: Buffer, pageCount: number): Buffer {
    const header = Buffer.alloc(32);
    [0x377f0683, 3_007_000, 4096, 0, 1, 2].forEach((word, index) => header.writeUInt32BE(word, 4 * index));
    const frame = Buffer.alloc(24);
    [1, pageCount, 1, 2].forEach((word, index) => frame.writeUInt32BE(word, 4 * index));
    let [a, b] = [0, 0];
    const add = (bytes: Buffer): void => {
      for (let at = 0; at < bytes.length; at += 8) {
        a = (a + bytes.readUInt32BE(at) + b) >>> 0;
        b = (b + bytes.readUInt32BE(at + 4) + a) >>> 0;
      }
    };
    add(header.subarray(0, 24));
    header.writeUInt32BE(a, 24);
    header.writeUInt32BE(b, 28);
    add(frame.subarray(0, 8));
    add(page);
    frame.writeUInt32BE(a, 16);
    frame.writeUInt32BE(b, 20);
    return Buffer.concat([header, frame, page]);
  }
});

describe('a database with a rollback journal', () => {
  const withJournal = (mode: string, code: string): string => {
    const file = newFile();
    python(file, `db.execute('PRAGMA journal_mode = ${mode}')\ndb.execute('PRAGMA cache_size = 2')\n${FILL}\n${code}\n${LEAVE}`);
    return settled(file);
  };
  const SPILL = `db.execute('BEGIN')\ndb.execute("UPDATE pins SET name = hex(randomblob(500))")`;

  for (const mode of ['DELETE', 'TRUNCATE', 'PERSIST']) {
    it(`is busy when its writer died in a transaction (${mode})`, async () => {
      const file = withJournal(mode, SPILL);
      assert.ok(statSync(`${file}-journal`).size > 512);
      await assert.rejects(open(file), because('busy', file));
    });

    it(`is read when the transaction was finished (${mode})`, async () => {
      const file = withJournal(mode, `${SPILL}\ndb.execute('ROLLBACK')`);
      assert.deepEqual(await pinsOf(file), cidsOf(copyWithSides(file)));
    });
  }

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

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createDatabase, newDatabaseLocation } from '../../../src/pinStore/createDatabase';
import { newPinDatabase } from '../../../src/pinStore/sqlite/sqliteReader';
import { because, copyOfFixture, newFile, newFolder, pinsOf, python, startPython, WASM_FILE } from './testDatabases';
import { needs, POSIX } from '../../support/needs';

async function create(databasePath: string): Promise<string> {
  const location = newDatabaseLocation(databasePath);
  await createDatabase(location, await newPinDatabase(WASM_FILE));
  return location.path;
}

const noneBeside = (file: string): void => assert.deepEqual(readdirSync(path.dirname(file)), [path.basename(file)]);

describe('a new pin database', () => {
  it('is one that Python reads, with the table of the command line', async () => {
    const file = await create(newFile('mine.db'));
    noneBeside(file);
    const said = python(
      file,
      `print(json.dumps([db.execute('PRAGMA integrity_check').fetchone()[0], [row[1:3] for row in db.execute('PRAGMA table_info(pins)')], db.execute('PRAGMA journal_mode').fetchone()[0]]))`,
    );
    assert.deepEqual(JSON.parse(said), [
      'ok',
      [
        ['cid', 'TEXT'],
        ['name', 'TEXT'],
        ['pin_type', 'TEXT'],
        ['created_at', 'TEXT'],
      ],
      'delete',
    ]);
    python(file, `db.execute("INSERT INTO pins VALUES ('bafy1', 'one', 'recursive', '2025-07-27')")`);
    assert.deepEqual(await pinsOf(file), [
      { cid: 'bafy1', name: 'one', type: 'recursive', pinnedAt: '2025-07-27T00:00:00.000Z' },
    ]);
  });

  it('is created below the data folder, which is created too if it is missing', async () => {
    const home = newFolder();
    const root = path.join(home, '.ipfs_kit');
    assert.equal(await create(root), path.join(root, 'pin_metadata', 'pins.db'));
    assert.deepEqual(readdirSync(home), ['.ipfs_kit']);
    assert.deepEqual(await pinsOf(path.join(root, 'pin_metadata', 'pins.db')), []);
  });

  it('replaces an empty file, in a folder too', async () => {
    const file = newFile();
    writeFileSync(file, '');
    assert.equal(await create(file), file);
    assert.deepEqual(await pinsOf(file), []);
    noneBeside(file);
    const root = newFolder();
    writeFileSync(path.join(root, 'waiting.sqlite'), '');
    assert.equal(await create(root), path.join(root, 'waiting.sqlite'));
  });

  it('is never put over anything that has a byte in it', async () => {
    const file = copyOfFixture('sqlite/program_state.db');
    const before = readFileSync(file);
    assert.throws(() => newDatabaseLocation(file), because('invalid-argument', file));
    const root = newFolder();
    mkdirSync(path.join(root, 'pin_metadata'));
    const usual = copyOfFixture('sqlite/program_state.db', path.join(root, 'pin_metadata', 'pins.db'));
    assert.throws(() => newDatabaseLocation(root), because('invalid-argument', usual));
    const bytes = await newPinDatabase(WASM_FILE);
    for (const replacesEmptyFile of [true, false])
      await assert.rejects(createDatabase({ path: file, replacesEmptyFile }, bytes), because('busy', file));
    assert.ok(readFileSync(file).equals(before));
    noneBeside(file);
  });

  it("isn't created through a link, in place of a folder, or under the name of another format", needs(POSIX), () => {
    const folder = newFolder();
    const target = path.join(folder, 'target.db');
    writeFileSync(target, '');
    const link = path.join(folder, 'link.db');
    symlinkSync(target, link);
    assert.throws(() => newDatabaseLocation(link), because('not-a-file', link));
    const duckdb = path.join(folder, 'x.duckdb');
    writeFileSync(duckdb, '');
    assert.throws(() => newDatabaseLocation(duckdb), because('invalid-argument', duckdb));
    assert.equal(statSync(target).size, 0);
  });

  it("isn't created while another program has the empty file open, or side files exist", needs('/proc'), async () => {
    const bytes = await newPinDatabase(WASM_FILE);
    for (const suffix of ['-wal', '-journal']) {
      const file = newFile();
      writeFileSync(file, '');
      writeFileSync(file + suffix, 'left');
      await assert.rejects(createDatabase({ path: file, replacesEmptyFile: true }, bytes), because('busy', file + suffix));
      assert.equal(statSync(file).size, 0);
    }
    const file = newFile();
    const holder = startPython(
      file,
      `db.execute('PRAGMA user_version').fetchone()\nprint('ready', flush=True)\nsys.stdin.readline()`,
    );
    assert.ok(holder.stdout);
    await once(holder.stdout, 'data');
    assert.ok(existsSync(file));
    await assert.rejects(createDatabase({ path: file, replacesEmptyFile: true }, bytes), because('busy', file));
    assert.equal(statSync(file).size, 0);
    holder.stdin?.end();
    await once(holder, 'exit');
    await createDatabase({ path: file, replacesEmptyFile: true }, bytes);
    assert.deepEqual(await pinsOf(file), []);
  });

  it("leaves nothing where its folder can't be written", needs('/proc'), async () => {
    const file = path.join('/proc', 'pins.db');
    await assert.rejects(createDatabase({ path: file, replacesEmptyFile: false }, Buffer.from('x')), because('unreadable', file));
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { writtenMs } from '../../../src/base/regularFile';
import { locateStores } from '../../../src/pinStore/locate';
import { because, copyOfFixture, fixture, newFile, newFolder, settled } from './testDatabases';
import { needs, POSIX } from '../../support/needs';

/** Writes files below a new folder, each as if written `secondsAgo`. */
function folderOf(files: Readonly<Record<string, { readonly of: string; readonly secondsAgo?: number }>>): string {
  const root = newFolder();
  for (const [name, { of, secondsAgo = 60 }] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    settled(copyOfFixture(of, file), secondsAgo);
  }
  return root;
}

const SQLITE = 'sqlite/pins-cli-shape.db';
const PARQUET = 'parquet/pins-19col-duckdb.parquet';

describe('locateStores', () => {
  it('accepts any file that is named', () => {
    const { candidates, passedOver } = locateStores(fixture(PARQUET));
    assert.deepEqual(
      candidates.map(({ path: file, format, sizeBytes }) => ({ file, format, sizeBytes })),
      [{ file: fixture(PARQUET), format: 'parquet', sizeBytes: 3370 }],
    );
    assert.deepEqual(passedOver, []);
  });

  it('finds the known locations below a folder, newest first', () => {
    const root = folderOf({
      'mcp_metadata_cache.db': { of: 'sqlite/mcp_metadata_cache.db', secondsAgo: 50 },
      'pin_metadata/pins.db': { of: SQLITE, secondsAgo: 10 },
      'pin_metadata/pin_metadata.duckdb': { of: 'duckdb/pins-v999.duckdb.gz', secondsAgo: 40 },
      'pin_metadata/parquet_storage/pins.parquet': { of: PARQUET, secondsAgo: 20 },
      'enhanced_pin_index/enhanced_pin_metadata.duckdb': { of: 'duckdb/pins-v999.duckdb.gz', secondsAgo: 30 },
      'backends/s3/pin_mappings.parquet': { of: PARQUET, secondsAgo: 60 },
    });
    assert.deepEqual(
      locateStores(root).candidates.map(({ path: file, format }) => [path.relative(root, file).replaceAll('\\', '/'), format]),
      [
        ['pin_metadata/pins.db', 'sqlite'],
        ['pin_metadata/parquet_storage/pins.parquet', 'parquet'],
        ['enhanced_pin_index/enhanced_pin_metadata.duckdb', 'duckdb'],
        ['pin_metadata/pin_metadata.duckdb', 'duckdb'],
        ['mcp_metadata_cache.db', 'sqlite'],
        ['backends/s3/pin_mappings.parquet', 'parquet'],
      ],
    );
  });

  it("doesn't search elsewhere or deeper, and ignores side files, logs and lists", () => {
    const root = folderOf({
      'program_state/program_state.db': { of: 'sqlite/program_state.db' },
      'pin_metadata/old/pins.db': { of: SQLITE },
      'pin_metadata/pins.db-wal': { of: SQLITE },
      'pins.json.tmp': { of: SQLITE },
      'settings.json': { of: SQLITE },
      'pin_metadata/pins.json': { of: SQLITE },
    });
    assert.deepEqual(locateStores(root), { candidates: [], passedOver: [] });
  });

  it('counts a database as new as its write-ahead log', () => {
    const root = folderOf({ 'a.db': { of: SQLITE, secondsAgo: 100 }, 'b.db': { of: SQLITE, secondsAgo: 50 } });
    writeFileSync(path.join(root, 'a.db-wal'), 'log');
    const [first] = locateStores(root).candidates;
    assert.equal(first?.path, path.join(root, 'a.db'));
    assert.ok(first.modifiedMs > Date.now() - 20_000);
  });

  it('takes the time of a file that no calendar has for the last day or the first', () => {
    const times = [1e16, -1e16, 9e15, 1_700_000_000_000].map((mtimeMs) => new Date(writtenMs({ mtimeMs })).toISOString());
    assert.deepEqual(times, ['9999-12-31T23:59:59.999Z', '1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '2023-11-14T22:13:20.000Z']); // prettier-ignore
    const file = copyOfFixture(SQLITE);
    utimesSync(file, 2 ** 43, 2 ** 43); // most file systems keep less
    const [found] = locateStores(file).candidates;
    assert.ok(found && found.modifiedMs <= Date.UTC(9999, 11, 31, 23, 59, 59, 999) && found.modifiedMs > Date.now());
  });

  it("follows links to files and skips everything that isn't a file", needs(POSIX), () => {
    const root = newFolder();
    symlinkSync(fixture(SQLITE), path.join(root, 'a.db'));
    symlinkSync(path.join(root, 'nowhere'), path.join(root, 'b.db'));
    execFileSync('mkfifo', [path.join(root, 'c.db')]);
    symlinkSync(newFolder(), path.join(root, 'd.db'));
    const { candidates, passedOver } = locateStores(root);
    assert.deepEqual(
      candidates.map(({ path: file }) => path.basename(file)),
      ['a.db'],
    );
    assert.deepEqual(
      passedOver.map(({ path: file, reason }) => [path.basename(file), reason]),
      [
        ['b.db', 'missing'],
        ['c.db', 'not-a-file'],
        ['d.db', 'not-a-file'],
      ],
    );
  });

  it('looks at 200 files of a folder, the first by name', () => {
    const root = newFolder();
    for (let number = 1000; number < 1300; number++) writeFileSync(path.join(root, `${number}.db`), '');
    const names = locateStores(root).candidates.map(({ path: file }) => path.basename(file));
    assert.equal(names.length, 200);
    assert.ok(names.includes('1000.db') && names.includes('1199.db'));
  });

  it('reports what is wrong with the path itself', needs(POSIX), () => {
    const file = newFile();
    assert.throws(() => locateStores(file), because('missing', file));
    execFileSync('mkfifo', [file]);
    assert.throws(() => locateStores(file), because('not-a-file', file));
    const through = path.join(fixture(SQLITE), 'pins.db');
    assert.throws(() => locateStores(through), because('unreadable', through));
  });
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { sniff } from '../../../src/pinStore/sniff';
import { because, copyOfFixture, fixture, newFile, newFolder } from './testDatabases';
import { needs, POSIX } from '../../support/needs';

function fileOf(content: string | Uint8Array): string {
  const file = newFile();
  writeFileSync(file, content);
  return file;
}

describe('sniff', () => {
  it('recognizes each kind of store by its content, regardless of the name', () => {
    assert.equal(sniff(fixture('sqlite/pins-cli-shape.db')), 'sqlite');
    assert.equal(sniff(copyOfFixture('duckdb/pins-v999.duckdb.gz', newFile('x.parquet'))), 'duckdb');
    assert.equal(sniff(copyOfFixture('parquet/pins-19col-duckdb.parquet', newFile('x.db'))), 'parquet');
    assert.equal(sniff(fileOf('ARROW1\0\0rest')), 'arrow');
    for (const list of ['[]', '\n  [{', '{"items":[]}', '\ufeff[']) assert.equal(sniff(fileOf(list)), 'json', list);
    assert.equal(sniff(fileOf('')), 'empty');
  });

  it("doesn't take text named as Parquet, or only a matching beginning, for the format", () => {
    assert.equal(sniff(fixture('parquet/not-parquet-27-bytes-of-text.parquet')), 'unknown');
    assert.equal(sniff(fileOf('PAR1 and no end to it')), 'unknown');
    assert.equal(sniff(fileOf('PAR1')), 'unknown');
    assert.equal(sniff(fileOf('"[]"')), 'unknown');
    assert.equal(sniff(fileOf('   ')), 'unknown');
    assert.equal(sniff(fileOf('SQLite format 3')), 'unknown');
    assert.equal(sniff(fileOf(Buffer.alloc(4096, 0xa5))), 'unknown');
  });

  it('follows a link to a file', needs(POSIX), () => {
    const link = newFile();
    symlinkSync(fixture('sqlite/pins-cli-shape.db'), link);
    assert.equal(sniff(link), 'sqlite');
  });

  it('reports that a file is missing', () => {
    const file = newFile();
    assert.throws(() => sniff(file), because('missing', file));
  });

  it("reports that a folder isn't a file", () => {
    const folder = newFolder();
    assert.throws(() => sniff(folder), because('not-a-file', folder));
  });

  it('does not wait for the writer of a FIFO', needs(POSIX), () => {
    const fifo = newFile();
    execFileSync('mkfifo', [fifo]);
    assert.throws(() => sniff(fifo), because('not-a-file', fifo));
  });

  it('reports that a path leads through a file', () => {
    const file = path.join(fixture('sqlite/pins-cli-shape.db'), 'pins.db');
    assert.throws(() => sniff(file), because('unreadable', file));
  });

  it("reports that a file can't be read", needs(POSIX), () => {
    const file = fileOf('secret');
    chmodSync(file, 0o000);
    for (const folder of [path.dirname(file), path.dirname(path.dirname(file))]) chmodSync(folder, 0o755); // Only the file itself can't be read.
    asOtherUser(() => assert.throws(() => sniff(file), because('unreadable', file)));
  });
});

/** Root may read everything, so as root the work runs with another user's rights. */
function asOtherUser(work: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) return work();
  process.seteuid?.(65_534);
  try {
    work();
  } finally {
    process.seteuid?.(0);
  }
}

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDuckdb } from '../../../../src/pinStore/duckdb/duckdbReader';
import { pythonEnvironment } from '../../../../src/pinStore/duckdb/pythonEnvironment';
import { python } from '../../../support/python';
import { testPython } from '../../../support/testDaemon';
import { copyOfFixture, newFile, newFolder, settled } from '../testDatabases';

/** A database whose pins take minutes to compute. */
function slowDatabase(): string {
  const file = newFile('slow.duckdb');
  const sql =
    "create view pins as select 'Qm' as cid, (select sum(a.range * b.range) from range(1000000) a, range(1000000) b)::varchar as name";
  python('import sys, duckdb\ndb = duckdb.connect(sys.argv[1])\ndb.execute(sys.argv[2])\ndb.close()', file, sql);
  return settled(file);
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !condition() && Date.now() < end;) await sleep(20);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the Python that reads DuckDB, and its copy of the database', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)
    it(`are removed soon after ${signal} has ended the command line`, { timeout: 60_000 }, async () => {
      const [tempFolder, program] = [newFolder(), newFile('python3')];
      writeFileSync(program, `#!/bin/sh\necho $$ > "${program}.pid"\nexec "${testPython()}" "$@"\n`);
      chmodSync(program, 0o755);
      const kit = spawn(process.execPath, ['dist/cli/kit.js', 'pins', '--database', slowDatabase(), '--python', program], {
        env: { ...process.env, TMPDIR: tempFolder, TEMP: tempFolder },
        stdio: 'ignore',
      });
      const exited = once(kit, 'exit');
      await until(() => existsSync(`${program}.pid`));
      await sleep(300);
      const pid = Number(readFileSync(`${program}.pid`, 'utf8'));
      assert.deepEqual([isRunning(pid), readdirSync(tempFolder).length], [true, 1]);
      kit.kill(signal);
      await exited;
      await until(() => !isRunning(pid) && readdirSync(tempFolder).length === 0);
      assert.deepEqual([isRunning(pid), readdirSync(tempFolder)], [false, []]);
    });

  it('do not stay for ever after a crash: folders of a day before are deleted, and nothing else', async () => {
    const tempFolder = newFolder();
    const elsewhere = newFolder();
    const folders = ['ipfs-kit-duckdb-before', 'ipfs-kit-duckdb-now', 'other'].map((name) => path.join(tempFolder, name));
    for (const folder of folders) mkdirSync(folder);
    for (const folder of [...folders, elsewhere]) writeFileSync(path.join(folder, 'pins.duckdb'), '');
    symlinkSync(elsewhere, path.join(tempFolder, 'ipfs-kit-duckdb-link'));
    const before = Date.now() / 1000 - 25 * 60 * 60;
    for (const folder of [folders[0] ?? '', folders[2] ?? '', elsewhere]) utimesSync(folder, before, before);
    await readDuckdb(copyOfFixture('duckdb/pins-v999.duckdb.gz'), {
      python: { path: testPython(), environment: pythonEnvironment(process.env), tempFolder },
    });
    assert.deepEqual(readdirSync(tempFolder).sort(), ['ipfs-kit-duckdb-link', 'ipfs-kit-duckdb-now', 'other']);
    assert.deepEqual(readdirSync(elsewhere), ['pins.duckdb']);
  });
});

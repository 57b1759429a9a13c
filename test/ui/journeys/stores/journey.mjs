import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title =
  "no daemon: Parquet is listed in place of DuckDB that can't be read, and the view says so; a database is chosen; new rows appear, and the selection stays; each set of pins has a row";

const python = process.env.IPFS_KIT_TEST_PYTHON;
const WRITE =
  'import sys; from pathlib import Path; from pin_data import *; write_database(Path(sys.argv[1]), pins(300, 7)).close()';
const inFolder = (home, ...names) => path.join(home, '.ipfs_kit', ...names);

function aged(file, hours) {
  const time = Date.now() / 1000 - 3600 * hours;
  utimesSync(file, time, time);
}

export function prepare({ home }) {
  mkdirSync(inFolder(home, 'pin_metadata/parquet_storage'), { recursive: true });
  const duckdb = inFolder(home, 'pin_metadata/pin_metadata.duckdb');
  writeFileSync(duckdb, gunzipSync(readFileSync('test/fixtures/duckdb/pins-v999.duckdb.gz')));
  aged(duckdb, 1);
  const parquet = inFolder(home, 'pin_metadata/parquet_storage/pins.parquet');
  copyFileSync('test/fixtures/parquet/pins-19col-pandas.parquet', parquet);
  aged(parquet, 30);
  const sqlite = inFolder(home, 'pin_metadata/working.db');
  execFileSync(python, ['-c', WRITE, sqlite], { env: { ...process.env, PYTHONPATH: path.resolve('test/daemon') } });
  aged(sqlite, 50);
  return { 'ipfsKit.python.path': '/nowhere/python3' };
}

export async function journey({ workbench, home, screenshot }) {
  await workbench.openContainer();
  const { message } = await workbench.waitForView(
    'the Parquet file',
    (view) => view.rows.length === 3 && isSettled(view) && view.message.includes('Not the newest'),
  );
  assert.match(
    message,
    /^3 pins · Parquet, \d{4}-\d\d-\d\d · daemon stopped\. Not the newest: pin_metadata\.duckdb is a DuckDB database, .*\/nowhere\/python3 was not found/,
  );
  await screenshot('not-the-newest');

  await workbench.run('IPFS Kit: Choose Pin Database');
  const surveyed = workbench.quickPickRow('300 pins').first();
  await surveyed.waitFor({ timeout: 20_000 });
  await workbench.quickPickRow('was not found').first().waitFor({ timeout: 20_000 });
  await screenshot('choose');
  await surveyed.click();
  const { rows } = await workbench.waitForView(
    'the chosen database',
    (view) => view.message.startsWith('300 pins · SQLite') && view.rows.length > 10 && isSettled(view),
  );

  // A WAL writer that stays open: its commits are only in the log.
  const selected = rows[2].spoken;
  await workbench.select(selected);
  const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA journal_mode = WAL')
db.execute('PRAGMA wal_autocheckpoint = 0')
db.execute("INSERT INTO pins (cid, name) VALUES ('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi', 'only in the log')")
print('committed', flush=True)
sys.stdin.readline()`;
  const writer = spawn(python, ['-c', code, inFolder(home, 'pin_metadata/working.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await workbench.waitForView('the new pin', (view) => view.message.startsWith('301 pins') && isSettled(view));
    await workbench.waitForSelected(selected);
  } finally {
    writer.stdin.end();
  }

  // What ipfs_kit_py's dashboard and its pin manager keep beside it.
  copyFileSync('test/fixtures/json/pins.json', inFolder(home, 'pins.json'));
  aged(inFolder(home, 'pins.json'), 60);
  copyFileSync('test/fixtures/parquet/simplepin-pins.parquet', inFolder(home, 'pin_metadata/pins.parquet'));
  aged(inFolder(home, 'pin_metadata/pins.parquet'), 70);
  await workbench.run('IPFS Kit: Choose Pin Database');
  await workbench.quickPickRow('Newest data').first().click();
  const { rows: all } = await workbench.waitForView(
    'the sets',
    (view) => view.message === '306 pins in 4 sources' && view.rows[0]?.label === 'ipfs_kit_py' && isSettled(view),
  );
  await workbench.select(all[0].spoken); // The click collapses it.
  const { rows: sets } = await workbench.waitForView('a row for each set', (view) => view.rows.length === 4 && isSettled(view));
  assert.deepEqual(
    sets.map(({ label, description }) => [label, description.split(' · ')[0]]),
    [
      ['ipfs_kit_py', '301 pins'],
      ['ipfs_kit_py · pin index', '3 pins'],
      ['ipfs_kit_py · dashboard', '1 pin'],
      ['ipfs_kit_py · pin manager', '1 pin'],
    ],
  );
  await screenshot('sets');
}

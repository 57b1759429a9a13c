/** Databases for tests, written by Python's sqlite3, as ipfs_kit_py's are, or by sql.js. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Database } from 'sql.js';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { Pin } from '../../../src/pin/pin';
import type { PinQuery } from '../../../src/pin/pinQuery';
import type { PinTable } from '../../../src/pin/pinTable';
import type { SqliteOptions } from '../../../src/pinStore/sqlite/sqliteReader';
import { readArrow } from '../../../src/arrow/arrowReader';
import type { TableMakers } from '../../../src/pinStore/openNewestStore';
import { TABLE_MAKERS } from '../../../src/pinWorker/lists/tableMakers';
import { openSqlite } from '../../../src/pinStore/sqlite/sqliteReader';
import { sqlJs } from '../../support/sqlJs';

export const WASM_FILE = path.join(process.cwd(), 'node_modules/sql.js/dist/sql-wasm.wasm');
/** The tables that the pin worker makes. */
export const TABLES: TableMakers = { ...TABLE_MAKERS, ofArrow: (body) => readArrow(body) };
export const NEVER = new AbortController().signal;

const folder = mkdtempSync(path.join(tmpdir(), 'pin-store-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

/** A new folder that is removed after the tests. */
export function newFolder(): string {
  return mkdtempSync(path.join(folder, `${++made}-`));
}

export function newFile(name = 'pins.db'): string {
  return path.join(newFolder(), name);
}

export function fixture(name: string): string {
  return path.join(process.cwd(), 'test/fixtures', name);
}

/** A copy of a fixture that the test may change; `.gz` is decompressed. */
export function copyOfFixture(name: string, to = newFile(path.basename(name, '.gz'))): string {
  if (name.endsWith('.gz')) writeFileSync(to, gunzipSync(readFileSync(fixture(name))));
  else copyFileSync(fixture(name), to);
  return settled(to);
}

/** Sets the file's time to a minute ago, since a file isn't read in the first ms after a write. */
export function settled(file: string, secondsAgo = 60): string {
  const time = Date.now() / 1000 - secondsAgo;
  for (const each of [file, `${file}-wal`, `${file}-journal`]) if (existsSync(each)) utimesSync(each, time, time);
  return file;
}

const PYTHON = process.env['IPFS_KIT_TEST_PYTHON'] ?? 'python3';

/** Runs Python code in which `db` is a sqlite3 connection to `file` in autocommit mode. Returns its output. */
export function python(file: string, code: string): string {
  return execFileSync(PYTHON, ['-c', pythonProgram(code), file], { encoding: 'utf8', maxBuffer: 2 ** 28 });
}

/** Starts the same beside the test, until it exits or is killed. */
export function startPython(file: string, code: string): ChildProcess {
  return spawn(PYTHON, ['-c', pythonProgram(code), file], { stdio: ['pipe', 'pipe', 'inherit'] });
}

function pythonProgram(code: string): string {
  return `import json, os, sqlite3, sys, time\nfile = sys.argv[1]\ndb = sqlite3.connect(file, isolation_level=None)\n${code}\n`;
}

/** The rows that Python reads for a query, or the name of the error that it raises. */
export function pythonRows(file: string, sql: string): unknown {
  return JSON.parse(
    python(
      file,
      `try:\n  print(json.dumps(db.execute(${JSON.stringify(sql)}).fetchall()))\nexcept sqlite3.DatabaseError as error:\n  print(json.dumps(type(error).__name__))`,
    ),
  );
}

export const PINS = 'CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, created_at TEXT)';

/** A file that sql.js wrote. */
export async function databaseOf(write: (db: Database) => void, file = newFile()): Promise<string> {
  const db = new (await sqlJs()).Database();
  try {
    write(db);
    writeFileSync(file, db.export());
  } finally {
    db.close();
  }
  return settled(file);
}

export function open(file: string, options: Partial<SqliteOptions> = {}): Promise<PinTable> {
  return openSqlite(file, { wasmFile: WASM_FILE, ...options });
}

export async function using<T>(table: Promise<PinTable>, use: (table: PinTable) => Promise<T>): Promise<T> {
  const opened = await table;
  try {
    return await use(opened);
  } finally {
    opened.close();
  }
}

export function pinsOf(file: string, query: PinQuery = {}): Promise<Pin[]> {
  return using(open(file), (table) => table.page(query, NEVER));
}

/** A check for assert.rejects and assert.throws: this reason, and a message in whole sentences that contains the file's name. */
export function because(reason: Reason, names: string): (error: unknown) => true {
  return (error) => {
    assert.ok(IpfsKitError.is(error), `not an IpfsKitError: ${String(error)}`);
    assert.equal(error.reason, reason, error.message);
    assert.ok(error.message.includes(names), `${error.message} does not name ${names}`);
    assert.match(error.message, /\.$/);
    return true;
  };
}

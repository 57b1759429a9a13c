/** The one file that loads sql.js; a bundle of its own, loaded when a SQLite file was found. */
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database, SqlJsStatic } from 'sql.js';
import initSqlJs from 'sql.js';
import { IpfsKitError } from '../ipfsKitError';
import type { Pin } from '../pin/pin';
import { toPin } from '../pin/pinRecord';
import type { PinGroup } from '../pin/pinQuery';
import { checkQuery } from '../pin/pinQuery';
import type { PinTable } from '../pin/pinTable';
import { fingerprint, lastWrite } from './sqliteFingerprint';
import type { SqliteImage } from './sqliteImage';
import { openSqliteImage } from './sqliteImage';
import type { PinSource, Statement, TableInfo } from './sqliteSelect';
import {
  choosePinSource,
  countStatement,
  groupsStatement,
  PIN_TABLES,
  pageStatement,
  quoted,
  SQL_FUNCTIONS,
} from './sqliteSelect';
import { refuseUnmerged } from './sqliteUnmerged';
import { sniff } from './sniff';

export interface SqliteOptions {
  readonly wasmFile: string;
  readonly signal?: AbortSignal;
  /** How often a query is tried again when the file was written meanwhile; default 100. */
  readonly tries?: number;
  /** Told after each successful query; for tests that count what was read. */
  readonly onBytesRead?: (total: number) => void;
}

interface OpenDatabase {
  readonly db: Database;
  readonly image: SqliteImage;
  readonly source: PinSource;
  readonly fingerprint: string;
}

const TRIES = 100;
const LONGEST_WAIT_MS = 20;
/** A second write within the same tick of the file system's clock would leave the time of the file as it is. */
const CLOCK_TICK_MS = 8;
const WHOLE_FILE_CAP = 512 * 2 ** 20;
const HEAP_LIMIT = 256 * 2 ** 20;

let engine: Promise<SqlJsStatic> | undefined;

/** Opens a SQLite file with pins. Rejects with IpfsKitError: missing, empty, no-pins-table, not-a-database, corrupt, busy, unreadable, not-a-file, too-large, cancelled. */
export async function openSqlite(file: string, options: SqliteOptions): Promise<PinTable> {
  const { wasmFile, tries = TRIES, onBytesRead } = options;
  const wasmBinary = readFileSync(wasmFile);
  engine ??= initSqlJs({
    wasmBinary: wasmBinary.buffer.slice(wasmBinary.byteOffset, wasmBinary.byteOffset + wasmBinary.byteLength),
  });
  const sql = await engine;
  let open: OpenDatabase | undefined;
  let closed = false;

  const close = (): void => {
    const closing = open;
    open = undefined;
    closing?.db.close();
    closing?.image.close();
  };

  /** The answer counts only if nothing was written while it was made; so does an error. */
  const ask = async <T>(query: (database: OpenDatabase) => T, signal: AbortSignal | undefined): Promise<T> => {
    for (let attempt = 0; attempt < tries; attempt++) {
      if (closed || signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
      if (attempt > 0) await sleep(Math.min(attempt, LONGEST_WAIT_MS));
      const before = fingerprintOf(file);
      if (open && open.fingerprint !== before) close();
      let outcome: { readonly answer: T } | { readonly error: unknown };
      try {
        if (!open && Date.now() - lastWrite(file) < CLOCK_TICK_MS) continue;
        open ??= openDatabase(sql, file, before);
        outcome = { answer: query(open) };
      } catch (error) {
        outcome = { error };
      }
      if (fingerprintOf(file) !== before) {
        close();
        continue;
      }
      if ('answer' in outcome) {
        onBytesRead?.(open?.image.bytesRead() ?? 0);
        return outcome.answer;
      }
      close();
      const busy = IpfsKitError.is(outcome.error, 'busy');
      if (!busy || attempt >= 5) throw toReason(file, outcome.error);
    }
    throw new IpfsKitError(
      'busy',
      `${file} is being written all the time; no moment could be found to read it. Refresh when the writer is done.`,
    );
  };

  const { source } = await ask((database) => database, options.signal);
  return {
    detail: `table ${source.table}`,
    page: (query, signal) => ask((database) => readPins(database, pageStatement(database.source, checkQuery(query))), signal),
    count: (filter, signal) =>
      ask(({ db, source: from }) => Number(rows(db, countStatement(from, filter))[0]?.['total'] ?? 0), signal),
    groups: (key, filter, signal) =>
      ask(({ db, source: from }) => rows(db, groupsStatement(from, key, filter)).map(toGroup), signal),
    close: () => {
      closed = true;
      close();
    },
  };
}

function fingerprintOf(file: string): string {
  return fingerprint(file);
}

function openDatabase(sql: SqlJsStatic, file: string, before: string): OpenDatabase {
  const format = sniff(file);
  if (format === 'empty') throw new IpfsKitError('empty', `${file} is an empty file: no pins have been written to it yet.`);
  if (format !== 'sqlite')
    throw new IpfsKitError('not-a-database', `${file} is not a SQLite database. Set ipfsKit.database.path to the pin database.`);
  refuseUnmerged(file);
  const image = openSqliteImage(file);
  try {
    refuseCutShort(image, file);
    const db = openOnImage(sql, image, file);
    try {
      for (const [name, call] of Object.entries(SQL_FUNCTIONS)) db.create_function(name, call);
      const source = choosePinSource(tablesOf(db));
      if (!source)
        throw new IpfsKitError(
          'no-pins-table',
          `${file} has no table of pins (${PIN_TABLES.join(', ')}). Set ipfsKit.database.path to the pin database.`,
        );
      return { db, image, source, fingerprint: before };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    image.close();
    throw error;
  }
}

/** SQLite reads what is missing at the end of a file as zeros: rows would be lost without a word (header: sqlite.org/fileformat2.html, 1.3). */
function refuseCutShort(image: SqliteImage, file: string): void {
  const bytes = image.subarray(0, 100);
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  // The size in the header counts only if the library that wrote it knew of it: then "valid for" equals the change counter.
  const pages =
    header.readUInt32BE(24) === header.readUInt32BE(92) ? header.readUInt32BE(28) : Math.ceil(image.length / pageSize);
  if (image.length >= pages * pageSize) return;
  const sizes = `${image.length.toLocaleString('en-US')} of ${(pages * pageSize).toLocaleString('en-US')} bytes`;
  throw new IpfsKitError('corrupt', `${file} is cut short (${sizes}). Restore it from a copy, or let ipfs_kit_py write it anew.`);
}

/** Over the image if sql.js reads it as expected, else from memory: the image leans on how sql.js reads its files. */
function openOnImage(sql: SqlJsStatic, image: SqliteImage, file: string): Database {
  const overImage = new sql.Database(image as unknown as Uint8Array); // the four members of Uint8Array that sql.js touches
  overImage.exec(
    `PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA hard_heap_limit = ${HEAP_LIMIT}`,
  );
  const [shape] = rows(overImage, {
    sql: 'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
    values: [],
  });
  if (Number(shape?.['bytes']) === image.length) return overImage;
  const { size } = statSync(file);
  if (size > WHOLE_FILE_CAP) return overImage; // as it is: what is wrong with it shows in the query
  overImage.close();
  const whole = readFileSync(file);
  for (const at of [18, 19]) if (whole[at] === 2) whole[at] = 1;
  const db = new sql.Database(whole);
  db.exec('PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1');
  return db;
}

function tablesOf(db: Database): TableInfo[] {
  const wanted = PIN_TABLES.map((name) => `'${name}'`).join(', ');
  const tables = rows(db, {
    sql: `SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) IN (${wanted})`,
    values: [],
  });
  return tables.map(({ name, type, wr }) => ({
    name: String(name),
    kind: String(type),
    withoutRowid: Number(wr) === 1,
    columns: rows(db, { sql: `PRAGMA table_xinfo(${quoted(String(name))})`, values: [] }).map((column) => String(column['name'])),
  }));
}

function rows(db: Database, { sql, values }: Statement): Record<string, unknown>[] {
  const statement = db.prepare(sql);
  try {
    statement.bind(values);
    const all: Record<string, unknown>[] = [];
    const config = { useBigInt: true };
    const names = statement.getColumnNames();
    while (statement.step()) {
      const row = (statement.get as (params: null, options: typeof config) => unknown[]).call(statement, null, config);
      all.push(Object.fromEntries(names.map((name, index) => [name, row[index]])));
    }
    return all;
  } finally {
    statement.free();
  }
}

function readPins({ db, source }: OpenDatabase, statement: Statement): Pin[] {
  return rows(db, statement)
    .map((row) => toPin(source.shape, (column) => decoded(row[column])))
    .filter((pin) => pin !== undefined);
}

/** Text comes as bytes (see cutColumn). */
function decoded(value: unknown): unknown {
  return value instanceof Uint8Array ? utf8.decode(value) : value;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function toGroup({ grp: key, count, high, low }: Record<string, unknown>): PinGroup {
  const bytes = BigInt((high as bigint | null) ?? 0) * 1_048_576n + BigInt((low as bigint | null) ?? 0);
  const sizeBytes = bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : String(bytes);
  return { ...(typeof key === 'string' && { key }), count: Number(count), sizeBytes };
}

/** Whatever SQLite says of our own statements over a file that did not change is the file's fault. */
function toReason(file: string, error: unknown): IpfsKitError {
  if (IpfsKitError.is(error)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new IpfsKitError(
    'corrupt',
    `${file} is damaged (SQLite: ${said}). Restore it from a copy, or let ipfs_kit_py write it anew.`,
    { cause: error },
  );
}

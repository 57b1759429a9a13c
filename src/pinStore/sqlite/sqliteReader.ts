/** The one file that loads sql.js. It is its own bundle, loaded when a SQLite file was found. */
import { readFileSync } from 'node:fs';
import type { Database, Statement as SqlStatement, SqlJsStatic } from 'sql.js';
import initSqlJs from 'sql.js';
import { nameOf } from '../../base/settingOrOption';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { cutText } from '../../pin/pin';
import type { Pin } from '../../pin/pin';
import { toPin } from '../../pin/pinRecord';
import { groupKeyOf } from '../../pin/groupOfPin';
import { soughtAmong } from '../../pin/soughtPin';
import type { ContentVisitor, JoinedContents, PinCopies } from '../../pin/joinedContents';
import { doubtsOf } from '../../pin/joinQuery';
import type { PinGroup, PinTotal } from '../../pin/pinQuery';
import { checkGroupCount, checkQuery, knownSize } from '../../pin/pinQuery';
import type { PinTable } from '../../pin/pinTable';
import { MOST_BY_NAME } from '../../pin/pinTable';
import { valueText } from '../../pin/valueText';
import { inNaturalOrder } from '../../pin/naturalOrder';
import { createStretch } from '../../pin/pinWalk';
import { realFile } from '../../base/regularFile';
import { SQL_FUNCTIONS } from './sqliteExpressions';
import { readHeader } from './sqliteHeader';
import type { LazyBytes, SqliteImage } from './sqliteImage';
import { openSqliteImage, showRollbackMode } from './sqliteImage';
import type { SqliteJoin } from './sqliteJoin';
import { sqliteJoin } from './sqliteJoin';
import { sqliteMemory } from './sqliteMemory';
import { naturalOrderFunction } from './sqliteNaturalOrder';
import type { ColumnInfo, PinSource, Statement, TableInfo } from './sqliteSelect';
import {
  alikeStatement,
  atMostStatement,
  choosePinSource,
  contentsStatement,
  countStatement,
  groupsStatement,
  keysOf,
  PIN_TABLES,
  detailsStatements,
  pageStatement,
  rankStatement,
  ROWS_A_TOTAL,
  totalStatement,
} from './sqliteSelect';
import type { SnapshotLimits } from './sqliteSnapshot';
import { takeSnapshots } from './sqliteSnapshot';

export interface SqliteOptions {
  /** The sql.js binary. */
  readonly wasmFile: string;
  readonly signal?: AbortSignal | undefined;
  readonly retries?: SnapshotLimits | undefined;
  /** Whether a query should end, asked while it reads, when no message can arrive. By default the state of the signal. */
  readonly isStopped?: ((signal: AbortSignal) => boolean) | undefined;
  /** Called after each query with the number of bytes that have been read from the file since it was opened. */
  readonly onBytesRead?: ((total: number) => void) | undefined;
  /** Reads the whole file instead of single pages, up to this many bytes. Used to compare the two. */
  readonly readWholeUpTo?: number | undefined;
}

interface OpenDatabase {
  readonly db: Database;
  readonly image: SqliteImage;
  readonly source: PinSource;
}

/**
 * The limit for the WASM heap, for all databases together. It bounds what a hostile file can make SQLite allocate, and is enough for a sorted export of five
 * million rows (a sorted page needs very little). Temporary tables and sorts count too: as files they would be in Emscripten's file system, in JavaScript's
 * memory, which has no limit.
 */
const HEAP_LIMIT = 2 ** 29;
/** A longer column name isn't one of a pin's, and would occur many times in every statement. */
const LONGEST_NAME = 1024;

/**
 * Opens a SQLite file with pins, for reading: no lock is taken and nothing is written, not even beside it.
 * Rejects with IpfsKitError: missing, empty, no-pins-table, not-a-database, corrupt, busy, unreadable, not-a-file, unsupported, too-large, cancelled.
 */
export async function openSqlite(named: string, options: SqliteOptions): Promise<PinTable> {
  const file = realFile(named);
  const { wasmFile, signal, retries, onBytesRead, readWholeUpTo } = options;
  const isStopped = options.isStopped ?? ((stop: AbortSignal): boolean => stop.aborted);
  const started = await loadEngine(wasmFile);
  const snapshots = takeSnapshots(file, () => openDatabase(started, file, readWholeUpTo), closeDatabase, retries);

  let joined: JoinedContents | undefined;

  const ask = <T>(query: (database: OpenDatabase) => T, stop: AbortSignal | undefined, visitor?: ContentVisitor): Promise<T> =>
    snapshots.ask((opened) => {
      const database = joined ? { ...opened, source: { ...opened.source, joined } } : opened;
      database.image.stopIf(() => stop !== undefined && isStopped(stop));
      const answer = orReason(file, database.image, database.source, () =>
        started.join.during(joined, visitor, () => query(database)),
      );
      onBytesRead?.(database.image.bytesRead());
      return answer;
    }, stop);
  /** Steps of a statement: begins with the first, and rejects with `busy` where the database or the join has changed since. */
  const steps = (begin: (database: OpenDatabase) => Statement): ((database: OpenDatabase) => SqlStatement) => {
    let begun: { readonly db: Database; readonly statement: SqlStatement; readonly version: number | undefined } | undefined;
    return (database) => {
      const { db } = database;
      begun ??= { db, statement: bound(db, begin(database)), version: joined?.version };
      if (begun.db !== db || begun.version !== joined?.version) throw changed(file);
      return begun.statement;
    };
  };

  const known = await ask((database) => {
    const { kind, name } = database.source;
    const { merged } = database.image;
    const parts = [
      `${kind === 'view' ? 'view' : 'table'} ${cutText(name)}`,
      ...(merged.includes('-wal') ? ['with its write-ahead log'] : []),
      ...(merged.includes('-journal') ? ['without an unfinished transaction'] : []),
    ];
    return { detail: parts.join(', '), atMost: atMost(database) };
  }, signal);
  return {
    ...known,
    page: async (query, stop) => {
      const checked = checkQuery(query);
      return ask((database) => readPins(database, pageStatement(database.source, checked)), stop);
    },
    walk: (query) => {
      const all = { ...query, offset: 0, limit: -1 };
      const statement = steps(({ source }) => pageStatement(source, all));
      let over = false; // A statement that has ended would start again.
      return {
        next: async (stop) => {
          let pins: Pin[] = [];
          while (pins.length === 0 && !over)
            pins = await ask((database) => {
              const stretch = createStretch<Row>();
              over = !take(statement(database), stretch.add);
              return toPins(database, stretch.rows);
            }, stop);
          return pins;
        },
        close: () => (over = true), // The statement ends with its database.
      };
    },
    details: (cid, stop) =>
      ask(({ db, source }) => {
        let found: Row[] = [];
        for (const statement of detailsStatements(source, cid)) if (found.length === 0) found = rows(db, statement);
        return found.map((row) => source.columns.map((name, at) => [name, valueText(row[`c${at}`])] as const));
      }, stop),
    find: (sought, { filter, fuzzy, sort, group }, stop) =>
      ask((database) => {
        for (const byIndex of [true, false]) {
          const alike = readPins(database, alikeStatement(database.source, sought.cid, byIndex));
          const at = soughtAmong(alike, sought);
          const pin = alike[at];
          if (!pin) continue;
          const within = group && { key: groupKeyOf(pin, group) };
          const query = { filter, fuzzy, sort, group, within };
          const [ranked] = rows(database.db, rankStatement(database.source, sought.cid, byIndex, at, query));
          return Number(ranked?.['found']) === 1 ? { at: Number(ranked?.['before']), group: within?.key } : undefined;
        }
        return undefined;
      }, stop),
    count: (of, stop) => ask(({ db, source }) => Number(rows(db, countStatement(source, of))[0]?.['total'] ?? 0), stop),
    total: async (of, stop) => {
      let [count, sized, bytes] = [0, 0, 0n];
      for (let after: string | undefined; ;) {
        const row = await ask(({ db, source }) => rows(db, totalStatement(source, of, after))[0], stop);
        const [part = NO_PINS] = row ? toGroups([row]) : [];
        count += part.count;
        sized += part.sized;
        bytes += BigInt(part.sizeBytes ?? 0);
        if (typeof row?.['last'] !== 'bigint' || part.count < ROWS_A_TOTAL) return { count, ...knownSize(sized, bytes) };
        after = String(row['last']);
        await new Promise((resolve) => setImmediate(resolve)); // other queries come first
        if (stop.aborted) throw canceled();
      }
    },
    groups: (key, of, stop) =>
      ask(({ db, source }) => toGroups(rows(db, groupsStatement(source, key, of)), keysOf(source, key)), stop),
    contents: (without) => {
      // The version of the join changes while other lists are read, and isn't asked for here.
      let reading: { readonly db: Database; readonly statement: SqlStatement } | undefined;
      return {
        next: (visitor, stop) =>
          ask(
            ({ db, source }) => {
              reading ??= { db, statement: bound(db, contentsStatement(source, without)) };
              if (reading.db !== db) throw changed(file);
              return reading.statement.step();
            },
            stop,
            visitor,
          ),
        close: () => undefined, // The statement ends with its database.
      };
    },
    join: (contents) => (joined = contents),
    doubts: (of) => doubtsOf(of, joined),
    close: () => snapshots.close(),
  };
}

function changed(file: string): IpfsKitError {
  return new IpfsKitError('busy', `${file} was changed while all its pins were being read. Try again.`);
}

/** The table that the command line of ipfs_kit_py reads (`cli.py` at a0c47191). */
const NEW_DATABASE = 'CREATE TABLE pins(cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, created_at TEXT)';

/** The bytes of a pin database without pins. Rejects with internal where SQLite itself cannot be loaded. */
export async function newPinDatabase(wasmFile: string): Promise<Uint8Array> {
  const { sql } = await loadEngine(wasmFile);
  const db = new sql.Database();
  try {
    db.exec(NEW_DATABASE);
    return db.export();
  } finally {
    db.close();
  }
}

interface Engine {
  readonly sql: SqlJsStatic;
  /** Gives a database the functions that aren't in SQL_FUNCTIONS. */
  readonly addFunctions: (db: Database) => void;
  readonly join: SqliteJoin;
}

let engine: Promise<Engine> | undefined;

function loadEngine(wasmFile: string): Promise<Engine> {
  const loading = (engine ??= startEngine(wasmFile));
  loading.catch(() => {
    if (engine === loading) engine = undefined; // If the file exists the next time, it is read then.
  });
  return loading;
}

async function startEngine(wasmFile: string): Promise<Engine> {
  try {
    // Read synchronously: on a busy machine, each step of an asynchronous read makes the thread wait.
    const compiled = new WebAssembly.Module(readFileSync(wasmFile));
    let exports: WebAssembly.Exports = {};
    const instantiateWasm: initSqlJs.SqlJsConfig['instantiateWasm'] = (imports, receive) => {
      const instance = new WebAssembly.Instance(compiled, imports);
      receive(instance);
      return (exports = instance.exports);
    };
    // Replaces the JavaScript functions that sql.js registers with SQLite's own floor() and the like; the types of sql.js don't know this option yet.
    const config: initSqlJs.SqlJsConfig & { useOldExtensionFunctions: boolean } = {
      instantiateWasm,
      useOldExtensionFunctions: false,
    };
    const sql = await initSqlJs(config);
    // sql.js doesn't give out the memory of SQLite, the only one that its module exports.
    const memory = Object.values(exports).find((each) => each instanceof WebAssembly.Memory);
    if (!memory) throw new Error('no memory');
    const direct = sqliteMemory(sql, memory);
    const [addNaturalOrder, join] = [naturalOrderFunction(direct), sqliteJoin(direct)];
    const addFunctions = (db: Database): void => {
      addNaturalOrder(db);
      join.addFunctions(db);
    };
    return { sql, addFunctions, join };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new IpfsKitError('internal', `SQLite (${wasmFile}) couldn't be started: ${why}. Reinstall IPFS Kit.`, {
      cause: error,
    });
  }
}

/** sql.js uses only these four members of its array. */
function asArray(bytes: LazyBytes): Uint8Array {
  return bytes as unknown as Uint8Array;
}

function openDatabase({ sql, addFunctions }: Engine, file: string, wholeUpTo: number | undefined): OpenDatabase {
  const image = openSqliteImage(file);
  let db: Database | undefined;
  try {
    const { isUtf8 } = readHeader(file, image.bytes);
    const opening = (db = new sql.Database(
      wholeUpTo === undefined ? asArray(image.bytes) : readWhole(file, image.bytes, wholeUpTo),
    ));
    const tables = orReason(file, image, undefined, () => {
      opening.exec(
        `PRAGMA query_only = 1; PRAGMA trusted_schema = 0; PRAGMA cell_size_check = 1; PRAGMA temp_store = MEMORY; PRAGMA hard_heap_limit = ${HEAP_LIMIT}`,
      );
      for (const [name, call] of Object.entries(SQL_FUNCTIONS)) opening.create_function(name, call);
      addFunctions(opening);
      return tablesOf(opening);
    });
    const described = tables.map((table) => ({
      ...table,
      columns: orReason(file, image, table, () => columnsOf(opening, table.name)),
    }));
    const source = choosePinSource(described, isUtf8);
    if (source) return { db: opening, image, source };
    throw new IpfsKitError(
      'no-pins-table',
      `${file} has no table of pins (${PIN_TABLES.join(', ')}). Set ${nameOf('database')} to the pin database.`,
    );
  } catch (error) {
    closeDatabase({ db, image });
    throw error;
  }
}

function closeDatabase({ db, image }: { readonly db: Database | undefined; readonly image: SqliteImage }): void {
  try {
    db?.close();
  } catch {
    // The database is being closed, so its other statements don't matter.
  } finally {
    image.close();
  }
}

function readWhole(file: string, bytes: LazyBytes, cap: number): Uint8Array {
  if (bytes.length > cap)
    throw new IpfsKitError(
      'too-large',
      `${file} has ${bytes.length} bytes; IPFS Kit reads at most ${cap} of such a file. Start the ipfs_kit_py daemon to list its pins.`,
    );
  const whole = new Uint8Array(bytes.subarray(0, bytes.length));
  showRollbackMode(whole);
  return whole;
}

/** The tables that may hold pins, by their names. */
function tablesOf(db: Database): Omit<TableInfo, 'columns'>[] {
  const wanted = PIN_TABLES.map((name) => `'${name}'`).join(', ');
  const sql = `SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND lower(name) IN (${wanted})`;
  return rows(db, { sql, values: [] }).map(({ name, type, wr }) => ({
    name: String(name),
    kind: String(type),
    withoutRowid: Number(wr) === 1,
  }));
}

/**
 * Throws SQLite's error for a damaged definition, because it accepts names unchecked, including bytes that aren't text. Reads only names, since the default of
 * a column may have megabytes.
 */
function columnsOf(db: Database, table: string): ColumnInfo[] {
  const sql = `SELECT name, pk FROM pragma_table_xinfo(?1) WHERE octet_length(name) <= ${LONGEST_NAME}`;
  const columns = rows(db, { sql, values: [table] });
  return columns.map(({ name, pk }) => {
    if (String(name).includes('\ufffd')) throw new Error('malformed column name');
    return { name: String(name), keyPosition: Number(pk) };
  });
}

/** sqlite3ErrStr in main.c. */
const OUT_OF_MEMORY = 'out of memory';

type Row = Record<string, unknown>;

const NO_PINS: PinTotal = { count: 0, sized: 0 };

function bound(db: Database, { sql, values }: Statement): SqlStatement {
  const statement = db.prepare(sql);
  statement.bind([...values]);
  return statement;
}

/** Adds the next rows until `add` returns false. Returns false if there were no more before. Whole numbers are bigint. */
function take(statement: SqlStatement, add: (row: Row) => boolean): boolean {
  const names = statement.getColumnNames();
  const config = { useBigInt: true };
  while (statement.step()) {
    // The types of sql.js don't know the second parameter yet.
    const values = (statement.get as (params: null, options: typeof config) => unknown[]).call(statement, null, config);
    const row: Row = {};
    for (const [at, name] of names.entries()) row[name] = values[at];
    if (!add(row)) return true;
  }
  return false;
}

function rows(db: Database, statement: Statement): Row[] {
  const asked = bound(db, statement);
  const all: Row[] = [];
  try {
    take(asked, (row) => all.push(row) > 0);
    return all;
  } finally {
    asked.free();
  }
}

/** A KB of the file counts as a row, because rows of long texts take longer to sort. What the rows of a view cost isn't known. */
function atMost({ db, source, image }: OpenDatabase): number {
  if (source.kind !== 'table') return Infinity;
  try {
    const most = rows(db, atMostStatement(source, MOST_BY_NAME + 1))[0]?.['rows'] ?? 0;
    return Math.max(Number(most), Math.floor(image.bytes.length / 1024));
  } catch {
    return Infinity; // The damage is reported once its rows are wanted.
  }
}

function readPins(database: OpenDatabase, statement: Statement): Pin[] {
  return toPins(database, rows(database.db, statement));
}

function toPins({ source }: OpenDatabase, found: readonly Row[]): Pin[] {
  const { shape, joined } = source;
  const pins = found.map((row) => toPin(shape, (column) => row[column])).filter((pin) => pin !== undefined);
  return joined ? pins.map((pin) => ({ ...pin, ...factsOf(pin, joined) })) : pins;
}

function factsOf({ cid }: Pin, joined: JoinedContents): PinCopies {
  const bytes = Buffer.from(cid);
  return joined.facts(joined.classOf(bytes, 0, bytes.length));
}

/** `keys`: the keys of the groups, where SQL has their indexes. */
function toGroups(found: readonly Record<string, unknown>[], keys?: readonly string[]): PinGroup[] {
  checkGroupCount(found.length);
  // Different bytes that aren't UTF-8 may be the same text here.
  const byKey = new Map<string | undefined, { count: number; sized: number; bytes: bigint }>();
  for (const { key, count, sized, high, low } of found) {
    const name = typeof key === 'string' ? key : typeof key === 'bigint' ? keys?.[Number(key)] : undefined;
    const before = byKey.get(name) ?? { count: 0, sized: 0, bytes: 0n };
    byKey.set(name, {
      count: before.count + Number(count),
      sized: before.sized + Number(sized),
      bytes: before.bytes + wholeOf(high) * 2n ** 32n + wholeOf(low),
    });
  }
  return inNaturalOrder(byKey.keys()).flatMap((key) => {
    const group = byKey.get(key);
    return group ? [{ ...(key !== undefined && { key }), count: group.count, ...knownSize(group.sized, group.bytes) }] : [];
  });
}

function wholeOf(value: unknown): bigint {
  return typeof value === 'bigint' ? value : 0n;
}

/**
 * Runs SQL that is generated here, so an error is caused by the file. sql.js gives a message but no code, so the reason depends on what was queried: for a
 * view it may be its definition, for a table it is damage.
 */
function orReason<T>(file: string, image: SqliteImage, of: Pick<TableInfo, 'name' | 'kind'> | undefined, work: () => T): T {
  let answer: T;
  try {
    answer = work();
  } catch (error) {
    const failure = image.failure();
    if (failure) throw failure;
    if (IpfsKitError.is(error)) throw error;
    const said = error instanceof Error ? error.message : String(error);
    if (said === OUT_OF_MEMORY)
      throw new IpfsKitError(
        'too-large',
        `${file} needs more memory to read than IPFS Kit's limit (${HEAP_LIMIT} bytes). Start the ipfs_kit_py daemon to list its pins.`,
        { cause: error },
      );
    throw of === undefined || of.kind === 'table'
      ? new IpfsKitError(
          'corrupt',
          `${file} is damaged (SQLite: ${said}). Restore it from a copy, or let ipfs_kit_py write it again.`,
          { cause: error },
        )
      : new IpfsKitError(
          'unsupported',
          `${file} keeps its pins in the ${of.kind} ${cutText(of.name)}, which can't be read (SQLite: ${said}). Set ${nameOf('database')} to a database with a plain table.`,
          { cause: error },
        );
  }
  const failure = image.failure();
  if (failure) throw failure;
  return answer;
}

import { sentences } from '../base/causes';
import { nameOf } from '../base/settingOrOption';
import type { Reason } from '../base/ipfsKitError';
import { canceled, IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';
import type { PinTable } from '../pin/pinTable';
import type { PassedOver, StoreCandidate } from './locate';
import { isDashboardList, locateStores } from './locate';
import { besideParquet } from './besideParquet';
import { emptyFile, noDatabase } from './noPinsYet';
import type { OtherSet, PinSetName } from './pinSets';
import { isAboutPins, otherSets, setOf } from './pinSets';
import type { PythonCommand } from './duckdb/runPython';
import { readRegularFile } from '../base/regularFile';

/** The formats that can be read, determined by content. */
export type ReadFormat = 'sqlite' | 'parquet' | 'duckdb' | 'arrow' | 'json';

export interface OpenedStore {
  readonly table: PinTable;
  readonly path: string;
  readonly format: ReadFormat;
  /** ms since 1970. */
  readonly modifiedMs: number;
  readonly passedOver: readonly PassedOver[];
  /** The other sets of pins that were found. Whether they have any isn't known. */
  readonly otherSets: readonly OtherSet[];
  /** Why pins of this store are missing. */
  readonly incomplete?: IpfsKitError | undefined;
}

export interface StoreOptions {
  /** The sql.js binary. */
  readonly wasmFile: string;
  /** Reads DuckDB; if undefined, DuckDB files aren't read. */
  readonly python?: PythonCommand | undefined;
  /** Called regularly while Python reads, as a heartbeat. */
  readonly onReceived?: ((bytes: number) => void) | undefined;
  readonly tables: TableMakers;
  readonly signal?: AbortSignal | undefined;
  /** Whether a query should end; checked while no message can arrive. */
  readonly isStopped?: ((signal: AbortSignal) => boolean) | undefined;
}

/** Makes tables from what was read. The caller provides it, because this folder deals only with files. */
export interface TableMakers {
  readonly ofColumns: (source: ColumnSource, detail: string) => PinTable;
  /** Reads an Arrow stream or file; throws IpfsKitError if it is invalid. */
  readonly ofArrow: (body: Uint8Array) => Promise<PinTable>;
  /** Reads a list of pins in JSON, named `what` in messages; throws IpfsKitError if it is invalid. */
  readonly ofJson: (body: Uint8Array, what: string, signal: AbortSignal) => Promise<PinTable>;
}

/** The same limit as for a daemon's response. */
const MOST_ARROW_BYTES = 2 ** 30;

/** When nothing can be shown, the reason that helps most comes first: what is wrong with a store that would be read, then stores of other kinds. */
const MOST_TELLING: readonly Reason[] = [
  'busy',
  'corrupt',
  'too-large',
  'unreadable',
  'unsupported',
  'no-pins-table',
  'empty',
  'not-a-database',
  'not-a-file',
];

/**
 * Opens the newest store with pins at a path; with `set`, the newest of that set. A busy store isn't skipped for an older one, because its pins are newer.
 * Nor is a store without pins skipped for an older one of its set, whose pins have been removed since; it is listed where no other set has pins. Rejects with
 * IpfsKitError: missing, empty, no-pins-table, not-a-database, corrupt, busy, unreadable, not-a-file, unsupported, too-large, cancelled; internal where SQLite
 * itself cannot be loaded.
 */
export async function openNewestStore(databasePath: string, options: StoreOptions, set?: PinSetName): Promise<OpenedStore> {
  const { candidates: found, passedOver: unread } = locateStores(databasePath);
  const isNamed = found.length === 1 && found[0]?.path === databasePath;
  const lists = isNamed ? found : found.filter(({ path }) => !isAboutPins(path));
  const candidates = set === undefined ? lists : lists.filter(({ path }) => setOf(path) === set);
  const passedOver: PassedOver[] = set === undefined ? [...unread] : [];
  /** The sets whose newest store has no pins. */
  const empty = new Map<PinSetName | undefined, Omit<OpenedStore, 'otherSets'>>();
  const closeEmpty = (but?: OpenedStore['table']): void => {
    for (const { table } of empty.values()) if (table !== but) table.close();
  };
  const opened = (store: Omit<OpenedStore, 'otherSets'>): OpenedStore => {
    closeEmpty(store.table);
    const beside = besideParquet(store.path, candidates, databasePath);
    passedOver.push(...beside.notes);
    const seen = [...passedOver, ...empty.values()].map(({ path }) => path);
    const sets = [setOf(store.path), ...empty.keys()];
    return { ...store, otherSets: otherSets(candidates, { sets, stores: [store.path, ...seen, ...beside.files] }) };
  };
  for (const candidate of candidates) {
    const { path, modifiedMs } = candidate;
    if (empty.has(setOf(path))) continue;
    try {
      if (options.signal?.aborted) throw canceled();
      const store = { ...(await openCandidate(candidate, options)), path, modifiedMs, passedOver };
      const hasOthers = candidates.some((each) => setOf(each.path) !== setOf(path));
      if (!hasOthers || !(await isEmpty(store, options.signal).catch(closed(store)))) return opened(store);
      empty.set(setOf(path), store);
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled', 'busy', 'internal')) {
        closeEmpty();
        throw error;
      }
      passedOver.push({ path, modifiedMs, ...toPlainError(error) });
    }
  }
  const [newest] = empty.values();
  if (newest) return opened(newest);
  const rank = ({ reason }: PassedOver): number =>
    MOST_TELLING.includes(reason) ? MOST_TELLING.indexOf(reason) : MOST_TELLING.length;
  const [telling, ...others] = passedOver.sort((a, b) => rank(a) - rank(b));
  if (telling) throw new IpfsKitError(telling.reason, sentences(telling.message, ...others.slice(0, 1).map(also(others.length))));
  throw noDatabase(`There is no pin database below ${databasePath}.`);
}

/** Closes the table and throws the error again. */
function closed({ table }: Pick<OpenedStore, 'table'>): (error: unknown) => never {
  return (error) => {
    table.close();
    throw error;
  };
}

const NEVER = new AbortController().signal;
/** Whether a larger SQLite file has pins isn't looked up: each KB of it counts as a row. */
const MOST_LOOKED_AT = 1000;

/** Whether a store certainly has no pins; rejects as its table does. */
async function isEmpty(
  { table, format, incomplete }: Pick<OpenedStore, 'table' | 'format' | 'incomplete'>,
  signal = NEVER,
): Promise<boolean> {
  if (incomplete || table.atMost > MOST_LOOKED_AT) return false;
  return table.atMost === 0 || (format === 'sqlite' && (await table.page({ limit: 1 }, signal)).length === 0);
}

/** Says that other stores were seen. */
function also(count: number): (other: PassedOver) => string {
  return ({ path }) => `Couldn't read either: ${path}${count > 1 ? ` and ${count - 1} more` : ''}.`;
}

/** Rejects with IpfsKitError, as openNewestStore does for a single file. */
export async function openCandidate(
  { path, format: sniffed }: Pick<StoreCandidate, 'path' | 'format'>,
  { wasmFile, python, tables, signal, isStopped, onReceived }: StoreOptions,
): Promise<Pick<OpenedStore, 'table' | 'format' | 'incomplete'>> {
  // Its writer empties the file first, and fills it a moment later.
  const isCut = (sniffed === 'empty' || sniffed === 'unknown') && isDashboardList(path);
  const format = isCut ? 'json' : sniffed;
  switch (format) {
    case 'sqlite': {
      const { openSqlite } = await import('./sqlite/sqliteReader');
      return { table: await openSqlite(path, { wasmFile, signal, isStopped }), format };
    }
    case 'parquet': {
      const { readParquet } = await import('./parquet/parquetReader');
      const { source, detail, incomplete } = await readParquet(path, { signal, onReceived });
      return { table: tables.ofColumns(source, detail), format, incomplete };
    }
    case 'duckdb': {
      const { readDuckdb } = await import('./duckdb/duckdbReader');
      const body = await readDuckdb(path, { python, signal, onReceived });
      return { table: await tables.ofArrow(body), format };
    }
    case 'arrow':
      return { table: await tables.ofArrow(readRegularFile(path, MOST_ARROW_BYTES)), format };
    case 'json': {
      const { readJsonStore } = await import('./jsonStore');
      return { table: await readJsonStore(path, tables, signal), format };
    }
    case 'empty':
      throw emptyFile(path);
    case 'unknown':
      throw new IpfsKitError('not-a-database', `${path} is not a database. Set ${nameOf('database')} to the pin database.`);
  }
}

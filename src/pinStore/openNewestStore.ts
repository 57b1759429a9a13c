import { basename, dirname, relative, resolve } from 'node:path';
import { sentences } from '../base/causes';
import { nameOf } from '../base/settingOrOption';
import type { Reason } from '../base/ipfsKitError';
import { canceled, IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';
import type { PinTable } from '../pin/pinTable';
import type { PassedOver, StoreCandidate } from './locate';
import { isDashboardList, locateStores } from './locate';
import { emptyFile, noDatabase } from './noPinsYet';
import { isSetFolder } from './parquet/parquetSet';
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
 * Opens the newest store with pins at a path. A busy store isn't skipped for an older one, because its pins are newer. Rejects with IpfsKitError: missing,
 * empty, no-pins-table, not-a-database, corrupt, busy, unreadable, not-a-file, unsupported, too-large, cancelled; internal where SQLite itself cannot be
 * loaded.
 */
export async function openNewestStore(databasePath: string, options: StoreOptions): Promise<OpenedStore> {
  const { candidates, passedOver: unread } = locateStores(databasePath);
  const passedOver: PassedOver[] = [...unread];
  for (const candidate of candidates) {
    if (options.signal?.aborted) throw canceled();
    try {
      const opened = await openCandidate(candidate, options);
      passedOver.push(...besides(candidate, candidates, databasePath));
      return { ...opened, path: candidate.path, modifiedMs: candidate.modifiedMs, passedOver };
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled', 'busy', 'internal')) throw error;
      passedOver.push({ path: candidate.path, modifiedMs: candidate.modifiedMs, ...toPlainError(error) });
    }
  }
  const rank = ({ reason }: PassedOver): number =>
    MOST_TELLING.includes(reason) ? MOST_TELLING.indexOf(reason) : MOST_TELLING.length;
  const [telling, ...others] = passedOver.sort((a, b) => rank(a) - rank(b));
  if (telling) throw new IpfsKitError(telling.reason, sentences(telling.message, ...others.slice(0, 1).map(also(others.length))));
  throw noDatabase(`There is no pin database below ${databasePath}.`);
}

/** Reports Parquet files beside the listed ones, in the configured folder or where there is a set: each counts as a separate list. */
function besides(listed: StoreCandidate, all: readonly StoreCandidate[], named: string): PassedOver[] {
  const folder = folderOf(listed, named);
  const beside = all.filter((other) => other !== listed && other.format === 'parquet' && folderOf(other, named) === folder);
  const isNamed = folder === resolve(named) || [listed, ...beside].some(({ parts }) => parts);
  if (listed.format !== 'parquet' || !isNamed || beside.length === 0) return [];
  const files = beside.flatMap(({ path: file, parts = [file] }) => parts).map((file) => relative(folder, file));
  const shown = `${files.slice(0, 5).join(', ')}${files.length > 5 ? ', …' : ''}`;
  const what = listed.path === folder ? `The parts in ${folder} are` : `${listed.path} is`;
  const message = `${what} listed, and ${files.length} other Parquet ${files.length === 1 ? 'file' : 'files'} beside ${listed.path === folder ? 'them' : 'it'} ignored: ${shown}. If they are parts of one list, put them into a folder whose name ends in .parquet.`;
  return [{ path: named, reason: 'left-out', message }];
}

/** The folder that contains a file or the folder of a set. Some sets keep their parts in a folder that may hold other lists too: then it is that folder. */
function folderOf({ path: place, parts }: StoreCandidate, named: string): string {
  return parts && (place === resolve(named) || !isSetFolder(basename(place))) ? place : dirname(place);
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

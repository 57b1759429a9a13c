import type { Reason } from '../ipfsKitError';
import { IpfsKitError, toPlainError } from '../ipfsKitError';
import type { PinTable } from '../pin/pinTable';
import type { PassedOver, StoreCandidate } from './locate';
import { locateStores } from './locate';

export interface OpenedStore {
  readonly table: PinTable;
  readonly path: string;
  readonly format: 'sqlite';
  /** ms since 1970. */
  readonly modifiedMs: number;
  readonly passedOver: readonly PassedOver[];
}

export interface StoreOptions {
  /** The sql.js binary. */
  readonly wasmFile: string;
  readonly signal?: AbortSignal;
}

/** When nothing can be shown, the reason that helps most comes first. */
const MOST_TELLING: readonly Reason[] = [
  'busy',
  'unsupported',
  'corrupt',
  'unreadable',
  'too-large',
  'no-pins-table',
  'empty',
  'not-a-database',
  'not-a-file',
];

/**
 * Opens the newest store with pins at a path. A store that is busy is not passed over for an older one: its pins are the newer.
 * Rejects with IpfsKitError: missing, empty, no-pins-table, not-a-database, corrupt, busy, unreadable, not-a-file, unsupported, too-large.
 */
export async function openStore(databasePath: string, options: StoreOptions): Promise<OpenedStore> {
  const { candidates, passedOver: unread } = locateStores(databasePath);
  const passedOver: PassedOver[] = [...unread];
  for (const candidate of candidates) {
    try {
      const table = await openCandidate(candidate, options);
      return { table, path: candidate.path, format: 'sqlite', modifiedMs: candidate.modifiedMs, passedOver };
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled', 'busy')) throw error;
      passedOver.push({ path: candidate.path, ...toPlainError(error) });
    }
  }
  const rank = ({ reason }: PassedOver): number =>
    MOST_TELLING.includes(reason) ? MOST_TELLING.indexOf(reason) : MOST_TELLING.length;
  const [telling] = passedOver.sort((a, b) => rank(a) - rank(b));
  if (telling) throw new IpfsKitError(telling.reason, telling.message);
  throw new IpfsKitError(
    'missing',
    `There is no pin database below ${databasePath}. Start the daemon once, or set ipfsKit.database.path.`,
  );
}

async function openCandidate({ path, format }: StoreCandidate, options: StoreOptions): Promise<PinTable> {
  switch (format) {
    case 'sqlite': {
      const { openSqlite } = await import('./sqliteReader');
      return openSqlite(path, options);
    }
    case 'empty':
      throw new IpfsKitError('empty', `${path} is an empty file: no pins have been written to it yet.`);
    case 'duckdb':
      throw new IpfsKitError(
        'unsupported',
        `${path} is a DuckDB database; this version reads SQLite. Start the daemon to see its pins live.`,
      );
    case 'parquet':
      throw new IpfsKitError(
        'unsupported',
        `${path} is a Parquet file; this version reads SQLite. Start the daemon to see its pins live.`,
      );
    case 'arrow':
      throw new IpfsKitError(
        'unsupported',
        `${path} is an Arrow file; this version reads SQLite. Start the daemon to see its pins live.`,
      );
    case 'unknown':
      throw new IpfsKitError('not-a-database', `${path} is not a database. Set ipfsKit.database.path to the pin database.`);
  }
}

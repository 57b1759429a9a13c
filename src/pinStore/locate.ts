import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { PlainError } from '../ipfsKitError';
import { IpfsKitError, toPlainError } from '../ipfsKitError';
import type { StoreFormat } from './sniff';
import { sniff, unreadable } from './sniff';

export interface StoreCandidate {
  readonly path: string;
  readonly format: StoreFormat;
  /** The later of the file and its `-wal`; ms since 1970. */
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

export interface PassedOver extends PlainError {
  readonly path: string;
}

export interface LocatedStores {
  /** Newest first. */
  readonly candidates: readonly StoreCandidate[];
  readonly passedOver: readonly PassedOver[];
}

/** Where ipfs_kit_py and its command line keep pins, below their data folder. */
const FOLDERS = ['', 'pin_metadata', path.join('pin_metadata', 'parquet_storage'), 'enhanced_pin_index', 'pins'];
const DATABASE_NAME = /\.(?:db|sqlite3?|duckdb|parquet)$/i;
const MAX_FILES_PER_FOLDER = 200;

/** The stores at a path: that file, or those in the known places of that folder. Throws missing, unreadable, not-a-file. */
export function locateStores(databasePath: string): LocatedStores {
  const kind = kindOf(databasePath);
  if (kind === 'other')
    throw new IpfsKitError(
      'not-a-file',
      `${databasePath} is neither a file nor a folder. Set ipfsKit.database.path to a database file or its folder.`,
    );
  if (kind === 'file') return { candidates: [candidate(databasePath)], passedOver: [] };
  const candidates: StoreCandidate[] = [];
  const passedOver: PassedOver[] = [];
  for (const file of FOLDERS.flatMap((folder) => databaseFiles(path.join(databasePath, folder)))) {
    try {
      candidates.push(candidate(file));
    } catch (error) {
      passedOver.push({ path: file, ...toPlainError(error) });
    }
  }
  candidates.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return { candidates, passedOver };
}

function kindOf(file: string): 'file' | 'folder' | 'other' {
  try {
    const status = statSync(file);
    return status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new IpfsKitError(
        'missing',
        `There is no pin database: ${file} is not there. Start the daemon once, or set ipfsKit.database.path.`,
        { cause: error },
      );
    throw unreadable(file, error);
  }
}

function databaseFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => DATABASE_NAME.test(name));
    return names
      .sort()
      .slice(0, MAX_FILES_PER_FOLDER)
      .map((name) => path.join(folder, name));
  } catch {
    return []; // a place that is not there, or is not for us, holds no store that could be shown
  }
}

function candidate(file: string): StoreCandidate {
  const format = sniff(file);
  const { mtimeMs, size } = statSync(file);
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  return { path: file, format, modifiedMs: Math.max(mtimeMs, wal && wal.size > 0 ? wal.mtimeMs : 0), sizeBytes: size };
}

import { opendirSync } from 'node:fs';
import path from 'node:path';
import type { PlainError } from '../ipfsKitError';
import { IpfsKitError, toPlainError } from '../ipfsKitError';
import { realFile, statusOf } from './regularFile';
import type { StoreFormat } from './sniff';
import { sniff } from './sniff';

export interface StoreCandidate {
  readonly path: string;
  readonly format: StoreFormat;
  /** The later of the file and its `-wal` or `.wal`; ms since 1970. */
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

export interface PassedOver extends PlainError {
  readonly path: string;
  /** ms since 1970; undefined where it could not be looked at. */
  readonly modifiedMs?: number;
}

export interface LocatedStores {
  /** Newest first. */
  readonly candidates: readonly StoreCandidate[];
  readonly passedOver: readonly PassedOver[];
}

/** Where ipfs_kit_py and its command line keep pins, below their data folder. `*` stands for each folder there. */
const FOLDERS = [[], ['pin_metadata'], ['pin_metadata', 'parquet_storage'], ['enhanced_pin_index'], ['pins'], ['backends', '*']];
/** Other files in these folders are logs, lists and settings; what a file is, is told by its content alone. */
const DATABASE_NAME = /\.(?:db3?|sqlite3?|duckdb|parquet)$/i;
/** A folder may hold anything: so many entries are looked at, and so many files of those, in the order of their names. */
const MAX_ENTRIES = 5_000;
const MAX_FILES = 200;
const MAX_BACKENDS = 50;

/**
 * The stores at a path: that file, or those in the known places below that folder. Links are followed to files.
 * Throws IpfsKitError: missing, unreadable, not-a-file; of a file that is named, not of those below a folder, which are passed over.
 */
export function locateStores(databasePath: string): LocatedStores {
  const status = statusOf(databasePath);
  if (!status)
    throw new IpfsKitError(
      'missing',
      `There is no pin database: ${databasePath} is not there. Start the daemon once, or set ipfsKit.database.path.`,
    );
  if (status.isFile()) return { candidates: [candidate(databasePath)], passedOver: [] };
  if (!status.isDirectory())
    throw new IpfsKitError(
      'not-a-file',
      `${databasePath} is neither a file nor a folder. Set ipfsKit.database.path to a database file or its folder.`,
    );
  const candidates: StoreCandidate[] = [];
  const passedOver: PassedOver[] = [];
  const take = (at: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      passedOver.push({ path: at, ...toPlainError(error) });
    }
  };
  for (const folder of FOLDERS.flatMap((steps) => foldersAt(databasePath, steps)))
    take(folder, () => {
      for (const file of databaseFiles(folder)) take(file, () => candidates.push(candidate(file)));
    });
  candidates.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return { candidates, passedOver };
}

/** The folders below which stores are looked for, those that are there and those that may come; the file's own for a file. */
export function storeFolders(databasePath: string): string[] {
  let isFile = false;
  try {
    isFile = statusOf(databasePath)?.isDirectory() === false;
  } catch {
    // whoever reads it will be told why
  }
  // What belongs to a file lies beside the file itself, not beside a link to it.
  return isFile
    ? [...new Set([databasePath, realFile(databasePath)].map((file) => path.dirname(file)))]
    : FOLDERS.flatMap((steps) => foldersAt(databasePath, steps));
}

/** Whether a file of this name, or what lies beside one, tells of pins. */
export function isStoreName(name: string): boolean {
  return DATABASE_NAME.test(name.replace(/(?:-wal|-journal|\.wal)$/, ''));
}

function foldersAt(root: string, steps: readonly string[]): string[] {
  if (!steps.includes('*')) return [path.join(root, ...steps)];
  const parent = path.join(root, ...steps.slice(0, -1));
  try {
    const folders = entries(parent).filter(({ isFolder }) => isFolder);
    return folders.slice(0, MAX_BACKENDS).map(({ name }) => path.join(parent, name));
  } catch {
    return []; // no list of backends, no stores of theirs
  }
}

/** Throws unreadable; a folder that is not there has none. */
function databaseFiles(folder: string): string[] {
  if (statusOf(folder)?.isDirectory() !== true) return [];
  const files = entries(folder).filter(({ name, isFolder }) => !isFolder && DATABASE_NAME.test(name));
  return files.slice(0, MAX_FILES).map(({ name }) => path.join(folder, name));
}

function entries(folder: string): { readonly name: string; readonly isFolder: boolean }[] {
  const found: { name: string; isFolder: boolean }[] = [];
  try {
    const directory = opendirSync(folder);
    try {
      for (let entry = directory.readSync(); entry && found.length < MAX_ENTRIES; entry = directory.readSync())
        found.push({ name: entry.name, isFolder: entry.isDirectory() });
    } finally {
      directory.closeSync();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new IpfsKitError(
      'unreadable',
      `${folder} cannot be listed (${code}). Change its permissions, or set ipfsKit.database.path to a database file.`,
      { cause: error },
    );
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function candidate(file: string): StoreCandidate {
  const format = sniff(file);
  const status = statusOf(file);
  const wal = statusOf(format === 'duckdb' ? `${file}.wal` : `${realFile(file)}-wal`);
  return {
    path: file,
    format,
    modifiedMs: Math.max(status?.mtimeMs ?? 0, wal && wal.size > 0 ? wal.mtimeMs : 0),
    sizeBytes: status?.size ?? 0,
  };
}

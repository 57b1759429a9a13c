import path from 'node:path';
import { nameOf } from '../base/settingOrOption';
import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { FolderEntry, ParquetSet } from './parquet/parquetSet';
import { entriesOf, isIgnored, isSetFolder, parquetSet } from './parquet/parquetSet';
import { realFile, statusOf, writtenMs } from '../base/regularFile';
import { noDatabase } from './noPinsYet';
import type { StoreFormat } from './sniff';
import { sniff } from './sniff';

export interface StoreCandidate {
  /** A file, or the folder of a Parquet set (parquetSet.ts). */
  readonly path: string;
  readonly format: StoreFormat;
  /** When the file or its `-wal` or `.wal` was last written, the later one, in ms since 1970. */
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  /** The files of a set. */
  readonly parts?: readonly string[];
}

export interface PassedOver extends PlainError {
  readonly path: string;
  /** ms since 1970; undefined where the file's status couldn't be read. */
  readonly modifiedMs?: number;
}

interface LocatedStores {
  /** Newest first. */
  readonly candidates: readonly StoreCandidate[];
  readonly passedOver: readonly PassedOver[];
}

/** Where ipfs_kit_py and its command line keep pins, below their data folder. `*` stands for each folder there. */
const FOLDERS = [[], ['pin_metadata'], ['pin_metadata', 'parquet_storage'], ['enhanced_pin_index'], ['pins'], ['backends', '*']];
/** Other files in these folders are logs, lists and settings. Only the content determines the format of a file. */
const DATABASE_NAME = /\.(?:db3?|sqlite3?|duckdb|parquet)$/i;
/** The pins of ipfs_kit_py's dashboard, in the topmost folder. Other JSON files there are settings. */
const DASHBOARD_LIST = 'pins.json';
/** The folders whose Parquet files hold one list together. */
const BACKENDS = ['backends'];
/** A folder may contain anything, so only this many entries, and this many files of those, are looked at, in the order of their names. */
const MAX_ENTRIES = 5_000;
const MAX_FILES = 200;
const MAX_BACKENDS = 50;

/**
 * The stores at a path: that file, or those in the known places below that folder, a Parquet set as one of them. Links to files are followed. Throws
 * IpfsKitError: missing, unreadable, not-a-file; for a file that is named, not for files below a folder, which are skipped.
 */
export function locateStores(databasePath: string): LocatedStores {
  const status = statusOf(databasePath);
  if (!status) throw noDatabase(`There is no pin database: ${databasePath} doesn't exist.`);
  if (status.isFile()) return { candidates: [candidate(databasePath)], passedOver: [] };
  if (!status.isDirectory())
    throw new IpfsKitError(
      'not-a-file',
      `${databasePath} is neither a file nor a folder. Set ${nameOf('database')} to a database file or its folder.`,
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
  /** The parts of a set aren't stores themselves. */
  const parts = new Set<string>();
  const takeSet = (folder: string): ParquetSet | undefined => {
    let set: ParquetSet | undefined;
    take(folder, () => {
      set = statusOf(folder)?.isDirectory() === true ? parquetSet(folder) : undefined;
      if (!set) return;
      for (const { file } of set.parts) parts.add(file);
      candidates.push(setCandidate(folder, set.parts));
    });
    return set;
  };
  takeSet(path.join(databasePath, ...BACKENDS));
  passedOver.push(...linkedBackends(path.join(databasePath, ...BACKENDS)));
  for (const folder of FOLDERS.flatMap((steps) => foldersAt(databasePath, steps))) {
    const set = takeSet(folder);
    const isOfSet = (name: string): boolean => set !== undefined && (isIgnored(name) || (set.isWhole && isSetFolder(name)));
    const isStore = (file: string): boolean => !parts.has(file) && !isOfSet(path.basename(file));
    take(folder, () => {
      const { files, folders } = storesIn(folder, folder === path.join(databasePath));
      for (const inner of folders) if (![...parts].some((part) => part.startsWith(`${inner}${path.sep}`))) takeSet(inner);
      for (const file of files.filter(isStore)) take(file, () => candidates.push(candidate(file)));
    });
  }
  candidates.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return { candidates, passedOver };
}

/** The folders in which stores may be, existing or not; for a file, its own folder. */
export function storeFolders(databasePath: string): string[] {
  let isFile = false;
  try {
    isFile = statusOf(databasePath)?.isDirectory() === false;
  } catch {
    // The error is reported when the file is read.
  }
  // Side files lie beside the file itself, not beside a link to it.
  return isFile
    ? [...new Set([databasePath, realFile(databasePath)].map((file) => path.dirname(file)))]
    : FOLDERS.flatMap((steps) => foldersAt(databasePath, steps));
}

/** Whether a file of this name, or its side file, may hold pins. */
export function isStoreName(name: string): boolean {
  return isDashboardList(name) || DATABASE_NAME.test(name.replace(/(?:-wal|-journal|\.wal)$/, ''));
}

export function isDashboardList(file: string): boolean {
  return path.basename(file) === DASHBOARD_LIST;
}

function foldersAt(root: string, steps: readonly string[]): string[] {
  if (!steps.includes('*')) return [path.join(root, ...steps)];
  const parent = path.join(root, ...steps.slice(0, -1));
  const folders = namesIn(parent).filter(({ isFolder }) => isFolder);
  return folders.slice(0, MAX_BACKENDS).map(({ name }) => path.join(parent, name));
}

function linkedBackends(folder: string): PassedOver[] {
  const links = namesIn(folder).filter(({ isLink }) => isLink);
  if (links.length === 0) return [];
  const names = links.slice(0, 3).map(({ name }) => name);
  const message = `Symbolic links in ${folder} aren't followed: ${names.join(', ')}${links.length > 3 ? ', …' : ''}. To list one, set ${nameOf('database')} to the folder that it leads to.`;
  return [{ path: folder, reason: 'left-out', message }];
}

function namesIn(folder: string): readonly FolderEntry[] {
  try {
    return entriesOf(folder, MAX_ENTRIES);
  } catch {
    return []; // without a list of backends there are no stores of backends
  }
}

/** Throws unreadable; a folder that doesn't exist has no stores. */
function storesIn(
  folder: string,
  isTopmost: boolean,
): { readonly files: readonly string[]; readonly folders: readonly string[] } {
  if (statusOf(folder)?.isDirectory() !== true) return { files: [], folders: [] };
  const isNamed = (name: string): boolean => DATABASE_NAME.test(name) || (isTopmost && isDashboardList(name));
  const named = entriesOf(folder, MAX_ENTRIES).filter(({ name }) => isNamed(name));
  const first = (folders: boolean): string[] =>
    named
      .filter(({ isFolder }) => isFolder === folders)
      .slice(0, MAX_FILES)
      .map(({ name }) => path.join(folder, name));
  return { files: first(false), folders: first(true).filter((inner) => isSetFolder(path.basename(inner))) };
}

function setCandidate(folder: string, parts: readonly { readonly file: string }[]): StoreCandidate {
  const found = parts.map(({ file }) => statusOf(file));
  return {
    path: folder,
    format: 'parquet',
    modifiedMs: Math.max(0, ...found.map((status) => (status ? writtenMs(status) : 0))),
    sizeBytes: found.reduce((sum, status) => sum + (status?.size ?? 0), 0),
    parts: parts.map(({ file }) => file),
  };
}

function candidate(file: string): StoreCandidate {
  const format = sniff(file);
  const status = statusOf(file);
  const wal = statusOf(format === 'duckdb' ? `${file}.wal` : `${realFile(file)}-wal`);
  return {
    path: file,
    format,
    modifiedMs: Math.max(status ? writtenMs(status) : 0, wal && wal.size > 0 ? writtenMs(wal) : 0),
    sizeBytes: status?.size ?? 0,
  };
}

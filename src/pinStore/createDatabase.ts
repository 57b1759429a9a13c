import { lstatSync, readdirSync } from 'node:fs';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { nameOf } from '../base/settingOrOption';
import { IpfsKitError } from '../base/ipfsKitError';
import { holderText, isOpenByAnyone } from './databaseLocks';
import { locateStores } from './locate';
import { unreadable } from '../base/regularFile';

/** Where a new pin database may be created: at a path that doesn't exist, or in an empty file. */
export interface NewDatabase {
  readonly path: string;
  readonly replacesEmptyFile: boolean;
}

const SQLITE_NAME = /\.(?:db3?|sqlite3?)$/i;
/** Where ipfs_kit_py's command line looks for a SQLite database. */
const USUAL_PATH = ['pin_metadata', 'pins.db'];
const SIDE_FILES = ['-wal', '-journal', '-shm'];

/**
 * Where the pin database would be created for this value of ipfsKit.database.path. A file with content is never chosen. Throws IpfsKitError: invalid-argument
 * where there is no such path, unreadable, not-a-file.
 */
export function newDatabaseLocation(databasePath: string): NewDatabase {
  const status = lookAt(databasePath);
  if (!status) return fileFor(SQLITE_NAME.test(databasePath) ? databasePath : path.join(databasePath, ...USUAL_PATH));
  if (!status.isDirectory()) return fileFor(databasePath);
  const empty = locateStores(databasePath).candidates.find(
    ({ format, path: file }) => format === 'empty' && SQLITE_NAME.test(file),
  );
  return fileFor(empty?.path ?? path.join(databasePath, ...USUAL_PATH));
}

function fileFor(file: string): NewDatabase {
  const status = lookAt(file);
  if (!status) return { path: file, replacesEmptyFile: false };
  if (status.isSymbolicLink() || !status.isFile())
    throw new IpfsKitError(
      'not-a-file',
      `${file} is a link or isn't a regular file, so no database was created there. Set ${nameOf('database')} to another.`,
    );
  if (status.size > 0 || !SQLITE_NAME.test(file))
    throw new IpfsKitError(
      'invalid-argument',
      `${file} already exists and isn't overwritten. Set ${nameOf('database')} to a path that doesn't exist.`,
    );
  return { path: file, replacesEmptyFile: true };
}

function lookAt(file: string): ReturnType<typeof lstatSync> | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * Creates the new database: completely or not at all, and never over a file with content. Rejects with IpfsKitError: busy where another program has the file
 * open or created it first, invalid-argument, not-a-file, unreadable.
 */
export async function createDatabase({ path: file, replacesEmptyFile }: NewDatabase, content: Uint8Array): Promise<void> {
  const fresh = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeNew(fresh, content);
    refuseSideFiles(file);
    if (replacesEmptyFile) await replaceEmpty(file, fresh);
    else await putWhereNothingIs(file, fresh, content);
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'EEXIST') throw wasFirst(file, error);
    throw new IpfsKitError(
      'unreadable',
      `${file} can't be created (${code}). Change the permissions of its folder, or set ${nameOf('database')} to another.`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(fresh, { force: true });
  }
}

async function writeNew(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A link is created only where nothing exists, unlike rename, which would replace a file that another program has created meanwhile. */
async function putWhereNothingIs(file: string, fresh: string, content: Uint8Array): Promise<void> {
  try {
    await link(fresh, file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES', 'EMLINK'].includes(code)) throw error;
    await writeNew(file, content); // The file system has no links: the file is created exclusively, and written at once except in a crash.
  }
}

/**
 * SQLite has no lock that can be taken from here. A program could still open the file between the last check and the rename: it would continue with the empty
 * file, which no longer has a name, and its first write fails with SQLITE_READONLY_DBMOVED.
 */
async function replaceEmpty(file: string, fresh: string): Promise<void> {
  const before = lookAt(file);
  if (isOpenByAnyone(file))
    throw new IpfsKitError(
      'busy',
      [`${file} is open in another program that is about to write to it. Refresh when it has finished.`, await holderText(file)]
        .join(' ')
        .trim(),
    );
  const now = lookAt(file);
  if (now?.isFile() !== true || now.size !== 0 || now.ino !== before?.ino) throw wasFirst(file);
  await rename(fresh, file);
}

function refuseSideFiles(file: string): void {
  const names = new Set(readdirSync(path.dirname(file)));
  const side = SIDE_FILES.find((suffix) => names.has(path.basename(file) + suffix));
  if (side !== undefined)
    throw new IpfsKitError(
      'busy',
      `${file}${side} exists: another program is using ${file}, or its database was removed. Refresh, or move that file.`,
    );
}

function wasFirst(file: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('busy', `${file} was just created by another program. Refresh to see it.`, { cause });
}

import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { IpfsKitError } from './ipfsKitError';

/**
 * Writes a file beside the target, which then replaces it: the target stays as it is if anything goes wrong. Rejects with IpfsKitError: unreadable or
 * not-a-file where the file can't be written, cancelled, and the errors of `fill`.
 */
export async function replaceFile<T>(
  file: string,
  signal: AbortSignal | undefined,
  fill: (handle: FileHandle) => Promise<T>,
  modeOfNew = 0o666,
): Promise<T> {
  const place = await placeOf(file, modeOfNew);
  const fresh = path.join(
    path.dirname(place.file),
    `.${path.basename(place.file).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    const handle = await open(fresh, 'wx', place.mode).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    let result: T;
    try {
      result = await fill(handle);
    } finally {
      await handle.close();
    }
    if (signal) stopIfCanceled(signal);
    await rename(fresh, place.file).catch((error: unknown) => {
      throw unwritable(file, error);
    });
    return result;
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Writes the whole piece at this position of the file. Rejects with IpfsKitError, naming `file`. */
export async function writeWhole(file: string, handle: FileHandle, piece: Uint8Array, position: number): Promise<void> {
  try {
    for (let from = 0; from < piece.length;)
      from += (await handle.write(piece, from, piece.length - from, position + from)).bytesWritten;
  } catch (error) {
    throw unwritable(file, error);
  }
}

export function stopIfCanceled(signal: AbortSignal): void {
  if (signal.aborted) throw new IpfsKitError('cancelled', 'Canceled. Nothing was written.');
}

/** A link stays a link: its target is replaced. A file keeps its permissions. */
async function placeOf(file: string, modeOfNew: number): Promise<{ readonly file: string; readonly mode: number }> {
  try {
    const real = realpathSync(file);
    const status = await stat(real);
    if (!status.isFile())
      throw new IpfsKitError('not-a-file', `${file} isn't a regular file, so nothing was written. Choose another name.`);
    return { file: real, mode: status.mode & 0o777 };
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    if (codeOf(error) === 'ENOENT') return { file, mode: modeOfNew };
    throw unwritable(file, error);
  }
}

const SAYS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room, or choose another folder',
  EDQUOT: 'the disk quota is used up. Make room, or choose another folder',
  EACCES: 'permission was denied. Choose another folder',
  EPERM: 'permission was denied. Choose another folder',
  EROFS: 'the file system is read-only. Choose another folder',
  ENOENT: "its folder doesn't exist. Choose another folder",
  ENOTDIR: "its folder doesn't exist. Choose another folder",
  EFBIG: "the file would exceed the file system's size limit. Choose another folder",
  ENAMETOOLONG: 'its name is too long. Choose a shorter one',
};

/** An error of the file system while `file` was written, for people. */
export function unwritable(file: string, error: unknown): IpfsKitError {
  const code = codeOf(error);
  return new IpfsKitError('unreadable', `${file} couldn't be written: ${SAYS[code] ?? code}. Nothing was changed.`, {
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

import type { Stats } from 'node:fs';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { IpfsKitError } from './ipfsKitError';
import { refresh } from './settingOrOption';

/** Not defined on Windows, which has no FIFOs among its files. */
const NON_BLOCKING = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** Opens a regular file for reading: opening a FIFO would wait for its writer forever. Throws missing, not-a-file, unreadable. */
export function openRegularFile(file: string): number {
  let descriptor: number;
  let isFile: boolean;
  try {
    if (!statSync(file).isFile()) throw notAFile(file);
    descriptor = openSync(file, constants.O_RDONLY | NON_BLOCKING);
    isFile = fstatSync(descriptor).isFile();
  } catch (error) {
    throw unreadable(file, error);
  }
  if (isFile) return descriptor;
  closeSync(descriptor); // The file was replaced between the two looks.
  throw notAFile(file);
}

/** The real path of a file: SQLite puts its side files beside that, not beside a link. The path itself where that can't be read. */
export function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file; // The error is reported when the file is opened.
  }
}

/** Undefined where the file doesn't exist. Throws unreadable, also for a path that leads through a file. */
export function statusOf(file: string): Stats | undefined {
  try {
    return statSync(file);
  } catch (error) {
    const reason = unreadable(file, error);
    if (reason.reason === 'missing') return undefined;
    throw reason;
  }
}

/** The last time that is shown, in ms since 1970. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** When a file was written, in ms since 1970, in the years 1970 to 9999: some file systems hold times that no Date has. */
export function writtenMs({ mtimeMs }: Pick<Stats, 'mtimeMs'>): number {
  return Math.min(Math.max(mtimeMs, 0), LATEST_MS);
}

/** Up to `length` bytes; fewer at the end of the file. Throws unreadable, naming `file`. */
export function readBytes(file: string, descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readInto(file, descriptor, bytes, position));
}

/** Fills `bytes` as far as the file goes; returns how many it filled. Throws unreadable, naming `file`. */
export function readInto(file: string, descriptor: number, bytes: Uint8Array, position: number): number {
  let filled = 0;
  try {
    while (filled < bytes.length) {
      const count = readSync(descriptor, bytes, filled, bytes.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
  } catch (error) {
    throw unreadable(file, error);
  }
  return filled;
}

/**
 * The whole content of a file that isn't changed meanwhile. Throws missing, not-a-file, unreadable, too-large past `most` bytes, busy where it was written to.
 */
export function readRegularFile(file: string, most: number): Buffer {
  const descriptor = openRegularFile(file);
  try {
    const before = fstatSync(descriptor, { bigint: true });
    if (before.size > BigInt(most))
      throw new IpfsKitError(
        'too-large',
        `${file} has ${before.size} bytes; at most ${most} are read. Start the daemon to list its pins.`,
      );
    const bytes = readBytes(file, descriptor, 0, Number(before.size));
    const after = fstatSync(descriptor, { bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs || bytes.length !== Number(before.size))
      throw new IpfsKitError('busy', `${file} is being written to. ${refresh()} when the writer has finished.`);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

function notAFile(file: string): IpfsKitError {
  return new IpfsKitError('not-a-file', `${file} isn't a regular file. Choose another file, or its folder.`);
}

/** An error of the file system, with the reason missing or unreadable. */
export function unreadable(file: string, error: unknown): IpfsKitError {
  if (IpfsKitError.is(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT') return new IpfsKitError('missing', `${file} doesn't exist. Check the path.`, { cause: error });
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? `can't be read: you have no permission (${code}). Change its permissions or those of its folders, or choose another location.`
      : `can't be read (${code ?? String(error)}). Check the path, or choose another location.`;
  return new IpfsKitError('unreadable', `${file} ${why}`, { cause: error });
}

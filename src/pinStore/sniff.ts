import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { IpfsKitError } from '../ipfsKitError';

/** What a file is by its first and last bytes; its name is not believed. */
export type StoreFormat = 'sqlite' | 'duckdb' | 'parquet' | 'arrow' | 'empty' | 'unknown';

/** Throws IpfsKitError: missing, not-a-file, unreadable. */
export function sniff(file: string): StoreFormat {
  const descriptor = openRegularFile(file);
  try {
    const { size } = fstatSync(descriptor);
    if (size === 0) return 'empty';
    const head = readBytes(descriptor, 0, 16);
    if (head.toString('latin1') === 'SQLite format 3\0') return 'sqlite';
    if (head.toString('latin1', 8, 12) === 'DUCK') return 'duckdb';
    if (head.toString('latin1', 0, 6) === 'ARROW1') return 'arrow';
    const tail = readBytes(descriptor, Math.max(0, size - 4), 4);
    if (size >= 12 && head.toString('latin1', 0, 4) === 'PAR1' && tail.toString('latin1') === 'PAR1') return 'parquet';
    return 'unknown';
  } catch (error) {
    throw unreadable(file, error);
  } finally {
    closeSync(descriptor);
  }
}

/** Not there on Windows, which has no FIFOs among its files. */
const NON_BLOCKING = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** Opens for reading, regular files alone: opening a FIFO would wait for its writer, for ever. */
export function openRegularFile(file: string): number {
  try {
    if (!statSync(file).isFile())
      throw new IpfsKitError(
        'not-a-file',
        `${file} is not a regular file. Set ipfsKit.database.path to a database file or its folder.`,
      );
    const descriptor = openSync(file, constants.O_RDONLY | NON_BLOCKING);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor); // replaced between the two looks
    throw new IpfsKitError('not-a-file', `${file} is not a regular file any more. Refresh to look again.`);
  } catch (error) {
    throw IpfsKitError.is(error) ? error : unreadable(file, error);
  }
}

export function unreadable(file: string, error: unknown): IpfsKitError {
  if (IpfsKitError.is(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new IpfsKitError('missing', `${file} is not there.`, { cause: error });
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'may not be read by you. Change its permissions'
      : `cannot be read (${code ?? message}). Look at the file`;
  return new IpfsKitError('unreadable', `${file} ${why}, or set ipfsKit.database.path to another.`, { cause: error });
}

/** Up to `length` bytes; fewer at the end of the file. */
export function readBytes(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}

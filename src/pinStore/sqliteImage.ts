import { closeSync, fstatSync } from 'node:fs';
import type { IpfsKitError } from '../ipfsKitError';
import { openRegularFile, readInto, unreadable } from './regularFile';

/**
 * A database as sql.js wants it, read page by page when SQLite asks.
 *
 * sql.js hands the "array" it is given to Emscripten's in-memory file system, which keeps what `slice` returns and from then on copies out
 * what `subarray` returns (MEMFS.write and MEMFS.read of Emscripten, as bundled in sql.js 1.16.0; sqliteReader.ts tests it before use).
 * An object with these four members therefore makes a 3 GB file open in the time of a small one.
 */
export interface LazyBytes {
  readonly length: number;
  readonly buffer: ArrayBuffer;
  slice(): LazyBytes;
  /** Valid until the next call. */
  subarray(begin: number, end: number): Uint8Array;
}

export interface SqliteImage {
  readonly bytes: LazyBytes;
  /** Bytes read from the file so far. */
  bytesRead(): number;
  /** What the file system said when a read failed; SQLite was given zeros then, since an error must not unwind through its frames. */
  failure(): IpfsKitError | undefined;
  /** A second call does nothing. */
  close(): void;
}

/** Fills `into` from a position on; how many bytes there were. */
export type ReadAt = (into: Uint8Array, position: number) => number;

const READ_AHEAD = 65_536;

/** Bytes that are read when they are asked for; ahead once they are asked for one after the other. */
export function lazyBytes(length: number, readAt: ReadAt): LazyBytes {
  let buffer = new Uint8Array(0);
  /** The stretch that the buffer holds. */
  let [from, to] = [0, 0];
  let lastEnd = -1;
  const lazy: LazyBytes = {
    length,
    buffer: new ArrayBuffer(0),
    slice: () => lazy,
    subarray: (begin, end) => {
      if (begin < from || end > to) {
        const ahead = begin === lastEnd ? Math.min(READ_AHEAD, length - begin) : 0;
        const wanted = Math.max(end - begin, ahead);
        if (buffer.length < wanted) buffer = new Uint8Array(wanted);
        const filled = readAt(buffer.subarray(0, wanted), begin);
        buffer.fill(0, filled, wanted); // the file has become shorter: the fingerprint will say so
        [from, to] = [begin, begin + wanted];
        showRollbackMode(buffer, from, to);
      }
      lastEnd = end;
      return buffer.subarray(begin - from, end - from);
    },
  };
  return lazy;
}

/** Bytes 18 and 19 are 2 in WAL mode; shown as 1, SQLite asks for no shared memory (sqlite.org/fileformat2.html, 1.3.3). */
export function showRollbackMode(bytes: Uint8Array, from = 0, to = bytes.length): void {
  for (const at of [18, 19]) if (at >= from && at < to && bytes[at - from] === 2) bytes[at - from] = 1;
}

/** Throws missing, not-a-file, unreadable. */
export function openSqliteImage(file: string): SqliteImage {
  let descriptor = openRegularFile(file);
  let bytesRead = 0;
  let failure: IpfsKitError | undefined;
  const close = (): void => {
    const closing = descriptor;
    descriptor = -1; // closed twice, the number could be another file's by then
    if (closing !== -1) closeSync(closing);
  };
  const readAt: ReadAt = (into, position) => {
    try {
      const filled = readInto(file, descriptor, into, position);
      bytesRead += filled;
      return filled;
    } catch (error) {
      failure = unreadable(file, error);
      return 0;
    }
  };
  try {
    const bytes = lazyBytes(fstatSync(descriptor).size, readAt);
    return { bytes, bytesRead: () => bytesRead, failure: () => failure, close };
  } catch (error) {
    close();
    throw unreadable(file, error);
  }
}

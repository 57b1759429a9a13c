import { closeSync, fstatSync } from 'node:fs';
import type { IpfsKitError } from '../../base/ipfsKitError';
import { canceled } from '../../base/ipfsKitError';
import { openRegularFile, readInto, unreadable } from '../../base/regularFile';
import { readHotJournal } from './sqliteJournal';
import type { ByteSource, PageLayer, ReadAt, SideFile } from './sqlitePageLayer';
import { openSideFile, withLayer } from './sqlitePageLayer';
import { readWal } from './sqliteWal';

/**
 * A database in the form that sql.js requires, read page by page when SQLite asks.
 *
 * sql.js hands the "array" it is given to Emscripten's in-memory file system, which keeps what `slice` returns and from then on copies out
 * what `subarray` returns (MEMFS.write and MEMFS.read of Emscripten, as bundled in sql.js 1.16.0; the tests of this folder read less than the file through it).
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
  /** The files beside the database that were needed to tell its content: `-journal`, `-wal`. */
  readonly merged: readonly string[];
  /** Bytes read for SQLite so far, without those read to find out what is committed. */
  bytesRead(): number;
  /** The error of the file system when a read failed. SQLite gets zeros then, since an exception must not unwind through its frames. */
  failure(): IpfsKitError | undefined;
  /**
   * Checked at each read from now on: once it returns true, the running query fails with `cancelled`. SQLite runs without a pause, so no message arrives in
   * between.
   */
  stopIf(isStopped: () => boolean): void;
  /** A second call does nothing. */
  close(): void;
}

const READ_AHEAD = 65_536;

/** Bytes that are read on demand, and ahead once they are requested in sequence. */
export function lazyBytes(length: number, readAt: ReadAt): LazyBytes {
  let buffer = new Uint8Array(0);
  /** The range of the file that is in the buffer. */
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
        buffer.fill(0, filled, wanted); // the file has become shorter, which the fingerprint will show
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

/**
 * The database as its last committed transaction left it: the main file with the pages that an unfinished transaction has overwritten restored from its
 * rollback journal, and with the committed pages of its write-ahead log. SQLite looks for both in this order. Throws missing, not-a-file, unreadable, busy,
 * too-large, unsupported.
 */
export function openSqliteImage(file: string): SqliteImage {
  const descriptor = openRegularFile(file);
  const sides: SideFile[] = [];
  let bytesRead = 0;
  let failure: IpfsKitError | undefined;
  let isStopped = (): boolean => false;
  let closed = false;
  const close = (): void => {
    if (closed) return; // if closed twice, the descriptor could belong to another file by then
    closed = true;
    closeSync(descriptor);
    for (const side of sides) side.close();
  };
  try {
    const readMain: ReadAt = (into, position) => readInto(file, descriptor, into, position);
    let source: ByteSource = { length: fstatSync(descriptor).size, readAt: readMain };
    const merged: string[] = [];
    const lay = (suffix: string, read: (side: SideFile) => PageLayer | undefined): void => {
      const side = openSideFile(file + suffix);
      if (!side) return;
      sides.push(side);
      const layer = read(side);
      if (!layer) return;
      source = withLayer(source, layer, side.readAt);
      merged.push(suffix);
    };
    // SQLite discards both if the database has no page; a file of one byte counts as empty (unixFileSize in os_unix.c).
    if (source.length > 1) {
      lay('-journal', readHotJournal);
      lay('-wal', readWal);
    }
    const { length, readAt } = source;
    const counted: ReadAt = (into, position) => {
      try {
        if (failure ?? isStopped()) throw failure ?? canceled();
        const filled = readAt(into, position);
        bytesRead += filled;
        return filled;
      } catch (error) {
        failure = unreadable(file, error);
        return 0;
      }
    };
    return {
      bytes: lazyBytes(length, counted),
      merged,
      bytesRead: () => bytesRead,
      failure: () => failure,
      stopIf: (asked) => (isStopped = asked),
      close,
    };
  } catch (error) {
    close();
    throw unreadable(file, error);
  }
}

import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegularFile, unreadable } from './sniff';

/**
 * A database file as sql.js wants it, read page by page when SQLite asks.
 *
 * sql.js hands the "array" it is given to Emscripten's in-memory file system, which keeps what `slice` returns and from then on reads by
 * `subarray` alone (MEMFS.write and MEMFS.read of Emscripten, as bundled in sql.js 1.16.0; checked by the self-test of sqliteReader.ts).
 * An object with these four members therefore makes a 3 GB file open in the time of a small one.
 */
export interface SqliteImage {
  readonly length: number;
  readonly buffer: ArrayBuffer;
  slice(): SqliteImage;
  subarray(begin: number, end: number): Uint8Array;
  /** Bytes read from the file so far. */
  bytesRead(): number;
  close(): void;
}

const READ_AHEAD = 65_536;

export function openSqliteImage(file: string): SqliteImage {
  let descriptor = openRegularFile(file);
  const length = fstatSync(descriptor).size;
  let bytesRead = 0;
  /** The last stretch that was read: a scan asks for page after page. */
  let window = { start: 0, bytes: new Uint8Array(0) };
  let lastEnd = -1;

  const read = (start: number, wanted: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(wanted); // a short read leaves zeros
    let filled = 0;
    try {
      while (filled < wanted) {
        const count = readSync(descriptor, bytes, filled, wanted - filled, start + filled);
        if (count === 0) break;
        filled += count;
      }
    } catch (error) {
      throw unreadable(file, error);
    }
    bytesRead += filled;
    return bytes;
  };

  /** Bytes 18 and 19 say whether the file is in WAL mode; shown as 1, SQLite wants no shared memory (sqlite.org/fileformat2.html, 1.3.3). */
  const withoutWal = (bytes: Uint8Array<ArrayBuffer>, start: number): Uint8Array<ArrayBuffer> => {
    for (const at of [18, 19]) if (at >= start && at < start + bytes.length && bytes[at - start] === 2) bytes[at - start] = 1;
    return bytes;
  };

  const image: SqliteImage = {
    length,
    buffer: new ArrayBuffer(0),
    slice: () => image,
    subarray: (begin, end) => {
      const inside = begin >= window.start && end <= window.start + window.bytes.length;
      if (!inside) {
        const sequential = begin === lastEnd;
        window = {
          start: begin,
          bytes: withoutWal(read(begin, Math.max(end - begin, sequential ? Math.min(READ_AHEAD, length - begin) : 0)), begin),
        };
      }
      lastEnd = end;
      return window.bytes.subarray(begin - window.start, end - window.start);
    },
    bytesRead: () => bytesRead,
    close: () => {
      const closing = descriptor;
      descriptor = -1; // closed twice, the number could be another file's by then
      if (closing !== -1) closeSync(closing);
    },
  };
  return image;
}

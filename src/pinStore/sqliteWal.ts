import { closeSync, fstatSync } from 'node:fs';
import { openRegularFile, readBytes, statusOf } from './regularFile';

/** The committed content of a write-ahead log (sqlite.org/fileformat2.html, section 4). */
export interface WalPages {
  readonly pageSize: number;
  /** Pages of the database after the last commit. */
  readonly pageCount: number;
  /** Page number → offset in the log of its newest committed content. */
  readonly offsets: ReadonlyMap<number, number>;
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** A longer log is not walked: left alone, SQLite keeps one near 4 MB. */
const LONGEST_WAL = 2 ** 28;

/**
 * Whether the log holds a committed page that differs from the main file. A log that has been checkpointed but is still there does not.
 * A log too long to walk counts as one that does. Throws unreadable, missing.
 */
export function hasUnmergedWal(file: string): boolean {
  const wal = `${file}-wal`;
  const status = statusOf(wal);
  if (!status?.isFile() || status.size <= HEADER_BYTES) return false;
  const log = openRegularFile(wal);
  try {
    const { size } = fstatSync(log);
    if (size > LONGEST_WAL) return true;
    const pages = readWal(wal, log, size);
    return pages !== undefined && pages.pageCount > 0 && differs(file, pages, wal, log);
  } finally {
    closeSync(log);
  }
}

function differs(file: string, { pageSize, pageCount, offsets }: WalPages, wal: string, log: number): boolean {
  const main = openRegularFile(file);
  try {
    if (fstatSync(main).size !== pageCount * pageSize) return true;
    for (const [page, offset] of offsets) {
      if (page > pageCount) continue; // cut off by a later commit
      if (!readBytes(wal, log, offset, pageSize).equals(readBytes(file, main, (page - 1) * pageSize, pageSize))) return true;
    }
    return false;
  } finally {
    closeSync(main);
  }
}

/** Undefined where the header is not that of a log. Frames count as long as salts and running checksum agree, and up to the last commit. */
export function readWal(wal: string, log: number, size: number): WalPages | undefined {
  const header = readBytes(wal, log, 0, HEADER_BYTES);
  if (header.length < HEADER_BYTES) return undefined;
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || header.readUInt32BE(4) !== 3_007_000) return undefined;
  const littleEndian = (magic & 1) === 0;
  const pageSize = header.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  let sums = checksum([0, 0], header.subarray(0, 24), littleEndian);
  if (sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) return undefined;
  const salts = header.subarray(16, 24);
  const offsets = new Map<number, number>();
  const pending = new Map<number, number>();
  let pageCount = 0;
  for (let at = HEADER_BYTES; at + FRAME_HEADER_BYTES + pageSize <= size; at += FRAME_HEADER_BYTES + pageSize) {
    const frame = readBytes(wal, log, at, FRAME_HEADER_BYTES + pageSize);
    if (frame.length < FRAME_HEADER_BYTES + pageSize || !frame.subarray(8, 16).equals(salts)) break;
    const page = frame.readUInt32BE(0);
    if (page === 0) break;
    sums = checksum(checksum(sums, frame.subarray(0, 8), littleEndian), frame.subarray(FRAME_HEADER_BYTES), littleEndian);
    if (sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20)) break;
    pending.set(page, at + FRAME_HEADER_BYTES);
    const pagesAfterCommit = frame.readUInt32BE(4);
    if (pagesAfterCommit === 0) continue;
    for (const [number, offset] of pending) offsets.set(number, offset);
    pending.clear();
    pageCount = pagesAfterCommit;
  }
  return { pageSize, pageCount, offsets };
}

type Sums = readonly [number, number];

function checksum([first, second]: Sums, bytes: Buffer, littleEndian: boolean): Sums {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [a, b] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + view.getUint32(at, littleEndian) + b) >>> 0;
    b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0;
  }
  return [a, b];
}

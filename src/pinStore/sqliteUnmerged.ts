import { closeSync, fstatSync, statSync } from 'node:fs';
import { IpfsKitError } from '../ipfsKitError';
import { openRegularFile, readBytes } from './sniff';

const JOURNAL_MAGIC = 'd9d505f920a163d7';
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
/** A write-ahead log past this is not walked. Left alone by SQLite, one ends near 4 MB. */
const MAX_WAL = 2 ** 28;

/** Throws `busy` where the main file alone is not the truth: committed pages only in `-wal`, or uncommitted ones that a hot `-journal` takes back. */
export function refuseUnmerged(file: string): void {
  if (hasHotJournal(file)) throw busy(file, 'holds an unfinished transaction (a -journal file is beside it)');
  if (hasUnmergedWal(file)) throw busy(file, 'has committed changes that are only in its -wal file');
}

function busy(file: string, what: string): IpfsKitError {
  return new IpfsKitError(
    'busy',
    `${file} ${what}; without them its pins could be wrong. Start the daemon, which merges them, or refresh when the writer is done.`,
  );
}

/** A journal is hot when its header has not been zeroed (sqlite.org/fileformat2.html, section 3). */
function hasHotJournal(file: string): boolean {
  const journal = `${file}-journal`;
  const status = statSync(journal, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size < 28) return false;
  const descriptor = openRegularFile(journal);
  try {
    return readBytes(descriptor, 0, 8).toString('hex') === JOURNAL_MAGIC;
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a page of the last commit in the `-wal` differs from the main file. A log that is checkpointed but still there does not. */
function hasUnmergedWal(file: string): boolean {
  const wal = `${file}-wal`;
  const status = statSync(wal, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size <= WAL_HEADER) return false;
  const log = openRegularFile(wal);
  const main = openRegularFile(file);
  try {
    const { size } = fstatSync(log);
    const committed = committedPages(log, Math.min(size, MAX_WAL));
    if (!committed) return false;
    if (size > MAX_WAL) return true;
    const { pageSize, frames } = committed;
    for (const [page, offset] of frames) {
      const logged = readBytes(log, offset, pageSize);
      if (!logged.equals(readBytes(main, (page - 1) * pageSize, pageSize))) return true;
    }
    return false;
  } finally {
    closeSync(log);
    closeSync(main);
  }
}

/** Page number → offset of its newest committed content. Frames count as long as salts and running checksum agree (walformat.html, section 1). */
function committedPages(log: number, size: number): { pageSize: number; frames: Map<number, number> } | undefined {
  const header = readBytes(log, 0, WAL_HEADER);
  const magic = header.readUInt32BE(0);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || header.readUInt32BE(4) !== 3_007_000) return undefined;
  const bigEndian = (magic & 1) === 1;
  const pageSize = header.readUInt32BE(8) === 1 ? 65_536 : header.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;
  let sums = checksum([0, 0], header.subarray(0, 24), bigEndian);
  if (sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) return undefined;
  const salts = header.subarray(16, 24);
  const committed = new Map<number, number>();
  const pending = new Map<number, number>();
  for (let at = WAL_HEADER; at + FRAME_HEADER + pageSize <= size; at += FRAME_HEADER + pageSize) {
    const frame = readBytes(log, at, FRAME_HEADER + pageSize);
    if (!frame.subarray(8, 16).equals(salts)) break;
    sums = checksum(checksum(sums, frame.subarray(0, 8), bigEndian), frame.subarray(FRAME_HEADER), bigEndian);
    if (sums[0] !== frame.readUInt32BE(16) || sums[1] !== frame.readUInt32BE(20)) break;
    pending.set(frame.readUInt32BE(0), at + FRAME_HEADER);
    if (frame.readUInt32BE(4) === 0) continue;
    for (const [page, offset] of pending) committed.set(page, offset);
    pending.clear();
  }
  return { pageSize, frames: committed };
}

type Sums = readonly [number, number];

function checksum([first, second]: Sums, bytes: Buffer, bigEndian: boolean): Sums {
  let [a, b] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (bigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}

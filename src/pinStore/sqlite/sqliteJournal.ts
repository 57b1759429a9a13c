import { IpfsKitError } from '../../base/ipfsKitError';
import type { ByteSource, PageLayer, SideFile } from './sqlitePageLayer';
import { isPageSize } from './sqlitePageLayer';

/*
 * The pages that a rollback journal restores, as SQLite does when it finds a journal that was left behind (sqlite.org/fileformat2.html, section 3). SQLite
 * writes the magic number last, before it changes the database, and zeroes it to commit (sqlite.org/atomiccommit.html, 3.6 and 7.2).
 */

const MAGIC = 'd9d505f920a163d7';
const HEADER_BYTES = 28;
const ALL_THAT_FOLLOW = 0xffffffff;
/** The page with the bytes that SQLite locks is never written (sqlite.org/fileformat2.html, 1.4). */
const LOCK_BYTE = 0x40000000;
const SMALLEST_SECTOR = 32;
const LARGEST_SECTOR = 65_536;
const LONGEST_JOURNAL = 2 ** 32;
const BATCH_BYTES = 2 ** 20;

/** Undefined where nothing has to be restored. Throws busy for a transaction over several databases, too-large, and the errors of reading. */
export function readHotJournal({ path, length, readAt }: Pick<SideFile, 'path' | keyof ByteSource>): PageLayer | undefined {
  const header = Buffer.alloc(HEADER_BYTES);
  if (length < 512 || readAt(header, 0) < HEADER_BYTES || !isHeader(header)) return undefined;
  const pageSize = header.readUInt32BE(24) || 4096; // 0 in very old journals
  const sectorSize = header.readUInt32BE(20);
  const isSector = sectorSize >= SMALLEST_SECTOR && sectorSize <= LARGEST_SECTOR && (sectorSize & (sectorSize - 1)) === 0;
  if (!isPageSize(pageSize) || !isSector) return undefined;
  if (namesSuperJournal(length, readAt))
    throw new IpfsKitError(
      'busy',
      `${path} is part of a transaction over several databases, which only SQLite itself can roll back. Open the database once with the program that wrote it, or start the ipfs_kit_py daemon.`,
    );
  if (length > LONGEST_JOURNAL)
    throw new IpfsKitError(
      'too-large',
      `${path} rolls back ${length} bytes; at most ${LONGEST_JOURNAL} are read. Start the ipfs_kit_py daemon, which restores the database.`,
    );
  const pageCount = header.readUInt32BE(16);
  const offsets = new Map<number, number>();
  const layer = { pageSize, pageCount, offsets };
  const lockPage = Math.floor(LOCK_BYTE / pageSize) + 1;
  const recordBytes = pageSize + 8;
  const batch = Buffer.alloc(Math.max(1, Math.floor(BATCH_BYTES / recordBytes)) * recordBytes);

  // There is a segment for each time that the journal was flushed to disk: a header at the beginning of a sector, followed by pages.
  for (let at = 0; at + sectorSize <= length; at = Math.ceil(at / sectorSize) * sectorSize) {
    if (readAt(header, at) < HEADER_BYTES || !isHeader(header)) break;
    const count = header.readUInt32BE(8);
    const nonce = header.readUInt32BE(12);
    at += sectorSize;
    let left = count === ALL_THAT_FOLLOW ? Math.floor((length - sectorSize) / recordBytes) : count;
    while (left > 0) {
      const filled = readAt(batch.subarray(0, Math.min(batch.length, left * recordBytes)), at);
      if (filled < recordBytes) return layer; // truncated: only pages before this point were written to the database
      for (let record = 0; record + recordBytes <= filled; record += recordBytes, at += recordBytes, left--) {
        const page = batch.readUInt32BE(record);
        if (page === 0 || page === lockPage) return layer;
        if (page > pageCount) continue;
        if (checksum(batch, record + 4, pageSize, nonce) !== batch.readUInt32BE(record + 4 + pageSize)) return layer;
        offsets.set(page, at + 4);
      }
    }
  }
  return layer;
}

function isHeader(bytes: Buffer): boolean {
  return bytes.toString('hex', 0, 8) === MAGIC;
}

/** The checksum of a page: the nonce plus every 200th byte, counted from the end. */
function checksum(bytes: Buffer, from: number, pageSize: number, nonce: number): number {
  let sum = nonce;
  for (let at = pageSize - 200; at > 0; at -= 200) sum = (sum + (bytes[from + at] ?? 0)) >>> 0;
  return sum;
}

/** The end of the file has the name, its length, the sum of its characters, and the magic number. */
function namesSuperJournal(length: number, readAt: ByteSource['readAt']): boolean {
  const end = Buffer.alloc(16);
  if (length < 16 || readAt(end, length - 16) < 16 || end.toString('hex', 8) !== MAGIC) return false;
  const nameBytes = end.readUInt32BE(0);
  if (nameBytes === 0 || nameBytes > 4096 || nameBytes > length - 16) return false;
  const name = Buffer.alloc(nameBytes);
  if (readAt(name, length - 16 - nameBytes) < nameBytes) return false;
  const sum = name.reduce((total, byte) => (total + ((byte << 24) >> 24)) | 0, 0);
  return sum >>> 0 === end.readUInt32BE(4);
}

import { endianness } from 'node:os';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { ByteSource, PageLayer, SideFile } from './sqlitePageLayer';
import { isPageSize } from './sqlitePageLayer';

/*
 * The committed content of a write-ahead log, as SQLite finds it when it recovers one (sqlite.org/fileformat2.html, section 4; sqlite.org/walformat.html,
 * section 4.4): frames count as long as their salts and the running checksum match, up to the last commit.
 */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const VERSION = 3_007_000;
/** By default, SQLite keeps a log near 4 MB; each frame is read once for its checksum. */
const LONGEST_WAL = 2 ** 30;
const BATCH_BYTES = 2 ** 20;

/** Undefined where nothing in it is committed. Throws unsupported, too-large, and the errors of reading. */
export function readWal({ path, length, readAt }: Pick<SideFile, 'path' | keyof ByteSource>): PageLayer | undefined {
  if (length <= HEADER_BYTES) return undefined;
  const header = Buffer.alloc(HEADER_BYTES);
  if (readAt(header, 0) < HEADER_BYTES) return undefined;
  const magic = header.readUInt32BE(0);
  const pageSize = header.readUInt32BE(8);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || !isPageSize(pageSize)) return undefined;
  const addTo = magic & 1 ? bigEndianSums : littleEndianSums;
  const sums: Sums = [0, 0];
  addTo(sums, header, 0, 24);
  if (!agree(sums, header, 24)) return undefined;
  if (header.readUInt32BE(4) !== VERSION)
    throw new IpfsKitError(
      'unsupported',
      `${path} was written by a newer version of SQLite. Start the ipfs_kit_py daemon to list its pins.`,
    );
  if (length > LONGEST_WAL)
    throw new IpfsKitError(
      'too-large',
      `${path} has ${length} bytes that were never merged into the database; at most ${LONGEST_WAL} are read. Start the ipfs_kit_py daemon, which merges them.`,
    );

  const salts = header.subarray(16, 24);
  const frameBytes = FRAME_HEADER_BYTES + pageSize;
  const batch = Buffer.from(new ArrayBuffer(Math.max(1, Math.floor(BATCH_BYTES / frameBytes)) * frameBytes));
  const offsets = new Map<number, number>();
  let pending: [page: number, offset: number][] = [];
  let pageCount = 0;
  for (let at = HEADER_BYTES; at + frameBytes <= length;) {
    const filled = readAt(batch, at);
    const whole = filled - (filled % frameBytes);
    if (whole === 0) break;
    for (let frame = 0; frame < whole; frame += frameBytes, at += frameBytes) {
      const page = batch.readUInt32BE(frame);
      if (page === 0 || batch.compare(salts, 0, 8, frame + 8, frame + 16) !== 0) return committed();
      addTo(sums, batch, frame, frame + 8);
      addTo(sums, batch, frame + FRAME_HEADER_BYTES, frame + frameBytes);
      if (!agree(sums, batch, frame + 16)) return committed();
      pending.push([page, at + FRAME_HEADER_BYTES]);
      const pagesAfterCommit = batch.readUInt32BE(frame + 4);
      if (pagesAfterCommit === 0) continue;
      for (const [number, offset] of pending) offsets.set(number, offset);
      pending = [];
      pageCount = pagesAfterCommit;
    }
  }
  return committed();

  function committed(): PageLayer | undefined {
    return pageCount > 0 ? { pageSize, pageCount, offsets } : undefined;
  }
}

type Sums = [number, number];
type AddTo = (sums: Sums, bytes: Buffer, from: number, to: number) => void;

function agree([a, b]: Sums, bytes: Buffer, at: number): boolean {
  return a >>> 0 === bytes.readUInt32BE(at) && b >>> 0 === bytes.readUInt32BE(at + 4);
}

const slowSums =
  (littleEndian: boolean): AddTo =>
  (sums, bytes, from, to) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let [a, b] = sums;
    for (let at = from; at < to; at += 8) {
      a = (a + view.getInt32(at, littleEndian) + b) | 0;
      b = (b + view.getInt32(at + 4, littleEndian) + a) | 0;
    }
    sums[0] = a;
    sums[1] = b;
  };

const bigEndianSums = slowSums(false);

/** The byte order of nearly every machine that writes logs: words are read directly from memory, which is five times as fast. */
const littleEndianSums: AddTo = (sums, bytes, from, to) => {
  if (endianness() !== 'LE' || (bytes.byteOffset + from) % 4 !== 0) return slowSums(true)(sums, bytes, from, to);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (to - from) / 4);
  let [a, b] = sums;
  for (let at = 0; at < words.length; at += 2) {
    a = (a + (words[at] ?? 0) + b) | 0;
    b = (b + (words[at + 1] ?? 0) + a) | 0;
  }
  sums[0] = a;
  sums[1] = b;
};

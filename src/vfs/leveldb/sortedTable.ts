import { IpfsKitError } from '../../base/ipfsKitError';
import { pacer } from '../../base/stepByStep';
import { checksumOf } from './checksum';
import type { Cursor } from './cursor';
import { cursorOn } from './cursor';
import type { Write } from './keys';
import { KEY_TAIL, userKey, WRITE } from './keys';
import type { LevelDbFile } from './levelDbFile';
import { damaged, endsEarly, openLevelDbFile, tooLarge } from './levelDbFile';
import { decompressSnappy } from './snappy';

/** The last bytes of a table: where its index is, filled up to 40 bytes, and these 8. */
const FOOTER = 48;
const MAGIC = Buffer.from('57fb808b247547db', 'hex');
/** Behind each block: how it is compressed (1 byte), and the checksum of the block with that byte (4). */
const TRAILER = 5;
/** The bytes of a key for which there is room at first. */
const KEY_ROOM = 1024;
const COMPRESSION = { none: 0, snappy: 1 } as const;
/** The most bytes of a block; goleveldb ends one after 4 KiB, or after its first entry. */
const MOST_BLOCK_BYTES = 8 * 1024 * 1024;
/** Entries between two looks at the clock: an entry may take three bytes. */
const ENTRIES_AT_ONCE = 1024;

/**
 * The newest write of a key in a sorted table (table_format.md in LevelDB's documents), which has this size. Rejects with `corrupt`, `truncated`,
 * `too-large`, `unsupported` for an unknown compression, `missing`, `not-a-file`, `unreadable`, `cancelled`.
 */
export async function writeInTable(path: string, size: number, key: Uint8Array, signal: AbortSignal): Promise<Write | undefined> {
  const due = pacer(signal);
  let read = 0;
  const file = openLevelDbFile(path);
  try {
    if (file.size < size || size < FOOTER) throw endsEarly(path);
    if (file.size > size) throw damaged(path, 'it has more bytes than were written');
    const footer = file.read(size - FOOTER, FOOTER);
    if (!footer.subarray(FOOTER - MAGIC.length).equals(MAGIC)) throw damaged(path, "it doesn't end as a table does");
    const handles = cursorOn(footer.subarray(0, FOOTER - MAGIC.length), () => damaged(path, 'its footer has an unknown form'));
    readHandle(handles); // of the filters
    for (const part of entriesOf(path, readBlock(file, readHandle(handles)))) {
      if (read++ % ENTRIES_AT_ONCE === 0) await due();
      // The key of a part isn't less than those in it, and less than those in the next part.
      if (Buffer.compare(part.key, key) < 0) continue;
      const handle = readHandle(cursorOn(part.value, () => damaged(path, 'its index has an unknown form')));
      for (const entry of entriesOf(path, readBlock(file, handle))) {
        if (read++ % ENTRIES_AT_ONCE === 0) await due();
        const order = Buffer.compare(entry.key, key);
        if (order > 0) return undefined;
        if (order === 0) return writeOf(path, entry); // The newest write of a key comes first.
      }
    }
    return undefined;
  } finally {
    file.close();
  }
}

interface Handle {
  readonly offset: number;
  readonly length: number;
}

function readHandle(fields: Cursor): Handle {
  return { offset: fields.number(), length: fields.number() };
}

/** A block as it was before it was compressed. */
function readBlock({ path, size, read }: LevelDbFile, { offset, length }: Handle): Uint8Array {
  if (length > MOST_BLOCK_BYTES) throw tooLarge(path, 'has a block that is too large to be read');
  if (offset + length + TRAILER > size - FOOTER) throw damaged(path, 'a block lies outside it');
  const bytes = read(offset, length + TRAILER);
  if (checksumOf(bytes.subarray(0, length + 1)) !== bytes.readUInt32LE(length + 1))
    throw damaged(path, `the checksum of its block at byte ${offset} is wrong`);
  const [block, compression] = [bytes.subarray(0, length), bytes[length]];
  if (compression === COMPRESSION.none) return block;
  if (compression === COMPRESSION.snappy) return uncompressed(path, block);
  throw new IpfsKitError('unsupported', `${path} is compressed in a way that IPFS Kit doesn't know.`);
}

function uncompressed(path: string, block: Uint8Array): Uint8Array {
  const invalid = () => damaged(path, "a block can't be decompressed");
  const packed = cursorOn(block, invalid);
  const length = packed.number();
  if (length > MOST_BLOCK_BYTES) throw tooLarge(path, 'has a block that is too large to be read');
  return decompressSnappy(packed, length, invalid);
}

interface TableEntry {
  /** Without its tail. */
  readonly key: Uint8Array;
  readonly tail: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * The entries of a block, in the order of their keys. Each says how many bytes its key shares with the one before it, how many others it has, and how long its
 * value is. Behind them are the positions at which a key shares nothing (4 bytes each), and how many those are. The key of an entry is overwritten by the next:
 * copying a long key for each entry that shares it would take time for more bytes than the block has.
 */
function* entriesOf(path: string, block: Uint8Array): Generator<TableEntry> {
  const invalid = () => damaged(path, 'a block has an unknown form');
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const restarts = block.length < 4 ? undefined : view.getUint32(block.length - 4, true);
  const length = block.length - 4 - (restarts ?? 0) * 4;
  if (restarts === undefined || length < 0) throw invalid();
  const fields = cursorOn(block.subarray(0, length), invalid);
  let room = Buffer.alloc(KEY_ROOM);
  let full: Uint8Array = room.subarray(0, 0);
  while (!fields.isAtEnd()) {
    const [shared, others, valueLength] = [fields.number(), fields.number(), fields.number()];
    if (shared > full.length) throw invalid();
    const more = fields.bytes(others);
    const end = shared + others;
    if (end > room.length) room = Buffer.concat([room, Buffer.alloc(end)]);
    room.set(more, shared);
    full = room.subarray(0, end);
    const key = userKey(full);
    if (!key) throw invalid();
    yield { key, tail: full.subarray(key.length), value: fields.bytes(valueLength) };
  }
}

function writeOf(path: string, { tail, value }: TableEntry): Write {
  const number = new DataView(tail.buffer, tail.byteOffset, KEY_TAIL).getBigUint64(0, true);
  const kind = Number(number & 0xffn);
  if (kind !== WRITE.deletion && kind !== WRITE.value) throw damaged(path, 'a write has an unknown kind');
  return { sequence: number >> 8n, value: kind === WRITE.value ? value : undefined };
}

import { checksumOf } from './checksum';
import { damaged, endsEarly, openLevelDbFile, rest, tooLarge } from './levelDbFile';

/** A log consists of blocks. No piece of a record crosses the end of a block; what is too short for the header of a piece is filled with zeros. */
export const LOG_BLOCK = 32 * 1024;
/** The header of a piece: checksum (4 bytes), length of its data (2), kind (1). The checksum is that of the kind and the data. */
export const PIECE_HEADER = 7;
export const PIECE = { whole: 1, first: 2, middle: 3, last: 4 } as const;

/** The most bytes of a record: goleveldb writes a batch of more than 4 MiB past the log. */
const MOST_RECORD_BYTES = 32 * 1024 * 1024;
const BLOCKS_PER_TURN = 32;

/**
 * The records of a log of LevelDB, or of a manifest, which has the same form (log_format.md in LevelDB's documents). The bytes of a record are its own. Unlike a
 * database that is being opened, it accepts no damage and no record without its end: nobody knows what those said. Throws `corrupt`, `truncated`, `too-large`
 * beyond `most` bytes, `missing`, `not-a-file`, `unreadable`, `cancelled`.
 */
export async function* logRecords(path: string, most: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = openLevelDbFile(path, most);
  try {
    let pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let start = 0; start < file.size; start += LOG_BLOCK) {
      if ((start / LOG_BLOCK) % BLOCKS_PER_TURN === 0) await rest(signal);
      const block = file.read(start, Math.min(LOG_BLOCK, file.size - start));
      for (let at = 0; at < block.length && LOG_BLOCK - at >= PIECE_HEADER;) {
        if (block.length - at < PIECE_HEADER) throw endsEarly(path);
        const [length, kind] = [block.readUInt16LE(at + 4), block[at + 6]];
        const end = at + PIECE_HEADER + length;
        const where = `byte ${start + at}`;
        if (end > LOG_BLOCK) throw damaged(path, `a record at ${where} crosses the end of its block`);
        if (end > block.length) throw endsEarly(path);
        if (checksumOf(block.subarray(at + 6, end)) !== block.readUInt32LE(at))
          throw damaged(path, `the checksum of a record at ${where} is wrong`);
        const begins = kind === PIECE.whole || kind === PIECE.first;
        if ((!begins && kind !== PIECE.middle && kind !== PIECE.last) || begins !== (pieces.length === 0))
          throw damaged(path, `the pieces of a record at ${where} are out of order`);
        if ((bytes += length) > MOST_RECORD_BYTES) throw tooLarge(path, `has a record that is too large to be read`);
        pieces.push(block.subarray(at + PIECE_HEADER, end));
        if (kind === PIECE.whole || kind === PIECE.last) {
          yield pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
          [pieces, bytes] = [[], 0];
        }
        at = end;
      }
    }
    if (pieces.length > 0) throw endsEarly(path);
  } finally {
    file.close();
  }
}

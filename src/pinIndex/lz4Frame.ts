/**
 * Unpacks one LZ4 frame, as Arrow's LZ4_FRAME buffers hold it. Checksums are not compared: what is unpacked is checked as a column.
 * Format: LZ4 Frame Format 1.6 and LZ4 Block Format, github.com/lz4/lz4/tree/dev/doc.
 */

const MAGIC = 0x184d2204;

/** Bits of the descriptor's first byte, FLG. */
const VERSION_BITS = 0xc0;
const VERSION_1 = 0x40;
const BLOCK_CHECKSUM = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY_ID = 0x01;

const STORED_BIT = 0x80000000;
const MIN_MATCH = 4;

/** A byte of a block can stand for no more than this: one that lengthens a match. */
const MOST_PER_BYTE = 255;

/** `size` is the exact length of the result in bytes. Throws RangeError for anything else than a sound frame of that size. */
export function unpackLz4Frame(packed: Uint8Array, size: number): Uint8Array {
  if (size > packed.length * MOST_PER_BYTE) throw new RangeError('An LZ4 frame is too short for what it says it holds.');
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('Not an LZ4 frame.');
  const flags = view.getUint8(4);
  if ((flags & VERSION_BITS) !== VERSION_1) throw new RangeError('An LZ4 frame of an unknown version.');
  const output = new Uint8Array(size);
  let filled = 0;
  // Magic, FLG, BD, optional sizes, header checksum.
  let at = 6 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY_ID ? 4 : 0) + 1;
  for (;;) {
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) break;
    const isStored = header >= STORED_BIT;
    const length = isStored ? header - STORED_BIT : header;
    const block = packed.subarray(at, at + length);
    if (block.length < length) throw new RangeError('An LZ4 block breaks off.');
    if (isStored) {
      output.set(block, filled); // throws RangeError where it does not fit
      filled += length;
    } else filled = unpackBlock(block, output, filled);
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0);
  }
  if (filled !== size) throw new RangeError('An LZ4 frame holds less than it says.');
  return output;
}

/** Sequences of literals and a match each, the last one without a match. Gives how far the output is filled. */
function unpackBlock(block: Uint8Array, output: Uint8Array, start: number): number {
  let [at, filled] = [0, start];
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble !== 15) return length;
    for (let byte = 255; byte === 255; length += byte) {
      if (at >= block.length) throw new RangeError('An LZ4 block breaks off.');
      byte = block[at++] ?? 0;
    }
    return length;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length || filled + literals > output.length) throw new RangeError('An LZ4 literal does not fit.');
    for (let end = at + literals; at < end;) output[filled++] = block[at++] ?? 0;
    if (at === block.length) break;
    if (at + 2 > block.length) throw new RangeError('An LZ4 block breaks off.');
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const match = lengthFrom(token & 15) + MIN_MATCH;
    if (distance === 0 || distance > filled || filled + match > output.length) throw new RangeError('An LZ4 match does not fit.');
    // Byte by byte: a match may overlap what it writes.
    for (let end = filled + match; filled < end; filled++) output[filled] = output[filled - distance] ?? 0;
  }
  return filled;
}

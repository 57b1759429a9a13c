import type { FseTable } from './zstdTables';
import { backwardStart, bitsAt, fseTable, fseTableOf, huffmanTable, oneSymbol } from './zstdTables';
import type { HuffmanTable } from './zstdTables';

/**
 * Unpacks ZSTD frames into a buffer of known size. Node has its own only since 22.15, and what packages there are fill gaps with zeros
 * where the data is broken. Strict, and bounded by the size of the result: a broken frame throws, it gives no other bytes and does not go on for ever.
 * Checksums are not compared; dictionaries are not read. Format: RFC 8878; section numbers below are its.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50; // and the 15 that follow
const MAX_BLOCK = 128 * 1024;
const BLOCK = { raw: 0, rle: 1, compressed: 2 } as const;
const LITERALS = { raw: 0, rle: 1, compressed: 2, treeless: 3 } as const;
const MODE = { predefined: 0, rle: 1, fse: 2, repeat: 3 } as const;

/** `size` is the exact length of the result in bytes. Throws RangeError for anything else than sound frames of that size. */
export function unpackZstd(packed: Uint8Array, size: number): Uint8Array {
  const output = new Uint8Array(size);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  let [at, filled] = [0, 0];
  while (at < packed.length) {
    const magic = view.getUint32(at, true);
    if (magic === MAGIC) [at, filled] = unpackFrame(packed, view, at + 4, output, filled);
    else if (magic >>> 4 === SKIPPABLE_MAGIC >>> 4) at += 8 + view.getUint32(at + 4, true);
    else throw broken('it is no ZSTD frame');
  }
  if (at !== packed.length || filled !== size) throw broken('it holds less than it says');
  return output;
}

/** What a block hands on to the next one of its frame (3.1.1.4). */
interface FrameState {
  readonly start: number;
  huffman?: HuffmanTable;
  literalLengths?: FseTable;
  offsets?: FseTable;
  matchLengths?: FseTable;
  readonly recent: [number, number, number];
}

/** 3.1.1: gives where the frame ends, and how far the output is filled. */
function unpackFrame(
  packed: Uint8Array,
  view: DataView,
  start: number,
  output: Uint8Array,
  filledBefore: number,
): [number, number] {
  const descriptor = view.getUint8(start);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw broken('a reserved bit is set');
  if ((descriptor & 0x03) !== 0) throw broken('it needs a dictionary');
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 1 + (isSingleSegment ? 0 : 1) + sizeBytes;
  let filled = filledBefore;
  const state: FrameState = { start: filledBefore, recent: [1, 4, 8] };
  for (let isLast = false; !isLast;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    at += 3;
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const size = header >> 3;
    if (size > MAX_BLOCK) throw broken('a block is too large');
    if (type === BLOCK.rle) {
      if (filled + size > output.length) throw broken('it holds more than it says');
      output.fill(view.getUint8(at), filled, filled + size);
      at += 1;
      filled += size;
      continue;
    }
    const block = packed.subarray(at, at + size);
    if (block.length < size) throw broken('a block breaks off');
    at += size;
    if (type === BLOCK.raw) {
      output.set(block, filled); // throws RangeError where it does not fit
      filled += size;
    } else if (type === BLOCK.compressed) filled = unpackBlock(block, output, filled, state);
    else throw broken('a block is of a reserved kind');
  }
  return [at + ((descriptor & 0x04) !== 0 ? 4 : 0), filled];
}

function unpackBlock(block: Uint8Array, output: Uint8Array, filled: number, state: FrameState): number {
  const { literals, at } = readLiterals(block, state);
  return runSequences(block, at, literals, output, filled, state);
}

/** 3.1.1.3.1 */
function readLiterals(block: Uint8Array, state: FrameState): { readonly literals: Uint8Array; readonly at: number } {
  const byte = (index: number): number => {
    const value = block[index];
    if (value === undefined) throw broken('a block breaks off');
    return value;
  };
  const first = byte(0);
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type === LITERALS.raw || type === LITERALS.rle) {
    const [headerSize, size] =
      format === 1
        ? [2, (first >> 4) | (byte(1) << 4)]
        : format === 3
          ? [3, (first >> 4) | (byte(1) << 4) | (byte(2) << 12)]
          : [1, first >> 3];
    if (size > MAX_BLOCK) throw broken('its literals are too many');
    if (type === LITERALS.rle) return { literals: new Uint8Array(size).fill(byte(headerSize)), at: headerSize + 1 };
    const literals = block.subarray(headerSize, headerSize + size);
    if (literals.length < size) throw broken('its literals break off');
    return { literals, at: headerSize + size };
  }
  const [headerSize, sizeBits] = format < 2 ? [3, 10] : format === 2 ? [4, 14] : [5, 18];
  byte(headerSize - 1);
  const size = bitsAt(block, 4, sizeBits);
  const packedSize = bitsAt(block, 4 + sizeBits, sizeBits);
  if (size > MAX_BLOCK) throw broken('its literals are too many');
  let packed = block.subarray(headerSize, headerSize + packedSize);
  if (packed.length < packedSize) throw broken('its literals break off');
  if (type === LITERALS.compressed) {
    const { table, length } = huffmanTable(packed);
    state.huffman = table;
    packed = packed.subarray(length);
  }
  if (!state.huffman) throw broken('it repeats a table that was never there');
  const literals = new Uint8Array(size);
  if (format === 0) unpackHuffman(packed, literals, state.huffman);
  else {
    if (packed.length < 6) throw broken('its literals break off');
    const part = (size + 3) >> 2;
    let from = 6;
    for (let stream = 0; stream < 4; stream++) {
      const to = stream === 3 ? packed.length : from + ((packed[2 * stream] ?? 0) | ((packed[2 * stream + 1] ?? 0) << 8));
      if (to > packed.length || part * stream > size) throw broken('its literals break off');
      unpackHuffman(
        packed.subarray(from, to),
        literals.subarray(part * stream, stream === 3 ? size : part * (stream + 1)),
        state.huffman,
      );
      from = to;
    }
  }
  return { literals, at: headerSize + packedSize };
}

/** 4.2.2: read backward, from the highest bit that is set; all bits must be used. */
function unpackHuffman(packed: Uint8Array, literals: Uint8Array, { maxBits, symbols, bits }: HuffmanTable): void {
  let left = backwardStart(packed);
  for (let index = 0; index < literals.length; index++) {
    const code = bitsAt(packed, left - maxBits, maxBits);
    literals[index] = symbols[code] ?? 0;
    left -= bits[code] ?? 0;
  }
  if (left !== 0) throw broken('its literals are of another length');
}

/** Bits to read beyond the base of a code (3.1.1.3.2.1.1); each base is where the code before it ends. */
const LITERAL_LENGTH_BITS = [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const MATCH_LENGTH_BITS = [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
const LITERAL_LENGTH_BASE = basesOf(LITERAL_LENGTH_BITS, 0);
const MATCH_LENGTH_BASE = basesOf(MATCH_LENGTH_BITS, 3);
const MAX_OFFSET_CODE = 31;

/** Predefined distributions (3.1.1.3.2.2); -1 stands for "less than one". */
const LITERAL_LENGTHS = fseTableOf(
  [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
  6,
);
const MATCH_LENGTHS = fseTableOf([1, 4, 3, 2, 2, 2, 2, 2, 2, ...ones(37), -1, -1, -1, -1, -1, -1, -1], 6);
const OFFSETS = fseTableOf([1, 1, 1, 1, 1, 1, 2, 2, 2, ...ones(15), -1, -1, -1, -1, -1], 5);

/** 3.1.1.3.2 and 3.1.1.4: literals and matches in turn, then the literals that are left. Gives how far the output is filled. */
function runSequences(
  block: Uint8Array,
  headerAt: number,
  literals: Uint8Array,
  output: Uint8Array,
  filledBefore: number,
  state: FrameState,
): number {
  let at = headerAt;
  const next = (): number => {
    const value = block[at++];
    if (value === undefined) throw broken('a block breaks off');
    return value;
  };
  let filled = filledBefore;
  let used = 0;
  const copyLiterals = (count: number): void => {
    if (used + count > literals.length || filled + count > output.length) throw broken('its literals do not fit');
    if (count > 32) output.set(literals.subarray(used, used + count), filled);
    else for (let index = 0; index < count; index++) output[filled + index] = literals[used + index] ?? 0;
    used += count;
    filled += count;
  };

  const first = next();
  const count = first < 128 ? first : first < 255 ? ((first - 128) << 8) | next() : (next() | (next() << 8)) + 0x7f00;
  if (count > 0) {
    const modes = next();
    if ((modes & 3) !== 0) throw broken('a reserved bit is set');
    const tableFor = (
      mode: number,
      standard: FseTable,
      previous: FseTable | undefined,
      maxLog: number,
      maxSymbol: number,
    ): FseTable => {
      if (mode === MODE.predefined) return standard;
      if (mode === MODE.rle) return oneSymbol(next(), maxSymbol);
      if (mode === MODE.repeat) {
        if (!previous) throw broken('it repeats a table that was never there');
        return previous;
      }
      const { table, length } = fseTable(block.subarray(at), maxLog, maxSymbol);
      at += length;
      return table;
    };
    const lengths = tableFor(modes >> 6, LITERAL_LENGTHS, state.literalLengths, 9, LITERAL_LENGTH_BITS.length - 1);
    const offsets = tableFor((modes >> 4) & 3, OFFSETS, state.offsets, 8, MAX_OFFSET_CODE);
    const matches = tableFor((modes >> 2) & 3, MATCH_LENGTHS, state.matchLengths, 9, MATCH_LENGTH_BITS.length - 1);
    [state.literalLengths, state.offsets, state.matchLengths] = [lengths, offsets, matches];

    const packed = block.subarray(at);
    let left = backwardStart(packed);
    const read = (bits: number): number => {
      left -= bits;
      return bitsAt(packed, left, bits);
    };
    let [lengthState, offsetState, matchState] = [read(lengths.log), read(offsets.log), read(matches.log)];
    for (let sequence = 0; sequence < count; sequence++) {
      const offsetCode = offsets.symbols[offsetState] ?? 0;
      const matchCode = matches.symbols[matchState] ?? 0;
      const lengthCode = lengths.symbols[lengthState] ?? 0;
      const offsetValue = ((1 << offsetCode) >>> 0) + read(offsetCode);
      const match = (MATCH_LENGTH_BASE[matchCode] ?? 0) + read(MATCH_LENGTH_BITS[matchCode] ?? 0);
      const literalCount = (LITERAL_LENGTH_BASE[lengthCode] ?? 0) + read(LITERAL_LENGTH_BITS[lengthCode] ?? 0);
      if (sequence < count - 1) {
        lengthState = (lengths.bases[lengthState] ?? 0) + read(lengths.bits[lengthState] ?? 0);
        matchState = (matches.bases[matchState] ?? 0) + read(matches.bits[matchState] ?? 0);
        offsetState = (offsets.bases[offsetState] ?? 0) + read(offsets.bits[offsetState] ?? 0);
      }
      if (left < 0) throw broken('its sequences break off');
      copyLiterals(literalCount);
      const distance = distanceOf(offsetValue, literalCount, state.recent);
      if (distance < 1 || distance > filled - state.start || filled + match > output.length) throw broken('a match does not fit');
      // Byte by byte where it overlaps what it writes.
      if (match > 32 && distance >= match) output.copyWithin(filled, filled - distance, filled - distance + match);
      else for (let index = filled; index < filled + match; index++) output[index] = output[index - distance] ?? 0;
      filled += match;
    }
    if (left !== 0) throw broken('its sequences are of another length');
  } else if (at !== block.length) throw broken('a block holds more than its sequences');
  copyLiterals(literals.length - used);
  if (filled - filledBefore > MAX_BLOCK) throw broken('a block is too large');
  return filled;
}

/** 3.1.1.5: values up to 3 stand for one of the last three distances, which move up. */
function distanceOf(value: number, literalCount: number, recent: [number, number, number]): number {
  const [first, second, third] = recent;
  if (value > 3) {
    const distance = value - 3;
    [recent[0], recent[1], recent[2]] = [distance, first, second];
    return distance;
  }
  const which = literalCount === 0 ? value + 1 : value;
  if (which === 1) return first;
  const distance = which === 2 ? second : which === 3 ? third : first - 1;
  [recent[0], recent[1]] = [distance, first];
  if (which > 2) recent[2] = second;
  return distance;
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0);
}

function ones(count: number): number[] {
  return Array<number>(count).fill(1);
}

function basesOf(bits: readonly number[], first: number): number[] {
  const bases = [first];
  for (const each of bits.slice(0, -1)) bases.push((bases.at(-1) ?? 0) + 2 ** each);
  return bases;
}

function broken(what: string): RangeError {
  return new RangeError(`A ZSTD frame is broken: ${what}.`);
}

/** Entropy tables of ZSTD: FSE (RFC 8878, 4.1) and Huffman (4.2). Whatever is no sound table throws RangeError. */
export interface FseTable {
  /** The table has 2^log states. */
  readonly log: number;
  readonly symbols: Uint8Array;
  /** From a state to the next: its base, plus so many bits. */
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export interface HuffmanTable {
  readonly maxBits: number;
  /** By the next maxBits bits: the symbol, and how many of them it takes. */
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const MAX_HUFFMAN_BITS = 11;
const MAX_WEIGHT_LOG = 6;
const MAX_WEIGHTS = 255;

/** Up to 31 bits from a bit position on, lowest first. Bits outside of the bytes are 0, as the format wants it before the start. */
export function bitsAt(bytes: Uint8Array, position: number, count: number): number {
  if (count === 0) return 0;
  const byte = position >> 3;
  const shift = position & 7;
  const low =
    (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16) | ((bytes[byte + 3] ?? 0) << 24);
  const value = shift + count > 32 ? (low >>> shift) | ((bytes[byte + 4] ?? 0) << (32 - shift)) : low >>> shift;
  return value & ((1 << count) - 1);
}

/** Bits of a stream that is read backward: those below the highest one that is set in its last byte. */
export function backwardStart(bytes: Uint8Array): number {
  const last = bytes.at(-1) ?? 0;
  if (last === 0) throw new RangeError('A ZSTD bit stream has no end mark.');
  return 8 * (bytes.length - 1) + highBit(last);
}

/** 4.1.1: the distribution, and how many bytes it took. */
export function fseTable(
  bytes: Uint8Array,
  maxLog: number,
  maxSymbol: number,
): { readonly table: FseTable; readonly length: number } {
  const log = bitsAt(bytes, 0, 4) + 5;
  if (log > maxLog) throw new RangeError('A ZSTD table is too precise.');
  let position = 4;
  let left = 2 ** log;
  const shares: number[] = [];
  while (left > 0 && shares.length <= maxSymbol) {
    const width = highBit(left + 1) + 1;
    const value = bitsAt(bytes, position, width);
    const lowMask = (1 << (width - 1)) - 1;
    const shortValues = (1 << width) - 1 - (left + 1); // so many values take one bit less
    const isShort = (value & lowMask) < shortValues;
    position += isShort ? width - 1 : width;
    const share = (isShort ? value & lowMask : value > lowMask ? value - shortValues : value) - 1;
    left -= Math.abs(share);
    shares.push(share);
    if (share !== 0) continue;
    for (let repeat = 3; repeat === 3;) {
      repeat = bitsAt(bytes, position, 2);
      position += 2;
      for (let zero = 0; zero < repeat; zero++) shares.push(0);
      if (shares.length > maxSymbol + 1) throw new RangeError('A ZSTD table has too many symbols.');
    }
  }
  const length = (position + 7) >> 3;
  if (left !== 0 || length > bytes.length || shares.length > maxSymbol + 1) throw new RangeError('A ZSTD table does not add up.');
  return { table: fseTableOf(shares, log), length };
}

/** From the share of each symbol in 2^log states; -1 for one that has less than one. */
export function fseTableOf(shares: readonly number[], log: number): FseTable {
  const size = 2 ** log;
  const symbols = new Uint8Array(size);
  let high = size - 1;
  for (const [symbol, share] of shares.entries()) if (share === -1) symbols[high--] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let state = 0;
  for (const [symbol, share] of shares.entries())
    for (let index = 0; index < share; index++) {
      symbols[state] = symbol;
      do state = (state + step) & (size - 1);
      while (state > high);
    }
  if (state !== 0) throw new RangeError('A ZSTD table does not add up.');
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = shares.map(Math.abs);
  for (let index = 0; index < size; index++) {
    const symbol = symbols[index] ?? 0;
    const order = next[symbol] ?? 1;
    next[symbol] = order + 1;
    const width = log - highBit(order);
    bits[index] = width;
    bases[index] = (order << width) - size;
  }
  return { log, symbols, bits, bases };
}

/** A table of one state (mode RLE). */
export function oneSymbol(symbol: number, maxSymbol: number): FseTable {
  if (symbol > maxSymbol) throw new RangeError('A ZSTD table has an unknown symbol.');
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** 4.2.1: the tree at the beginning of the bytes, and how many it took. */
export function huffmanTable(bytes: Uint8Array): { readonly table: HuffmanTable; readonly length: number } {
  const header = bytes[0] ?? 0;
  const isDirect = header >= 128;
  const count = header - 127;
  const length = 1 + (isDirect ? (count + 1) >> 1 : header);
  if (length > bytes.length) throw new RangeError('A ZSTD tree breaks off.');
  const packed = bytes.subarray(1, length);
  const weights = isDirect
    ? Array.from({ length: count }, (_, index) => ((packed[index >> 1] ?? 0) >> (index % 2 === 0 ? 4 : 0)) & 15)
    : unpackWeights(packed);
  return { table: huffmanTableOf(weights), length };
}

/** 4.2.1.2: two states take turns; the one that has no bits left lets the other have the last word. */
function unpackWeights(bytes: Uint8Array): number[] {
  const { table, length } = fseTable(bytes, MAX_WEIGHT_LOG, MAX_WEIGHTS);
  const packed = bytes.subarray(length);
  let left = backwardStart(packed);
  const read = (count: number): number => {
    left -= count;
    return bitsAt(packed, left, count);
  };
  const states = [read(table.log), read(table.log)];
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    const state = states[turn] ?? 0;
    weights.push(table.symbols[state] ?? 0);
    states[turn] = (table.bases[state] ?? 0) + read(table.bits[state] ?? 0);
    if (left < 0) {
      weights.push(table.symbols[states[turn ^ 1] ?? 0] ?? 0);
      break;
    }
    if (weights.length > MAX_WEIGHTS) throw new RangeError('A ZSTD tree has too many symbols.');
  }
  return weights;
}

/** The last weight is left out: it is what makes the sum a power of 2. */
function huffmanTableOf(given: readonly number[]): HuffmanTable {
  let sum = 0;
  for (const weight of given) {
    if (weight > MAX_HUFFMAN_BITS) throw new RangeError('A ZSTD tree is too deep.');
    if (weight > 0) sum += 2 ** (weight - 1);
  }
  const maxBits = sum === 0 ? MAX_HUFFMAN_BITS + 1 : highBit(sum) + 1;
  const rest = 2 ** maxBits - sum;
  if (maxBits > MAX_HUFFMAN_BITS || given.length > MAX_WEIGHTS || 2 ** highBit(rest) !== rest)
    throw new RangeError('A ZSTD tree does not add up.');
  const weights = [...given, highBit(rest) + 1];
  const symbols = new Uint8Array(2 ** maxBits);
  const bits = new Uint8Array(2 ** maxBits);
  let code = 0;
  for (let weight = 1; weight <= maxBits; weight++)
    for (const [symbol, its] of weights.entries()) {
      if (its !== weight) continue;
      const end = code + 2 ** (weight - 1);
      symbols.fill(symbol, code, end);
      bits.fill(maxBits + 1 - weight, code, end);
      code = end;
    }
  return { maxBits, symbols, bits };
}

/** The number of the highest bit that is set; the value must be above 0. */
function highBit(value: number): number {
  return 31 - Math.clz32(value);
}

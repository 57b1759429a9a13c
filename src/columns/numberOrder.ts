import { forEachBlock, pause } from '../base/stepByStep';

/** The most bits that a pass sorts by: the counts, and the digits of a million keys, fit in the cache of the processor. */
const MOST_DIGIT_BITS = 13;

/** For fewer keys, comparing is faster than counting digits. */
export const FEW = 4096;

const ALL = 0xffffffff;
const SIGN = 0x80000000;
const WORD_BITS = 32;

/**
 * The indices of the keys in the order of their values. Equal keys keep their order, and NaN comes last in both directions. A radix sort over the bits in which
 * the doubles differ: times within one decade differ in 39 of 64. It takes 22 bytes per key while it runs.
 */
export async function numberOrder(keys: Float64Array, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const { length } = keys;
  if (length < FEW) return compared(keys, descending);
  await pause(signal);
  const [high, low, indices] = [new Uint32Array(length), new Uint32Array(length), new Uint32Array(length)];
  const count = await sortableBits(keys, descending, high, low, indices, signal);
  if (count === 0) return indices;
  const { first, end } = differingBits(high, low, count);
  let order = positions(count);
  let spare: Uint32Array = new Uint32Array(count);
  const digits = new Uint16Array(count);
  const passes = Math.ceil((end - first) / MOST_DIGIT_BITS);
  for (let pass = 0; pass < passes; pass++) {
    await pause(signal);
    const from = first + Math.floor(((end - first) * pass) / passes);
    const to = first + Math.floor(((end - first) * (pass + 1)) / passes);
    const starts = startsOfDigits(digits, high, low, from, to - from);
    await forEachBlock(count, (begin, stop) => deal(order, digits, starts, spare, begin, stop), signal);
    [order, spare] = [spare, order];
  }
  if (count === length) return order;
  const all = indices.slice();
  for (let at = 0; at < count; at++) all[at] = indices[order[at] ?? 0] ?? 0;
  return all;
}

/**
 * Doubles sort like unsigned integers once all bits of the negative ones, and the sign of the others, are inverted. Returns how many keys are numbers; their
 * indices come first, and only their bits are written.
 */
async function sortableBits(
  keys: Float64Array,
  descending: boolean,
  high: Uint32Array,
  low: Uint32Array,
  indices: Uint32Array,
  signal: AbortSignal,
): Promise<number> {
  const { length } = keys;
  const double = new Float64Array(1);
  const [word0 = 0, word1 = 1] = LITTLE_ENDIAN ? [0, 1] : [1, 0];
  const words = new Int32Array(double.buffer);
  const back = descending ? ALL : 0;
  let count = 0;
  await forEachBlock(
    length,
    (from, to) => {
      for (let index = from; index < to; index++) {
        const key = keys[index] ?? NaN;
        if (key !== key) continue; // NaN
        double[0] = key + 0; // 0 and -0 are equal
        const upper = words[word1] ?? 0;
        const isNegative = upper < 0;
        high[count] = upper ^ (isNegative ? ALL : SIGN) ^ back;
        low[count] = (words[word0] ?? 0) ^ (isNegative ? ALL : 0) ^ back;
        indices[count++] = index;
      }
    },
    signal,
  );
  let rest = count;
  for (let index = 0; rest < length; index++) if (Number.isNaN(keys[index])) indices[rest++] = index;
  return count;
}

const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The range of the 64 bits that differ between keys: none before `first`, and none from `end` on. */
function differingBits(high: Uint32Array, low: Uint32Array, count: number): { readonly first: number; readonly end: number } {
  let [upper, lower] = [0, 0];
  const [upper0 = 0, lower0 = 0] = [high[0], low[0]];
  for (let at = 1; at < count; at++) {
    upper |= (high[at] ?? 0) ^ upper0;
    lower |= (low[at] ?? 0) ^ lower0;
  }
  const lowest = (word: number): number => WORD_BITS - 1 - Math.clz32(word & -word);
  if (upper === 0 && lower === 0) return { first: 0, end: 0 };
  return {
    first: lower === 0 ? WORD_BITS + lowest(upper) : lowest(lower),
    end: upper === 0 ? WORD_BITS - Math.clz32(lower) : 2 * WORD_BITS - Math.clz32(upper),
  };
}

/** Writes the digit of each key, `bits` long and starting at bit `from`, and returns where the keys with each digit begin in the sorted order. */
function startsOfDigits(digits: Uint16Array, high: Uint32Array, low: Uint32Array, from: number, bits: number): Uint32Array {
  const mask = 2 ** bits - 1;
  const starts = new Uint32Array(mask + 1);
  const count = digits.length;
  const [words, shift] = from >= WORD_BITS ? [high, from - WORD_BITS] : [low, from];
  const isAcross = from < WORD_BITS && from + bits > WORD_BITS;
  for (let at = 0; at < count; at++) {
    let digit = (words[at] ?? 0) >>> shift;
    if (isAcross) digit |= (high[at] ?? 0) << (WORD_BITS - shift);
    digit &= mask;
    digits[at] = digit;
    starts[digit] = (starts[digit] ?? 0) + 1;
  }
  let start = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const size = starts[digit] ?? 0;
    starts[digit] = start;
    start += size;
  }
  return starts;
}

function deal(order: Uint32Array, digits: Uint16Array, starts: Uint32Array, into: Uint32Array, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    const index = order[at] ?? 0;
    const digit = digits[index] ?? 0;
    const start = starts[digit] ?? 0;
    starts[digit] = start + 1;
    into[start] = index;
  }
}

/** A stable sort of places by the rank of their number; all ranks are below `most`. */
export async function dealByRank(
  order: Uint32Array,
  numbers: Uint32Array,
  ranks: Uint32Array,
  most: number,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const starts = new Uint32Array(most + 2);
  const sorted = new Uint32Array(order.length);
  await forEachBlock(
    order.length,
    (from, to) => {
      for (let at = from; at < to; at++) {
        const rank = (ranks[numbers[at] ?? 0] ?? 0) + 1;
        starts[rank] = (starts[rank] ?? 0) + 1;
      }
    },
    signal,
  );
  for (let rank = 1; rank <= most; rank++) starts[rank] = (starts[rank] ?? 0) + (starts[rank - 1] ?? 0);
  await forEachBlock(
    order.length,
    (from, to) => {
      for (let at = from; at < to; at++) {
        const index = order[at] ?? 0;
        const rank = ranks[numbers[index] ?? 0] ?? 0;
        const start = starts[rank] ?? 0;
        starts[rank] = start + 1;
        sorted[start] = index;
      }
    },
    signal,
  );
  return sorted;
}

function compared(keys: Float64Array, descending: boolean): Uint32Array {
  return positions(keys.length).sort((a, b) => {
    const [left = NaN, right = NaN] = [keys[a], keys[b]];
    const [isLeft, isRight] = [!Number.isNaN(left), !Number.isNaN(right)];
    if (!isLeft || !isRight) return Number(isRight) - Number(isLeft) || a - b;
    return (left < right === descending ? 1 : -1) * Number(left !== right) || a - b;
  });
}

/** The numbers 0 … length - 1. Uint32Array.from with a function takes many times as long. */
export function positions(length: number): Uint32Array {
  const all = new Uint32Array(length);
  for (let index = 0; index < length; index++) all[index] = index;
  return all;
}

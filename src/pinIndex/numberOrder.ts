import { pause } from './stepByStep';

/** Digits of 16 bits: four passes over a double. */
const DIGIT = 16;
const DIGITS = 2 ** DIGIT;

/** Below this, counting digits costs more than comparing. */
export const FEW = 4096;

const ALL = 0xffffffff;
const SIGN = 0x80000000;
/** No number has all bits set, not even turned round. */
const LAST = 0xffffffff;

/**
 * The indices of the keys in the order of their values, equal ones as they stand, NaN last whichever way round.
 * A radix sort over the bits of the doubles: about five times as fast as comparing. Needs 16 bytes a key beside them while it runs.
 */
export async function numberOrder(keys: Float64Array, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const { length } = keys;
  if (length < FEW) return compared(keys, descending);
  const [high, low] = [new Uint32Array(length), new Uint32Array(length)];
  const bits = new DataView(new ArrayBuffer(8));
  const back = descending ? ALL : 0;
  for (let index = 0; index < length; index++) {
    bits.setFloat64(0, (keys[index] ?? NaN) + 0); // +0: 0 and -0 are equal
    const [upper, lower] = [bits.getInt32(0), bits.getInt32(4)];
    // As unsigned numbers, doubles stand in order once all bits of the negative ones, and the sign of the others, are turned round.
    const isNegative = upper < 0;
    const isNumber = !Number.isNaN(keys[index]);
    high[index] = isNumber ? upper ^ (isNegative ? ALL : SIGN) ^ back : LAST;
    low[index] = isNumber ? lower ^ (isNegative ? ALL : 0) ^ back : LAST;
  }
  let order = positions(length);
  let spare: Uint32Array = new Uint32Array(length);
  const starts = new Uint32Array(DIGITS);
  for (const [words, shift] of [
    [low, 0],
    [low, DIGIT],
    [high, 0],
    [high, DIGIT],
  ] as const) {
    await pause(signal);
    starts.fill(0);
    for (let index = 0; index < length; index++) count(starts, ((words[index] ?? 0) >>> shift) & (DIGITS - 1));
    if (starts.includes(length)) continue; // all alike
    let start = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const size = starts[digit] ?? 0;
      starts[digit] = start;
      start += size;
    }
    for (let at = 0; at < length; at++) {
      const index = order[at] ?? 0;
      spare[count(starts, ((words[index] ?? 0) >>> shift) & (DIGITS - 1))] = index;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

function compared(keys: Float64Array, descending: boolean): Uint32Array {
  return positions(keys.length).sort((a, b) => {
    const [left = NaN, right = NaN] = [keys[a], keys[b]];
    const [isLeft, isRight] = [!Number.isNaN(left), !Number.isNaN(right)];
    if (!isLeft || !isRight) return Number(isRight) - Number(isLeft) || a - b;
    return (left < right === descending ? 1 : -1) * Number(left !== right) || a - b;
  });
}

/** 0 … length-1. Uint32Array.from with a function takes many times as long. */
export function positions(length: number): Uint32Array {
  const all = new Uint32Array(length);
  for (let index = 0; index < length; index++) all[index] = index;
  return all;
}

/** Gives the count before. */
function count(counts: Uint32Array, digit: number): number {
  const before = counts[digit] ?? 0;
  counts[digit] = before + 1;
  return before;
}

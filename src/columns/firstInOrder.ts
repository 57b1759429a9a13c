import type { NumberReader } from './rowNumbers';
import { forEachBlock } from '../base/stepByStep';

/**
 * The first `wanted` places of the order that numberOrder returns, without sorting all: a heap of the best so far, with the worst on top. Undefined where the
 * numbers don't decide the order, because some are rounded.
 */
export async function firstInOrder(
  reader: NumberReader,
  wanted: number,
  descending: boolean,
  signal: AbortSignal,
): Promise<Uint32Array | undefined> {
  const { count } = reader;
  const size = Math.min(wanted, count);
  // Rows without a number come last.
  const [keys, places] = [new Float64Array(size).fill(Infinity), new Uint32Array(size).fill(count)];
  const numbers = new Float64Array(Math.min(BLOCK, reader.step ?? BLOCK, count));
  await forEachBlock(
    size > 0 ? count : 0,
    (from, to) => {
      // New pins are at the end of a list, so the newest are found fastest when it is read from the end, and the oldest when it is read from the beginning.
      const first = descending ? count - to : from;
      const block = numbers.subarray(0, to - from);
      reader.read(block, first);
      addBlock(keys, places, block, first, descending ? -1 : 1);
    },
    signal,
    numbers.length,
  );
  if (reader.exact.size > 0) return undefined;
  const order = new Uint32Array(size);
  for (let left = size - 1; left >= 0; left--) {
    order[left] = places[0] ?? 0;
    replaceTop(keys, places, left, keys[left] ?? 0, places[left] ?? 0);
  }
  return order;
}

const BLOCK = 16_384;

// The functions of the heap get its two arrays, and are functions of the module: V8 drops the optimized code of a function that is created for each query.

/** Replaces the worst entries of the heap with the numbers that come before them. */
function addBlock(keys: Float64Array, places: Uint32Array, numbers: Float64Array, first: number, sign: number): void {
  for (let at = -1; (at = nextUpTo(keys[0] ?? 0, numbers, sign, at + 1)) >= 0;) {
    const number = numbers[at] ?? NaN;
    const key = Number.isNaN(number) ? Infinity : sign * number;
    if (isAfter(keys, places, 0, key, first + at)) replaceTop(keys, places, keys.length, key, first + at);
  }
}

/** The index of the next key, from `at` on, that doesn't come after the worst one; -1 if there is none. V8 optimizes a function with a single loop best. */
function nextUpTo(worst: number, numbers: Float64Array, sign: number, at: number): number {
  const { length } = numbers;
  if (worst < Infinity) while (at < length && !(sign * (numbers[at] ?? NaN) <= worst)) at++;
  return at < length ? at : -1;
}

/** Whether the entry `at` comes after a key at a place. */
function isAfter(keys: Float64Array, places: Uint32Array, at: number, key: number, place: number): boolean {
  const other = keys[at] ?? 0;
  return other > key || (other === key && (places[at] ?? 0) > place);
}

/** Replaces the worst of the first `length` entries with a key. */
function replaceTop(keys: Float64Array, places: Uint32Array, length: number, key: number, place: number): void {
  let at = 0;
  for (let child = 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && isAfter(keys, places, child + 1, keys[child] ?? 0, places[child] ?? 0)) child++;
    if (!isAfter(keys, places, child, key, place)) break;
    keys[at] = keys[child] ?? 0;
    places[at] = places[child] ?? 0;
    at = child;
  }
  keys[at] = key;
  places[at] = place;
}

import type { NumberReader } from './rowNumbers';
import { forEachBlock } from './stepByStep';

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
  const sign = descending ? -1 : 1;
  // Rows without a number come last.
  const [keys, places] = [new Float64Array(size).fill(Infinity), new Uint32Array(size).fill(count)];

  /** Whether the heap entry `at` comes after a key at a place. */
  const isAfter = (at: number, key: number, place: number): boolean => {
    const other = keys[at] ?? 0;
    return other > key || (other === key && (places[at] ?? 0) > place);
  };
  /** Replaces the worst entry with a key. */
  const replaceTop = (key: number, place: number, length: number): void => {
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isAfter(child + 1, keys[child] ?? 0, places[child] ?? 0)) child++;
      if (!isAfter(child, key, place)) break;
      keys[at] = keys[child] ?? 0;
      places[at] = places[child] ?? 0;
      at = child;
    }
    keys[at] = key;
    places[at] = place;
  };

  const numbers = new Float64Array(Math.min(BLOCK, reader.step ?? BLOCK, count));
  await forEachBlock(
    size > 0 ? count : 0,
    (from, to) => {
      // New pins are at the end of a list, so the newest are found fastest when it is read from the end, and the oldest when it is read from the beginning.
      const first = descending ? count - to : from;
      const block = numbers.subarray(0, to - from);
      reader.read(block, first);
      for (let at = -1; (at = nextUpTo(keys[0] ?? 0, block, sign, at + 1)) >= 0;) {
        const number = block[at] ?? NaN;
        const key = Number.isNaN(number) ? Infinity : sign * number;
        if (isAfter(0, key, first + at)) replaceTop(key, first + at, size);
      }
    },
    signal,
    numbers.length,
  );
  if (reader.exact.size > 0) return undefined;
  const order = new Uint32Array(size);
  for (let left = size - 1; left >= 0; left--) {
    order[left] = places[0] ?? 0;
    replaceTop(keys[left] ?? 0, places[left] ?? 0, left);
  }
  return order;
}

const BLOCK = 16_384;

/** The index of the next key, from `at` on, that doesn't come after the worst one; -1 if there is none. V8 optimizes a function with a single loop best. */
function nextUpTo(worst: number, numbers: Float64Array, sign: number, at: number): number {
  const { length } = numbers;
  if (worst < Infinity) while (at < length && !(sign * (numbers[at] ?? NaN) <= worst)) at++;
  return at < length ? at : -1;
}

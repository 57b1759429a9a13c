import type { NumberColumn } from '../pin/columnSource';

/** The numbers of Arrow columns in bulk: plain ones as they lie, 64-bit ones by their words, since a million bigints would take a second. */

/** The numbers of one record batch. */
export interface ChunkNumbers {
  readonly kind: NumberColumn['kind'];
  /** Fills `into` with the rows from `from` to `to`, beginning at `at`. */
  readonly fill: (into: Float64Array, at: number, from: number, to: number) => void;
}

/** `starts`: the rows at which the batches begin. */
export function joinedNumbers(
  chunks: readonly { readonly length: number; readonly numbers?: ChunkNumbers }[],
  starts: readonly number[],
): NumberColumn | undefined {
  const kind = chunks[0]?.numbers?.kind;
  if (kind === undefined || !chunks.every(({ numbers }) => numbers?.kind === kind)) return undefined;
  return {
    kind,
    fill: (into, first) => {
      const last = first + into.length;
      for (const [index, { length, numbers }] of chunks.entries()) {
        const start = starts[index] ?? 0;
        const [from, to] = [Math.max(first, start), Math.min(last, start + length)];
        if (from < to) numbers?.fill(into, from - first, from - start, to - start);
      }
    },
  };
}

/** The same numbers, and NaN where the bitmap has no 1. */
export function withoutNulls({ kind, fill }: ChunkNumbers, bitmap: Uint8Array): ChunkNumbers {
  return {
    kind,
    fill: (into, at, from, to) => {
      fill(into, at, from, to);
      for (let row = from; row < to; row++) if (((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) === 0) into[at + row - from] = NaN;
    },
  };
}

export function plainNumbers(numbers: Float64Array | BigInt64Array | BigUint64Array): ChunkNumbers {
  const kind = 'number';
  if (!(numbers instanceof BigInt64Array || numbers instanceof BigUint64Array))
    return { kind, fill: (into, at, from, to) => into.set(numbers.subarray(from, to), at) };
  const [low, high] = halves(numbers);
  return { kind, fill: (into, at, from, to) => joinHalves(low, high, 1, into, at, from, to) };
}

/** As Number(bigint) does, the sum of two halves rounds once: both are exact. */
function joinHalves(
  low: Uint32Array,
  high: Int32Array | Uint32Array,
  factor: number,
  into: Float64Array,
  at: number,
  from: number,
  to: number,
): void {
  for (let row = from, place = at; row < to; row++, place++)
    into[place] = ((high[2 * row + 1] ?? 0) * WORD + (low[2 * row] ?? 0)) * factor;
}

const WORD = 2 ** 32;

type Halves = readonly [low: Uint32Array, high: Int32Array | Uint32Array];

/** The words of 64-bit numbers, as Arrow's and every processor that Node runs the extension on has them: the lower one first. */
function halves(numbers: BigInt64Array | BigUint64Array): Halves {
  const { buffer, byteOffset, length } = numbers;
  const low = new Uint32Array(buffer, byteOffset, 2 * length);
  return [low, numbers instanceof BigInt64Array ? new Int32Array(buffer, byteOffset, 2 * length) : low];
}

/** How many units make a millisecond, where it takes more than one. */
const UNITS_OF_MS: Readonly<Record<number, number>> = { 2: 1000, 3: 1_000_000 };
const SECONDS = 0;

export function timeNumbers(
  times: BigInt64Array,
  { unit }: { readonly unit: number },
  exactly: (row: number) => number,
): ChunkNumbers {
  const kind = 'time';
  const [low, high] = halves(times);
  const perMs = UNITS_OF_MS[unit];
  if (perMs === undefined) {
    const factor = unit === SECONDS ? 1000 : 1;
    return { kind, fill: (into, at, from, to) => joinHalves(low, high, factor, into, at, from, to) };
  }
  return {
    kind,
    fill: (into, at, from, to) => {
      for (let row = from, place = at; row < to; row++, place++) {
        const [upper, lower] = [high[2 * row + 1] ?? 0, low[2 * row] ?? 0];
        // Beyond 2^53 the time is rounded, by 512 at most, so the quotient is off by one at most: the remainder tells, for which 32 bits will do.
        const ms = Math.floor((upper * WORD + lower) / perMs);
        const rest = (lower - Math.imul(ms >>> 0, perMs)) | 0;
        into[place] = upper < 0 ? exactly(row) : ms + (rest < 0 ? -1 : rest >= perMs ? 1 : 0);
      }
    },
  };
}

import type { NumberColumn } from '../pin/columnSource';

/** The numbers of Arrow columns in bulk: plain ones as they lie, 64-bit ones by their words, since a million bigints would take a second. */

/** The numbers of one record batch. */
export interface ChunkNumbers {
  readonly kind: NumberColumn['kind'];
  /** Fills `into` with the rows from `from` to `to`, beginning at `at`. */
  readonly fill: (into: Float64Array, at: number, from: number, to: number) => void;
  /** As NumberColumn says, going on in `found`. False where there is no room. */
  readonly outside?: (bounds: Bounds, from: number, to: number, found: Found) => boolean;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Rows, of which the batch begins at `base`. */
interface Found {
  readonly rows: Uint32Array;
  count: number;
  base: number;
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
    ...(chunks.every(({ numbers }) => numbers?.outside) && {
      outside: (low, high, first, end, rows) => {
        const found: Found = { rows, count: 0, base: 0 };
        for (const [index, { length, numbers }] of chunks.entries()) {
          const start = starts[index] ?? 0;
          const [from, to] = [Math.max(first, start) - start, Math.min(end, start + length) - start];
          found.base = start;
          if (from < to && numbers?.outside?.({ low, high }, from, to, found) !== true) return -1;
        }
        return found.count;
      },
    }),
  };
}

/** NaN where the bitmap has no 1. What stands beneath a null may be found outside of bounds. */
export function withoutNulls({ fill, ...numbers }: ChunkNumbers, bitmap: Uint8Array): ChunkNumbers {
  return {
    ...numbers,
    fill: (into, at, from, to) => {
      fill(into, at, from, to);
      for (let row = from; row < to; row++) if (((bitmap[row >> 3] ?? 0) & (1 << (row & 7))) === 0) into[at + row - from] = NaN;
    },
  };
}

export function plainNumbers(numbers: Float64Array | BigInt64Array | BigUint64Array): ChunkNumbers {
  const kind = 'number';
  if (!(numbers instanceof BigInt64Array || numbers instanceof BigUint64Array))
    return {
      kind,
      fill: (into, at, from, to) => into.set(numbers.subarray(from, to), at),
      // Of other widths there are few lists, and a loop that has seen two kinds of arrays is slow for both.
      ...(numbers instanceof Float64Array && {
        outside: ({ low, high }, from, to, found) => doublesOutside(numbers, low, high, from, to, found),
      }),
    };
  const [low, high] = halves(numbers);
  return {
    kind,
    fill: (into, at, from, to) => joinHalves(low, high, 1, into, at, from, to),
    outside: (bounds, from, to, found) => wordsOutside([low, high], bounds, from, to, found),
  };
}

function doublesOutside(numbers: Float64Array, low: number, high: number, from: number, to: number, found: Found): boolean {
  return collect((row) => nextDouble(numbers, low, high, row, to), from, to, found);
}

/** The words are compared as they are: the upper ones tell most. Bounds are widened by what a 64-bit number may lose as a double. */
function wordsOutside([low, high]: Halves, bounds: Bounds, from: number, to: number, found: Found): boolean {
  const most = high instanceof Int32Array ? WORD / 2 - 1 : WORD - 1;
  const lowest = wordsOf(widened(bounds.low, 1), most);
  const highest = wordsOf(widened(bounds.high, -1), most);
  return collect((row) => nextWords(low, high, lowest, highest, row, to), from, to, found);
}

function collect(next: (row: number) => number, from: number, to: number, found: Found): boolean {
  const { rows, base } = found;
  for (let row = next(from); row < to; row = next(row + 1)) {
    if (found.count === rows.length) return false;
    rows[found.count++] = base + row;
  }
  return true;
}

/** Two loops with nothing else around them, of which V8 soon makes fast code. */
function nextDouble(numbers: Float64Array, low: number, high: number, from: number, to: number): number {
  let row = from;
  for (; row < to; row++) {
    const number = numbers[row] ?? NaN;
    if (number >= high || number <= low) break;
  }
  return row;
}

function nextWords(
  low: Uint32Array,
  high: Int32Array | Uint32Array,
  lowest: Words,
  highest: Words,
  from: number,
  to: number,
): number {
  const { upper: upperLow, lower: lowerLow } = lowest;
  const { upper: upperHigh, lower: lowerHigh } = highest;
  let row = from;
  for (; row < to; row++) {
    const upper = high[2 * row + 1] ?? 0;
    if (upper < upperHigh && upper > upperLow) continue;
    const lower = low[2 * row] ?? 0;
    if (upper > upperHigh || (upper === upperHigh && lower >= lowerHigh)) break;
    if (upper < upperLow || (upper === upperLow && lower <= lowerLow)) break;
  }
  return row;
}

interface Words {
  readonly upper: number;
  readonly lower: number;
}

function widened(bound: number, sign: number): number {
  return Number.isFinite(bound) ? Math.floor(bound + sign * (1 + Math.abs(bound) * 2 ** -50)) : bound;
}

/** Of a whole number; the nearest there is, where its upper word would be beyond `most` or no 32-bit number. */
function wordsOf(whole: number, most: number): Words {
  const upper = Math.floor(whole / WORD);
  if (upper > most) return { upper: most, lower: WORD - 1 };
  return upper < -WORD / 2 ? { upper: -WORD / 2, lower: 0 } : { upper, lower: whole - upper * WORD };
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
  const scale = perMs ?? (unit === SECONDS ? 1 / 1000 : 1);
  // A millisecond less and more, whichever way its fraction was rounded: before 1970 it is up.
  const outside: ChunkNumbers['outside'] = (bounds, from, to, found) =>
    wordsOutside([low, high], { low: (bounds.low + 1) * scale, high: (bounds.high - 1) * scale }, from, to, found);
  if (perMs === undefined) {
    const factor = unit === SECONDS ? 1000 : 1;
    return { kind, fill: (into, at, from, to) => joinHalves(low, high, factor, into, at, from, to), outside };
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
    outside,
  };
}

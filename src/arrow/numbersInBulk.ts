import type { NumberColumn } from '../pin/columnSource';
import type { RowRanges } from '../columns/rowRanges';
import { isSet } from './validityBitmap';

/**
 * Numbers of Arrow columns, read many at a time into a Float64Array. Floats and short integers are copied. 64-bit integers are combined from their two 32-bit
 * words: making a bigint of each would take a second for a million.
 */

/** Reads the numbers of one record batch. */
export interface BatchNumbers {
  readonly kind: NumberColumn['kind'];
  /** Writes the numbers of the rows `from` … `to` - 1 of the batch into `into`, from the index `at` on. */
  readonly fill: (into: Float64Array, at: number, from: number, to: number) => void;
}

/** Undefined where a batch has no numbers, or two have different kinds of them. */
export function joinedNumbers(
  batches: readonly { readonly rows: number; readonly numbers?: BatchNumbers | undefined }[],
  { starts, indexOf }: RowRanges,
): NumberColumn | undefined {
  const kind = batches[0]?.numbers?.kind;
  if (kind === undefined || !batches.every(({ numbers }) => numbers?.kind === kind)) return undefined;
  return {
    kind,
    fill: (into, firstRow) => {
      const endRow = firstRow + into.length;
      for (let index = indexOf(firstRow); index < batches.length; index++) {
        const [start, end] = [starts[index] ?? 0, starts[index + 1] ?? 0];
        if (start >= endRow) break;
        const [from, to] = [Math.max(firstRow, start), Math.min(endRow, end)];
        batches[index]?.numbers?.fill(into, from - firstRow, from - start, to - start);
      }
    },
  };
}

/** The same numbers, with NaN for the nulls of the validity bitmap. */
export function withoutNulls({ kind, fill }: BatchNumbers, validity: Uint8Array): BatchNumbers {
  return {
    kind,
    fill: (into, at, from, to) => {
      fill(into, at, from, to);
      clearNulls(into, at, from, to, validity);
    },
  };
}

/** A function of the module: its caller is created for each column, and V8 would have to optimize this loop for each of them. */
function clearNulls(into: Float64Array, at: number, from: number, to: number, validity: Uint8Array): void {
  for (let row = from; row < to; row++) if (!isSet(validity, row)) into[at + row - from] = NaN;
}

/** Integers and floats, as Number() returns them. */
export function plainNumbers(numbers: Float64Array | BigInt64Array | BigUint64Array): BatchNumbers {
  const kind = 'number';
  if (!(numbers instanceof BigInt64Array || numbers instanceof BigUint64Array))
    return { kind, fill: (into, at, from, to) => into.set(numbers.subarray(from, to), at) };
  const [low, high] = wordsOf(numbers);
  return { kind, fill: (into, at, from, to) => joinWords(low, high, 1, into, at, from, to) };
}

/** Writes each number multiplied by `factor`. Each word times its power of two is exact, so the sum is rounded only once, like Number(bigint). */
function joinWords(
  low: Uint32Array,
  high: Int32Array | Uint32Array,
  factor: number,
  into: Float64Array,
  at: number,
  from: number,
  to: number,
): void {
  for (let row = from, index = at; row < to; row++, index++)
    into[index] = ((high[2 * row + 1] ?? 0) * WORD + (low[2 * row] ?? 0)) * factor;
}

const WORD = 2 ** 32;

/** Both views contain all words: the lower word of row r has the index 2r, and the higher one 2r + 1, as in Arrow and on every processor that runs VS Code. */
type Words = readonly [low: Uint32Array, high: Int32Array | Uint32Array];

function wordsOf(numbers: BigInt64Array | BigUint64Array): Words {
  const { buffer, byteOffset, length } = numbers;
  const low = new Uint32Array(buffer, byteOffset, 2 * length);
  return [low, numbers instanceof BigInt64Array ? new Int32Array(buffer, byteOffset, 2 * length) : low];
}

/** By TimeUnit of Schema.fbs: how many micro- or nanoseconds make a millisecond. */
const UNITS_OF_MS: Readonly<Record<number, number>> = { 2: 1000, 3: 1_000_000 };
const SECONDS = 0;

/**
 * Times in milliseconds, fractions dropped. `unit`: by TimeUnit of Schema.fbs. `msAt` returns the time of a row through a bigint; it is used for micro- and
 * nanoseconds before 1970, since fractions are dropped towards zero.
 */
export function timeNumbers(times: BigInt64Array, unit: number, msAt: (row: number) => number): BatchNumbers {
  const kind = 'time';
  const [low, high] = wordsOf(times);
  const perMs = UNITS_OF_MS[unit];
  if (perMs === undefined) {
    const factor = unit === SECONDS ? 1000 : 1;
    return { kind, fill: (into, at, from, to) => joinWords(low, high, factor, into, at, from, to) };
  }
  return {
    kind,
    fill: (into, at, from, to) => {
      for (let row = from, index = at; row < to; row++, index++) {
        const [upper, lower] = [high[2 * row + 1] ?? 0, low[2 * row] ?? 0];
        // Past 2^53 the sum is rounded by at most 512, which is less than one millisecond: the quotient is exact, or off by one. The remainder shows which: for
        // the exact quotient it is 0 … perMs - 1, so the lower 32 bits of the product are enough to check.
        const ms = Math.floor((upper * WORD + lower) / perMs);
        const rest = (lower - Math.imul(ms >>> 0, perMs)) | 0;
        into[index] = upper < 0 ? msAt(row) : ms + (rest < 0 ? -1 : rest >= perMs ? 1 : 0);
      }
    },
  };
}

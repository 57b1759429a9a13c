import type { NumberColumn } from '../pin/columnSource';
import type { PinField } from '../pin/columnNames';
import { isInRange, msOfNumber, msOfSeconds, SECONDS_BELOW, sizeOf, timeMsOf } from '../pin/pinRecord';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { forEachBlock, VALUES_A_STEP } from '../base/stepByStep';

/**
 * The times or sizes of selected rows as numbers, to sort, group and add them up by. A position is an index into the selected rows, or the row's own number
 * where all rows are selected. A column that holds numbers is read in bulk; others are read value by value.
 */
export interface NumberReader {
  /** How many rows are selected. */
  readonly count: number;
  /** How many positions may be read before the clock is checked again. Absent where reading is so fast that any number is fine. */
  readonly step?: number;
  /** Fills `into` with the numbers at `position` and after it, NaN where a row has none. */
  read(into: Float64Array, position: number): void;
  /** Like `read`, but faster: sizes keep their fractions, and a row without a size may have a number below 1. Absent where it wouldn't be faster. */
  readLoosely?(into: Float64Array, position: number): void;
  /** The exact sizes of 2^53 and more that `read` has read so far, by position; as numbers they are rounded. */
  readonly exact: Map<number, bigint>;
}

/** Reads milliseconds since 1970, the same as timeMsOf returns for each row. */
export function timeReader(selected: Rows, columns: PinColumns): NumberReader {
  const count = selected?.length ?? columns.rows;
  const exact = new Map<number, bigint>();
  const column = numbersOf(columns, 'pinnedAt');
  if (!column) {
    const timeAt = (row: number): number => timeMsOf(columns.raw('pinnedAt', row)) ?? NaN;
    return { count, step: VALUES_A_STEP, exact, read: (into, position) => readEach(selected, into, position, timeAt) };
  }
  const readColumn = selectedNumbers(selected, column);
  return {
    count,
    exact,
    read: (into, position) => {
      readColumn(into, position);
      if (column.kind === 'time') return dropTimesOutOfRange(into);
      if (secondsToMs(into)) return;
      readColumn(into, position);
      for (let at = 0; at < into.length; at++) into[at] = msOfNumber(into[at] ?? NaN);
    },
  };
}

/** Puts NaN in place of what isn't a time in milliseconds. Leaving the others as they are takes half as long as storing them again. */
function dropTimesOutOfRange(times: Float64Array): void {
  for (let at = 0; at < times.length; at++) if (!isInRange(times[at] ?? NaN)) times[at] = NaN;
}

/**
 * Turns seconds into milliseconds in place. False where it found a number that msOfNumber doesn't take for seconds: the earlier ones are then converted, and
 * all must be read again. Nearly every list has only seconds, and this loop without msOfNumber's branches takes a third of its time.
 */
function secondsToMs(times: Float64Array): boolean {
  for (let at = 0; at < times.length; at++) {
    const time = times[at] ?? NaN;
    if (!(time > 0 && time < SECONDS_BELOW)) return false;
    times[at] = msOfSeconds(time);
  }
  return true;
}

/** From this value on, doubles can't represent every integer. */
const ROUNDED_FROM = 2 ** 53;

/** Reads sizes in bytes, the same as sizeOf returns for the column of each row, or for `size_bytes` in its metadata where the column has no size. */
export async function sizeReader(selected: Rows, columns: PinColumns, signal: AbortSignal): Promise<NumberReader> {
  const count = selected?.length ?? columns.rows;
  const exact = new Map<number, bigint>();
  const mayHaveSizeInMetadata = await rowsWithMetadata(columns, 'size_bytes', signal);
  const column = numbersOf(columns, 'sizeBytes');
  const sizeAt = (row: number, position: number): number => {
    const size = sizeOf(columns.raw('sizeBytes', row)) ?? sizeOf(columns.metadata(row)?.['size_bytes']);
    if (typeof size === 'string') exact.set(position, BigInt(size));
    return size === undefined ? NaN : Number(size);
  };
  // A time isn't a size.
  if (column?.kind !== 'number')
    return { count, step: VALUES_A_STEP, exact, read: (into, position) => readEach(selected, into, position, sizeAt) };
  const readColumn = selectedNumbers(selected, column);
  return {
    count,
    ...(mayHaveSizeInMetadata ? { step: VALUES_A_STEP } : { readLoosely: readColumn }),
    exact,
    read: (into, position) => {
      readColumn(into, position);
      const isInMetadata = mayHaveSizeInMetadata !== undefined;
      for (let at = sizesInPlace(into, 0, isInMetadata); at < into.length; at = sizesInPlace(into, at + 1, isInMetadata)) {
        const row = selected ? (selected[position + at] ?? 0) : position + at;
        const isRounded = (into[at] ?? NaN) >= ROUNDED_FROM;
        into[at] = isRounded || mayHaveSizeInMetadata?.(row) === true ? sizeAt(row, position + at) : NaN;
      }
    },
  };
}

/**
 * Drops the fractions of sizes in place, with NaN for what is none, and gives the first index from `at` on that needs a look at its row: the number is
 * rounded, or there is none and `isInMetadata` says that the metadata may have it. A function with one loop alone, of which V8 makes fast code.
 */
function sizesInPlace(into: Float64Array, at: number, isInMetadata: boolean): number {
  for (; at < into.length; at++) {
    const value = into[at] ?? NaN;
    if (value >= 1) {
      if (value >= ROUNDED_FROM) return at;
      into[at] = Math.floor(value);
    } else if (isInMetadata) return at;
    else into[at] = NaN;
  }
  return at;
}

/** The numbers of all selected rows, by position. */
export async function readNumbers(reader: NumberReader, signal: AbortSignal): Promise<Float64Array> {
  const numbers = new Float64Array(reader.count);
  await forEachBlock(reader.count, (from, to) => reader.read(numbers.subarray(from, to), from), signal, reader.step);
  return numbers;
}

/** Undefined where the field has no column, or the column holds anything but numbers. */
function numbersOf({ source, shape }: PinColumns, field: PinField): NumberColumn | undefined {
  const column = shape.columns.get(field);
  return column === undefined ? undefined : source.numbers?.(column);
}

/** The most selected rows that are looked up together. */
const RUN_ROWS = 1024;
/** How many rows such a run may span per selected row: reading some unneeded rows takes less time than a call for each. */
const ROWS_READ_FOR_ONE = 16;

/** Like `fill` of the column, but for the selected rows, which must ascend. Rows that are close together are picked from one range that is read in bulk. */
function selectedNumbers(selected: Rows, { fill }: NumberColumn): (into: Float64Array, position: number) => void {
  if (!selected) return fill;
  let buffer = new Float64Array(0);
  return (into, position) => {
    for (let at = 0; at < into.length;) {
      const firstRow = selected[position + at] ?? 0;
      const last = Math.min(into.length, at + RUN_ROWS);
      let end = at + 1;
      while (end < last && (selected[position + end] ?? 0) - firstRow < ROWS_READ_FOR_ONE * RUN_ROWS) end++;
      const span = (selected[position + end - 1] ?? 0) - firstRow + 1;
      if (buffer.length < span) buffer = new Float64Array(span);
      const stretch = buffer.subarray(0, span);
      fill(stretch, firstRow);
      for (; at < end; at++) into[at] = stretch[(selected[position + at] ?? 0) - firstRow] ?? NaN;
    }
  };
}

function readEach(
  selected: Rows,
  into: Float64Array,
  firstPosition: number,
  numberAt: (row: number, position: number) => number,
): void {
  for (let at = 0; at < into.length; at++) {
    const position = firstPosition + at;
    into[at] = numberAt(selected ? (selected[position] ?? 0) : position, position);
  }
}

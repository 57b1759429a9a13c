import type { NumberColumn } from '../pin/columnSource';
import type { PinField } from '../pin/pinRecord';
import { msInRange, msOfNumber, msOfSeconds, SECONDS_BELOW, sizeOf, timeMsOf } from '../pin/pinRecord';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { forEachBlock, VALUES_A_STEP } from './stepByStep';

/** Times or sizes of rows as plain numbers, in bulk where the column allows it. */
export interface NumberReader {
  readonly count: number;
  /** How many rows may be read between two looks at the clock, where each may take long. */
  readonly step?: number;
  /** Fills `into` with those of the rows at `first` and on; NaN where there is none. */
  read(into: Float64Array, first: number): void;
  /** Sizes past 2^53 that have been read, by the place of their row: as numbers they are rounded. */
  readonly exact: Map<number, bigint>;
}

/** As timeMsOf says for each row. */
export function timeReader(of: Rows, columns: PinColumns): NumberReader {
  const count = of?.length ?? columns.rows;
  const exact = new Map<number, bigint>();
  const numbers = numbersOf(columns, 'pinnedAt');
  const slowly = (row: number): number => timeMsOf(columns.raw('pinnedAt', row)) ?? NaN;
  if (!numbers) return { count, step: VALUES_A_STEP, exact, read: (into, first) => eachRow(of, into, first, slowly) };
  const gather = gatherer(of, numbers);
  const isTime = numbers.kind === 'time';
  return {
    count,
    exact,
    read: (into, first) => {
      gather(into, first);
      if (!isTime) {
        if (secondsToMs(into)) return;
        gather(into, first);
      }
      for (let at = 0; at < into.length; at++) {
        const value = into[at] ?? NaN;
        into[at] = isTime ? msInRange(value) : msOfNumber(value);
      }
    },
  };
}

/** As msOfNumber, without its branches, where all are seconds: the usual case, in a third of the time. Else they are not all what they were. */
function secondsToMs(times: Float64Array): boolean {
  for (let at = 0; at < times.length; at++) {
    const time = times[at] ?? NaN;
    if (!(time > 0 && time < SECONDS_BELOW)) return false;
    times[at] = msOfSeconds(time);
  }
  return true;
}

const ROUNDED_FROM = 2 ** 53;

/** As sizeOf says for each row, or for its metadata where the column has none. */
export async function sizeReader(of: Rows, columns: PinColumns, signal: AbortSignal): Promise<NumberReader> {
  const count = of?.length ?? columns.rows;
  const exact = new Map<number, bigint>();
  const mayHold = await rowsWithMetadata(columns, 'size_bytes', signal);
  const numbers = numbersOf(columns, 'sizeBytes');
  const exactly = (row: number, at: number): number => {
    const size = sizeOf(columns.raw('sizeBytes', row)) ?? sizeOf(columns.metadata(row)?.['size_bytes']);
    if (typeof size === 'string') exact.set(at, BigInt(size));
    return size === undefined ? NaN : Number(size);
  };
  if (!numbers) return { count, step: VALUES_A_STEP, exact, read: (into, first) => eachRow(of, into, first, exactly) };
  const gather = gatherer(of, numbers);
  const isTime = numbers.kind === 'time';
  return {
    count,
    ...(mayHold && { step: VALUES_A_STEP }),
    exact,
    read: (into, first) => {
      gather(into, first);
      for (let at = 0; at < into.length; at++) {
        const value = isTime ? NaN : (into[at] ?? NaN);
        if (value >= 1 && value < ROUNDED_FROM) {
          into[at] = Math.floor(value);
          continue;
        }
        const row = of ? (of[first + at] ?? 0) : first + at;
        into[at] = value >= ROUNDED_FROM || mayHold?.(row) === true ? exactly(row, first + at) : NaN;
      }
    },
  };
}

/** All of them. */
export async function readNumbers(reader: NumberReader, signal: AbortSignal): Promise<Float64Array> {
  const numbers = new Float64Array(reader.count);
  await forEachBlock(reader.count, (from, to) => reader.read(numbers.subarray(from, to), from), signal, reader.step);
  return numbers;
}

function numbersOf({ source, shape }: PinColumns, field: PinField): NumberColumn | undefined {
  const column = shape.columns.get(field);
  return column === undefined ? undefined : source.numbers?.(column);
}

/** How many rows may be read for each that is wanted. */
const SPARSE = 16;

function gatherer(of: Rows, { fill }: NumberColumn): (into: Float64Array, first: number) => void {
  if (!of) return fill;
  let room = new Float64Array(0);
  return (into, first) => {
    const { length } = into;
    for (let done = 0; done < length;) {
      // Rows ascend: as many as lie close enough together are read at once.
      const from = of[first + done] ?? 0;
      const size = Math.min(STRETCH, length - done);
      let end = done + 1;
      while (end < done + size && (of[first + end] ?? 0) - from < SPARSE * STRETCH) end++;
      const span = (of[first + end - 1] ?? 0) - from + 1;
      if (room.length < span) room = new Float64Array(span);
      const read = room.subarray(0, span);
      fill(read, from);
      for (; done < end; done++) into[done] = read[(of[first + done] ?? 0) - from] ?? NaN;
    }
  };
}

const STRETCH = 1024;

function eachRow(of: Rows, into: Float64Array, first: number, valueAt: (row: number, at: number) => number): void {
  for (let index = 0; index < into.length; index++) {
    const at = first + index;
    into[index] = valueAt(of ? (of[at] ?? 0) : at, at);
  }
}

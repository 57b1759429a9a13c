import type { Data } from 'apache-arrow';
import type { ColumnBatch } from './columnBatch';
import { TYPE } from './columnTypes';
import type { BatchNumbers } from './numbersInBulk';
import { plainNumbers, timeNumbers, withoutNulls } from './numbersInBulk';
import type { Validity } from './validityBitmap';
import { isSet } from './validityBitmap';

/**
 * Booleans, times, floats and integers, which take the same number of bits in each row ("Fixed-size Primitive Layout" in Columnar.html). Undefined where `data`
 * has another type. Values are read here, not with apache-arrow's own `get`, which throws for times in the distant past or future.
 */
export function fixedWidthBatch(data: Data, validity: Validity, broken: (what: string) => Error): ColumnBatch | undefined {
  const { length: rows, typeId, values } = data as { length: number; typeId: number; values: unknown };
  const checkLength = (has: number): void => {
    if (has < rows) throw broken('it has fewer values than rows');
  };
  const batch = (valueAt: (row: number) => unknown, numbers?: BatchNumbers): ColumnBatch => {
    const value = validity ? (row: number): unknown => (isSet(validity, row) ? valueAt(row) : null) : valueAt;
    const inBulk = numbers && validity ? withoutNulls(numbers, validity) : numbers;
    return { rows, hasTextInEveryRow: false, value, uncutValue: value, numbers: inBulk };
  };

  switch (typeId) {
    case TYPE.bool: {
      const bits = values as Uint8Array;
      checkLength(bits.length * 8);
      return batch((row) => isSet(bits, row));
    }
    case TYPE.timestamp: {
      const times = values as BigInt64Array;
      checkLength(times.length);
      const { unit } = (data as { readonly type: unknown }).type as { readonly unit: number };
      const toMs = MS_OF_UNIT[unit];
      if (!toMs) throw broken('its times have an unknown unit');
      const dateAt = (row: number): Date => new Date(toMs(times[row] ?? 0n));
      return batch(
        dateAt,
        timeNumbers(times, unit, (row) => dateAt(row).getTime()),
      );
    }
    case TYPE.float:
    case TYPE.int: {
      const numbers = values as Float64Array | BigInt64Array;
      checkLength(numbers.length);
      const isHalf = typeId === TYPE.float && numbers.BYTES_PER_ELEMENT === HALF_BYTES;
      return isHalf ? batch((row) => halfToNumber(Number(numbers[row]))) : batch((row) => numbers[row], plainNumbers(numbers));
    }
    default:
      return undefined;
  }
}

/** Converts a time to milliseconds, by TimeUnit of Schema.fbs (seconds to nanoseconds). The result may be beyond the range of a Date. */
const MS_OF_UNIT: Readonly<Record<number, (time: bigint) => number>> = {
  0: (time) => Number(time) * 1000,
  1: Number,
  2: (time) => Number(time / 1000n),
  3: (time) => Number(time / 1_000_000n),
};

const HALF_BYTES = 2;

/** The value of a 16-bit half-precision float (binary16 of IEEE 754). */
function halfToNumber(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 0x1f
        ? fraction
          ? NaN
          : Infinity
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Data, DataType } from 'apache-arrow';
import {
  Float64,
  Int64,
  makeData,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint64,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { readArrow } from '../../../src/arrow/arrowReader';

const going = new AbortController().signal;

/** Enough rows for many blocks, the later of which are skipped without being read. */
const MANY = 40_000;

const NOW = 1_750_000_000;
const TOP = 2n ** 63n - 1n;
const LAST_SECOND = 253_402_300_799n;

const whole = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: NOW, max: NOW + 3000 }).map(BigInt) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      null,
      0n,
      -1n,
      1n,
      -999n,
      -1001n,
      LAST_SECOND,
      LAST_SECOND + 1n,
      TOP,
      -TOP - 1n,
      2n ** 32n - 1n,
      2n ** 32n,
      -(2n ** 32n),
    ),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: TOP }) },
);
const fraction = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 4 * NOW, max: 4 * NOW + 3000 }).map((quarters) => quarters / 4) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      null,
      0,
      -0,
      NaN,
      -1,
      Infinity,
      -Infinity,
      1.001,
      1e11,
      99_999_999_999.999,
      1.75e12,
      1.75e15,
      1e17,
      3e20,
    ),
  },
  { weight: 1, arbitrary: fc.double() },
);

const unsigned = whole.map((value) => (value === null ? null : BigInt.asUintN(64, value)));

interface Kind {
  readonly type: () => DataType;
  readonly value: fc.Arbitrary<bigint | number | null>;
  readonly scale?: bigint;
}

const KINDS = {
  seconds: { type: () => new TimestampSecond(), value: whole },
  milliseconds: { type: () => new TimestampMillisecond(), value: whole, scale: 1000n },
  microseconds: { type: () => new TimestampMicrosecond(), value: whole, scale: 1_000_000n },
  nanoseconds: { type: () => new TimestampNanosecond(), value: whole, scale: 1_000_000_000n },
  int64: { type: () => new Int64(), value: whole },
  uint64: { type: () => new Uint64(), value: unsigned },
  double: { type: () => new Float64(), value: fraction },
} satisfies Record<string, Kind>;

const kinds = fc.constantFrom(...(Object.values(KINDS) as Kind[]));

/** A value in the unit of the column, if it then fits into 64 bits. The last digits differ, so that values aren't whole milliseconds. */
const scaled = (value: bigint | number | null, { scale = 1n }: Kind, at: number): bigint | number | null => {
  if (typeof value !== 'bigint' || (value > -2000n && value < 2000n)) return value; // Fractions of a millisecond around 1970 stay as they are.
  const inUnit = value * scale + (scale > 1n && value !== 0n ? BigInt(at % 1009) : 0n);
  return BigInt.asIntN(64, inUnit) === inUnit ? inUnit : value;
};

type Numbers = readonly (bigint | number | null)[];

/** Built from its buffers, since the builders of times don't accept a bigint. The value beneath a null is a number like any other. */
function batchOf(type: DataType, values: Numbers): Data {
  const length = values.length;
  const nullBitmap = new Uint8Array(Math.ceil(length / 8));
  for (const [row, value] of values.entries())
    if (value !== null) nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
  const nullCount = values.filter((value) => value === null).length;
  const data =
    type instanceof Float64
      ? Float64Array.from(values, (value) => Number(value ?? NOW))
      : BigInt64Array.from(values, (value, row) => BigInt(value ?? NOW + row));
  const bits = type instanceof Uint64 ? new BigUint64Array(data.buffer) : data;
  return makeData({ type, length, nullCount, nullBitmap, data: bits } as Parameters<typeof makeData>[0]);
}

/** A column of repeated values in batches; every value comes from `some`. */
const column = fc
  .record({
    kind: kinds,
    order: fc.constantFrom('mixed' as const, 'rising' as const, 'falling' as const),
    batches: fc.integer({ min: 1, max: 3 }),
    length: fc.constantFrom(50, 2000, MANY),
  })
  .chain((how) => fc.array(how.kind.value, { minLength: 1, maxLength: 80 }).map((some) => ({ ...how, some })))
  .map(({ kind, order, batches, length, some }) => {
    const values = Array.from({ length }, (_, at) => scaled(some[(at * 7) % some.length] ?? null, kind, at));
    const comparable = (value: bigint | number | null): bigint | number =>
      value === null || Number.isNaN(value) ? -Infinity : value;
    if (order !== 'mixed')
      values.sort((a, b) => {
        const [left, right] = [comparable(a), comparable(b)];
        return (left < right ? -1 : left > right ? 1 : 0) * (order === 'rising' ? 1 : -1);
      });
    const size = Math.ceil(length / batches);
    const parts = Array.from({ length: batches }, (_, part) =>
      batchOf(kind.type(), values.slice(part * size, (part + 1) * size)),
    );
    return { vector: new Vector(parts), length };
  });

/** Distinct numbers, nearly all within the usual range: a page of them is found without reading most. */
const usual = fc
  .record({ kind: kinds, factor: fc.constantFrom(1, -1, 7919, 30_011), batches: fc.integer({ min: 1, max: 3 }) })
  .chain((how) => fc.array(how.kind.value, { maxLength: 40 }).map((rare) => ({ ...how, rare })))
  .map(({ kind, factor, batches, rare }) => {
    const values = Array.from({ length: MANY }, (_, at) => {
      const place = (((at * factor) % MANY) + MANY) % MANY;
      if (at % 997 === 5 && rare.length > 0) return scaled(rare[at % rare.length] ?? null, kind, at);
      return scaled(kind.type() instanceof Float64 ? NOW + place / 4 : BigInt(NOW + place), kind, at);
    });
    const size = Math.ceil(MANY / batches);
    const parts = Array.from({ length: batches }, (_, part) =>
      batchOf(kind.type(), values.slice(part * size, (part + 1) * size)),
    );
    return new Vector(parts);
  });

const cids = vectorFromArray(
  Array.from({ length: MANY }, (_, at) => `Qm${at}`),
  new Utf8(),
);

describe('numbers of an Arrow column', () => {
  it('come first in a page as in the whole order, by time and by size, in both directions', () =>
    fc.assert(
      fc.asyncProperty(
        fc.oneof(
          usual,
          column.filter(({ length }) => length === MANY).map(({ vector }) => vector),
        ),
        fc.constantFrom('timestamp', 'size_bytes'),
        fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 300 })),
        async (vector, name, limit) => {
          const table = await readArrow(tableToIPC(new Table({ cid: cids, [name]: vector }), 'stream'));
          for (const sort of name === 'timestamp' ? (['time', '-time'] as const) : (['size', '-size'] as const)) {
            const first = await table.page({ sort, limit }, going);
            const walk = table.walk({ sort }); // The first walk creates the whole order.
            const all: string[] = [];
            while (all.length < limit) all.push(...(await walk.next(going)).map(({ cid }) => cid));
            assert.deepEqual(
              first.map(({ cid }) => cid),
              all.slice(0, limit),
            );
          }
          table.close();
        },
      ),
      { numRuns: 60 },
    ));
});

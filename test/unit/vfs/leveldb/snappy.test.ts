import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { cursorOn } from '../../../../src/vfs/leveldb/cursor';
import { decompressSnappy } from '../../../../src/vfs/leveldb/snappy';
import { rounds } from '../../../support/rounds';

const invalid = () => new IpfsKitError('corrupt', 'invalid');
const decompressed = (packed: Uint8Array, length: number): Uint8Array => {
  const fields = cursorOn(packed, invalid);
  assert.ok(fields.number() >= 0);
  return decompressSnappy(fields, length, invalid);
};

/** The length of a block, in the form of Snappy. */
function lengthBytes(length: number): readonly number[] {
  return length < 128 ? [length] : [(length % 128) | 128, ...lengthBytes(Math.floor(length / 128))];
}

/** A number, the lowest byte first. */
function little(value: number, bytes: number): readonly number[] {
  return bytes === 0 ? [] : [value % 256, ...little(Math.floor(value / 256), bytes - 1)];
}

/** Elements of every kind, with the bytes that they mean together. */
const elements = fc
  .array(
    fc.record({
      kind: fc.constantFrom(0, 1, 2, 3),
      size: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 70_000 })),
      back: fc.nat(),
      width: fc.nat(3),
    }),
    { maxLength: 12 },
  )
  .map((all) => {
    const [packed, whole]: [number[], number[]] = [[], []];
    for (const [at, { kind, size, back, width }] of all.entries()) {
      if (kind === 0 || whole.length === 0) {
        const least = size <= 60 ? 0 : size <= 256 ? 1 : size <= 65_536 ? 2 : 3;
        const bytes = size <= 60 && width === 0 ? 0 : Math.max(least, width, 1);
        packed.push((bytes === 0 ? size - 1 : 59 + bytes) << 2, ...little(size - 1, bytes));
        for (let each = 0; each < size; each++) whole.push(packed[packed.push((each * 7 + at) % 251) - 1] ?? 0);
        continue;
      }
      const length = kind === 1 ? 4 + (size % 8) : 1 + (size % 64);
      const offset = 1 + (back % Math.min(whole.length, kind === 1 ? 2047 : 65_535));
      if (kind === 1) packed.push(((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 255);
      else packed.push(((length - 1) << 2) | kind, ...little(offset, kind === 2 ? 2 : 4));
      for (let each = 0; each < length; each++) whole.push(whole.at(-offset) ?? 0);
    }
    return { packed: Uint8Array.from([...lengthBytes(whole.length), ...packed]), whole: Uint8Array.from(whole) };
  });

/** Undefined where it refuses a block: within its last three bytes it takes no element that states its length in bytes that follow. */
function byHyparquet(packed: Uint8Array, length: number): Uint8Array | undefined {
  const whole = new Uint8Array(length);
  try {
    if (length > 0) snappyUncompress(packed, whole);
    return whole;
  } catch (error) {
    assert.match(String(error), /pos \+ 3 >= inputLength/);
    return undefined;
  }
}

describe('a block of Snappy', () => {
  it('is decompressed, whatever it consists of, as by hyparquet', () => {
    fc.assert(
      fc.property(elements, ({ packed, whole }) => {
        assert.deepEqual(decompressed(packed, whole.length), whole);
        const theirs = byHyparquet(packed, whole.length);
        if (theirs) assert.deepEqual(theirs, whole);
      }),
      { numRuns: rounds(600) },
    );
  });

  it('is an error where it is cut off, has another length, or is no such block', () => {
    fc.assert(
      fc.property(elements, fc.nat(), ({ packed, whole }, cut) => {
        fc.pre(whole.length > 0);
        assert.throws(() => decompressed(packed, whole.length + 1), { reason: 'corrupt' });
        assert.throws(() => decompressed(packed, whole.length - 1), { reason: 'corrupt' });
        assert.throws(() => decompressed(packed.subarray(0, cut % packed.length), whole.length), { reason: 'corrupt' });
      }),
      { numRuns: rounds(600) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(5000), (junk, length) => {
        try {
          assert.equal(decompressSnappy(cursorOn(junk, invalid), length, invalid).length, length);
        } catch (error) {
          assert.ok(IpfsKitError.is(error, 'corrupt'));
        }
      }),
      { numRuns: rounds(20_000) },
    );
  });

  it('ends at once with a length, or an offset, beyond 2 GiB', () => {
    for (const element of [
      [0xfc, 0, 0, 0, 0x80],
      [0x07, 0, 0, 0, 0x80],
      [0xfc, 255, 255, 255, 255],
    ])
      // prettier-ignore
      assert.throws(() => decompressed(Uint8Array.from([1, ...element, 0, 0, 0, 0]), 1), { reason: 'corrupt' });
  });
});

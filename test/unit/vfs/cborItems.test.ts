import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import { cborItems } from '../../../src/vfs/cborItems';

/** The number of items as RFC 8949 counts them, keys included. */
function items(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 1;
  const below = Array.isArray(value) ? (value as unknown[]) : Object.entries(value).flat();
  return below.reduce<number>((sum, each) => sum + items(each), 1);
}

describe('the items of a block of dag-cbor', () => {
  it('are counted without being decoded', () => {
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.string({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(fc.string(), tie('any')),
      ),
    })).any;
    fc.assert(fc.property(value, (made) => cborItems(dagCbor.encode(made), Infinity) === items(made)));
  });

  it('are counted only up to the requested number', () => {
    assert.equal(cborItems(Buffer.alloc(2 ** 21, 0x80), 1000), 1001);
    assert.equal(cborItems(Buffer.from([0x9b, 255, 255]), 1000), 0);
    assert.equal(cborItems(Buffer.from([0x5b, 255, 255, 255, 255, 255, 255, 255, 255, 1]), 1000), 1);
  });
});

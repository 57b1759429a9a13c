import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ThriftStruct, WantedStruct } from '../../../../src/pinStore/parquet/thrift';
import { readStruct } from '../../../../src/pinStore/parquet/thrift';
import { thrift, varint } from '../../../support/parquetFile';

function read(bytes: Uint8Array, wanted: WantedStruct, itemsLeft = 100): ThriftStruct {
  return readStruct({ bytes, at: 0, itemsLeft }, wanted);
}

describe('Thrift', () => {
  it('returns the requested fields, and skips the others', () => {
    const bytes = thrift({ 1: 7, 2: 'name', 3: [{ 1: 1 }, { 1: -2 }], 5: { 9: 2n ** 40n, 10: 'x' }, 40: -1n });
    assert.deepEqual(read(bytes, { 1: 'number', 3: [{ 1: 'number' }], 5: { 9: 'number' }, 40: 'number' }), {
      1: 7,
      3: [{ 1: 1 }, { 1: -2 }],
      5: { 9: 2 ** 40 },
      40: -1,
    });
    assert.deepEqual(read(bytes, {}), {});
  });

  it('makes no room for a list that is longer than its bytes, or than it may be', () => {
    for (const wanted of [{ 2: [['number']] }, {}] as const)
      assert.throws(() => read(Buffer.concat([Buffer.from([0x29, 0xf9]), varint(2 ** 25)]), wanted), RangeError);
    const many = thrift({ 2: Array.from({ length: 50 }, () => [1, 2, 3]) });
    assert.throws(() => read(many, { 2: [['number']] }), RangeError);
    assert.equal((read(many, { 2: [['number']] }, 200)[2] as unknown[]).length, 50);
  });

  it('ends where its bytes do, however it is cut or nested', () => {
    const whole = thrift({ 1: 7, 2: 'name', 3: [{ 1: 1 }], 5: { 9: 2n ** 40n } });
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => read(whole.subarray(0, length), { 3: [{ 1: 'number' }] }), RangeError);
    assert.throws(() => read(Buffer.alloc(1000, 0x1c), {}), RangeError);
    assert.throws(() => read(Buffer.concat([Buffer.from([0x16]), Buffer.alloc(1000, 0xff)]), { 1: 'number' }), RangeError);
  });
});

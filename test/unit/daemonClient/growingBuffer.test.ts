import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createGrowingBuffer } from '../../../src/daemonClient/growingBuffer';

describe('a growing buffer', () => {
  it('contains what was added, for any declared length', () => {
    const chunks = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 12 });
    const declared = fc.option(fc.nat(1_000_000), { nil: undefined });
    fc.assert(
      fc.property(chunks, declared, (sizes, expected) => {
        const buffer = createGrowingBuffer(expected);
        const parts = sizes.map((size, index) => Buffer.alloc(size, `part ${index} `));
        for (const part of parts) buffer.add(part);
        const whole = Buffer.concat(parts);
        assert.equal(buffer.length, whole.length);
        assert.ok(whole.equals(buffer.bytes()));
      }),
    );
  });

  it('allocates little memory for a declared length', () => {
    const buffer = createGrowingBuffer(2 ** 30);
    buffer.add(Buffer.alloc(1000));
    assert.equal(buffer.capacity, 65_536);
    buffer.add(Buffer.alloc(65_536));
    assert.equal(buffer.capacity, 4 * 65_536);
  });

  it('allocates no more than was declared if that much arrives', () => {
    const buffer = createGrowingBuffer(3_000_000);
    for (let part = 0; part < 30; part++) buffer.add(Buffer.alloc(100_000));
    assert.equal(buffer.capacity, 3_000_000);
  });

  it('seldom moves what it holds when more comes than was declared, byte by byte', () => {
    const buffer = createGrowingBuffer(0);
    const capacities = new Set<number>();
    for (let byte = 0; byte < 100_000; byte++) {
      buffer.add(Buffer.from([byte & 0xff]));
      capacities.add(buffer.capacity);
    }
    assert.ok(capacities.size < 12, `${capacities.size} times`);
  });
});

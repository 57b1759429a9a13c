import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { firstInOrder } from '../../../src/columns/firstInOrder';
import { FEW, numberOrder } from '../../../src/columns/numberOrder';
import { readJson } from '../../../src/pinWorker/lists/jsonReader';

const going = new AbortController().signal;

function plainOrder(keys: readonly number[], descending: boolean): number[] {
  const indices = keys.map((_, index) => index);
  const numbers = indices.filter((index) => !Number.isNaN(keys[index]));
  numbers.sort(
    (a, b) => (descending ? -1 : 1) * Math.sign((keys[a] ?? 0) === (keys[b] ?? 0) ? 0 : (keys[a] ?? 0) < (keys[b] ?? 0) ? -1 : 1),
  );
  return [...numbers, ...indices.filter((index) => Number.isNaN(keys[index]))];
}

const key = fc.oneof(
  fc.double(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53), 5e-324, -5e-324),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_001_000 }),
);

describe('an order of numbers', () => {
  it('is that of a stable sort with NaN last, in both directions, for few and for many', () =>
    fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 60 }), fc.boolean(), fc.boolean(), async (some, descending, many) => {
        // Many equal keys, so that their order must be kept.
        const keys =
          many && some.length > 0 ? Array.from({ length: FEW + 17 }, (_, index) => some[(index * 7) % some.length] ?? 0) : some;
        const order = await numberOrder(Float64Array.from(keys), descending, going);
        assert.deepEqual([...order], plainOrder(keys, descending));
      }),
      { numRuns: 150 },
    ));

  it('begins with the rows that are found without it, in any initial order of the keys', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          key.filter((value) => Math.abs(value) !== Infinity),
          { minLength: 1, maxLength: 60 },
        ),
        fc.boolean(),
        fc.constantFrom('as they are', 'rising', 'falling', 'many'),
        fc.integer({ min: 0, max: 70 }),
        async (some, descending, how, wanted) => {
          const keys = Float64Array.from(
            how === 'many' ? Array.from({ length: 40_000 }, (_, at) => some[(at * 7) % some.length] ?? 0) : some,
          );
          if (how === 'rising' || how === 'falling') keys.sort();
          if (how === 'falling') keys.reverse();
          const read = (into: Float64Array, first: number): void => into.set(keys.subarray(first, first + into.length));
          const first = await firstInOrder({ count: keys.length, exact: new Map(), read }, wanted, descending, going);
          assert.deepEqual(first, (await numberOrder(keys, descending, going)).slice(0, wanted));
        },
      ),
      { numRuns: 300 },
    ));

  it('stops when it is canceled', async () => {
    const controller = new AbortController();
    const order = numberOrder(new Float64Array(FEW), false, controller.signal);
    controller.abort();
    await assert.rejects(order, { reason: 'cancelled' });
  });
});

describe('the order of pins', () => {
  it('distinguishes sizes that are the same as doubles, and keeps the order of the source where they are equal', async () => {
    const sizes = [
      '9007199254740993',
      '9007199254740992',
      '9007199254740995',
      '1',
      '9007199254740993',
      '0',
      '18446744073709551615',
    ];
    const table = await readJson(Buffer.from(JSON.stringify(sizes.map((size, index) => ({ cid: `Qm${index}`, size })))), going);
    const cids = async (sort: 'size' | '-size'): Promise<string[]> => (await table.page({ sort }, going)).map(({ cid }) => cid);
    assert.deepEqual(await cids('size'), ['Qm3', 'Qm1', 'Qm0', 'Qm4', 'Qm2', 'Qm6', 'Qm5']);
    assert.deepEqual(await cids('-size'), ['Qm6', 'Qm2', 'Qm0', 'Qm4', 'Qm1', 'Qm3', 'Qm5']);
  });

  it('can be canceled in the middle of long work', async () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => ({ cid: `Qm${index}`, name: `n${index % 977}` }));
    const table = await readJson(Buffer.from(JSON.stringify(rows)), going);
    const controller = new AbortController();
    const page = table.page({ filter: 'n', sort: 'name', group: 'type' }, controller.signal);
    setImmediate(() => controller.abort()); // The abort happens only if the work lets the event loop turn.
    await assert.rejects(page, { reason: 'cancelled' });
    assert.equal(
      (await table.page({ filter: 'n976', limit: 10_000 }, going)).length,
      rows.filter(({ name }) => name === 'n976').length,
    );
  });
});

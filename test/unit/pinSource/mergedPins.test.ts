import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mergedPins } from '../../../src/pinSource/mergedPins';
import type { Pin } from '../../../src/pin/pin';

const LONG = 'x'.repeat(4096);

/** 1500 pins, named by every second number from `first` on. */
async function* walk(first: number): AsyncGenerator<readonly Pin[]> {
  for (let at = first; at < 3000; at += 300)
    yield await Promise.resolve(
      Array.from({ length: 150 }, (_, row) => ({ cid: LONG, name: String(at + 2 * row).padStart(5, '0') })),
    );
}

it('pins of several sources are merged some at a time, fewer where their texts are long', async () => {
  const names: (string | undefined)[] = [];
  for await (const stretch of mergedPins([walk(0), walk(1)], { sort: 'name' })) {
    assert.ok(stretch.length * LONG.length < 1_100_000);
    names.push(...stretch.map(({ pin }) => pin.name));
  }
  assert.deepEqual([names.length, names], [3000, [...names].sort()]);
});

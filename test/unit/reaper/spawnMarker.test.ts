import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spawnMarker } from '../../../src/reaper/spawnMarker';

function memory(initial: unknown): { get(): unknown; update(key: string, value: unknown): Promise<void> } {
  let kept = initial;
  return {
    get: () => kept,
    update: (_, value) => Promise.resolve(void (kept = value)),
  };
}

describe('the mark of a daemon that we start', () => {
  it('is made once, and the same ever after', () => {
    const kept = memory(undefined);
    const first = spawnMarker(kept);
    assert.match(first.value, /^[0-9a-f-]{36}$/);
    assert.deepEqual(spawnMarker(kept), first);
  });

  it('is replaced if it is invalid', () => {
    for (const wrong of ['', 'x', 7, { value: 'x' }]) assert.match(spawnMarker(memory(wrong)).value, /^[0-9a-f-]{36}$/);
  });
});

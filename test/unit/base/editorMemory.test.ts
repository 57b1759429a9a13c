import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forgivingMemory } from '../../../src/base/editorMemory';
import { savedListView } from '../../../src/pinTree/list/savedListView';
import { spawnMarker } from '../../../src/reaper/spawnMarker';

const FULL = 'SQLITE_FULL: database or disk is full';

describe('a state storage of the editor that fails', () => {
  it("doesn't prevent anything from starting, and is logged once", async () => {
    const reports: string[] = [];
    const throwing = (): never => {
      throw new Error(FULL);
    };
    for (const update of [throwing, () => Promise.reject(new Error(FULL)), () => new Promise<void>(() => undefined)]) {
      const memory = forgivingMemory({ get: throwing, update }, (why) => reports.push(why));
      assert.deepEqual(savedListView(memory), {});
      assert.match(spawnMarker(memory).value, /^[0-9a-f-]{36}$/);
    }
    await new Promise((resolve) => setImmediate(resolve)); // An unhandled rejection would be reported by now.
    assert.equal(reports.length, 3);
    assert.match(reports[0] ?? '', /couldn't read or save the state of IPFS Kit: SQLITE_FULL/);
  });

  it('is unchanged if it works', async () => {
    const kept = new Map<string, unknown>();
    const memory = forgivingMemory(
      { get: (key) => kept.get(key), update: (key, value) => Promise.resolve(void kept.set(key, value)) },
      (why) => assert.fail(why),
    );
    await memory.update('a', 1);
    assert.equal(memory.get('a'), 1);
  });
});

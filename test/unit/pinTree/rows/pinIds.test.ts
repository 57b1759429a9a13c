import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pinIds } from '../../../../src/pinTree/rows/pinIds';

describe('the ids of rows', () => {
  it('are unique for any list, and stay the same for the first of equal rows', () => {
    const pins = ['x', 'x', 'x#1', 'x', '#1:x', ':x'].map((cid) => ({ cid }));
    const typed = [
      ...pins,
      ...pins.map((pin) => ({ ...pin, type: 'recursive' })),
      { cid: 'b:x', type: 'a' },
      { cid: 'x', type: 'a:b' },
    ];
    const ids = pinIds(typed);
    assert.equal(new Set(ids).size, typed.length, ids.join());
    assert.deepEqual(pinIds(typed.slice(0, 4)), ids.slice(0, 4));
    assert.equal(ids[0], 'pin::x');
  });

  it('stay with their requests when a newer one for the same CID comes before them', () => {
    const old = { cid: 'x', name: 'a', pinnedAt: '2026-01-01T00:00:00.000Z' };
    const [id] = pinIds([old]);
    for (const newer of [{ ...old, name: 'b' }, { ...old, pinnedAt: '2026-01-02T00:00:00.000Z' }, { cid: 'x' }])
      assert.equal(pinIds([newer, old])[1], id);
    assert.equal(pinIds([{ ...old, status: 'failed' }])[0], id);
  });

  it('of entries stay while their content changes, and are unique also where a broken folder has a name twice', () => {
    const entry = { cid: 'x', name: 'photos' };
    assert.deepEqual(pinIds([{ ...entry, cid: 'y' }], true), pinIds([entry], true));
    const ids = pinIds([entry, entry, { ...entry, name: 'video' }, { cid: 'x' }, { cid: 'y' }], true);
    assert.equal(new Set(ids).size, 5, ids.join());
  });
});

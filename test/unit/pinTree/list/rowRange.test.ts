import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MORE, MOST_ROWS, moved } from '../../../../src/pinTree/list/rowRange';

describe('The rows of a level that are read and shown at a time', () => {
  const first = { first: 0, end: 200 };

  it('are more of those that follow, and no longer the first ones once there are too many', () => {
    assert.deepEqual(moved(first, 'after'), { first: 0, end: 700 });
    assert.deepEqual(moved(moved(first, 'after'), 'after'), { first: 1200 - MOST_ROWS, end: 1200 });
    assert.deepEqual(moved({ first: 0, end: MOST_ROWS }, 'after', 1000), { first: 100, end: 1000 });
    assert.deepEqual(moved({ first: 0, end: 150 }, 'after', 150), { first: 0, end: 150 });
  });

  it('are more of those before, down to the first', () => {
    assert.deepEqual(moved({ first: 1300, end: 2200 }, 'before'), { first: 800, end: 1700 });
    assert.deepEqual(moved({ first: 300, end: 1200 }, 'before'), { first: 0, end: MOST_ROWS });
  });

  it('are those around a row at any place, never more than the most', () => {
    for (const total of [1, 199, 900, 1_000_000, undefined])
      for (const range of [first, { first: 300, end: 1200 }, { first: 699_800, end: 700_300 }])
        for (const to of [0, 150, 650, 1199, 5000, 700_100, 999_999]) {
          if (to >= (total ?? Infinity)) continue;
          const next = moved(range, to, total);
          assert.ok(next.first <= to && to < next.end && next.first >= 0, JSON.stringify({ range, to, next }));
          assert.ok(next.end - next.first <= MOST_ROWS);
        }
  });

  it('stay where they contain the row, and also contain the rows up to it where it follows soon', () => {
    assert.deepEqual(moved(first, 7), first);
    assert.deepEqual(moved(first, 199 + MORE), { first: 0, end: 700 });
    assert.deepEqual(moved(first, 200 + MORE), { first: 500, end: 1000 });
  });
});

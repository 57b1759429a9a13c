import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstThatShows, MOST_ROWS, windowAt } from '../../../../src/pinTree/rows/rowWindow';

describe('The rows of a level that are shown at a time', () => {
  it('are all of them while there are few', () => {
    assert.deepEqual(windowAt(0, 0), { first: 0, end: 0 });
    assert.deepEqual(windowAt(Infinity, 700), { first: 0, end: 700 });
    assert.deepEqual(windowAt(0, MOST_ROWS), { first: 0, end: MOST_ROWS });
  });

  it('are never more than the most, wherever they begin', () => {
    for (let rows = 0; rows < 4 * MOST_ROWS; rows += 137)
      for (let first = 0; first < rows + 300; first += 251) {
        const { first: start, end } = windowAt(first, rows);
        assert.equal(end - start, Math.min(rows, MOST_ROWS));
        assert.ok(start >= 0 && end <= rows && start <= first);
      }
  });

  it('are the last ones where more have been read and they follow', () => {
    assert.deepEqual(windowAt(Infinity, 5200), { first: 5200 - MOST_ROWS, end: 5200 });
  });

  it('move as little as can be to show one row', () => {
    const window = windowAt(1000, 5200);
    assert.equal(firstThatShows(1000, window), 1000);
    assert.equal(firstThatShows(999 + MOST_ROWS, window), 1000);
    assert.equal(firstThatShows(7, window), 7);
    const row = 4321;
    const { first, end } = windowAt(firstThatShows(row, window), 5200);
    assert.ok(first <= row && row < end);
  });
});

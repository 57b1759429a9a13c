import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createRowsPerTurn } from '../../../../src/pinTree/rows/rowsPerTurn';

/** A clock that each row moves by 1 ms. */
function rows(mostMs: number): { readonly drawn: string[]; readonly draw: (name: string) => unknown } {
  let ms = 0;
  const drawn: string[] = [];
  const perTurn = createRowsPerTurn(mostMs, () => ms);
  return {
    drawn,
    draw: (name) =>
      perTurn(() => {
        ms++;
        if (name === 'bad') throw new Error('not drawn');
        drawn.push(name);
        return name;
      }),
  };
}

describe('the rows that are drawn in a turn of the event loop', () => {
  it('are as many as its time allows; the others wait for later turns, in order', async () => {
    const { drawn, draw } = rows(2);
    const all = ['a', 'b', 'c', 'd', 'e', 'f'].map(draw);
    assert.deepEqual([all[0], all[1], drawn], ['a', 'b', ['a', 'b']]);
    await turn();
    assert.deepEqual(drawn, ['a', 'b', 'c', 'd']);
    assert.ok(draw('g') instanceof Promise, 'a row that comes later waits for those before it');
    await turn();
    assert.deepEqual(drawn, ['a', 'b', 'c', 'd', 'e', 'f']);
    await turn();
    assert.deepEqual([await Promise.all(all), drawn.at(-1)], [['a', 'b', 'c', 'd', 'e', 'f'], 'g']);
    await turn();
    assert.equal(draw('h'), 'h');
  });

  it('are one at least, and one that fails leaves the others', async () => {
    const { drawn, draw } = rows(0);
    const all = [draw('bad'), draw('a')];
    await assert.rejects(Promise.resolve(all[0]), /not drawn/);
    assert.equal(await all[1], 'a');
    assert.deepEqual(drawn, ['a']);
  });
});

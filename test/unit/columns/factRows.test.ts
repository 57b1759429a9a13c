import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PinTable } from '../../../src/pin/pinTable';
import { columnarTable } from '../../../src/columns/columnarTable';
import { heldHeap } from '../../support/heldHeap';

const going = new AbortController().signal;

function tableOf(rows: number, metadata: (row: number) => string): PinTable {
  const value = (column: string, row: number): string => (column === 'cid' ? `Qm${row}` : metadata(row));
  const names = ['cid', 'metadata'];
  return columnarTable({ rows, names, value, hasTextInEveryRow: (column) => column === 'cid' }, 'made');
}

describe('a filter by metadata', () => {
  it('takes little memory, however long the texts are', async () => {
    const [rows, filler] = [4000, 'x'.repeat(60_000)];
    let heldBytes = 0;
    const table = tableOf(rows, (row) => {
      if (row === rows - 1) heldBytes = heldHeap();
      return JSON.stringify({ team: `t${row % 2}`, filler, row });
    });
    const before = heldHeap();
    assert.equal(await table.count({ filter: 'meta.team=t1 meta.filler -meta.row=1' }, going), rows / 2 - 1);
    assert.ok(heldBytes > 0 && heldBytes - before < 32 * 2 ** 20, `${heldBytes - before} bytes`);
  });

  it('finds the same in texts that are repeated, in long ones, and where only one of its words fits', async () => {
    const texts = ['{"team":"a","kind":"x"}', '{"team":"a"}', `{"kind":"x","team":"a","long":"${'y'.repeat(5000)}"}`, '[]', ''];
    const table = tableOf(50, (row) => texts[row % texts.length] ?? '');
    assert.equal(await table.count({ filter: 'meta.team=A meta.kind=x' }, going), 20);
    assert.equal(await table.count({ filter: 'meta.team -meta.kind' }, going), 10);
    assert.equal(await table.count({ filter: '-meta.team' }, going), 10, 'of a list nothing is known, of no text everything');
    assert.equal(await table.count({ filter: 'meta.__proto__' }, going), 0);
    assert.equal(await table.count({ filter: 'meta.constructor meta.team' }, going), 0);
  });
});

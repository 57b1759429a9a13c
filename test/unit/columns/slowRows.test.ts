import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { PinTable } from '../../../src/pin/pinTable';
import { columnarTable } from '../../../src/columns/columnarTable';

const ROWS = 1500;

/** A table whose values take a millisecond each to search, as long texts do; `looked` returns how many were read. */
function slowTable(): { readonly table: PinTable; readonly looked: () => number } {
  let looked = 0;
  const value = (column: string, row: number): unknown => {
    looked++;
    for (const until = performance.now() + 1; performance.now() < until;);
    return column === 'size' ? row : column === 'metadata' ? '{"size_bytes":5}' : column === 'cid' ? 'Qm' : `${column} ${row}`;
  };
  const source = {
    rows: ROWS,
    names: ['cid', 'name', 'size', 'tier', 'timestamp', 'metadata', 'vfs_path'],
    value,
    hasTextInEveryRow: (column: string) => column === 'cid',
  };
  return { table: columnarTable(source, 'slow'), looked: () => looked };
}

const QUESTIONS: Readonly<Record<string, (table: PinTable, signal: AbortSignal) => Promise<unknown>>> = {
  'a page': (table, signal) => table.page({ limit: 1000 }, signal),
  'a stretch of a walk': (table, signal) => table.walk({}).next(signal),
  'the details of a pin': (table, signal) => table.details('other', signal),
  'an order by size': (table, signal) => table.page({ sort: 'size', offset: 600, limit: 900 }, signal),
  'the first by size': (table, signal) => table.page({ sort: '-size', limit: 100 }, signal),
  'the first by time': (table, signal) => table.page({ sort: 'time', limit: 100 }, signal),
  'an order by name': (table, signal) => table.page({ sort: 'name', offset: 600, limit: 900 }, signal),
  'a fuzzy search': (table, signal) => table.count({ filter: 'é', fuzzy: true }, signal),
  'a search': (table, signal) => table.count({ filter: 'nowhere' }, signal),
  'groups by tier': (table, signal) => table.groups('tier', {}, signal),
  'groups by month': (table, signal) => table.groups('month', {}, signal),
};

describe('of a table whose values take long to read', () => {
  for (const [what, ask] of Object.entries(QUESTIONS))
    it(`${what} handles other messages, and can be canceled in the middle`, async () => {
      const { table, looked } = slowTable();
      const stop = new AbortController();
      setImmediate(() => stop.abort());
      await assert.rejects(ask(table, stop.signal), (error) => IpfsKitError.is(error, 'cancelled'));
      assert.ok(looked() < 400, `${looked()} values were read`);
    });
});

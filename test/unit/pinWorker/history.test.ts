import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { testFolder } from '../../support/folder';
import { python } from '../../support/python';

const folder = testFolder('worker-history');
const dist = path.join(process.cwd(), 'dist');
const place = { folder: path.join(folder, 'history'), source: 'kubo at one address' };
const usual = { ...place, withStatuses: true, removed: [], limit: 10 };
const FIRST = Date.UTC(2026, 0, 1, 12);
const DAY = 86_400_000;

before(() => {
  const code = `import sqlite3, sys
for name, first, last in (('one', 0, 40000), ('two', 100, 40300)):
  db = sqlite3.connect(sys.argv[1] + '/' + name)
  db.execute('create table pins (cid text, name text)')
  db.executemany('insert into pins values (?, ?)', ((f'pin {n}', f'n{n}') for n in range(first, last)))
  db.commit()`;
  python(code, folder);
});

describe('the history in the pin worker', () => {
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  after(() => worker.dispose());
  const open = async (name: string): Promise<number> =>
    (await worker.request('open', { kind: 'store', query: { databasePath: path.join(folder, name) } })).table;
  const isLoaded = async (): Promise<boolean> =>
    (await worker.request('inspect', undefined)).loaded.some((file) => path.basename(file) === 'historyStore.js');

  it('is loaded with the first list that is kept; compares tables, and says what changed', async () => {
    const [one, two] = [await open('one'), await open('two')];
    assert.equal(await isLoaded(), false);
    const first = await worker.request('keepHistory', { ...usual, table: one, atMs: FIRST });
    assert.deepEqual([first.written, first.sinceMs, await isLoaded()], ['start', undefined, true]);
    const removed = ['pin 0', 'pin 1', 'pin 500'];
    const kept = await worker.request('keepHistory', { ...usual, table: two, atMs: FIRST + DAY, removed });
    const { changes, lost } = kept;
    assert.deepEqual([kept.written, kept.sinceMs, changes?.added.count, changes?.gone.count], ['changes', FIRST, 300, 100]);
    assert.deepEqual([lost.count, lost.rows.length, lost.rows[0]?.cid, kept.removed], [98, 10, 'pin 2', ['pin 0', 'pin 1']]);
    const since = await worker.request('changes', { ...place, sinceMs: FIRST, limit: 3 });
    assert.deepEqual([since.added.count, since.gone.count, since.renamed.count, since.status.count], [300, 100, 0, 0]);
    assert.deepEqual(since.added.rows.map(({ cid, name }) => [cid, name]), [['pin 40000', 'n40000'], ['pin 40001', 'n40001'], ['pin 40002', 'n40002']]); // prettier-ignore
    const days = await worker.request('historyDays', place);
    assert.deepEqual(days, { atMs: [FIRST, FIRST + DAY], changes: [0, 400], lost: [] });
    for (const table of [one, two]) await worker.request('close', { table });
  });

  it('is written by one of two windows whose lists come at once, and read by both', async () => {
    const other = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
    const source = 'in two windows';
    const openHere = (handle: typeof worker, name: string): Promise<{ readonly table: number }> =>
      handle.request('open', { kind: 'store', query: { databasePath: path.join(folder, name) } });
    const windows = await Promise.all(
      [worker, other].map(async (handle) => ({ handle, one: await openHere(handle, 'one'), two: await openHere(handle, 'two') })),
    );
    for (let day = 0; day < 6; day++) {
      const written = await Promise.all(
        windows.map(async ({ handle, one, two }) => {
          const { table } = day % 2 === 0 ? one : two;
          return (await handle.request('keepHistory', { ...usual, source, table, atMs: FIRST + day * DAY })).written;
        }),
      );
      const [changing, ...others] = written.filter((each) => !['busy', 'nothing'].includes(each));
      assert.deepEqual([changing, others], [day === 0 ? 'start' : 'changes', []], written.join(' and '));
    }
    for (const { handle } of windows) {
      const { changes, lost } = await handle.request('historyDays', { ...place, source });
      assert.deepEqual([changes, lost], [[0, 400, 400, 400, 400, 400], []]);
      const since = await handle.request('changes', { ...place, source, sinceMs: FIRST, limit: 1 });
      assert.deepEqual([since.added.count, since.gone.count], [300, 100]);
    }
    for (const { one, two } of windows.slice(0, 1)) for (const { table } of [one, two]) await worker.request('close', { table });
    await other.dispose();
  });

  it('lets other queries of the table have their turn, stops when it is canceled, and ends with the table', async () => {
    const table = await open('one');
    const order: string[] = [];
    const other = { ...usual, source: 'another', atMs: FIRST, table };
    const keeping = worker.request('keepHistory', other).then(() => order.push('kept'));
    for (let at = 0; at < 3; at++) {
      await worker.request('page', { table, query: { limit: 1 } });
      order.push('page');
    }
    await keeping;
    assert.deepEqual(order, ['page', 'page', 'page', 'kept']);

    const controller = new AbortController();
    const canceled = worker.request('keepHistory', { ...other, source: 'a third' }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(canceled, { reason: 'cancelled' });
    const ended = worker.request('keepHistory', { ...other, source: 'a fourth' });
    await worker.request('close', { table });
    await assert.rejects(ended, { reason: 'closed' });
    assert.deepEqual((await worker.request('historyDays', { ...place, source: 'a third' })).atMs, []);
    assert.deepEqual((await worker.request('historyDays', { ...place, source: 'a fourth' })).atMs, []);
    assert.equal((await worker.request('inspect', undefined)).openTables, 0);
  });
});

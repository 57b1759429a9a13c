import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { PinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import { testFolder } from '../../support/folder';
import { python } from '../../support/python';

const folder = testFolder('joins');
const dist = path.join(process.cwd(), 'dist');
const newWorker = (): PinWorkerHandle =>
  createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });

/** The rows of each database: numbers from the first to before the last. */
const ROWS: Readonly<Record<string, readonly [from: number, to: number]>> = { large: [0, 60_000], small: [59_000, 61_000] };

before(() => {
  const code = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text, name text)')
db.executemany('insert into pins values (?, ?)', ((f'pin {n}', f'n{n}') for n in range(int(sys.argv[2]), int(sys.argv[3]))))
db.commit()`;
  for (const [name, [from, to]] of Object.entries(ROWS)) python(code, path.join(folder, name), String(from), String(to));
});

async function openIn(worker: PinWorkerHandle, name: string): Promise<number> {
  const { table } = await worker.request('open', { kind: 'store', query: { databasePath: path.join(folder, name) } });
  return table;
}

const state = async (worker: PinWorkerHandle): Promise<readonly number[]> => {
  const { openTables, openJoins } = await worker.request('inspect', undefined);
  return [openTables, openJoins];
};

describe('a join in the pin worker', () => {
  const worker = newWorker();
  after(() => worker.dispose());

  it('is answered by pages, counts, groups and their levels until a table is closed, whose source is unknown from then on', async () => {
    const [large, small] = [await openIn(worker, 'large'), await openIn(worker, 'small')];
    const sources = [{ id: 'large', table: large }, { id: 'small', table: small }, { id: 'gone' }]; // prettier-ignore
    const { join, contents, bytes, sources: states } = await worker.request('join', { sources });
    assert.deepEqual(states.map(({ id, unknown }) => [id, unknown]), [['large', undefined], ['small', undefined], ['gone', undefined]]); // prettier-ignore
    assert.equal(contents, 61_000);
    assert.ok(bytes / contents <= 40, `${bytes / contents} bytes a content`);
    const count = (filter: string): Promise<number> => worker.request('count', { table: large, of: { filter } });
    assert.deepEqual([await count('in:small'), await count('copies:1'), await count('-in:small pin')], [1000, 59_000, 59_000]);
    const level = await worker.request('groupLevel', { table: large, key: 'source', of: {}, offset: 0, limit: 10 });
    assert.deepEqual(level.groups.map((group) => [group.key, group.count]), [['large', 59_000], ['large, small', 1000]]); // prettier-ignore
    const [first] = await worker.request('page', { table: large, query: { sort: '-copies', limit: 1 } });
    assert.deepEqual([first?.name, first?.sources, first?.copies], ['n59000', ['large', 'small'], 2]);

    await worker.request('close', { table: small });
    assert.equal(await count('in:small'), 0);
    assert.deepEqual(await worker.request('doubts', { table: large, of: { filter: 'copies:1' } }), ['small']);
    const after = await worker.request('groupLevel', { table: large, key: 'copies', of: {}, offset: 0, limit: 10 });
    assert.deepEqual(after.groups.map((group) => [group.key, group.count]), [['1+', 60_000]]); // prettier-ignore
    const again = await openIn(worker, 'small');
    const changed = await worker.request('join', { join, sources: [{ id: 'large', table: large }, { id: 'small', table: again }] }); // prettier-ignore
    assert.deepEqual([changed.join, changed.contents, await count('copies:2')], [join, 61_000, 1000]);
    await assert.rejects(worker.request('join', { join, sources: [{ id: 'small', table: small }] }), { reason: 'closed' });

    await worker.request('closeJoin', { join });
    assert.equal(await count('copies:>=0'), 0);
    await assert.rejects(worker.request('join', { join, sources: [] }), { reason: 'closed' });
    for (const table of [large, again]) await worker.request('close', { table });
    assert.deepEqual(await state(worker), [0, 0]);
  });

  it('lets other queries of its tables have their turn while it reads, and stops when it is canceled, with nothing left', async () => {
    const large = await openIn(worker, 'large');
    await worker.request('page', { table: large, query: { limit: 1 } });
    const order: string[] = [];
    const joining = worker.request('join', { sources: [{ id: 'large', table: large }] }).then(({ join }) => {
      order.push('join');
      return join;
    });
    for (let at = 0; at < 3; at++) {
      await worker.request('page', { table: large, query: { limit: 1 } });
      order.push('page');
    }
    const join = await joining;
    assert.equal(order[0], 'page');
    await worker.request('closeJoin', { join });

    const stop = new AbortController();
    const canceled = worker.request('join', { sources: [{ id: 'large', table: large }] }, { signal: stop.signal });
    await worker.request('page', { table: large, query: { limit: 1 } });
    stop.abort();
    await assert.rejects(canceled, { reason: 'cancelled' });
    await worker.request('close', { table: large });
    assert.deepEqual(await state(worker), [0, 0]);
  });
});

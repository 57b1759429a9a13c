import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { inPieces, isPieces, joined } from '../../../src/pinWorker/pieces';
import { createPinWorkerHandle } from '../../../src/pinWorker/pinWorkerHandle';
import type { Pin } from '../../../src/pin/pin';
import type { WorkerData } from '../../../src/pinWorker/protocol';
import { testFolder } from '../../support/folder';
import { python } from '../../support/python';

const dist = path.join(process.cwd(), 'dist');
const [file, wasmFile] = [path.join(dist, 'pinWorker.js'), path.join(dist, 'sql-wasm.wasm')];
const database = path.join(testFolder('pieces'), 'long.db');
const worker = createPinWorkerHandle({ file, wasmFile });
after(() => worker.dispose());
before(() => {
  python(
    `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text, name text, type text, vfs_path text, tier text)")
db.executemany("insert into pins values (?, ?, ?, ?, ?)", ((f"Qm{n}", *["\\x01" * 4096] * 4) for n in range(2000)))
db.commit()`,
    database,
  );
});

const open = { kind: 'store', query: { databasePath: database } } as const;

describe('a long list from the pin worker', () => {
  it('is in pieces that are limited in rows and characters, and is complete once they are joined', async () => {
    const short = Array.from({ length: 2000 }, (_, cid) => ({ cid }));
    assert.equal(inPieces(short), short, 'one piece is sent as it is');
    const lists = [Array.from({ length: 5000 }, (_, cid) => ({ cid })), [{ a: 'a'.repeat(2 ** 20) }, { b: 'b' }, { c: 'c' }]];
    for (const [list, count] of [
      [lists[0] ?? [], 3],
      [lists[1] ?? [], 2],
    ] as const) {
      const pieces = inPieces(list);
      assert.ok(isPieces(pieces));
      assert.equal(pieces.pieces.length, count);
      assert.deepEqual(await joined(pieces), list);
    }
  });

  it('is the same list for all requests: pages, walks and groups', async () => {
    const { table } = await worker.request('open', open);
    const pins = await worker.request('page', { table, query: { limit: 2000 } });
    assert.deepEqual([pins.length, pins.at(-1)?.cid, pins.at(-1)?.name?.length], [2000, 'Qm1999', 4096]);
    const walk = await worker.request('openWalk', { table, query: {} });
    const walked: Pin[] = [];
    while (walked.length < 2000) walked.push(...(await worker.request('nextPins', { table, walk })));
    assert.deepEqual(walked.slice(0, 2000), pins);
    await worker.request('close', { table });
  });

  it('comes in messages that cost the receiver little', async () => {
    const shared = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));
    const data: WorkerData = {
      wasmFile,
      canceled: shared(8),
      executing: shared(1),
      environment: {},
      tempFolder: dist,
      firstTable: 0,
    };
    const thread = new Worker(file, { workerData: data });
    const answerTo = (id: number, operation: string, params: unknown): Promise<unknown> =>
      new Promise((resolve) => {
        const listen = (message: { readonly id: number; readonly result?: unknown }): void => {
          if (message.id === id && 'result' in message) resolve(message.result);
        };
        thread.on('message', listen).postMessage({ id, operation, params });
      });
    await answerTo(1, 'open', open);
    const page = await answerTo(2, 'page', { table: 1, query: { limit: 500 } });
    assert.ok(isPieces(page));
    assert.ok(page.pieces.length > 10 && page.pieces.every(({ byteLength }) => byteLength < 2 ** 20));
    await thread.terminate();
  });
});

describe('the pin worker', () => {
  it('rejects operations and walks that it does not have, whatever their names', async () => {
    const { table } = await worker.request('open', open);
    for (const name of ['nope', '__proto__', 'constructor'])
      await assert.rejects(worker.request(name as never, undefined as never), { reason: 'invalid-argument' });
    for (const walk of [0, -1, 'length', '__proto__'])
      await assert.rejects(worker.request('nextPins', { table, walk: walk as never }), { reason: 'invalid-argument' });
    await worker.request('close', { table });
  });
});

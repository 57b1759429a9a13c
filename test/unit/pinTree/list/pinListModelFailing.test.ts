import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { PinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { PinListModel } from '../../../../src/pinTree/list/pinListModel';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import { listPins } from '../../../../src/pinSource/listPins';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { probe } from '../../../../src/daemonClient/ipfsKit/probe';
import { ENDLESS, ENDLESS_NAMES, python } from '../../../support/python';

const dist = path.join(process.cwd(), 'dist');
const folder = mkdtempSync(path.join(tmpdir(), 'failing-'));
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
after(async () => {
  await worker.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const modelOf = (databasePath: string, of: PinWorkerHandle = worker): PinListModel =>
  createPinListModel({
    worker: of,
    source: ipfsKitSource({
      probe: (urls, signal) => probe(urls, signal && { signal }),
      sources: () => ({ databasePath }),
    }),
  });

const WRITE = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("pragma page_size = 4096")
db.execute("create table pins (cid text primary key, pin_type text, name text)")
rows = ((f"Qm{n}", "bad" if n == 7 else "good", "MARK" * 3000 if n == 7 else f"n{n}") for n in range(1000))
db.executemany("insert into pins values (?, ?, ?)", rows)
db.commit()`;

/** Writes a database with a name of three pages in a pin of the type `bad`; if damaged, the name continues outside the file. */
function databaseWithLongName(file: string, isDamaged: boolean): string {
  python(WRITE, file);
  const bytes = readFileSync(file);
  let damaged = 0;
  for (let page = 4096; isDamaged && page < bytes.length; page += 4096) {
    if (!/^[MARK]{100}$/.test(bytes.toString('latin1', page + 4, page + 104))) continue;
    bytes.writeUInt32BE(0x7ffffff0, page);
    damaged++;
  }
  assert.equal(damaged > 0, isDamaged);
  writeFileSync(file, bytes);
  return file;
}

describe('the list behind the view', () => {
  it("is read again once if an open group can't be read, and then reports why, since the tree requests the group after each list", async () => {
    const model = modelOf(databaseWithLongName(path.join(folder, 'damaged.db'), true));
    let lists = 0;
    let before: unknown;
    model.onDidChange((group) => {
      if (group) return;
      if (model.state.listing && model.state.listing !== before) lists++;
      before = model.state.listing;
      for (const row of model.state.rows.groups) void model.rowsOf(row);
    });
    await model.setView({ group: 'type' });
    await model.list();
    for (const end = Date.now() + 10_000; !model.state.error && Date.now() < end;) await sleep(20);
    await sleep(200);
    assert.deepEqual([model.state.error?.reason, model.state.busy], ['corrupt', false]);
    assert.ok(lists <= 3, `it was listed ${lists} times`);
    model.dispose();
  });

  it('is not read again automatically once it has ended its thread, regardless of changes, until the user refreshes', async () => {
    const file = path.join(folder, 'endless.db');
    python(ENDLESS, file);
    let ends = 0;
    const impatient = createPinWorkerHandle({
      file: path.join(dist, 'pinWorker.js'),
      wasmFile: path.join(dist, 'sql-wasm.wasm'),
      silenceMs: 1500,
      onEnded: ({ reason }) => (ends += reason === 'timeout' ? 1 : 0),
    });
    const model = modelOf(file, impatient);
    await model.list();
    assert.deepEqual([model.state.error?.reason, ends], ['timeout', 1]);
    await model.relist(); // The file has changed.
    await model.list(); // The daemon has started or stopped.
    await model.setView({ filter: 'x' });
    assert.equal(ends, 1);
    await model.list(undefined, true);
    assert.deepEqual([model.state.error?.reason, ends], ['timeout', 2]);
    model.dispose();
    await impatient.dispose();
  });

  it('is still listed while others end the thread, and only those are halted', async () => {
    const [one, other] = [path.join(folder, 'endless-1.db'), path.join(folder, 'endless-2.db')];
    python(ENDLESS, one);
    python(ENDLESS, other);
    const sound = databaseWithLongName(path.join(folder, 'beside.db'), false);
    let ends = 0;
    const impatient = createPinWorkerHandle({
      file: path.join(dist, 'pinWorker.js'),
      wasmFile: path.join(dist, 'sql-wasm.wasm'),
      silenceMs: 1500,
      onEnded: ({ reason }) => (ends += reason === 'timeout' ? 1 : 0),
    });
    const models = [one, other, sound].map((file) => modelOf(file, impatient));
    const [first, second, healthy = assert.fail()] = models;
    await Promise.all(models.map((model) => model.list()));
    assert.deepEqual([first?.state.error?.reason, second?.state.error?.reason, ends], ['timeout', 'timeout', 2]);
    assert.deepEqual([healthy.state.error, healthy.state.total], [undefined, 1000]);
    await healthy.list();
    await Promise.all([first?.list(undefined, true), healthy.list()]);
    assert.deepEqual([healthy.state.error, healthy.state.total], [undefined, 1000], 'a count or a page that was waiting');
    await first?.list(undefined, true); // The worker's end closes the table of the healthy list.
    await healthy.setView({ filter: 'n99' });
    assert.deepEqual([healthy.state.error, healthy.state.matching, ends], [undefined, 11, 4]);
    const source = ipfsKitSource({ probe: () => assert.fail(), sources: () => ({ databasePath: sound }) });
    const [{ total }] = await Promise.all([listPins({}, source, { worker: impatient }), first?.list(undefined, true)]);
    assert.equal(total, 1000);
    for (const model of models) model.dispose();
    await impatient.dispose();
  });

  it('is listed again each time the rows of another list end the thread, for its next rows and for its open groups', async () => {
    const slow = path.join(folder, 'endless-names.db');
    python(ENDLESS_NAMES, slow, '200');
    let ends = 0;
    const impatient = createPinWorkerHandle({
      file: path.join(dist, 'pinWorker.js'),
      wasmFile: path.join(dist, 'sql-wasm.wasm'),
      silenceMs: 1500,
      onEnded: () => ends++,
    });
    const sound = databaseWithLongName(path.join(folder, 'beside-names.db'), false);
    const [other, flat, grouped] = [modelOf(slow, impatient), modelOf(sound, impatient), modelOf(sound, impatient)];
    await grouped.setView({ group: 'type' });
    await Promise.all([flat.list(), grouped.list()]);
    for (const end of [1, 2]) {
      const good = grouped.state.rows.groups.find(({ key }) => key === 'good') ?? assert.fail();
      assert.equal((await grouped.rowsOf(good)).pins.length, 200 + 500 * (end - 1));
      await other.list(undefined, true);
      assert.deepEqual([other.state.error, other.state.rows.pins.length], [undefined, 200]);
      await other.showMore();
      assert.deepEqual([other.state.error?.reason, ends], ['not-repeated', end]);
      await Promise.all([flat.showMore(), grouped.showMore(good)]); // Their tables are gone.
      for (const until = Date.now() + 10_000; grouped.state.busy && Date.now() < until;) await sleep(20);
      assert.deepEqual([flat.state.error, grouped.state.error], [undefined, undefined]);
      assert.deepEqual([flat.state.total, grouped.state.total], [1000, 1000]);
    }
    assert.equal(ends, 2);
    for (const model of [other, flat, grouped]) model.dispose();
    await impatient.dispose();
  });

  it('does not show rows that were requested for another view', async () => {
    let hold: Promise<unknown> = Promise.resolve();
    const slow: PinWorkerHandle = {
      ...worker,
      request: async (operation, params, options) => {
        const answer = await worker.request(operation, params, options);
        const isMore = operation === 'page' && JSON.stringify(params).includes('"offset":200');
        if (isMore) await hold;
        return answer;
      },
    };
    const model = modelOf(databaseWithLongName(path.join(folder, 'sound.db'), false), slow);
    await model.list();
    let release = (): void => undefined;
    hold = new Promise<void>((resolve) => (release = resolve));
    const view = model.setView({ filter: 'n99' }); // More rows are requested while its rows are being read.
    const more = model.showMore();
    await view;
    release();
    await more;
    const { rows, matching, busy } = model.state;
    assert.deepEqual([rows.pins.length, matching, busy], [11, 11, false]);
    model.dispose();
  });

  it('is listed again by another view where the one before took too long', async () => {
    const own = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
    let isHung = true;
    const hanging: PinWorkerHandle = {
      ...own,
      request: (operation, params, options) => {
        if (isHung && operation === 'groupLevel') return Promise.reject(new Error('It hung.'));
        return own.request(operation, params, options);
      },
    };
    const model = modelOf(databaseWithLongName(path.join(folder, 'slow.db'), false), hanging);
    await model.setView({ group: 'type' });
    await model.list();
    assert.equal(model.state.error?.reason, 'internal');
    isHung = false;
    await model.setView({ sort: 'name' });
    assert.deepEqual([model.state.error, model.state.rows.pins.length, model.state.total], [undefined, 200, 1000]);
    model.dispose();
    await own.dispose();
  });
});

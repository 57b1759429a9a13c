import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { probe } from '../../../../src/daemonClient/ipfsKit/probe';
import { listPins } from '../../../../src/pinSource/listPins';
import type { ListingSources } from '../../../../src/pinSource/ipfsKitListing';
import { createPinWorkerHandle } from '../../../../src/pinWorker/pinWorkerHandle';
import type { ListView } from '../../../../src/pinTree/list/listView';
import type { PinListModel, PinListState } from '../../../../src/pinTree/list/pinListModel';
import type { IpfsKitParts } from '../../../../src/pinSource/ipfsKitSource';
import { ipfsKitSource } from '../../../../src/pinSource/ipfsKitSource';
import { createPinListModel } from '../../../../src/pinTree/list/pinListModel';
import { writeDatabase } from '../../../support/python';
import type { TestDaemon } from '../../../support/testDaemon';
import { startTestDaemon } from '../../../support/testDaemon';

const dist = path.join(process.cwd(), 'dist');
const folder = mkdtempSync(path.join(tmpdir(), 'model-'));
const database = path.join(folder, 'pins.db');
const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
const asking: IpfsKitParts['probe'] = (urls, signal) => probe(urls, signal && { signal });
let daemon: TestDaemon;

before(async () => {
  writeDatabase(database, 1500);
  daemon = await startTestDaemon(['--pins', '2000', '--batches', '4', '--batch-delay', '0.06', '--no-database']);
});
after(async () => {
  await worker.dispose();
  await daemon.stop();
  rmSync(folder, { recursive: true, force: true });
});

const live = (): ListingSources => ({ daemonUrls: [daemon.url] });
const fromDisk = (): ListingSources => ({ databasePath: database });
const modelOf = (sources: () => ListingSources): PinListModel =>
  createPinListModel({ worker, source: ipfsKitSource({ probe: asking, sources }) });

/** Nothing is under way any more. */
async function atRest(model: PinListModel): Promise<void> {
  const quiet = (): boolean => !model.state.busy && model.state.view === model.view && model.state.matching !== undefined;
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(20))
    if (quiet() || (model.state.error && !model.state.busy)) return;
  const { busy, view, matching, total, listing } = model.state;
  assert.fail(
    `never at rest: ${JSON.stringify({ busy, view, wanted: model.view, matching, total, incomplete: listing?.incomplete })}`,
  );
}

/** The rows are those that the list itself gives for this view; nothing else is open in the worker. */
async function assertWhole(model: PinListModel, sources: ListingSources): Promise<void> {
  const { rows, view, fuzzy, matching, listing } = model.state;
  const limit = Math.max(1, rows.pins.length);
  const asked = { ...view, ...(view.filter !== undefined && { fuzzy }), limit };
  const told = await listPins(asked, ipfsKitSource({ probe: asking, sources: () => sources }), { worker });
  if (listing?.incomplete === undefined) {
    assert.equal(matching, told.total);
    if (view.group === undefined) assert.deepEqual(rows.pins, told.pins.slice(0, rows.pins.length));
    else assert.ok(rows.groups.length > 0 || told.total === 0);
  }
  for (const end = Date.now() + 5000; Date.now() < end; await sleep(20))
    if ((await worker.request('inspect', undefined)).openTables === 1) return;
  assert.fail(`${(await worker.request('inspect', undefined)).openTables} tables are open`);
}

async function closed(model: PinListModel): Promise<void> {
  model.dispose();
  const { listing } = model.state;
  if (listing) await worker.request('close', { table: listing.opened.table });
}

const view: fc.Arbitrary<ListView> = fc.record(
  {
    filter: fc.constantFrom('readme', 'rdm1', 'zzz', 'a', 'café-1'),
    sort: fc.constantFrom('name', '-time', '-size'),
    group: fc.constantFrom('type', 'folder', 'month'),
  },
  { requiredKeys: [] },
);
type Step = (model: PinListModel) => unknown;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: view.map(
      (wanted): Step =>
        (model) =>
          void model.setView(wanted),
    ),
  },
  fc.constantFrom<Step>(
    (model) => void model.list(),
    (model) => void model.relist(),
    (model) => void model.showMore(),
    (model) => {
      const [group] = model.state.rows.groups;
      if (group) void model.rowsOf(group).then(() => model.showMore(group));
    },
    (model) => model.stopListing(),
  ),
);
const steps = fc.array(fc.tuple(step, fc.constantFrom(0, 0, 1, 5, 30, 120)), { minLength: 1, maxLength: 12 });

describe('the list behind the view', () => {
  for (const [name, sources, isNow] of [
    ['is still coming in', live, ({ listing }) => listing?.incomplete === 'receiving'],
    ['is read anew', fromDisk, ({ busy, total }) => busy && total !== undefined],
  ] satisfies readonly [string, () => ListingSources, (state: PinListState) => boolean][])
    it(`adds the rows that are asked for while it ${name}`, { timeout: 30_000 }, async () => {
      const model = modelOf(sources);
      let more: Promise<void> | undefined;
      try {
        if (sources === fromDisk) await model.list();
        model.onDidChange(() => {
          if (isNow(model.state)) more ??= model.showMore();
        });
        for (let turn = 0; turn < 20 && !more; turn++) await model.list(); // what is sent fast enough comes whole
        assert.ok(more, 'it was never asked for');
        await more;
        await atRest(model);
        assert.ok(model.state.rows.pins.length >= 500, `${model.state.rows.pins.length} rows`); // as many as had come
        await assertWhole(model, sources());
      } finally {
        await closed(model);
      }
    });

  for (const [name, sources] of [
    ['live', live],
    ['from disk', fromDisk],
  ] as const)
    it(
      `(${name}) comes to rest with the rows of the view that was wanted last, whatever was asked in between`,
      { timeout: 110_000 },
      () =>
        fc.assert(
          fc.asyncProperty(steps, async (plan) => {
            const model = modelOf(sources);
            try {
              void model.list();
              for (const [take, pauseMs] of plan) {
                take(model);
                await sleep(pauseMs);
              }
              await atRest(model);
              if (!model.state.error) await assertWhole(model, sources());
              await model.list(); // whatever it was, the next list is whole
              await atRest(model);
              assert.equal(model.state.error, undefined);
              await assertWhole(model, sources());
            } finally {
              await closed(model);
            }
          }),
          { numRuns: name === 'live' ? 12 : 40, endOnFailure: true, includeErrorInReport: true },
        ),
    );

  it('is not held up by a change of view while the rows of a list are being read', async () => {
    const model = modelOf(fromDisk);
    await model.list();
    for (let turn = 0; turn < 20; turn++) {
      const listing = model.list();
      await sleep(turn);
      void model.setView(turn % 2 === 0 ? { filter: 'readme' } : {});
      await listing;
      await atRest(model);
    }
    await assertWhole(model, fromDisk());
    await closed(model);
  });

  it('keeps the rows of a group that was opened, as many as were shown, over a refresh', async () => {
    const model = modelOf(fromDisk);
    await model.setView({ group: 'type' });
    await model.list();
    const group = model.state.rows.groups.find(({ key }) => key === 'recursive');
    assert.ok(group);
    assert.equal((await model.rowsOf(group)).pins.length, 200);
    await model.showMore(group);
    assert.equal((await model.rowsOf(group)).pins.length, 700);
    await model.list();
    const again = await model.rowsOf(group);
    assert.deepEqual([again.pins.length, again.pinTotal], [700, group.count]);
    assert.ok(again.pins.every(({ type }) => type === 'recursive'));
    await closed(model);
  });
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import type { TestDaemon } from '../../support/testDaemon';
import { startTestDaemon } from '../../support/testDaemon';
import { api, emptyDataFolder, setDaemon } from '../fixtures';

type List = Awaited<ReturnType<typeof api>> extends { state: () => { list: infer L } } ? L : never;

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);
const state = async (): Promise<List> => (await api()).state().list;

/** Waits until the list satisfies `wanted`, for at most 20 s. */
async function listed(what: string, wanted: (list: List) => boolean): Promise<List> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(20)) {
    const list = await state();
    if (wanted(list)) return list;
  }
  return assert.fail(`The list did not show ${what}: ${JSON.stringify(await state())}`);
}

describe('how the list is shown', () => {
  let daemon: TestDaemon;

  before(async () => {
    emptyDataFolder();
    daemon = await startTestDaemon(['--pins', '3000', '--no-database']);
    await setDaemon(daemon.url);
    await run(COMMAND.listPins);
  });
  after(async () => {
    await run(COMMAND.clearFilter);
    await run(COMMAND.sortPins, '');
    await run(COMMAND.groupPins, '');
    await setDaemon();
    await daemon.stop();
  });

  it('is filtered over all pins, not only the rows that are shown, and cleared again', async () => {
    await run(COMMAND.filterPins, 'README');
    const { shown, matching, total, view } = await state();
    assert.ok(matching !== undefined && matching > 200 && matching < 3000, String(matching));
    assert.deepEqual([shown, total, view], [200, 3000, { filter: 'README' }]);
    await run(COMMAND.clearFilter);
    assert.deepEqual((await state()).view, {});
    assert.equal((await state()).matching, 3000);
  });

  it('shows what resembles the filter where nothing holds it', async () => {
    await run(COMMAND.filterPins, 'rdm7');
    const { matching, view } = await state();
    assert.ok(matching !== undefined && matching > 0);
    assert.deepEqual(view, { filter: 'rdm7', fuzzy: true });
    await run(COMMAND.filterPins, 'qqqqzzzz');
    assert.deepEqual([(await state()).shown, (await state()).matching], [0, 0]);
    await run(COMMAND.clearFilter);
  });

  it('stays filtered over a refresh', async () => {
    await run(COMMAND.filterPins, 'café');
    const before = await state();
    await run(COMMAND.refreshPins);
    const after = await state();
    assert.deepEqual([after.view, after.matching, after.shown], [{ filter: 'café' }, before.matching, before.shown]);
    await run(COMMAND.clearFilter);
  });

  it('shows groups instead of pins, and goes back', async () => {
    await run(COMMAND.groupPins, 'type');
    const groups = await state();
    assert.ok(groups.shown >= 2 && groups.shown < 10, String(groups.shown));
    assert.deepEqual([groups.view, groups.total], [{ group: 'type' }, 3000]);
    await run(COMMAND.groupPins, '');
    assert.equal((await state()).shown, 200);
  });

  it("rejects a key that doesn't exist", async () => {
    await run(COMMAND.sortPins, 'colour');
    assert.deepEqual((await state()).view, {});
  });

  it('follows the last of many changes, regardless of the others', async () => {
    await Promise.all(['r', 're', 'rea', 'read', 'readm', 'readme-1'].map((filter) => run(COMMAND.filterPins, filter)));
    const { matching, view } = await listed('the last filter', (list) => list.view.filter === 'readme-1' && !list.busy);
    assert.equal(view.filter, 'readme-1');
    const answer = await (await api()).listPins({ filter: 'readme-1', limit: 0 });
    assert.equal(matching, answer.total);
    await run(COMMAND.clearFilter);
  });
});

describe('a list that comes in batches', () => {
  let daemon: TestDaemon;
  const seen: List[] = [];

  /** Collects the states of the list while `work` runs. */
  async function watching(work: () => PromiseLike<unknown>): Promise<readonly List[]> {
    seen.length = 0;
    const progress = { done: false };
    const done = Promise.resolve(work()).finally(() => (progress.done = true));
    while (!progress.done) {
      seen.push(await state());
      await sleep(10);
    }
    await done;
    return seen;
  }

  before(async () => {
    emptyDataFolder();
    daemon = await startTestDaemon(['--pins', '4000', '--batches', '8', '--batch-delay', '0.4', '--no-database']);
    await setDaemon(daemon.url);
  });
  after(async () => {
    await setDaemon();
    await daemon.stop();
  });

  it('is shown from the first batch on, and its number grows', async () => {
    const lists = await watching(() => run(COMMAND.listPins));
    const receiving = lists.filter(({ incomplete }) => incomplete === 'receiving');
    const totals = [...new Set(receiving.flatMap(({ total }) => total ?? []))];
    assert.ok(totals.length >= 3 && (totals[0] ?? 4000) <= 1500, totals.join(', '));
    assert.deepEqual(
      totals,
      totals.toSorted((a, b) => a - b),
    );
    assert.ok(receiving.every(({ busy, shown }) => busy && shown === 200));
    const { total, busy, incomplete } = await state();
    assert.deepEqual([total, busy, incomplete], [4000, false, undefined]);
  });

  it('is filtered while it comes in', async () => {
    const listing = run(COMMAND.refreshPins);
    await listed('a part', ({ incomplete }) => incomplete === 'receiving');
    await run(COMMAND.filterPins, 'readme');
    const early = await state();
    assert.deepEqual([early.incomplete, early.view.filter], ['receiving', 'readme']);
    await listing;
    const { matching, total } = await state();
    assert.equal(total, 4000);
    assert.ok((early.matching ?? 0) > 0 && (early.matching ?? 0) < (matching ?? 0));
    await run(COMMAND.clearFilter);
  });

  it('can be stopped; the pins so far stay, labeled incomplete', async () => {
    const listing = run(COMMAND.refreshPins);
    await listed('a part', ({ incomplete, total }) => incomplete === 'receiving' && total !== undefined);
    await run(COMMAND.stopListing);
    const { total, busy, incomplete } = await state();
    assert.ok(total !== undefined && total > 0 && total < 4000, String(total));
    assert.deepEqual([busy, incomplete], [false, 'broken-off']);
    await listing;
    await run(COMMAND.filterPins, 'readme');
    assert.ok(((await state()).matching ?? 0) > 0, 'what has come can be filtered');
    await run(COMMAND.clearFilter);
  });

  it('keeps its complete batches, labeled incomplete, when the connection is lost', async () => {
    await daemon.setFault('arrow', 'cut-after', '600000');
    await daemon.setFault('pins', '500');
    await run(COMMAND.listPins);
    const { total, incomplete, freshness, error } = await state();
    assert.ok(total !== undefined && total > 0 && total < 4000 && total % 500 === 0, String(total));
    assert.deepEqual([incomplete, freshness, error], ['broken-off', 'live', undefined]);
    const answer = await (await api()).listPins({ daemonUrls: [daemon.url], limit: 1 });
    assert.deepEqual([answer.incomplete, answer.total], [true, total]);
    await daemon.setFault('pins', null);
    await run(COMMAND.listPins);
    assert.deepEqual([(await state()).source, (await state()).total], ['json', 4000]);
    await daemon.setFault('arrow', null);
  });
});

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import { freePort } from '../../support/freePort';
import type { TestDaemon } from '../../support/testDaemon';
import { startTestDaemon } from '../../support/testDaemon';
import type { ShownView } from '../bridge';
import { post, waitForView } from '../bridge';
import { emptyDataFolder, setDaemon } from '../fixtures';
import type { ThreadBlocks } from '../threadBlocks';
import { threadBlocks } from '../threadBlocks';

const PINS = 1_000_000;
/** The second start reads the pins that the first one has made. */
const SAVED = path.join(tmpdir(), 'million.arrow');
const OPTIONS = ['--pins', String(PINS), '--batches', '16', '--no-database', '--saved-table', SAVED];

const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);

/** How long the host's thread was blocked in each step; `npm run bench` prints it. */
const blocks: Record<string, ThreadBlocks> = {};

async function step(name: string, work: () => PromiseLike<unknown>): Promise<void> {
  blocks[name] = await threadBlocks(async () => work());
}

const settled = ({ busy, message }: ShownView): boolean => !busy && !/^[\d,]+(?: of [\d,]+)?(?: pins?)?…/.test(message);

describe('a million pins', () => {
  let daemon: TestDaemon;
  let port: number;

  before(async function () {
    this.timeout(180_000); // The daemon makes its million pins first.
    emptyDataFolder();
    rmSync(SAVED, { force: true });
    port = await freePort();
    daemon = await startTestDaemon(OPTIONS, port);
    await setDaemon(daemon.url);
  });
  after(async () => {
    await run(COMMAND.clearFilter);
    await run(COMMAND.groupPins, '');
    await run(COMMAND.sortPins, '');
    await setDaemon();
    await daemon.stop();
    rmSync(SAVED);
    await post('figures', [{ blocks }]);
  });

  it('are listed live, all of them counted', async () => {
    await step('idle', () => setTimeout(1000)); // Blocks that the host and the measurement cause without any work.
    await step('list', () => run(COMMAND.listPins));
    const { message, rows } = await waitForView('a million', (view) => settled(view) && view.rows.length > 10);
    assert.equal(message, '1,000,000 pins · live');
    assert.ok(rows.every(({ label }) => label !== ''));
  });

  it('are narrowed by a filter as it is typed', async () => {
    await step('filter', async () => {
      for (const typed of ['r', 're', 'readme-', 'readme-77', 'readme-777']) await run(COMMAND.filterPins, typed);
    });
    const { message } = await waitForView(
      'the filter',
      (view) =>
        settled(view) &&
        view.message.includes('readme-777') &&
        view.rows.length > 10 &&
        view.rows.every(({ label }) => label.includes('readme-777')),
    );
    assert.match(message, /^\d{2,3} of 1,000,000 · “readme-777”$/);
    await step('fuzzy', () => run(COMMAND.filterPins, 'rdm-999999'));
    await run(COMMAND.clearFilter);
  });

  it('are sorted, and shown in pages', async () => {
    for (const sort of ['-time', '-size', 'name']) await step(`sort ${sort}`, () => run(COMMAND.sortPins, sort));
    const { rows } = await waitForView(
      'names in order',
      (view) => settled(view) && (view.rows[0]?.label ?? '').includes('archive'),
    );
    assert.ok(rows.length > 10);
    await step('ten pages', async () => {
      for (let page = 0; page < 10; page++) await run(COMMAND.showMore);
    });
    await post('screenshot', ['million-ten-pages']);
    await run(COMMAND.sortPins, '');
  });

  it('are put in groups, which open', async () => {
    for (const group of ['type', 'month', 'folder']) await step(`group ${group}`, () => run(COMMAND.groupPins, group));
    await waitForView('folders', (view) => settled(view) && view.rows.length === 2);
    await step('open', async () => {
      await post('clickRow', ['/data']);
      await waitForView('folders below', (view) => view.rows.length === 8);
      await post('clickRow', ['a']);
      await waitForView('folders below that', (view) => view.rows.length > 20);
    });
    const { rows } = await waitForView('the first of them', (view) => view.rows.some(({ label }) => label === '0'));
    assert.match(rows.find(({ label }) => label === '0')?.description ?? '', /pins · /);
    await post('screenshot', ['million-folders']);
    await run(COMMAND.groupPins, '');
  });

  it('give way to the disk when the daemon ends, and are back when it is', async () => {
    await step('stop', async () => {
      await daemon.stop();
      await waitForView('the last list', (view) => settled(view) && view.message.includes('last live list'), 30_000);
    });
    daemon = await startTestDaemon(OPTIONS, port);
    await step('restart', () => run(COMMAND.listPins));
    await waitForView('a million again', (view) => settled(view) && view.message === '1,000,000 pins · live', 30_000);
  }).timeout(150_000);
});

import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import { post, waitForView } from '../bridge';
import { api, emptyDataFolder, setDaemon } from '../fixtures';
import type { ThreadBlocks } from '../threadBlocks';
import { threadBlocks } from '../threadBlocks';

interface Given {
  readonly count: number;
  readonly turns: number;
  /** URLs of the Kubo and of the proxy in front of it, which reports when the first byte of Kubo arrived. */
  readonly url: string;
  readonly proxy: string;
}

const given = JSON.parse(process.env['IPFS_KIT_TEST_KUBO_LIST'] ?? '{}') as Given;
const LOOK_EVERY_MS = 1;

const list = (): Thenable<unknown> => vscode.commands.executeCommand(COMMAND.listPins);

async function setUrl(url: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration('ipfsKit').update('kubo.url', url, vscode.ConfigurationTarget.Global);
}

/** Only `npm run bench` runs this suite. */
describe('the pins of a real Kubo', () => {
  const figures = { firstRows: [] as number[], total: [] as number[], nothing: [] as number[] };
  const blocks: Record<string, ThreadBlocks> = {};
  const whole = `${String(given.count).replace(/\B(?=(\d{3})+$)/g, ',')} pins · live, Kubo`;

  before(async () => {
    emptyDataFolder();
    await setDaemon();
  });
  after(async () => {
    await setUrl(undefined);
    await post('figures', [{ ...figures, blocks }]);
  });

  it('are listed without blocking the thread', async () => {
    await setUrl(given.url);
    await setTimeout(1000);
    blocks['idle'] = await threadBlocks(() => setTimeout(5000)); // Blocks that the host and the measurement cause without any work.
    for (const step of ['first list', 'second list']) blocks[step] = await threadBlocks(async () => list());
    const { rows } = await waitForView('all', ({ busy, message }) => !busy && message === whole);
    assert.ok(rows.filter(({ label }) => label.startsWith('pin number ')).length > 10);
    await post('screenshot', ['bench-kubo']);
  }).timeout(120_000);

  it('are listed in as much time as it takes to read them', async () => {
    for (let turn = 0; turn < given.turns; turn++) {
      figures.nothing.push((await post('readWithNothing', [])) as number);
      const began = performance.now();
      await list();
      figures.total.push(performance.now() - began);
    }
  }).timeout(300_000);

  it('are seen soon after the first byte', async () => {
    const { state } = await api();
    await setUrl(given.proxy);
    await setTimeout(1000);
    await list();
    for (let turn = 0; turn < given.turns; turn++) {
      await post('takeFirstByte', []);
      const done = list();
      while (state().list.incomplete !== 'receiving') await setTimeout(LOOK_EVERY_MS);
      const seenAt = Date.now();
      assert.equal(state().list.shown, 200);
      await done;
      figures.firstRows.push(seenAt - ((await post('takeFirstByte', [])) as number));
    }
  }).timeout(300_000);
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { importIntoRepository } from '../../ipfsRepository.mjs';

export const title =
  "an untrusted workspace: pins are listed, the daemon isn't started or stopped; it stays untrusted when content is opened: workspace files are text, folders are not added";

export const isolated = true;
export const trust = true;

const WRITE = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, timestamp real, size_bytes integer)")
db.executemany("insert into pins values (?, ?, 'recursive', 1790000000, ?)", json.loads(sys.argv[2]))
db.commit()`;

let root;
let daemon;

export async function prepare({ home, startDaemon }) {
  const workspaceFile = JSON.stringify({ folders: [], settings: { 'terminal.integrated.env.linux': { ENV: 'evil' } } });
  const { cids } = await importIntoRepository(path.join(home, '.ipfs'), [
    { path: 'evil.code-workspace', content: Buffer.from(workspaceFile) },
    { path: 'readme.md', content: Buffer.from('# Read me\n') },
  ]);
  root = cids[''];
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  const pins = [
    [cids[''], 'website', 1234],
    [cids['evil.code-workspace'], 'pinned.code-workspace', 123],
  ];
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), JSON.stringify(pins)]);
  daemon = await startDaemon(['--port', '0', '--pins', '12', '--data-dir', path.join(home, 'daemon')]);
  return { 'ipfsKit.daemon.urls': [daemon.url], 'ipfsKit.daemon.command': ['python3', 'ipfs_kit_daemon.py'] };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(labels(view)));
  const { searchParams } = new URL(page.url());
  const isRestricted = async () => {
    assert.equal(await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).count(), 1);
    assert.equal(new URL(page.url()).searchParams.get('folder'), searchParams.get('folder'));
  };
  const openedAsText = async (name) => {
    await page.locator('.tabs-container .tab.active', { hasText: name }).waitFor({ timeout: 10_000 });
    await workbench.editorText((shown) => shown.includes('terminal.integrated.env.linux'));
    assert.equal(await page.locator('.monaco-button', { hasText: 'Open Workspace' }).count(), 0);
    await isRestricted();
  };

  const refused = async (action, word) => {
    await workbench.clickStatus();
    await workbench.pick(action);
    await workbench.toast(`The daemon can't be ${word} from an untrusted workspace.`).waitFor();
    await screenshot(word);
    await workbench.run('Notifications: Clear All Notifications');
  };
  await workbench.run('IPFS Kit: List Pins');
  await workbench.waitForView('live rows', (view) => view.message.startsWith('12 pins · live') && isSettled(view));
  await refused('Stop Daemon', 'stopped');
  await refused('Restart Daemon', 'restarted');
  assert.ok((await fetch(`${daemon.url}/health`)).ok);
  daemon.stop();
  await workbench.waitForView('rows from disk', (view) => /daemon stopped/.test(view.message) && isSettled(view));
  await refused('Start Daemon', 'started');

  await showing('the pins', (rows) => rows.length === 2);
  await isRestricted();
  await workbench.clickRow('website');
  await showing('its entries', (rows) => rows.includes('evil.code-workspace'));
  await workbench.clickRow('evil.code-workspace');
  await openedAsText('evil.code-workspace.txt');
  await screenshot('text');

  const pin = (await workbench.view()).rows.find(({ label }) => label === 'pinned.code-workspace');
  await workbench.select(pin.spoken);
  await openedAsText('pinned.code-workspace.txt');

  // It can be saved, under a name that no program acts on unless the person enters another.
  await workbench.run('IPFS Kit: Save to Disk…');
  const proposed = page.locator('.quick-input-widget', { hasText: 'Save pinned.code-workspace' }).locator('input').first();
  for (const end = Date.now() + 15_000; !(await proposed.inputValue()).endsWith('/pinned.code-workspace.txt'); await sleep(200))
    if (Date.now() > end) assert.fail(`proposed: ${await proposed.inputValue()}`);
  await workbench.closeQuickPick();

  await workbench.run('IPFS Kit: Open CID…');
  await page.locator('.quick-input-widget', { hasText: 'CID or link to open' }).waitFor({ timeout: 10_000 });
  await workbench.typeInBox(`ipfs://${root}/evil.code-workspace`);
  await page.keyboard.press('Enter');
  await openedAsText('evil.code-workspace.txt');

  const website = (await workbench.view()).rows.find(({ label }) => label === 'website');
  await workbench.select(website.spoken);
  await workbench.run('IPFS Kit: Add to Workspace');
  await workbench.toast('Pinned folders can’t be added to an untrusted workspace').waitFor({ timeout: 10_000 });
  await screenshot('not-added');
  await isRestricted();
}

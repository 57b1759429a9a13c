import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { base32upper } from 'multiformats/bases/base32';
import { CID } from 'multiformats/cid';
import { startKuboProxy } from '../../../../scripts/lib/kuboProxy.mjs';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title =
  'a real Kubo is started, listed and stopped; a missing block, a list that is cut off, a pin that no peer has: each is reported as such';

export const isolated = true;

/** The number of pins, including the empty folder that Kubo pins in each repository. */
const PINS = 9;
/** An offset in bytes within that list: behind the headers and within a line. */
const MIDDLE = 800;
/** Longer than the two minutes after which Verify gives up on a daemon that sends no block. */
const PATIENCE_MS = 150_000;

let kubo;
const cids = {};

export async function prepare({ home, createRealKubo }) {
  kubo = createRealKubo(path.join(home, '.ipfs'));
  const cidOf = (name, bytes, ...options) => {
    const file = path.join(home, 'content');
    writeFileSync(file, Buffer.alloc(bytes, name));
    return kubo.run('add', '-Q', '--cid-version=1', '--pin=false', ...options, file).trim();
  };
  cids.film = cidOf('film', 3_000_000);
  kubo.run('pin', 'add', '--name', 'film', cids.film);
  for (let at = 2; at < PINS; at++) kubo.run('pin', 'add', '--name', `note ${at}`, cidOf(`note ${at}`, 100));
  for (const name of ['nobody has it', 'nor this']) cids[name] = cidOf(name, 100, '--only-hash');
  rmSync(path.join(home, 'content'));
  return { 'ipfsKit.kubo.command': [kubo.binary, 'deamon'] }; // The first command has a typing mistake.
}

export async function journey({ workbench, server, screenshot }) {
  const { page } = workbench;
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const answer = async (boxTitle, text) => {
    await page.locator('.quick-input-title', { hasText: boxTitle }).waitFor({ timeout: 20_000 });
    await workbench.typeInBox(text);
    await page.keyboard.press('Enter');
  };
  const pinCid = async (cid) => {
    await workbench.run('IPFS Kit: Pin CID');
    await answer('IPFS Kit: Pin CID in Kubo', cid);
    await page.locator('.quick-input-message', { hasText: 'Name (optional)' }).waitFor({ timeout: 20_000 });
    await answer('IPFS Kit: Pin CID in Kubo', '');
    await workbench
      .toast('looking for the content')
      .filter({ hasText: cid.slice(-6) })
      .waitFor({ timeout: 20_000 });
  };
  const reported = async (text, shot, timeout = 20_000) => {
    await workbench.toast(text).first().waitFor({ timeout });
    await screenshot(shot);
    // VS Code shows at most three notifications and doesn't show a fourth one later. Clearing them keeps those with progress.
    await workbench.toast('Verifying').waitFor({ state: 'hidden', timeout: 10_000 });
    await workbench.run('Notifications: Clear All Notifications');
  };
  const set = (name, value) => {
    const settings = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
    writeFileSync(server.machineSettings, JSON.stringify({ ...settings, [name]: value }));
  };
  const setUrl = (url) => set('ipfsKit.kubo.url', url);
  const all = (view) => view.rows.length === PINS && view.message === `${PINS} pins · live, Kubo`;

  await workbench.openContainer();
  await workbench.waitForView('that it is not running', ({ welcome }) => welcome.startsWith("Kubo isn't running"));
  await screenshot('not-running');
  await workbench.pressWelcome('Start Kubo');
  await reported('Kubo exited immediately (exit code 1). See its terminal for the reason.', 'mistyped');
  set('ipfsKit.kubo.command', [kubo.binary, 'daemon']);
  await page.waitForTimeout(1000); // VS Code needs this long to read the changed setting.
  await workbench.pressWelcome('Start Kubo');
  await showing('its pins', (view) => all(view) && view.rows.some(({ description }) => description.includes('2.9 MB')));
  await screenshot('started');

  await pinCid(cids['nor this']);
  await screenshot('looking');
  await workbench.pressToast('looking for the content', 'Cancel');
  await workbench.toast('looking for the content').waitFor({ state: 'hidden', timeout: 10_000 });
  await showing('the same pins', all);
  await screenshot('cancelled');
  const waitingSince = performance.now();
  await pinCid(cids['nobody has it']); // The check continues further down.

  await workbench.clickRow('film');
  await workbench.run('IPFS Kit: Verify Pin');
  await reported('All of it is stored locally', 'verified');
  const leaf = CID.parse(kubo.run('refs', cids.film).trim().split('\n').at(-1));
  rmSync(blockFile(kubo.repository, leaf));
  await workbench.clickRow('film');
  await workbench.run('IPFS Kit: Verify Pin');
  await reported('is pinned but incomplete', 'block-missing');
  await workbench.clickRow('film'); // A file has no children: the click opens it.
  await reported(leaf.toString(), 'file-with-missing-block');

  await workbench.clickRow('note 2');
  await workbench.run('IPFS Kit: Unpin');
  await workbench.dialog.waitFor();
  assert.match(await workbench.dialog.innerText(), /Unpin “note 2” from Kubo\?\s+bafk/);
  await screenshot('unpin');
  await workbench.pressDialog('Cancel');

  const proxy = await startKuboProxy(kubo.rpc());
  try {
    proxy.cutAfter = () => MIDDLE;
    setUrl(proxy.url);
    await showing('that the connection was lost', (view) => view.message.includes('incomplete') && view.rows.length < PINS);
    await screenshot('list-cut');
    proxy.cutAfter = (route) => (route.includes('names=true') ? MIDDLE : Infinity);
    await workbench.run('IPFS Kit: Refresh Pins');
    await showing('all, and that their names are missing', (view) => view.rows.length === PINS && /names (are )?unavailable/.test(view.message)); // prettier-ignore
    await screenshot('names-cut');
    setUrl('');
    await showing('all again', all);
  } finally {
    proxy.stop();
  }

  await reported('found no peer that has it within 120 s', 'timed-out', PATIENCE_MS - (performance.now() - waitingSince));

  await workbench.run('IPFS Kit: Stop Kubo');
  await workbench.dialog.waitFor();
  await screenshot('stop');
  await workbench.pressDialog('Stop Kubo');
  await workbench.waitForView('that it has ended', ({ welcome }) => welcome.startsWith("Kubo isn't running"));
  await page.locator('.terminal-wrapper').waitFor({ state: 'detached', timeout: 10_000 });
  await screenshot('stopped');
}

function blockFile(repository, { multihash }) {
  const key = base32upper.baseEncode(multihash.bytes);
  return path.join(repository, 'blocks', key.slice(-3, -1), `${key}.data`);
}

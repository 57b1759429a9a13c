import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { inRoot } from '../../../../scripts/lib/project.mjs';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title =
  'Start Kubo: the reason of a failed start stays in its terminal; a Kubo that responds is listed, one that is starting is not started twice, and no file is saved by it';

export const isolated = true; // Programs that run in terminals end with this workbench.

/** Prints its arguments, then why it can't start. */
const FAILS = `import json, os, sys
print("given", json.dumps(sys.argv[1:]), "for", os.environ["IPFS_PATH"], "in", os.getcwd(), flush=True)
sys.exit("Error: lock repo.lock: someone else has the lock")`;

/** Starts as slowly as a real Kubo, and counts its starts. */
const RUNS = `import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { startKuboStandIn } from ${JSON.stringify(pathToFileURL(inRoot('test/ui/kuboStandIn.mjs')).href)};
const repository = process.env.IPFS_PATH;
appendFileSync(path.join(repository, 'starts'), 'x');
console.log('Initializing daemon...');
setTimeout(async () => {
  const pins = [{ cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', name: 'kept', type: 'recursive', bytes: 1234 }];
  const daemon = await startKuboStandIn({ repository, pins, token: process.argv[2] });
  process.once('SIGINT', () => daemon.stop());
  console.log('Daemon is ready');
}, 3000);`;

const ARGUMENTS = [`it's`, '"', '$(touch owned)', ''];
const commands = {};

export async function prepare({ home }) {
  mkdirSync(path.join(home, '.ipfs'));
  writeFileSync(path.join(home, '.ipfs/config'), '{}');
  for (const [name, text] of Object.entries({ 'fails.py': FAILS, 'runs.mjs': RUNS })) writeFileSync(path.join(home, name), text);
  commands.fails = [process.env.IPFS_KIT_TEST_PYTHON, path.join(home, 'fails.py'), ...ARGUMENTS];
  commands.runs = [process.execPath, path.join(home, 'runs.mjs')];
  writeFileSync(path.join(home, 'kubo'), `#!/bin/sh\nexec "${commands.runs.join('" "')}"\n`);
  chmodSync(path.join(home, 'kubo'), 0o755);
  return {
    'ipfsKit.kubo.command': commands.fails,
    'files.autoSave': 'off',
    'terminal.integrated.gpuAcceleration': 'off', // Without the GPU, the terminal's rows are text in the page.
  };
}

export async function journey({ workbench, server, home, screenshot }) {
  const { page } = workbench;
  const terminals = page.locator('.terminal-outer-container .terminal-wrapper.active');
  const read = async (wanted, timeoutMs = 20_000) => {
    let text = '';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(200)) {
      const rows = await terminals.locator('.xterm-rows > div').evaluateAll((all) => all.map((row) => row.textContent));
      text = rows.join('\n').replaceAll('\u00a0', ' ');
      if (wanted(text)) return text;
    }
    throw new Error(`The terminal did not show what is wanted. It shows ${JSON.stringify(text)}`);
  };
  const setCommand = (command) => {
    const settings = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
    writeFileSync(server.machineSettings, JSON.stringify({ ...settings, 'ipfsKit.kubo.command': command }));
  };
  const isFocused = () => terminals.locator('.xterm.focus').count();
  const focused = async () => {
    for (const end = Date.now() + 10_000; (await isFocused()) === 0; await sleep(100)) if (Date.now() > end) throw new Error('The terminal has no focus.'); // prettier-ignore
  };
  const setting = page.locator('.settings-editor .setting-item-label', { hasText: 'Command' }).first();
  const closeSettings = async () => {
    await setting.waitFor({ timeout: 15_000 });
    await page.keyboard.press('Escape');
    await setting.waitFor({ state: 'hidden', timeout: 10_000 });
  };
  const waiting = workbench.toast('Waiting for Kubo to respond');
  const notRunning = () => workbench.waitForView('that it is not running', ({ welcome }) => /Kubo isn't running/.test(welcome));

  const unsaved = path.join(server.workspace, 'unsaved.txt');
  writeFileSync(unsaved, 'as it was');
  await workbench.openContainer();
  await notRunning();
  await workbench.run('Go to File');
  await workbench.typeInBox('unsaved.txt');
  await workbench.pick('unsaved.txt');
  await page.locator('.monaco-editor .view-line').first().click();
  await page.keyboard.type('typed, ');

  await workbench.pressWelcome('Start Kubo');
  await workbench.toast('Kubo exited immediately (exit code 1). See its terminal for the reason.').waitFor({ timeout: 20_000 });
  const said = await read((text) => text.includes('Press Ctrl+C'));
  await screenshot('failed');
  const oneLine = said.replaceAll('\n', '');
  assert.ok(oneLine.includes(`given ${JSON.stringify(ARGUMENTS).replaceAll(',', ', ')}`), said);
  assert.ok(oneLine.includes(`for ${home}/.ipfs in ${home}/.ipfs`), said);
  assert.match(said, /Error: lock repo\.lock: someone else has the lock[^]*Ended with exit code 1\./);
  assert.equal(await isFocused(), 0);
  assert.equal(readFileSync(unsaved, 'utf8'), 'as it was');
  await workbench.pressToast('Kubo exited immediately', 'Show Terminal');
  await focused();

  await workbench.pressWelcome('Start Kubo');
  await workbench.toast('Kubo exited immediately').waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('.terminal-wrapper').count(), 1); // The terminal of the first attempt is closed.
  await workbench.pressToast('Kubo exited immediately', 'Open Setting');
  await setting.waitFor({ timeout: 15_000 });
  await screenshot('setting');
  await closeSettings();

  setCommand([]);
  await sleep(1000);
  await workbench.pressWelcome('Start Kubo');
  await workbench
    .toast("ipfsKit.kubo.command is empty. Open IPFS Desktop, or choose Kubo's program.")
    .waitFor({ timeout: 10_000 });
  await screenshot('no-command');
  await workbench.pressToast('ipfsKit.kubo.command is empty', 'Open Setting');
  await closeSettings();

  await workbench.pressWelcome('Start Kubo');
  await workbench.pressToast('ipfsKit.kubo.command is empty', 'Choose Program…');
  await workbench.saveAs("Choose Kubo's Program", path.join(home, 'kubo'));
  await read((text) => text.includes('Initializing daemon'));
  await waiting.waitFor({ timeout: 10_000 });
  assert.equal(await isFocused(), 0);
  await workbench.pressWelcome('Start Kubo');
  await focused();
  await screenshot('on-its-way');
  const { 'ipfsKit.kubo.command': chosen } = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
  assert.deepEqual(chosen, [path.join(home, 'kubo'), 'daemon']);
  await workbench.waitForView('its pins', (view) => isSettled(view) && view.rows.some(({ label }) => label === 'kept'));
  await waiting.waitFor({ state: 'hidden', timeout: 5000 });
  assert.equal(readFileSync(path.join(home, '.ipfs/starts'), 'utf8'), 'x');
  assert.equal(await page.locator('.terminal-wrapper').count(), 1);
  await screenshot('started');

  await page.reload();
  await read((text) => text.includes('Daemon is ready'), 60_000);
  await workbench.waitForView('its pins again', (view) => isSettled(view) && view.rows.some(({ label }) => label === 'kept'));
  await screenshot('window-reloaded');
  await terminals.locator('.xterm').first().click();
  await page.keyboard.press('Control+C');
  await notRunning();
  await page.locator('.terminal-wrapper').waitFor({ state: 'detached', timeout: 10_000 });

  setCommand([...commands.runs, 'a token']);
  await page.goto(`${server.url}/?ew=true`); // `ew` opens a window without a folder.
  await workbench.run('IPFS Kit: List Pins');
  await notRunning();
  await workbench.pressWelcome('Start Kubo');
  await waiting.waitFor({ timeout: 10_000 });
  await workbench.waitForView(
    'that it requires a token',
    ({ welcome }) => /token/i.test(welcome) && !/isn't running/.test(welcome),
  );
  await waiting.waitFor({ state: 'hidden', timeout: 5000 });
}

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const title =
  'nothing found: one button says what to do; the sample can be opened, and is left by itself once a repository appears';

export async function journey({ workbench, home, screenshot }) {
  const { page } = workbench;
  await workbench.openContainer();
  const { rows, welcome, status } = await workbench.waitForView('the welcome text', (view) =>
    /No IPFS node found on this computer/.test(view.welcome),
  );
  assert.deepEqual(rows, []);
  assert.match(welcome, /Connect to….*Look Again.*Try with Sample Pins/s);
  const buttons = page.locator('.welcome-view-content .monaco-button');
  assert.deepEqual(await buttons.allInnerTexts(), ['Connect to…']);
  assert.match(status, /^IPFS: not connected$/);
  await screenshot('welcome');

  await workbench.pressWelcome('Try with Sample Pins');
  const sample = await workbench.waitForView('the sample', (view) => view.rows.length === 12);
  assert.match(sample.message, /^12 pins · sample/);
  await workbench.rows.filter({ hasText: 'welcome' }).first().locator('.monaco-tl-twistie').click();
  await workbench.waitForView('what is in the folder', (view) =>
    ['README.md', 'cube.png'].every((name) => view.rows.some(({ label }) => label === name)),
  );
  for (const folder of ['welcome', 'empty-folder'])
    await workbench.rows.filter({ hasText: folder }).first().locator('.codicon-folder').waitFor({ timeout: 10_000 });
  await workbench.clickRow('README.md');
  await workbench.editorText((shown) => shown.includes('Welcome to IPFS Kit'));
  await screenshot('sample');
  await page.locator('.sidebar .action-label[aria-label^="Connect to…"]').first().waitFor({ timeout: 5000 });

  mkdirSync(path.join(home, '.ipfs'));
  writeFileSync(path.join(home, '.ipfs/config'), '{}');
  const found = await workbench.waitForView('that Kubo is not running', (view) => /Kubo isn't running/.test(view.welcome));
  assert.match(found.welcome, /Open IPFS Desktop, or start Kubo here\..*Start Kubo.*Choose Program….*Show Log/s);
  assert.deepEqual(await buttons.allInnerTexts(), ['Start Kubo']);
}

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

export const title =
  'nothing: the status bar does not wait for what the settings disable; services are listed and exported under any name; one button says what to do; the sample is left by itself once a repository appears';

const CID = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const PIN = { requestid: '1', status: 'pinned', created: '2026-11-01T08:00:00Z', pin: { cid: CID, name: 'one' }, delegates: [] };

export function prepare() {
  return { 'ipfsKit.sources': [] };
}

export async function journey({ workbench, server, home, screenshot }) {
  const { page, rows } = workbench;
  const settings = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
  const set = (changed) => writeFileSync(server.machineSettings, JSON.stringify({ ...settings, ...changed }));
  const service = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: 1, results: [PIN] })),
  );
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  try {
    await workbench.run('IPFS Kit: List Pins');
    await workbench.waitForView('that there is nothing', ({ status }) => status === 'IPFS: not connected');
    assert.equal(await page.locator('.statusbar-item[id*="ipfsKit"] .codicon-modifier-spin').count(), 0);
    await screenshot('disabled');

    const url = `http://127.0.0.1:${service.address().port}`;
    const services = ['web3.storage', 'x.needs-token'].map((name, at) => ({ name, url: `${url}/${at}` }));
    set({ 'ipfsKit.sources': ['services'], 'ipfsKit.pinningServices': services });
    await workbench.waitForView('both services', (view) => view.message === '2 pins in 2 sources' && view.rows.length === 3);
    for (const { name } of services) {
      const row = rows.filter({ has: page.locator('.label-name', { hasText: name }) }).first();
      await row.hover();
      assert.equal(await row.locator('.action-label').count(), 0, `nothing beside ${name}`);
      const menu = await workbench.rowMenu(row);
      assert.match(await menu.innerText(), /Set Token…\s+Export List…/);
      await page.keyboard.press('Escape');
      await menu.waitFor({ state: 'hidden', timeout: 10_000 });
    }
  } finally {
    service.close();
    service.closeAllConnections();
  }

  set({ 'ipfsKit.sources': undefined }); // as without the setting
  const first = await workbench.waitForView(
    'the welcome text',
    ({ welcome, status }) => /No IPFS node found on this computer/.test(welcome) && status === 'IPFS: not connected',
  );
  assert.deepEqual(first.rows, []);
  assert.match(first.welcome, /Connect to….*Look Again.*Try with Sample Pins/s);
  const buttons = page.locator('.welcome-view-content .monaco-button');
  assert.deepEqual(await buttons.allInnerTexts(), ['Connect to…']);
  await screenshot('welcome');

  await workbench.pressWelcome('Try with Sample Pins');
  const sample = await workbench.waitForView('the sample', (view) => view.rows.length === 12);
  assert.match(sample.message, /^12 pins · sample/);
  await rows.filter({ hasText: 'welcome' }).first().locator('.monaco-tl-twistie').click();
  await workbench.waitForView('what is in the folder', (view) =>
    ['README.md', 'cube.png'].every((name) => view.rows.some(({ label }) => label === name)),
  );
  for (const folder of ['welcome', 'empty-folder'])
    await rows.filter({ hasText: folder }).first().locator('.codicon-folder').waitFor({ timeout: 10_000 });
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

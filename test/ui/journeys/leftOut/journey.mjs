import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

export const title =
  'the status bar does not wait for a source that the settings disable; a service can be exported and is not confused with another, for any name';

const CID = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
const PIN = { requestid: '1', status: 'pinned', created: '2026-11-01T08:00:00Z', pin: { cid: CID, name: 'one' }, delegates: [] };

export function prepare() {
  return { 'ipfsKit.sources': [] };
}

export async function journey({ workbench, server, screenshot }) {
  const { page, rows } = workbench;
  const service = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: 1, results: [PIN] })),
  );
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  try {
    await workbench.run('IPFS Kit: List Pins');
    await workbench.waitForView('that there is nothing', ({ status }) => status === 'IPFS: not connected');
    assert.equal(await page.locator('.statusbar-item[id*="ipfsKit"] .codicon-modifier-spin').count(), 0);
    await screenshot('nothing');

    const url = `http://127.0.0.1:${service.address().port}`;
    const services = ['web3.storage', 'x.needs-token'].map((name, at) => ({ name, url: `${url}/${at}` }));
    const settings = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
    const changed = { ...settings, 'ipfsKit.sources': ['services'], 'ipfsKit.pinningServices': services };
    writeFileSync(server.machineSettings, JSON.stringify(changed));
    await workbench.waitForView('both services', (view) => view.message === '2 pins in 2 sources' && view.rows.length === 3);
    for (const { name } of services) {
      const row = rows.filter({ has: page.locator('.label-name', { hasText: name }) }).first();
      await row.hover();
      assert.equal(await row.locator('.action-label').count(), 0, `nothing beside ${name}`);
      const menu = await workbench.rowMenu(row);
      assert.match(await menu.innerText(), /Set Token…\s+Export Pins…/);
      await page.keyboard.press('Escape');
      await menu.waitFor({ state: 'hidden', timeout: 10_000 });
    }
  } finally {
    service.close();
    service.closeAllConnections();
  }
}

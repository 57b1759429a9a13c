import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

export const title =
  'Connect to…: what was found is ticked; a service is saved with its token once it has accepted that, an address that does not respond after a question';

const PIN = { requestid: '1', status: 'pinned', created: '2026-01-02T03:04:05Z', pin: { cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', name: 'kept' }, delegates: [], info: {} }; // prettier-ignore

export async function journey({ workbench, server, screenshot }) {
  const { page } = workbench;
  const asked = [];
  const service = createServer((request, response) => {
    asked.push(request.headers.authorization);
    const isAllowed = request.headers.authorization === 'Bearer right';
    response.writeHead(isAllowed ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAllowed ? { count: 1, results: [PIN] } : { error: { reason: 'UNAUTHORIZED' } }));
  });
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${service.address().port}`;
  const settings = () => JSON.parse(readFileSync(server.machineSettings, 'utf8'));
  const input = page.locator('.quick-input-widget input').first();
  const prompt = (text) => page.locator('.quick-input-widget', { hasText: text }).first().waitFor({ timeout: 10_000 });
  const enter = async (text) => {
    await input.fill(text);
    await page.keyboard.press('Enter');
  };
  try {
    await workbench.openContainer();
    await workbench.waitForView('the welcome text', ({ welcome }) => /No IPFS node found/.test(welcome));
    await workbench.pressWelcome('Connect to…');
    await prompt('Select what keeps your pins').catch(() => undefined);
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Pinning service' }).waitFor({ timeout: 20_000 });
    await screenshot('pick');
    await workbench.pick('Pinning service');
    await prompt('A name for the service');
    await input.fill('a/b');
    await prompt('Use 1 to 40 ASCII letters');
    await enter('mine');
    await prompt('URL of the Pinning Service API');
    await input.fill('mine.example');
    await prompt('is not a URL');
    await screenshot('not-a-url');
    await enter(url);
    await prompt('The service requires one');
    await enter('wrong');
    await workbench.toast('mine rejected this token').waitFor({ timeout: 15_000 });
    assert.equal(settings()['ipfsKit.pinningServices'], undefined, 'nothing is saved before the token is accepted');
    await screenshot('rejected');
    await enter('right');
    const listed = await workbench.waitForView('its pin', ({ rows }) => rows.some(({ label }) => label === 'kept'));
    assert.deepEqual(asked.slice(0, 3), [undefined, 'Bearer wrong', 'Bearer right']);
    assert.deepEqual(settings()['ipfsKit.pinningServices'], [{ name: 'mine', url }]);
    assert.match(listed.message, /^1 pin · live/);
    await screenshot('listed');

    await workbench.run('IPFS Kit: Connect to…');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'mine' }).waitFor({ timeout: 20_000 });
    await screenshot('found');
    await workbench.pick('IPFS Cluster address');
    await prompt('Address of the IPFS Cluster REST API');
    await enter('http://127.0.0.1:1');
    await workbench.toast('Nothing responds at http://127.0.0.1:1').waitFor({ timeout: 15_000 });
    assert.equal(settings()['ipfsKit.cluster.url'], undefined);
    await workbench.pressToast('Nothing responds at http://127.0.0.1:1', 'Save Anyway');
    await workbench.waitForView('both', ({ rows }) => rows.some(({ label }) => label === 'IPFS Cluster'));
    assert.equal(settings()['ipfsKit.cluster.url'], 'http://127.0.0.1:1');

    await workbench.run('IPFS Kit: Connect to…');
    await workbench.pick('Daemon address');
    await prompt('Address of the ipfs_kit_py daemon');
    await enter('http://127.0.0.1:2');
    await workbench.toast('No daemon responds at http://127.0.0.1:2').waitFor({ timeout: 15_000 });
    assert.deepEqual(settings()['ipfsKit.daemon.urls'], ['http://127.0.0.1:1']);
  } finally {
    service.close();
    service.closeAllConnections();
  }
}

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'the view says why a source cannot be listed, with the next step; a cluster is followed while it is enabled, and not contacted once it is disabled';

const CID = 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a';
/** A daemon that is followed is probed within this time (watchByProbe). */
const PROBED_WITHIN_MS = 25_000;
let kubo;
let service;

export async function prepare({ home }) {
  kubo = await startKuboStandIn({
    repository: path.join(home, '.ipfs'),
    pins: [{ cid: CID, name: 'a pin', type: 'recursive', bytes: 99 }],
    token: 's3cret',
  });
}

export async function journey({ workbench, server, home, screenshot }) {
  const { page } = workbench;
  let settings = JSON.parse(readFileSync(server.machineSettings, 'utf8'));
  const set = (changes) => writeFileSync(server.machineSettings, JSON.stringify({ ...settings, ...changes }));
  const welcome = (what) => workbench.waitForView(String(what), (view) => what.test(view.welcome) && view.rows.length === 0);
  const inStatusBar = (what) => workbench.waitForView(`${what} in the status bar`, ({ status }) => what.test(status));
  const token = async (text) => {
    await workbench.pressWelcome('Set Token');
    await enterToken(text);
  };
  const enterToken = async (text) => {
    await page.locator('.quick-input-title', { hasText: 'Token for Kubo' }).waitFor({ timeout: 20_000 });
    await workbench.typeInBox(text);
    await page.keyboard.press('Enter');
  };
  const cluster = { asked: 0 };
  const impostor = createServer((request, response) => {
    cluster.asked++;
    response.writeHead(request.url === '/id' ? 200 : 204, { 'content-type': 'application/json' });
    response.end(request.url === '/id' ? JSON.stringify({ id: '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L' }) : '');
  });
  await new Promise((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  try {
    await workbench.run('IPFS Kit: List Pins');
    await welcome(/A token is required/);
    await inStatusBar(/Kubo: token required/);
    await screenshot('needs-token');
    await token('wrong');
    await workbench.toast('Kubo rejected this token (HTTP 403).').waitFor({ timeout: 10_000 });
    await screenshot('refused-token');
    await workbench.pressToast('Kubo rejected this token', 'Try Again');
    await enterToken('s3cret');
    await workbench.waitForView('the pin', (view) => isSettled(view) && view.rows.length === 1);

    // Beside another source, the one that needs a token is first, and a click on it asks for the token.
    service = createServer((request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { reason: 'UNAUTHORIZED' } }));
    });
    await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
    set({ 'ipfsKit.pinningServices': [{ name: 'archive', url: `http://127.0.0.1:${service.address().port}` }] });
    const trouble = await workbench.waitForView(
      'the service before Kubo',
      ({ rows }) => rows[0]?.label === 'archive' && rows[2]?.label === 'a pin', // its name comes later than its CID
    );
    assert.deepEqual(
      [trouble.rows.map(({ label }) => label), trouble.rows[0].description, trouble.message, trouble.status],
      [['archive', 'Kubo', 'a pin'], 'token required · Set Token', '1 pin · 1 source needs attention', '1'],
    );
    await screenshot('trouble');
    await workbench.clickRow('archive');
    await page.locator('.quick-input-title', { hasText: 'Token for archive' }).waitFor({ timeout: 10_000 });
    await page.keyboard.press('Escape');
    set({});
    await workbench.waitForView('only the pin', (view) => isSettled(view) && view.rows.length === 1);

    const url = `http://127.0.0.1:${impostor.address().port}`;
    set({ 'ipfsKit.sources': ['cluster'], 'ipfsKit.cluster.url': url });
    await welcome(/Nothing pinned yet/);
    assert.ok(cluster.asked > 0);
    set({ 'ipfsKit.sources': [], 'ipfsKit.cluster.url': url });
    await welcome(/ipfs_kit_py is disabled/);
    await screenshot('left-out');
    const [before, disabledAt] = [cluster.asked, Date.now()];
    settings = { ...settings, 'ipfsKit.sources': ['ipfs_kit_py', 'kubo'], 'ipfsKit.cluster.url': url };

    const other = path.join(home, 'other');
    mkdirSync(other);
    writeFileSync(path.join(other, 'config'), JSON.stringify({ Identity: { PeerID: '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8' } })); // prettier-ignore
    writeFileSync(path.join(other, 'api'), readFileSync(path.join(home, '.ipfs/api')));
    set({ 'ipfsKit.kubo.repository': other });
    await welcome(/Another server responds at this address/);
    await inStatusBar(/Kubo: port used by another server/);
    await screenshot('foreign');

    set({ 'ipfsKit.kubo.repository': path.join(home, 'nowhere') });
    await welcome(/in the settings needs to be corrected/);
    await screenshot('no-repository');

    await sleep(Math.max(0, disabledAt + PROBED_WITHIN_MS - Date.now()));
    assert.equal(cluster.asked, before, 'a disabled source is not asked');

    set({ 'ipfsKit.sources': ['cluster'], 'ipfsKit.cluster.url': 'http://127.0.0.1:1' });
    await welcome(/This source isn't running/);
    await screenshot('cluster-not-running');
  } finally {
    kubo.stop({ cleanly: false });
    service?.close();
    service?.closeAllConnections();
    impostor.close();
    impostor.closeAllConnections();
  }
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startClusterStandIn } from '../../clusterStandIn.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'the lists of four sources are joined: hover, groups and filters say where content is and in how many copies; a source that dies is unknown, never "not there"; two sources are compared';

const SITE = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
/** The same content as SITE. */
const SITE_V1 = 'bafybeid56v4s4762yylyoe4jajayek3m5i65gijlxvr7ehsyhalzbb3xqe';
const PAPER = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const DRAFT = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
const NOTES = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';

const WRITE = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table pins (cid text primary key, name text, pin_type text)')
db.executemany('insert into pins values (?, ?, ?)', [(sys.argv[2], 'website', 'recursive'), (sys.argv[3], 'notes.txt', 'recursive')])
db.commit()`;

let kubo;
let cluster;
let service;

export async function prepare({ home }) {
  const folder = path.join(home, '.ipfs_kit');
  mkdirSync(folder, { recursive: true });
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), SITE, NOTES]);
  kubo = await startKuboStandIn({
    repository: path.join(home, '.ipfs'),
    pins: [
      { cid: SITE_V1, name: 'website', type: 'recursive', bytes: 2_400_000, isFolder: true },
      { cid: DRAFT, name: 'draft', type: 'recursive', bytes: 18_000, isFolder: true },
    ],
  });
  cluster = await startClusterStandIn({
    pins: [
      { cid: SITE, name: 'website', statuses: { alpha: 'pinned', beta: 'pinned' } },
      { cid: PAPER, name: 'paper.pdf', statuses: { alpha: 'pinned', beta: 'pinned' } },
    ],
  });
  const results = [{ requestid: 'r1', status: 'pinned', created: '2026-11-20T08:00:00Z', pin: { cid: PAPER, name: 'paper (final).pdf' }, delegates: [] }]; // prettier-ignore
  service = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: results.length, results }));
  });
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  return {
    'ipfsKit.cluster.url': cluster.url,
    'ipfsKit.pinningServices': [{ name: 'archive', url: `http://127.0.0.1:${service.address().port}` }],
  };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label).filter((label) => label !== 'Peers');
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const open = async (name, first) => {
    if (!labels(await workbench.view()).includes(first)) await workbench.clickRow(name);
    await showing(name, (view) => labels(view).includes(first));
  };
  const filter = async (text) => {
    await workbench.run('IPFS Kit: Filter Pins');
    await workbench.typeInBox(text);
    await page.keyboard.press('Enter');
  };
  const pick = async (command, ...items) => {
    await workbench.run(command);
    for (const item of items) await workbench.pick(item);
  };
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('four sources', ({ message }) => message === '7 pins in 4 sources');
    await open('ipfs_kit_py', 'website');
    await workbench.hover(workbench.rows.filter({ hasText: 'website' }).first(), 'Also in Kubo, IPFS Cluster');
    await screenshot('hover');
    await page.keyboard.press('Escape');

    await pick('IPFS Kit: Group Pins By', 'Copies');
    await showing('the copies', (view) => labels(view).includes('3 copies'));
    await screenshot('groups');
    await pick('IPFS Kit: Group Pins By', 'No groups');

    await filter('copies:1');
    const once = await showing('what is kept once', ({ message }) => message.startsWith('2 of 7 pins'));
    assert.equal(once.message, '2 of 7 pins in 4 sources · “copies:1”');
    await screenshot('once');

    // The cluster dies. What only the service has beside it is one copy that is known, and the line above says that this isn't certain.
    cluster.stop();
    await workbench.run('IPFS Kit: Refresh Pins');
    const unknown = await showing('that a source is unknown', ({ message }) => message.includes('unknown'));
    assert.equal(unknown.message, '3 of 5 pins in 4 sources, one source unknown · “copies:1”');
    await screenshot('one-unknown');
    await filter('-in:cluster');
    const isNamed = (view) => ['website', 'draft', 'notes.txt', 'paper (final).pdf'].some((name) => labels(view).includes(name));
    const none = await showing(
      'nothing that would not be there',
      (view) => view.message.includes('-in:cluster') && !isNamed(view),
    );
    assert.equal(none.message, '0 of 5 pins in 4 sources, one source unknown · “-in:cluster”');
    await workbench.run('IPFS Kit: Clear Filter');
    await showing('all pins', ({ message }) => message.startsWith('5 pins'));

    await workbench.run('IPFS Kit: Compare Sources…');
    await workbench.quickPickRow('ipfs_kit_py').waitFor({ timeout: 20_000 });
    await screenshot('compare-sources');
    await workbench.pick('Kubo');
    await workbench.pick('ipfs_kit_py');
    await page.locator('.quick-input-list', { hasText: 'Only in Kubo (1)' }).waitFor({ timeout: 20_000 });
    await screenshot('compared');
    await workbench.pick('Open as Document');
    await workbench.editorText((text) => text.includes('draft'));
    await screenshot('document');
    await pick('IPFS Kit: Compare Sources…', 'Kubo', 'ipfs_kit_py', 'Only in Kubo (1)');
    const only = await showing('the filter', ({ message }) => message.includes('in:kubo'));
    assert.equal(only.message, '1 of 5 pins · 1 source unavailable · “in:kubo -in:ipfs_kit_py”');
    await screenshot('only-in-kubo');

    await pick('IPFS Kit: Compare Sources…', 'Kubo', 'IPFS Cluster');
    await page.locator('.quick-input-list', { hasText: 'Only in Kubo (unknown)' }).waitFor({ timeout: 20_000 });
    await screenshot('compared-unknown');
    await page.keyboard.press('Escape');
  } finally {
    kubo.stop({ cleanly: false });
    cluster.stop();
    service.close();
    service.closeAllConnections();
  }
}

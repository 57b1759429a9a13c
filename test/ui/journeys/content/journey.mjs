import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/workbench.mjs';
import { importIntoRepository } from '../../ipfsRepository.mjs';

export const title =
  'pins are opened: folders, a picture and text from Kubo’s blocks on disk, then from a gateway; a missing block is named';

const WRITE = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, timestamp real, size_bytes integer)")
db.executemany("insert into pins values (?, ?, 'recursive', 1790000000, ?)", json.loads(sys.argv[2]))
db.commit()`;

const text = (content) => Buffer.from(content);
let gateway;
let repository;

export async function prepare({ home }) {
  repository = path.join(home, '.ipfs');
  const { cids, blocks } = await importIntoRepository(repository, [
    { path: 'readme.md', content: text('# A pinned folder\n') },
    { path: 'pictures/icon.png', content: readFileSync('media/icon.png') },
    { path: 'notes/today.txt', content: text('nothing new\n') },
  ]);
  const shards = await importIntoRepository(
    repository,
    Array.from({ length: 1200 }, (_, at) => ({ path: `item-${at}.txt`, content: text(`${at}`) })),
    { shardSplitThresholdBytes: 1000 },
  );
  const lost = await importIntoRepository(path.join(home, 'elsewhere'), [{ path: 'lost.txt', content: text('lost') }]);
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  const pins = [
    [cids[''], 'website', 123456],
    [cids['pictures/icon.png'], 'icon.png', 12000],
    [shards.cids[''], 'many', 9000],
    [lost.cids[''], 'lost', 4],
  ];
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), JSON.stringify(pins)]);
  gateway = createServer(({ url }, response) => {
    const block = blocks.get(/^\/ipfs\/([^/?]+)\?format=raw$/.exec(url)?.[1]);
    response.writeHead(block ? 200 : 404).end(block);
  });
  await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  return { 'ipfsKit.content.gateways': [`http://127.0.0.1:${gateway.address().port}`] };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const opened = (name) => page.locator('.tabs-container .tab.active', { hasText: name }).waitFor({ timeout: 10_000 });
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('the pins', (view) => labels(view).length === 4);

    await workbench.clickRow('website');
    const entries = ['website', 'notes', 'pictures', 'readme.md', 'icon.png', 'many', 'lost'];
    await showing('the folder', (view) => labels(view).join() === entries.join());
    await workbench.clickRow('readme.md');
    await opened('readme.md');
    await page.locator('.view-lines', { hasText: 'A pinned folder' }).waitFor({ timeout: 10_000 });
    await workbench.clickRow('pictures');
    await showing('the picture', (view) => labels(view).filter((label) => label === 'icon.png').length === 2);
    await workbench.rows.filter({ hasText: 'icon.png' }).first().click();
    await opened('icon.png');
    await page.locator('.statusbar-item', { hasText: '256x256' }).waitFor({ timeout: 10_000 }); // it is drawn
    await screenshot('picture');
    await workbench.clickRow('website'); // closes it

    await workbench.clickRow('lost');
    const { rows } = await showing('what is missing', (view) => labels(view).includes('Not available here'));
    assert.match(rows.find(({ label }) => label === 'Not available here').spoken, /Block bafy\w+ was not found/);
    await workbench.clickRow('lost');

    await workbench.clickRow('many');
    await showing('a page of a sharded folder', (view) => labels(view).some((label) => /^item-\d+\.txt$/.test(label)));
    await screenshot('sharded');
    await workbench.clickRow('many');

    // The blocks on disk go; those at the gateway are asked for. In a new thread: what was read is kept in the old one.
    rmSync(path.join(repository, 'blocks'), { recursive: true });
    await page.reload();
    await workbench.openContainer();
    await showing('the pins again', (view) => labels(view).includes('website'));
    await workbench.clickRow('website');
    await showing('the folder from the gateway', (view) => labels(view).includes('notes'));
    await workbench.clickRow('notes');
    await showing('its file', (view) => labels(view).includes('today.txt'));
    await workbench.clickRow('today.txt');
    await opened('today.txt');
    await page.locator('.view-lines', { hasText: 'nothing new' }).waitFor({ timeout: 10_000 });
    await screenshot('gateway');
  } finally {
    gateway.close();
    gateway.closeAllConnections();
  }
}

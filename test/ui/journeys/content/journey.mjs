import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { decode } from '@ipld/dag-pb';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { blockFile, importIntoRepository } from '../../ipfsRepository.mjs';

export const title =
  'pins and links are opened: folders, pictures and text from Kubo’s blocks on disk, then from gateways; missing content is named, late content arrives later';

const WRITE = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, timestamp real, size_bytes integer)")
db.executemany("insert into pins values (?, ?, 'recursive', 1790000000, ?)", json.loads(sys.argv[2]))
db.commit()`;

const text = (content) => Buffer.from(content);
const NAMELESS = Buffer.concat([readFileSync('media/icon.png'), text('a')]);
let gateway;
/** Has the blocks that the other gateway lacks, and delays the blocks of one CID, or of all, until they are released. */
let stalled;
let late;
let repository;
let site;
let saved;

export async function prepare({ home }) {
  repository = path.join(home, '.ipfs');
  saved = path.join(home, 'saved');
  mkdirSync(saved);
  const { cids, blocks } = await importIntoRepository(repository, [
    { path: 'readme.md', content: text('# A pinned folder\n') },
    { path: 'pictures/icon.png', content: readFileSync('media/icon.png') },
    { path: 'notes/today.txt', content: text('nothing new\n') },
  ]);
  site = cids[''];
  const shards = await importIntoRepository(
    repository,
    Array.from({ length: 1200 }, (_, at) => ({ path: `item-${at}.txt`, content: text(`${at}`) })),
    { shardSplitThresholdBytes: 1000 },
  );
  const version = await importIntoRepository(repository, [{ path: 'index.txt', content: text('version 1.2.0\n') }]);
  const nameless = await importIntoRepository(repository, [{ path: 'icon', content: NAMELESS }]);
  const files = Array.from({ length: 30 }, (_, at) => ({ path: `late-${at}`, content: text(`${at}`) }));
  late = await importIntoRepository(repository, [...files, { path: 'a/below.txt', content: text('below\n') }], {
    rawLeaves: false,
  });
  for (const cid of late.blocks.keys()) if (cid !== late.cids['']) rmSync(blockFile(repository, cid));
  const shard = decode(shards.blocks.get(shards.cids[''])).Links.find(({ Name }) => Name.length === 2).Hash;
  rmSync(blockFile(repository, shard));
  const lost = await importIntoRepository(path.join(home, 'elsewhere'), [{ path: 'lost.txt', content: text('lost') }]);
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  const pins = [
    [cids[''], 'website', 123456],
    [cids['pictures/icon.png'], 'icon.png', 12000],
    [shards.cids[''], 'many', 9000],
    [lost.cids[''], 'lost', 4],
    [version.cids[''], 'docs-site-v1.2.0', 14],
    [nameless.cids.icon, null, NAMELESS.length],
    [late.cids[''], 'late', 300],
  ];
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), JSON.stringify(pins)]);
  gateway = createServer(({ url }, response) => {
    const block = blocks.get(/^\/ipfs\/([^/?]+)\?format=raw$/.exec(url)?.[1]);
    response.writeHead(block ? 200 : 404).end(block);
  });
  await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  const held = new Map();
  const released = new Set();
  const server = createServer(({ url }, response) => {
    const cid = /^\/ipfs\/([^/?]+)\?format=raw$/.exec(url)?.[1];
    const send = () => response.writeHead(late.blocks.has(cid) ? 200 : 404).end(late.blocks.get(cid));
    if (released.has('all') || released.has(cid)) send();
    else held.set(cid, [...(held.get(cid) ?? []), send]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  stalled = {
    release: (cid) => {
      released.add(cid);
      for (const [each, sends] of held) if (cid === 'all' || each === cid) for (const send of sends.splice(0)) send();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return { 'ipfsKit.content.gateways': [gateway, server].map((each) => `http://127.0.0.1:${each.address().port}`) };
}

/** A link is opened as a row at the top, copied for others, saved to disk and closed. */
async function openLink({ workbench, screenshot }, showing) {
  const { page } = workbench;
  const box = page.locator('.quick-input-widget');
  const input = box.locator('input').first();
  const link = `https://${site}.ipfs.gw.example/?filename=my%20site`;
  await page.evaluate((text) => globalThis.navigator.clipboard.writeText(text), link);
  await workbench.run('IPFS Kit: Open CID…');
  await box.filter({ hasText: 'CID or link to open' }).waitFor({ timeout: 10_000 });
  const proposed = await input.evaluate((element) => element.value.slice(element.selectionStart, element.selectionEnd));
  assert.equal(proposed, link, 'what was copied is proposed, and selected');
  for (const [typed, why] of [
    ['/Documents/README.md', 'is a path in Kubo'],
    ['bafy', 'is not a CID or IPFS link'],
    ['/ipns/docs.example', 'IPNS names and peer IDs'],
  ]) {
    await workbench.typeInBox(typed);
    await box.filter({ hasText: why }).waitFor({ timeout: 10_000 });
    await page.keyboard.press('Enter');
    assert.equal(await input.inputValue(), typed, 'a mistake stays in the box');
  }
  await screenshot('open-cid');
  await workbench.typeInBox(link);
  await page.keyboard.press('Enter');
  const { rows } = await showing('the folder', ({ rows }) => rows[0]?.label === 'my site' && rows[3]?.label === 'readme.md');
  assert.deepEqual(rows.slice(0, 5).map(({ label }) => label), ['my site', 'notes', 'pictures', 'readme.md', 'website']); // prettier-ignore
  await workbench.waitForSelected(rows[0].spoken);
  await screenshot('opened');

  await workbench.run('IPFS Kit: Copy Share Link');
  await workbench.clipboard((text) => text === `https://dweb.link/ipfs/${site}`);
  await workbench.toast('It works while a node with this content is online').waitFor({ timeout: 10_000 });
  await workbench.run('IPFS Kit: Save to Disk…');
  await workbench.saveAs('Save my site in…', `${saved}/`);
  await workbench.dialog.filter({ hasText: '3 files in 2 folders' }).waitFor({ timeout: 10_000 });
  await screenshot('save-folder');
  await workbench.pressDialog('Save');
  await workbench.toast('Saved 3 files of my site').waitFor({ timeout: 10_000 });
  assert.equal(readFileSync(path.join(saved, 'my site/notes/today.txt'), 'utf8'), 'nothing new\n');
  await screenshot('saved');
  await page.keyboard.press('Escape');
  await workbench.rows.first().hover();
  await workbench.rows.first().locator('[aria-label="Close"]').click({ timeout: 5000 });
  await showing('it closed', ({ rows }) => rows[0]?.label === 'website');
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const opened = (name) => page.locator('.tabs-container .tab.active', { hasText: name }).waitFor({ timeout: 10_000 });
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('the pins', (view) => labels(view).length === 7);
    await workbench.run('IPFS Kit: Sort Pins By');
    await workbench.pick('As stored');
    await showing('their order in the database', (view) => labels(view)[0] === 'website');

    await openLink({ workbench, screenshot }, showing);
    await workbench.clickRow('website');
    const entries = ['website', 'notes', 'pictures', 'readme.md', 'icon.png', 'many', 'lost', 'docs-site-v1.2.0'];
    await showing('the folder', (view) => labels(view).slice(0, 8).join() === entries.join());
    // A click previews, with the focus left in the tree; a double click keeps.
    const preview = page.locator('.tabs-container .tab.active .italic', { hasText: 'readme.md' });
    await workbench.clickRow('readme.md');
    await preview.waitFor({ timeout: 10_000 });
    await workbench.waitForFocus(/^readme\.md, /);
    await workbench.rows.filter({ hasText: 'readme.md' }).first().dblclick();
    await preview.waitFor({ state: 'hidden', timeout: 10_000 });
    await opened('readme.md');
    await page.locator('.view-lines', { hasText: 'A pinned folder' }).waitFor({ timeout: 10_000 });
    await workbench.clickRow('pictures');
    await showing('the picture', (view) => labels(view).filter((label) => label === 'icon.png').length === 2);
    await workbench.rows.filter({ hasText: 'icon.png' }).first().click();
    await opened('icon.png');
    await page.locator('.statusbar-item', { hasText: '256x256' }).waitFor({ timeout: 10_000 }); // The picture is drawn.
    await screenshot('picture');
    await workbench.clickRow('website'); // The second click closes the folder.

    // A folder with a file's extension in its name, and a picture without a name.
    await workbench.clickRow('docs-site-v1.2.0');
    await showing('what is in it', (view) => labels(view).includes('index.txt'));
    await screenshot('version');
    await workbench.clickRow('docs-site-v1.2.0');
    const { rows: pins } = await showing('it closed', (view) => !labels(view).includes('index.txt'));
    await workbench.clickRow(pins[5].label);
    await opened('.png');
    await page.locator('.statusbar-item', { hasText: '256x256' }).waitFor({ timeout: 10_000 });
    await screenshot('nameless');

    // Known names are shown before the types of the entries are, which are filled in later.
    await workbench.clickRow('late');
    const kinds = (view) => new Set(view.rows.filter(({ label }) => /^late-|^a$/.test(label)).map(({ spoken }) => spoken.split(', ')[1])); // prettier-ignore
    const unknown = await showing('the names', (view) => labels(view).includes('late-0') && labels(view).includes('a'));
    assert.deepEqual(kinds(unknown), new Set(['unknown type']));
    await screenshot('kinds-unknown');
    stalled.release(late.cids.a);
    await workbench.clickRow('a');
    await showing('the folder that was not known as such', (view) => kinds(view).has('folder'));
    stalled.release('all');
    await showing('what they are', (view) => !kinds(view).has('unknown type'));
    await showing('what is in the folder', (view) => labels(view).includes('below.txt'));
    await screenshot('kinds');
    await workbench.clickRow('late');

    await workbench.clickRow('lost');
    const { rows } = await showing('what is missing', (view) => labels(view).includes('Not available here'));
    assert.match(rows.find(({ label }) => label === 'Not available here').spoken, /Block bafy\w+ was not found/);
    await workbench.clickRow('lost');

    await workbench.clickRow('many');
    await showing('a page of a sharded folder', (view) => labels(view).some((label) => /^item-\d+\.txt$/.test(label)));
    await screenshot('sharded');
    for (let tries = 0; !labels(await workbench.view()).some((label) => /missing/.test(label)); tries++) {
      assert.ok(tries < 20, 'the part that is missing is named');
      await workbench.rows.nth(2).click();
      await page.keyboard.press('End');
      await page.waitForTimeout(300);
    }
    await screenshot('part-missing');
    await workbench.rows.nth(2).click();
    await page.keyboard.press('Home');
    await workbench.clickRow('many');

    // The blocks on disk are deleted, so that the gateway is asked for them. A new thread has no cached blocks.
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
    stalled.close();
    gateway.close();
    gateway.closeAllConnections();
  }
}

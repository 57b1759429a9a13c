// A daemon of ipfs_kit_py with 1,204 pins, live: a pinned folder is open, and a picture in it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { importIntoRepository } from '../../test/ui/ipfsRepository.mjs';
import { isSettled } from '../lib/settledView.mjs';

const COUNT = 1204;
/** The names of the first rows, with endings for which an icon theme has icons. */
const FILES = ['archive-2.zip', 'archive-10.zip', 'avatar.svg', 'balcony.jpg', 'bees.mp4', 'bills-2025.csv', 'birds.mp3', 'blog.html', 'brief.pdf', 'build.json', 'bundle.ts']; // prettier-ignore
const WORDS = ['video', 'photos', 'model', 'notes', 'scan', 'website', 'dataset', 'paper'];
const [DAG_PB, RAW] = [0x70, 0x55];
const [KB, MB, GB] = [2 ** 10, 2 ** 20, 2 ** 30];
const [HOUR, DAY] = [3600, 86_400];

export async function prepare({ home, startDaemon }) {
  const icon = readFileSync('media/icon.png');
  const text = (content) => Buffer.from(content);
  const readme = text('# A pinned folder\n\nWith pictures.\n');
  const { cids } = await importIntoRepository(path.join(home, '.ipfs'), [
    { path: 'pictures/icon.png', content: icon },
    { path: 'pictures/copy.png', content: icon },
    { path: 'notes/today.txt', content: text('nothing new\n') },
    { path: 'index.html', content: text('<h1>Hi</h1>\n') },
    { path: 'large.bin', content: new Uint8Array(12 * MB) },
    { path: 'readme.md', content: readme },
  ]);
  const madeUp = async (name, codec) => CID.createV1(codec, await sha256.digest(text(name)));
  const now = Date.now() / 1000;
  const pin = (cid, name, size_bytes, secondsAgo, pin_type = 'recursive') => ({ cid: cid.toString(), name, size_bytes, timestamp: now - secondsAgo, pin_type }); // prettier-ignore
  const pins = [
    pin(CID.parse(cids['']).toV0(), 'Aurora 2025', 80 * MB, 6 * HOUR),
    pin(cids['readme.md'], 'about.md', readme.length, DAY, 'direct'),
    pin(await madeUp('dataset-2025', DAG_PB), 'dataset-2025', 6 * GB, 2 * DAY),
  ];
  for (const [at, name] of FILES.entries())
    pins.push(pin(await madeUp(name, RAW), name, Math.round((at + 1) * 1.7 * MB), (at + 1) * 1.3 * DAY));
  while (pins.length < COUNT) {
    const at = pins.length;
    const name = `${WORDS[at % WORDS.length]}-${at}`;
    pins.push(pin(await madeUp(name, RAW), name, (at - 7) * 96 * KB + 675 * KB, (at - 7) * 2.7 * HOUR + 17 * HOUR));
  }
  const file = path.join(home, 'pins.json');
  writeFileSync(file, JSON.stringify(pins));
  const daemon = await startDaemon(['--port', '0', '--pins-file', file]);
  return { 'ipfsKit.daemon.urls': [daemon.url] };
}

export async function arrange(workbench) {
  const showing = (what, label) =>
    workbench.waitForView(what, (view) => isSettled(view) && view.rows.some((row) => row.label === label));
  await showing('the pins', 'Aurora 2025');
  await workbench.clickRow('Aurora 2025');
  await showing('the folder', 'pictures');
  await workbench.clickRow('pictures');
  await showing('the pictures', 'icon.png');
  await workbench.clickRow('icon.png');
  await workbench.page.locator('.statusbar-item', { hasText: '256x256' }).waitFor({ timeout: 20_000 });
}

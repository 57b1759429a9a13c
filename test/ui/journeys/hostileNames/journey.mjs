import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encode, prepare as prepareNode } from '@ipld/dag-pb';
import { CID } from 'multiformats/cid';
import { sha256 } from 'multiformats/hashes/sha2';
import { blockFile, importIntoRepository } from '../../ipfsRepository.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  "an attacker's names of a pin and of files below it: text in lists, menus and messages; acts reach that pin; saving writes into the chosen folder only";

/** Part of every hostile link, and of no other text on the page. */
const MARK = 'hostile';
const ICON = 'rocket';
/** A Markdown link that runs a command, an icon, HTML, an override, an ANSI escape, variables, and what could be another file name. */
const NAME = `[${MARK}](command:workbench.action.quit) $(${ICON}) <img src=x> \u202egnp.exe\u001b[31m\${workspaceFolder} {0} a&b=c#d?e%2f..%2fx.txt`;
/** What programs take for other names than they are. */
const ENTRIES = [
  '',
  '.',
  '..',
  '../../escaped.txt',
  '/absolute.txt',
  '..\\..\\escaped.txt',
  '%2e%2e%2fescaped.txt',
  'a:b',
  'CON',
  'nul.txt',
  'trailing dot.',
  'trailing blank ',
  ' ',
  'nul\u0000byte',
  'line\nbreak',
  '\u202etxt.exe',
  'zero\u200bwidth',
  '\u001b[2J',
  NAME,
  `long${'x'.repeat(300)}`,
  `huge${'y'.repeat(100_000)}`,
  '.vscode',
  'half-a-letter-ZZ',
];
let kubo;
let folder;

/** A folder whose entries have these names, of which `ZZ` becomes a byte that isn't UTF-8. An importer refuses such names. */
async function hostileFolder(repository, entries) {
  const links = entries.map(([Name, cid]) => ({ Name, Hash: CID.parse(cid), Tsize: 4 }));
  const bytes = Buffer.from(encode(prepareNode({ Data: new Uint8Array([8, 1]), Links: links })));
  bytes.fill(0xff, bytes.indexOf('ZZ'), bytes.indexOf('ZZ') + 2);
  const cid = CID.createV1(0x70, await sha256.digest(bytes));
  mkdirSync(path.dirname(blockFile(repository, cid)), { recursive: true });
  writeFileSync(blockFile(repository, cid), bytes);
  return cid.toString();
}

export async function prepare({ home }) {
  const repository = path.join(home, '.ipfs');
  const files = ENTRIES.map((_, at) => ({ path: `${at}`, content: Buffer.from(`file ${at}`) }));
  const { cids } = await importIntoRepository(repository, files);
  folder = await hostileFolder(
    repository,
    ENTRIES.map((name, at) => [name, cids[`${at}`]]),
  );
  kubo = await startKuboStandIn({
    repository,
    pins: [
      { cid: folder, name: NAME, type: 'recursive', bytes: 20, isFolder: true },
      { cid: cids[0], name: 'zebra.txt', type: 'recursive', bytes: 6 },
    ],
  });
  mkdirSync(path.join(home, 'saved'));
}

export async function journey({ workbench, server, home, screenshot }) {
  const { page } = workbench;
  /** Asserts that an area shows the name without a link, an icon or reordered characters. */
  const isText = async (area) => {
    const { text, live } = await workbench.drawn(area, MARK, ICON);
    await screenshot(area);
    assert.deepEqual(live, [], `${area}: ${text}`);
    assert.doesNotMatch(text, /[\u202a-\u202e\u2066-\u2069\u200b]|(?!\n)\p{Cc}/u, `${area}: ${text}`);
  };
  const selected = workbench.rows.and(page.locator('.selected')).filter({ hasText: MARK });
  const filesOf = (of) => readdirSync(of, { recursive: true }).filter((file) => !file.includes('.ipfs'));
  try {
    await workbench.openContainer();
    await workbench.waitForView('the pins', (view) => view.rows.length === 2);
    await isText('row');

    await workbench.run('IPFS Kit: Find Pin');
    await isText('pick');
    await page.keyboard.insertText(MARK);
    await workbench.quickPickRow(MARK).first().waitFor();
    await page.keyboard.press('Enter');
    await selected.waitFor();

    await workbench.run('IPFS Kit: Copy Name');
    await workbench.clipboard((text) => text === NAME);
    await workbench.run('IPFS Kit: Copy IPFS Path');
    await workbench.clipboard((text) => text === `/ipfs/${folder}`);

    // The question and the message show the name; Undo gives back exactly the name that it had.
    await page.locator('.tree-explorer-viewlet-tree-view .monaco-list').focus();
    await page.keyboard.press('Delete');
    await isText('dialog');
    await page.keyboard.press('Enter');
    await workbench.toast('Unpinned').waitFor();
    await isText('toast');
    await workbench.waitForView('the other pin', (view) => view.rows.length === 1);
    assert.deepEqual(
      kubo.pins.map(({ name }) => name),
      ['zebra.txt'],
    );
    await workbench.pressToast('Unpinned', 'Undo');
    await workbench.waitForView('the pin again', (view) => view.rows.length === 2);
    assert.deepEqual(
      kubo.pins.map(({ cid, name }) => [cid, name]).find(([cid]) => cid === folder),
      [folder, NAME],
    );
    await workbench.run('Notifications: Clear All Notifications');
    await selected.waitFor();

    await workbench.run('IPFS Kit: Show Details');
    await isText('editor');

    // Each entry is a row with a visible name.
    await workbench.run('IPFS Kit: Focus on Pins View');
    await page.keyboard.press('ArrowRight');
    const below = await workbench.waitForView('the entries', (view) => view.rows.length === ENTRIES.length + 2);
    assert.deepEqual(
      below.rows.filter(({ label, spoken }) => label.trim() === '' || /^\s*,/.test(spoken)),
      [],
    );
    assert.equal(below.rows.filter(({ label }) => label === '(no name)').length, 2);
    await screenshot('entries');

    // Saved with all that is in it: into a folder named after its CID, because its name can't be that of a file, and nowhere else.
    const before = filesOf(home);
    const saved = path.join(home, 'saved');
    await workbench.run('IPFS Kit: Save to Disk');
    await workbench.pressDialog('Save All');
    await workbench.saveAs('in…', `${saved}/`);
    await workbench.pressDialog('Save');
    await workbench.toast('Every block was verified').waitFor({ timeout: 20_000 });
    await screenshot('saved');
    assert.deepEqual(readdirSync(saved), [folder]);
    const names = readdirSync(path.join(saved, folder), { withFileTypes: true });
    assert.equal(names.length, ENTRIES.length);
    assert.ok(names.every((entry) => entry.isFile() && !/[\p{Cc}\u202e\\/]/u.test(entry.name)));
    const isSaved = (file) => file === 'saved' || file.startsWith(`saved${path.sep}`);
    assert.deepEqual(
      filesOf(home).filter((file) => !isSaved(file) && /escaped|absolute|hostile/.test(file) && !before.includes(file)),
      [],
    );
    assert.deepEqual(readdirSync(server.workspace), []);
  } finally {
    kubo.stop({ cleanly: false });
  }
}

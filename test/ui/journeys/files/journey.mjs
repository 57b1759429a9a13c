import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { filesTree } from '../../filesTree.mjs';
import { blockFile } from '../../ipfsRepository.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  "what IPFS Desktop keeps in Kubo's Files, without pins, is seen at the first start, opened, pinned, changed, and followed as it changes";

/** The only pin of a new repository. */
const EMPTY = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const HOSTILE = '[link](command:workbench.action.quit) \u202egnp.txt';
/** The root of Files in test/fixtures/leveldb/log, a folder with hello.txt. */
const LEFT = {
  root: 'QmdtgNzDnLKkhyziU3kXRtf4SfAeh1Lah4T5hwVdmXh6Br',
  block: 'EjEKIhIgzq/ukfn4cO8dJVF2pHLk01+keARgmltMPNdxG+WMvUgSCWhlbGxvLnR4dBhACgIIAQ==',
};
let kubo;
let repository;

export async function prepare({ home }) {
  repository = path.join(home, '.ipfs');
  const files = [
    { path: 'Documents/readme.md', content: Buffer.from('# From Files\n') },
    { path: 'holiday.png', content: readFileSync('media/icon.png') },
    { path: 'notes.txt', content: Buffer.from('Some notes\n') },
    { path: HOSTILE, content: Buffer.from('hostile\n') },
  ];
  kubo = await startKuboStandIn({
    repository,
    pins: [{ cid: EMPTY, type: 'recursive', bytes: 4, isFolder: true }],
    files: await filesTree(repository, files),
  });
  return { 'ipfsKit.content.gateways': [] };
}

export async function journey({ workbench, screenshot }) {
  const { page, rows } = workbench;
  const labels = ({ rows: shown }) => shown.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  try {
    await workbench.run('IPFS Kit: List Pins');
    // Files are expanded in any case, Kubo where its list has come before.
    const fromFiles = ({ rows: shown }) => shown.slice(shown.findIndex(({ label }) => label === 'Files'));
    const listed = await showing('the files', (view) => fromFiles(view).length === 5);
    const [ofKubo] = listed.rows;
    const [ofFiles, ...items] = fromFiles(listed);
    assert.match(`${ofKubo.label} ${ofKubo.description}`, /^Kubo 1 pin\b.*live/);
    assert.match(ofFiles.description, /^4 items\b.*live/);
    assert.equal(listed.message, '1 pin and 4 items in 2 sources');
    assert.match(items[0].label, /^\[link\].*<U\+202E>gnp\.txt$/);
    assert.deepEqual(labels({ rows: items.slice(1) }), ['Documents', 'holiday.png', 'notes.txt']);
    assert.match(items[3].spoken, /^notes\.txt, item, 11 bytes/);
    await screenshot('listed');

    const folder = rows.filter({ has: page.locator('.label-name', { hasText: 'Documents' }) }).first();
    for (const end = Date.now() + 15_000; (await folder.getAttribute('aria-expanded')) === null; await page.waitForTimeout(200))
      assert.ok(Date.now() < end, 'a folder can be expanded');
    await workbench.clickRow('Documents');
    await showing('what is in the folder', (view) => labels(view).includes('readme.md'));
    await workbench.clickRow('readme.md');
    await workbench.editorText((text) => text.includes('# From Files'));
    await workbench.hoverRow('notes.txt');
    await screenshot('opened');

    await workbench.clickRow('notes.txt');
    await workbench.editorText((text) => text.includes('Some notes'));
    const menu = await workbench.rowMenu(rows.filter({ hasText: 'notes.txt' }).first());
    const entries = (await menu.innerText()).split('\n').map((line) => line.trim());
    for (const wanted of [
      ...['Pin CID…', 'Unpin…', 'Copy CID', 'Save to Disk…', 'Copy Share Link'],
      ...['Copy into Files…', 'Rename…', 'Move to…', 'Remove from Files…'],
    ])
      assert.ok(
        entries.some((entry) => entry.startsWith(wanted)),
        `${wanted} in ${entries.join(' | ')}`,
      );
    for (const unwanted of ['Rename Pin', 'Verify', 'Recover'])
      assert.ok(!entries.some((entry) => entry.startsWith(unwanted)), `${unwanted} in ${entries.join(' | ')}`);
    await screenshot('menu');
    await menu.locator('.action-label', { hasText: 'Pin CID' }).first().click();
    const name = page.locator('.quick-input-widget input').first();
    await name.waitFor({ timeout: 10_000 });
    assert.equal(await name.inputValue(), 'notes.txt');
    await page.keyboard.press('Enter');
    await workbench.toast('Pinned “notes.txt” in Kubo.').waitFor({ timeout: 15_000 });
    await showing('the pin', ({ message }) => message === '2 pins and 4 items in 2 sources');

    /** The row of Files, also where a pin has the same name. */
    const item = (label) => page.locator(`.monaco-list-row[aria-label^="${label}, item"]`).first();
    const keys = async (label, key) => {
      await workbench.select(await item(label).getAttribute('aria-label'));
      await page.keyboard.press(key);
    };
    const box = page.locator('.quick-input-widget input').first();
    const enter = async (text) => {
      await box.waitFor({ timeout: 10_000 });
      await box.fill(text);
      await page.keyboard.press('Enter');
    };
    const changes = () => kubo.files.changes.splice(0);

    await keys('notes.txt', 'Delete');
    await workbench.dialog.waitFor({ timeout: 10_000 });
    assert.match(await workbench.dialog.innerText(), /Remove “notes\.txt” from Files\?[^]*still kept by a pin in Kubo/);
    await screenshot('remove');
    await workbench.pressDialog('Cancel');
    await keys('holiday.png', 'Delete');
    await workbench.dialog.waitFor({ timeout: 10_000 });
    assert.match(await workbench.dialog.innerText(), /nothing else is known to keep it[^]*next garbage collection/);
    await screenshot('remove-last');
    await workbench.pressDialog('Remove');
    await showing('the others', (view) => !labels(view).includes('holiday.png'));
    assert.deepEqual(changes(), ['rm /holiday.png']);
    await workbench.pressToast('Removed “holiday.png” from Files', 'Undo');
    await showing('what was put back', (view) => labels(view).includes('holiday.png'));
    assert.deepEqual(changes(), [`cp /ipfs/${kubo.files.cids['holiday.png']} /holiday.png`]);

    await keys('holiday.png', 'F2');
    await box.waitFor({ timeout: 10_000 });
    assert.equal(await box.inputValue(), 'holiday.png');
    await box.fill('a/b');
    await page.locator('.quick-input-message', { hasText: 'slash' }).waitFor({ timeout: 10_000 });
    await screenshot('rename');
    await enter('beach.png');
    await showing('the new name', (view) => labels(view).includes('beach.png') && !labels(view).includes('holiday.png'));
    assert.deepEqual(changes(), ['mv /holiday.png /beach.png']);

    await workbench.run('IPFS Kit: New Folder…');
    await enter('Pictures');
    await showing('the folder', (view) => labels(view).includes('Pictures'));
    assert.deepEqual(changes(), ['mkdir /Pictures']);

    await workbench.rowMenu(item('beach.png'));
    await screenshot('menu-move'); // VS Code ignores a click right after a menu has opened
    await menu.locator('.action-label', { hasText: 'Move to' }).first().click();
    await workbench.quickPickRow('Pictures').click({ timeout: 10_000 });
    await workbench.quickPickRow('/Pictures').waitFor({ timeout: 10_000 });
    await screenshot('move');
    await page.keyboard.press('Enter');
    await showing('the folder without it', (view) => !labels(view).includes('beach.png'));
    assert.deepEqual(changes(), ['mv /beach.png /Pictures/beach.png']);
    await screenshot('moved');
    await workbench.pressToast('Moved “beach.png” to “/Pictures”', 'Undo');
    await showing('what was moved back', (view) => labels(view).includes('beach.png'));
    assert.deepEqual(changes(), ['mv /Pictures/beach.png /beach.png']);

    await workbench.select(await item('beach.png').getAttribute('aria-label'));
    await item('notes.txt').click({ modifiers: ['Control'] });
    await page.keyboard.press('Delete');
    await workbench.dialog.waitFor({ timeout: 10_000 });
    assert.match(await workbench.dialog.innerText(), /Remove 2 items from Files\?/);
    await screenshot('remove-two');
    await workbench.pressDialog('Remove');
    await showing('the list without both', (view) =>
      ['beach.png', 'notes.txt'].every((label) => !labels({ rows: fromFiles(view) }).includes(label)),
    );
    assert.deepEqual(changes(), ['rm /beach.png', 'rm /notes.txt']);
    await workbench.pressToast('Removed 2 items from Files', 'Undo');
    await showing('both again', (view) =>
      ['beach.png', 'notes.txt'].every((label) => labels({ rows: fromFiles(view) }).includes(label)),
    );
    assert.equal(changes().length, 2);

    await workbench.rowMenu(item('notes.txt'));
    await screenshot('menu-again'); // VS Code ignores a click right after a menu has opened
    await menu.locator('.action-label', { hasText: 'Copy into Files' }).first().click();
    await workbench.quickPickRow('Pictures').waitFor({ timeout: 10_000 });
    await screenshot('pick-folder');
    await workbench.quickPickRow('Pictures').click();
    await workbench.quickPickRow('/Pictures').waitFor({ timeout: 10_000 });
    await page.keyboard.press('Enter');
    await enter('copy.txt');
    await workbench.toast('as “Pictures/copy.txt”').waitFor({ timeout: 15_000 });
    assert.deepEqual(changes(), [`cp /ipfs/${kubo.files.cids['notes.txt']} /Pictures/copy.txt`]);
    await showing('the list after it', ({ rows: all }) => all.some(({ spoken }) => /^Pictures, item, \d\d+ bytes/.test(spoken)));
    await screenshot('copied');

    await workbench.clickRow('Pictures');
    await showing('what is in the new folder', (view) => labels(view).includes('copy.txt'));
    const copy = page.locator('.monaco-list-row[aria-label^="copy.txt, file"]').first();
    await copy.click();
    await workbench.editorText((text) => text.includes('Some notes'));
    await page.keyboard.press('Delete');
    await workbench.dialog.waitFor({ timeout: 10_000 });
    assert.match(
      await workbench.dialog.innerText(),
      /Pictures\/copy\.txt: still kept by a pin in Kubo and “notes\.txt” in Files/,
    );
    await screenshot('remove-below');
    await workbench.pressDialog('Remove');
    await showing('the folder without it', (view) => !labels(view).includes('copy.txt'));
    assert.deepEqual(changes(), ['rm /Pictures/copy.txt']);
    assert.equal(await item('Pictures').getAttribute('aria-expanded'), 'true', 'the folder stays expanded');
    await screenshot('removed-below');

    await workbench.select(await item('notes.txt').getAttribute('aria-label'));
    const selected = () => page.locator('.monaco-list-row.selected').evaluateAll((all) => all.map((row) => row.ariaLabel));
    const before = await selected();
    assert.match(before.join(), /^notes\.txt, item/);
    await kubo.files.change('rm', ['/Pictures']);
    await kubo.files.change('mkdir', ['/added']);
    await workbench.waitForView('what was added elsewhere', (view) => labels(view).includes('added'), 60_000);
    const changed = await showing('its number', ({ message }) => message === '2 pins and 5 items in 2 sources');
    const marked = ({ rows: all }) => all.filter(({ spoken }) => spoken.endsWith(', new')).map(({ label }) => label);
    assert.deepEqual(marked(changed), ['added'], 'only what is new is marked');
    const badge = () =>
      item('added').evaluate((row) => globalThis.getComputedStyle(row.querySelector('.monaco-icon-label'), '::after').content);
    for (const end = Date.now() + 10_000; (await badge()) !== '"•"'; await page.waitForTimeout(200))
      assert.ok(Date.now() < end, `its badge is ${await badge()}`);
    assert.ok(labels(changed).includes('readme.md'), 'the folder that was expanded stays expanded');
    assert.deepEqual(await selected(), before, 'the row that was selected stays selected');
    await screenshot('changed');
    await workbench.clickRow('added'); // which takes the mark away, and changes what is said of the row
    await showing('that it was looked at', (view) => labels(view).includes('added') && marked(view).length === 0);
    await screenshot('looked-at');

    const unpin = async (shot) => {
      await workbench.rowMenu(item('notes.txt'));
      await screenshot(shot); // VS Code ignores a click right after a menu has opened
      await menu.locator('.action-label', { hasText: 'Unpin' }).first().click();
    };
    await unpin('menu-unpin');
    await page.locator('.monaco-dialog-box', { hasText: 'Unpin “notes.txt” from Kubo?' }).waitFor({ timeout: 10_000 });
    await screenshot('unpin');
    await workbench.pressDialog('Unpin');
    await showing(
      'that its pin is gone, and it is still there',
      (view) => view.message === '1 pin and 5 items in 2 sources' && labels({ rows: fromFiles(view) }).includes('notes.txt'),
    );
    await unpin('menu-unpinned');
    await workbench.toast("“notes.txt” isn't pinned in Kubo: it is in Files only.").waitFor({ timeout: 10_000 });

    const { root } = kubo.files;
    kubo.files.root = EMPTY;
    await workbench.waitForView('only the pins', (view) => !labels(view).includes('Files'), 60_000);
    kubo.files.root = root;
    await workbench.run('IPFS Kit: Refresh Pins');
    await showing('the files again', ({ message }) => message === '1 pin and 5 items in 2 sources');
    kubo.stop();
    await workbench.waitForView('once that Kubo is not running', ({ welcome }) => /Kubo isn't running/.test(welcome));
    await screenshot('stopped');

    // What a real Kubo has left on disk.
    cpSync('test/fixtures/leveldb/log', path.join(repository, 'datastore'), { recursive: true });
    mkdirSync(path.dirname(blockFile(repository, LEFT.root)), { recursive: true });
    writeFileSync(blockFile(repository, LEFT.root), Buffer.from(LEFT.block, 'base64'));
    await workbench.run('IPFS Kit: Refresh Pins');
    await showing('that they are on disk', ({ message }) => message === '1 item · 1 source unavailable');
    // The row may expand by itself a moment after it is drawn; a click at that moment collapses it again.
    const filesRow = rows.filter({ has: page.locator('.label-name', { hasText: /^Files$/ }) }).first();
    for (const end = Date.now() + 20_000; Date.now() < end; await page.waitForTimeout(2000)) {
      if (fromFiles(await workbench.view()).length === 2) break;
      if ((await filesRow.getAttribute('aria-expanded')) === 'false') await filesRow.click();
    }
    const left = await showing('its files on disk', (view) => fromFiles(view).length === 2);
    const [ofDisk, onDisk] = fromFiles(left);
    assert.match(ofDisk.description, /^1 item · Kubo's disk, .* · Kubo isn't running/);
    assert.equal(onDisk.label, 'hello.txt');
    await workbench.rowMenu(item('hello.txt'));
    const offered = (await menu.innerText()).split('\n').map((line) => line.trim());
    assert.ok(offered.includes('Copy CID'), offered.join(' | '));
    for (const unwanted of ['Remove from Files', 'Rename', 'Move to', 'Copy into Files'])
      assert.ok(!offered.some((entry) => entry.startsWith(unwanted)), `${unwanted} in ${offered.join(' | ')}`);
    await screenshot('on-disk');
  } finally {
    kubo.stop({ cleanly: false });
  }
}

import assert from 'node:assert/strict';
import path from 'node:path';
import { importIntoRepository } from '../../ipfsRepository.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'the keyboard only: list, filter, jump, find, open, open to the side, copy, rename, unpin, undo; the focus is on a row, a box or an editor at each step';

let kubo;
const cids = {};

export async function prepare({ home }) {
  const repository = path.join(home, '.ipfs');
  const text = (content) => Buffer.from(content);
  const imported = await importIntoRepository(repository, [
    { path: 'album/cover.txt', content: text('The cover\n') },
    { path: 'guide.md', content: text('# The guide\n') },
    { path: 'notes.txt', content: text('Notes\n') },
    { path: 'zebra.txt', content: text('A zebra\n') },
    ...Array.from({ length: 501 }, (_, at) => ({ path: `album/${at}.txt`, content: text(`${at}`) })),
  ]);
  const pins = ['album', 'guide.md', 'notes.txt', 'zebra.txt'].map((name) => {
    cids[name] = imported.cids[name];
    return { cid: cids[name], name, type: name === 'guide.md' ? 'direct' : 'recursive', bytes: 20, isFolder: name === 'album' };
  });
  kubo = await startKuboStandIn({ repository, pins });
}

export async function journey({ workbench, screenshot }) {
  const { page, waitForFocus } = workbench;
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  /** Runs a command from the Command Palette, with keys only. */
  const run = async (title) => {
    await press('F1');
    await page.locator('.quick-input-widget input[placeholder^="Type the name of a command"]').waitFor();
    await page.keyboard.insertText(title);
    await workbench.quickPickRow(title).first().waitFor({ timeout: 30_000 });
    await press('Enter');
  };
  const tab = (name) => page.locator('.tabs-container .tab.active', { hasText: name });
  /** The name of the next row below, reached with the arrow key. */
  const below = async () => {
    const before = await waitForFocus(/^./);
    await press('ArrowDown');
    return waitForFocus(new RegExp(`^(?!${before.replace(/[^\w ,]/g, '\\$&')}$)`));
  };
  /** Keys that do nothing on the focused row: it keeps the focus, and no message appears. */
  const pressInVain = async (...keys) => {
    const row = await waitForFocus(/./);
    await press(...keys);
    await page.waitForTimeout(500);
    assert.equal(await waitForFocus(/./), row);
    assert.equal(await workbench.toast('Select a pin').count(), 0);
  };
  const unpin = async () => {
    await press('Delete');
    await waitForFocus(/^Unpin$/);
    await press('Enter');
  };
  const undo = async (name) => {
    await workbench.toast(`Unpinned “${name}”`).waitFor({ timeout: 15_000 });
    await run('Notifications: Accept Notification Primary Action');
    await workbench.toast(`Pinned “${name}” again`).waitFor({ timeout: 15_000 });
  };
  try {
    await workbench.openContainer();
    await workbench.waitForView('the pins', ({ rows }) => rows.length === 4);
    await run('IPFS Kit: List Pins');
    const first = await waitForFocus(/ pin, /);
    assert.equal(first, (await workbench.view()).rows[0].spoken);

    // The filter: the first match gets the focus and is selected.
    await press('ControlOrMeta+F');
    await waitForFocus(/Filter Pins|Part of a name/);
    await page.keyboard.insertText('zebra');
    await press('Enter');
    await workbench.waitForSelected(await waitForFocus(/^zebra\.txt, /));
    await press('ControlOrMeta+F');
    await waitForFocus(/Filter Pins|Part of a name/);
    await press('ControlOrMeta+A', 'Delete', 'Enter');
    await workbench.waitForView('all pins', ({ rows }) => rows.length === 4);
    await waitForFocus(/ pin, /);

    // The editor's own jump to a row by its first letters.
    await page.keyboard.type('notes');
    await waitForFocus(/^notes\.txt, /);
    await press('Escape');

    // Find Pin, then Enter opens the file to stay, and the editor has the focus.
    await run('IPFS Kit: Find Pin');
    await page.locator('.quick-input-title', { hasText: 'Find Pin' }).waitFor();
    await page.keyboard.insertText('guide');
    await waitForFocus(/^guide\.md/);
    await press('Enter');
    await workbench.waitForSelected(await waitForFocus(/^guide\.md, direct pin/)); // not what was picked, which begins alike
    await screenshot('found');
    await press('Enter');
    await tab('guide.md').waitFor({ timeout: 15_000 });
    await waitForFocus(/guide\.md|editor/i);
    assert.equal(await tab('guide.md').locator('.italic').count(), 0, 'the editor is a preview');

    // The keys act on the row that the arrow keys have reached, whether it is selected or not.
    await run('IPFS Kit: Focus on Pins View');
    await waitForFocus(/^guide\.md, /);
    await press('ControlOrMeta+C');
    await workbench.clipboard((text) => text === cids['guide.md']);
    await press('Home');
    for (let name = await waitForFocus(/ pin, /); !name.startsWith('zebra.txt');) name = await below();
    await press('ControlOrMeta+C');
    await workbench.clipboard((text) => text === cids['zebra.txt']);
    await press('Control+Enter');
    await tab('zebra.txt').waitFor({ timeout: 15_000 });
    await page.locator('.editor-group-container').nth(1).waitFor({ timeout: 10_000 });
    await screenshot('side');

    await run('IPFS Kit: Focus on Pins View');
    await waitForFocus(/^zebra\.txt, /);
    await press('F2');
    await waitForFocus(/New name|Rename/);
    await press('ControlOrMeta+A');
    await page.keyboard.insertText('okapi.txt');
    await press('Enter');
    await workbench.waitForView('its new name', ({ rows }) => rows.some(({ label }) => label === 'okapi.txt'));
    await waitForFocus(/^okapi\.txt, /);
    await press('Delete');
    await workbench.dialog.getByText('Unpin').first().waitFor({ timeout: 10_000 });
    await press('Escape');
    await waitForFocus(/^okapi\.txt, /);

    // The menu of a row, and back.
    await press('Shift+F10');
    await waitForFocus(/Copy Share Link/);
    await press('Escape');
    await waitForFocus(/^okapi\.txt, /);

    // After the last row is unpinned, the one before it has the focus; after Undo, the restored row.
    await unpin();
    await waitForFocus(/^notes\.txt, /);
    await screenshot('unpinned');
    await undo('okapi.txt');
    await waitForFocus(/^okapi\.txt, /);
    assert.deepEqual(kubo.pins.map(({ name }) => name).sort(), ['album', 'guide.md', 'notes.txt', 'okapi.txt']);

    // A folder expands and collapses by Enter and the arrow keys, and its files have the same keys.
    await press('Home');
    for (let name = await waitForFocus(/ pin, /); !name.startsWith('album');) name = await below();
    await press('Enter');
    await workbench.waitForView('what is in the folder', ({ rows }) => rows[1]?.label === '0.txt');
    await press('ArrowDown');
    await waitForFocus(/^0\.txt, file/);
    await press('ControlOrMeta+C');
    await workbench.clipboard((text) => text.startsWith('baf') && text !== cids.album);
    await pressInVain('F2', 'Delete');
    // The row that shows more gives the focus to the first row that it shows.
    await page.keyboard.type('Sh');
    await waitForFocus(/^Show more/);
    await pressInVain('F2', 'Delete', 'ControlOrMeta+C', 'ControlOrMeta+Shift+C', 'Control+Enter');
    await press('Enter');
    await waitForFocus(/\.txt, file/);
    for (let name = await waitForFocus(/./); !name.startsWith('album'); name = await waitForFocus(/./)) await press('ArrowLeft');
    await press('Enter');
    await workbench.waitForView('the folder collapsed', ({ rows }) => rows.length === 4);

    // A group has no keys, and goes with its last pin: the next group has the focus, and after Undo the pin in the group.
    await run('IPFS Kit: Group Pins By');
    await page.locator('.quick-input-title', { hasText: 'Group Pins By' }).waitFor();
    await page.keyboard.insertText('Type');
    await press('Enter');
    await workbench.waitForView('the groups', ({ rows }) => rows[0]?.label === 'Direct' && rows.length === 2);
    await run('IPFS Kit: Focus on Pins View');
    await press('Home');
    await waitForFocus(/^Direct, /);
    await pressInVain('F2', 'Delete', 'ControlOrMeta+C');
    await press('ArrowRight');
    await workbench.waitForView('its pin', ({ rows }) => rows.length === 3);
    await press('ArrowDown');
    await waitForFocus(/^guide\.md, /);
    await unpin();
    await waitForFocus(/^Recursive, /);
    await undo('guide.md');
    await waitForFocus(/^guide\.md, /);
  } finally {
    kubo.stop({ cleanly: false });
  }
}

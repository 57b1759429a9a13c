import assert from 'node:assert/strict';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title =
  'a daemon: the list is filtered while it is typed, sorted, put in folders that open, searched by Find Pin, and cleared of all that by one click';

let daemon;

export async function prepare({ startDaemon }) {
  daemon = await startDaemon(['--port', '0', '--pins', '3000', '--batches', '3', '--no-database']);
  return { 'ipfsKit.daemon.urls': [daemon.url] };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  await workbench.run('IPFS Kit: List Pins');
  await showing('the list', ({ message, rows }) => message === '3,000 pins · live' && rows.length > 10);
  await workbench.waitForFocus(/ pin, /);

  await workbench.run('IPFS Kit: Filter Pins');
  await workbench.typeInBox('README');
  await showing(
    'readme',
    ({ message, rows }) =>
      /^\d+ of 3,000 · “README”$/.test(message) && rows.length > 10 && rows.every(({ label }) => label.startsWith('readme')),
  );
  await workbench.typeInBox('rdm-7');
  await showing(
    'what resembles it',
    ({ message, rows }) => message.includes('similar to “rdm-7”') && rows.every(({ label }) => /r.*d.*m.*-.*7/.test(label)),
  );
  await screenshot('filter');
  await workbench.typeInBox('no such pin');
  await showing('the welcome text', ({ welcome, rows }) => rows.length === 0 && welcome.includes('No matching pins'));
  await page.keyboard.press('Enter');
  await screenshot('none');
  await workbench.pressWelcome('Clear Filter');
  const isAll = ({ message, rows }) => message === '3,000 pins · live' && rows.length > 10;
  await showing('all again', isAll);

  // Closing the box without Enter restores the former filter, without waiting for the one that was just typed.
  for (const close of [() => page.keyboard.press('Escape'), () => page.locator('.part.editor').click()])
    for (const isShownFirst of [true, false]) {
      await workbench.run('IPFS Kit: Filter Pins');
      await workbench.typeInBox('README');
      if (isShownFirst) await showing('readme again', ({ message }) => message.includes('“README”'));
      await close();
      await showing('what was there before', isAll);
    }

  // By name, with numbers as numbers, and without a word about it; or as the daemon lists them.
  const numbers = (await workbench.view()).rows.map(({ label }) => Number(/^archive-(\d+)$/.exec(label)?.[1]));
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
  await workbench.run('IPFS Kit: Sort Pins By');
  await workbench.pick('As stored');
  await showing('the order of the daemon', ({ message }) => message === '3,000 pins · as stored');

  // The tree holds 900 rows at most. Then the first rows are removed, and reading continues where it was.
  for (const [left, next] of [
    ['2,800', 'readme-200'],
    ['2,300', 'fyq5fm'],
    ['1,800', '6gjctu'],
    ['1,300', '5bizbi'],
  ]) {
    await workbench.rows.nth(2).click();
    await page.keyboard.press('End');
    await workbench.clickRow(`Show 500 more of ${left}`);
    await showing(`the row after those that were shown: ${next}`, ({ rows }) => rows.some(({ label }) => label.endsWith(next)));
  }
  await workbench.rows.nth(2).click();
  await page.keyboard.press('Home');
  await workbench.clickRow('Show 500 of 1,300 before these');
  await showing('the last of those before', ({ rows }) => rows.some(({ label }) => label.endsWith('-1298')));

  await page.locator('[aria-label^="Views and More Actions"]').first().click();
  await page.getByRole('menuitem', { name: 'Sort', exact: true }).click();
  await page.getByRole('menuitem', { name: '✓ As stored' }).waitFor({ timeout: 10_000 });
  await screenshot('sort');
  await page.getByRole('menuitem', { name: 'Largest first' }).click();
  const { rows: largest } = await showing('the largest', ({ rows }) => /^\d+\.\d TB/.test(rows[0]?.description ?? ''));
  assert.ok(largest.slice(0, 5).every(({ description }) => /TB/.test(description)));

  await workbench.run('IPFS Kit: Group Pins By');
  await workbench.pick('VFS folder');
  const { message } = await showing('folders', ({ rows }) => rows.length === 2 && rows[1].label === 'No VFS path');
  assert.equal(
    message,
    '3,000 pins · 130.1 TB of 2,408 pins · by size, largest first · grouped by VFS folder. Sizes of 2,408 of 3,000 pins are known; the others come last.',
  );
  await workbench.clickRow('/data');
  await showing('its folders', ({ rows }) => rows.length === 8);
  await workbench.clickRow('a');
  await showing('folders below', ({ rows }) => rows.some(({ label }) => label === '0'));
  await workbench.clickRow('0');
  const below = (await workbench.view()).rows.map(({ label }) => label).filter((label) => /^\d+$/.test(label));
  assert.deepEqual(
    below,
    [...below].sort((a, b) => a - b),
  );
  const { rows: folders } = await showing('pins', ({ rows }) => rows.some(({ spoken }) => /pin, .*, CID/.test(spoken)));
  assert.ok(folders.some(({ spoken }) => /^folder a, \d+ pins, [\d.]+ terabytes of \d+ pins$/.test(spoken)));
  await screenshot('folders');
  await workbench.run('IPFS Kit: Group Pins By');
  await workbench.pick('No groups');
  await showing(
    'pins again',
    ({ rows }) => /TB/.test(rows[0]?.description ?? '') && !rows.some(({ label }) => label === '/data'),
  );

  // Find Pin forgives swapped letters, goes to a row that isn't shown, and changes neither order, groups nor filter.
  const find = async (typed, found) => {
    await workbench.run('IPFS Kit: Find Pin');
    await workbench.typeInBox(typed);
    await workbench.quickPickRow(found).first().waitFor({ timeout: 10_000 });
    await screenshot('find');
    await page.keyboard.press('Enter');
  };
  const isSelected = (label) =>
    workbench.rows
      .and(page.locator('.selected'))
      .filter({ has: page.locator('.label-name', { hasText: label }) })
      .waitFor({ timeout: 15_000 });
  await find('archvie-2270', 'archive-2270');
  await isSelected('archive-2270');
  await showing('the rows around it', ({ message, rows }) => message.includes('by size, largest first') && rows.length > 10);
  await screenshot('found');
  await workbench.run('IPFS Kit: Show Details');
  await page.locator('.tab.active', { hasText: 'Pin: archive-2270' }).waitFor({ timeout: 10_000 });
  await screenshot('details');
  await workbench.run('IPFS Kit: Refresh Pins');
  await showing('the same rows', ({ rows }) => rows.some(({ label }) => label === 'archive-2270'));
  await isSelected('archive-2270');

  await workbench.run('IPFS Kit: Group Pins By');
  await workbench.pick('VFS folder');
  await showing('folders again', ({ rows }) => rows.some(({ label }) => label === '/data'));
  await find('archive-2978', 'archive-2978');
  await isSelected('file-2978.bin');
  await screenshot('found-in-folder');
  await workbench.run('IPFS Kit: Group Pins By');
  await workbench.pick('No groups');

  await workbench.run('IPFS Kit: Filter Pins');
  await workbench.typeInBox('readme');
  await page.keyboard.press('Enter');
  await showing('readme once more', ({ message }) => message.includes('· “readme”'));
  await find('archive-2270', 'archive-2270');
  const clear = page.locator('.notifications-toasts a.monaco-button', { hasText: 'Clear Filter and Show' });
  await clear.waitFor({ timeout: 10_000 });
  await screenshot('hidden');
  await clear.click({ timeout: 10_000 });
  await isSelected('archive-2270');

  await page.getByRole('button', { name: 'Clear Filter, Sort and Groups' }).click();
  await showing('everything, in the default order', isAll);
  await screenshot('cleared');
}

import assert from 'node:assert/strict';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title =
  'a daemon: the pins come live over Arrow; once it ends, from SQLite, page by page; Ctrl+C copies a CID; the log says where they come from';

let daemon;

export async function prepare({ home, startDaemon }) {
  daemon = await startDaemon(['--port', '0', '--pins', '1204', '--batches', '4', '--data-dir', `${home}/.ipfs_kit`]);
  return { 'ipfsKit.daemon.urls': [daemon.url] };
}

export async function journey({ workbench, screenshot }) {
  await workbench.openContainer();
  // On a busy machine the daemon may be late at first; it is then listed automatically.
  await workbench.waitForView(
    'live rows',
    (view) => view.message === '1,204 pins · live' && view.status === '1,204' && view.rows.length > 10 && isSettled(view),
  );
  await screenshot('up');

  daemon.stop();
  // The status bar follows when the daemon has failed to respond twice.
  const { rows, message } = await workbench.waitForView(
    'rows from disk',
    (view) => /SQLite.*daemon stopped/.test(view.message) && view.status === '1,204' && isSettled(view),
    30_000,
  );
  assert.match(message, /^1,204 pins · SQLite, \d\d:\d\d · daemon stopped$/);
  assert.ok(rows.every(({ label, spoken }) => label !== '' && /pin/.test(spoken)));

  await workbench.hover(workbench.rows.first(), 'Copy CID');
  await screenshot('tooltip');

  await workbench.select(rows[0].spoken);
  await workbench.page.keyboard.press('ControlOrMeta+C');
  await workbench.clipboard((text) => text.length >= 46 && rows[0].spoken.endsWith(`CID ${text}`));

  await workbench.page.keyboard.press('End');
  const more = workbench.rows.filter({ hasText: 'Show 500 more of 1,004' });
  await more.waitFor({ timeout: 10_000 });
  await screenshot('more');
  await more.click();
  await more.waitFor({ state: 'hidden', timeout: 10_000 });
  await workbench.rows.nth(2).click(); // the first may be below the message
  await workbench.page.keyboard.press('End');
  await workbench.rows.filter({ hasText: 'Show 500 more of 504' }).waitFor({ timeout: 10_000 });
  await workbench.page.keyboard.press('Home');

  await workbench.clickStatus();
  await workbench.page
    .locator('.quick-input-list .monaco-list-row', { hasText: 'Copy Diagnostics' })
    .waitFor({ timeout: 10_000 });
  await screenshot('menu');
  await workbench.pick('Show Log');
  assert.equal(await workbench.outputChannel(), 'IPFS Kit');
  await workbench.logText((log) => /\[info\] ipfs_kit_py: 1,204 pins · SQLite, \d\d:\d\d · daemon stopped from \//.test(log));
  await screenshot('log');
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title = 'no daemon: the pins come from SQLite, page by page; Ctrl+C copies a CID; the log says where they come from';

const WRITE =
  'import sys; from pathlib import Path; from pin_data import *; write_database(Path(sys.argv[1]), pins(1204, 7)).close()';

export function prepare({ home }) {
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, PYTHONPATH: path.resolve('test/daemon') };
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pin_metadata.db')], { env });
}

export async function journey({ workbench, screenshot }) {
  await workbench.openContainer();
  const { rows, message, status } = await workbench.waitForView(
    'the rows and their count',
    (view) => view.rows.length > 10 && isSettled(view),
  );
  assert.match(message, /^1,204 pins · SQLite, \d\d:\d\d · daemon stopped$/);
  assert.match(status, /^1,204$/);
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

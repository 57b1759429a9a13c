import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';

export const title = 'a file that is not a database: the view says so, and lists once it is repaired';

export async function journey({ workbench, home, screenshot }) {
  await workbench.run('IPFS Kit: List Pins');
  const { rows } = await workbench.waitForView('what is wrong', (view) => !view.busy && /can't be read/.test(view.welcome));
  assert.deepEqual(rows, []);
  const toast = workbench.toast('pins.db');
  await toast.waitFor({ timeout: 10_000 });
  await screenshot('welcome');
  await workbench.pressToast('pins.db', 'Show Log');
  assert.equal(await workbench.outputChannel(), 'IPFS Kit');
  await workbench.logText((text) => text.includes('no list (not-a-database)'));

  await workbench.pressWelcome('Try Again');
  await workbench.waitForView('the same again', (view) => !view.busy && /can't be read/.test(view.welcome));
  copyFileSync(path.resolve('media/sample/pins.db'), path.join(home, '.ipfs_kit/pin_metadata/pins.db'));
  const mended = await workbench.waitForView('the pins', (view) => view.rows.length === 12 && isSettled(view));
  assert.match(mended.message, /^12 pins · SQLite, \d\d:\d\d · daemon stopped$/);
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'pins of Kubo beside those of a database: named, sized, renamed, unpinned; a list that is cut off, a Kubo that is late and one that ends are shown, and a late one is listed automatically';

const WRITE = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, created_at text)")
db.execute("insert into pins values ('bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', 'from the database', 'recursive', '2026-11-01T08:00:00')")
db.commit()`;

const NEW = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
/** A name that would be a link in a notification, and would run the command. */
const NAME = '[a new one](command:workbench.action.files.newUntitledFile)';
const SHOWN = NAME.replace('](', ']\u2060(');
let kubo;

export async function prepare({ home }) {
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db')]);
  kubo = await startKuboStandIn({
    repository: path.join(home, '.ipfs'),
    pins: [
      { cid: 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a', name: 'big 📦', type: 'recursive', bytes: 3_000_609 },
      { cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', type: 'recursive', bytes: 1234 },
      { cid: 'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a', name: 'one block', type: 'direct', bytes: 99 },
    ],
  });
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  /** Types into the input box with this title, once it is open, and presses Enter. */
  const answer = async (title, text) => {
    await page.locator('.quick-input-title', { hasText: title }).waitFor({ timeout: 20_000 });
    await workbench.typeInBox(text);
    await page.keyboard.press('Enter');
  };
  /** A notification is hidden after some seconds, and stays in the notification center. A name in it that looks like a link isn't one. */
  const assertNotified = async (what, name = 'a new one') => {
    const notification = page
      .locator('.notifications-center .notification-list-item', { hasText: new RegExp(`${what} `) })
      .filter({ hasText: name });
    for (let tries = 0; tries < 20 && (await notification.count()) === 0; tries++) {
      await workbench.run('Notifications: Show Notifications');
      await page.waitForTimeout(500);
    }
    assert.equal(await notification.count(), 1, what);
    assert.equal(await notification.locator('.notification-list-item-message a').count(), 0, what);
    await workbench.run('Notifications: Clear All Notifications');
  };
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('both sources, the second one closed', (view) => labels(view).join() === 'ipfs_kit_py,from the database,Kubo');
    await screenshot('one-open');
    await workbench.clickRow('Kubo');
    const both = await showing(
      'both sources, each with its pins',
      ({ rows }) =>
        rows.length === 6 &&
        rows.some(({ description }) => description.includes('2.9 MB')) &&
        rows.some(({ label }) => label.startsWith('File …')),
    );
    assert.deepEqual(labels(both), ['ipfs_kit_py', 'from the database', 'Kubo', 'big 📦', 'one block', 'File …vNSTyJ']);
    assert.equal(both.message, '4 pins in 2 sources');
    assert.equal(both.status, '4');
    assert.equal(both.rows[2].description, '3 pins · 2.9 MB · live');
    await screenshot('two-sources');

    const sortBy = async (order) => {
      await workbench.run('IPFS Kit: Sort Pins By');
      await answer('IPFS Kit: Sort Pins By', order);
    };
    await sortBy('Smallest first');
    await showing(
      'the smallest first, of all pins of Kubo',
      (view) => labels(view).slice(3).join() === 'one block,File …vNSTyJ,big 📦',
    );
    await screenshot('smallest-first');
    await sortBy('As stored');
    await showing('the usual order', (view) => labels(view)[3] === 'big 📦');

    await workbench.run('IPFS Kit: Filter Pins');
    await workbench.typeInBox('block');
    await showing('what matches', ({ message }) => message === '1 of 4 pins in 2 sources · “block” · as stored');
    await page.keyboard.press('Enter');
    await workbench.run('IPFS Kit: Clear Filter');
    await showing('all', (view) => labels(view).length === 6);

    await workbench.clickRow('one block');
    await workbench.run('IPFS Kit: Rename Pin');
    await answer('IPFS Kit: Rename Pin', 'larger');
    await showing('its new name', (view) => labels(view).includes('larger'));
    await assertNotified('Renamed', 'one block');

    await workbench.run('IPFS Kit: Pin CID');
    await answer('IPFS Kit: Pin CID in Kubo', NEW);
    await page.locator('.quick-input-message', { hasText: 'Name (optional)' }).waitFor({ timeout: 20_000 });
    await answer('IPFS Kit: Pin CID in Kubo', NAME);
    await showing('the new pin', (view) => labels(view).includes(SHOWN));
    await workbench.waitForFocusedRow(SHOWN);
    await assertNotified('Pinned');

    const unpin = async (question) => {
      await workbench.run('IPFS Kit: Unpin');
      await page.locator('.monaco-dialog-box', { hasText: question }).waitFor({ timeout: 10_000 });
    };
    await workbench.clickRow(SHOWN);
    await unpin(`Unpin “${SHOWN}” from Kubo?`);
    await screenshot('unpin');
    await workbench.pressDialog('Unpin');
    await showing('that it is gone', (view) => !labels(view).includes(SHOWN) && labels(view).length === 6);
    await workbench.waitForFocusedRow('larger'); // the one before it, since it was the last
    await assertNotified('Unpinned');

    await workbench.clickRow('big 📦');
    await page.keyboard.down('Shift');
    await workbench.clickRow('larger');
    await page.keyboard.up('Shift');
    await unpin('Unpin 3 pins from Kubo?');
    await screenshot('unpin-several');
    await workbench.pressDialog('Unpin');
    await workbench.toast('Unpinned 3 pins from Kubo.').waitFor({ timeout: 10_000 });
    await showing('that they are gone', (view) => labels(view).length === 3);
    await workbench.waitForFocusedRow('Kubo'); // the row above, since nothing is left below it
    await screenshot('undo');
    kubo.faults.gone = ['QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ'];
    await page.waitForTimeout(1000); // of more than three notifications within 0.8 s, VS Code shows the later ones in its list only
    await workbench.pressToast('Unpinned 3 pins', 'Undo');
    await workbench
      .toast('Pinned 2 of 3 pins again. 1 failed: QmWp…vNSTyJ: Kubo has deleted its content')
      .waitFor({ timeout: 10_000 });
    await showing('those that could be restored', (view) => labels(view).length === 5);
    await workbench.waitForFocusedRow('big 📦');
    assert.deepEqual(
      kubo.pins.map(({ name, type }) => [name, type]),
      [
        ['big 📦', 'recursive'],
        ['larger', 'direct'],
      ],
    );
    await screenshot('undone');
    await workbench.run('Notifications: Clear All Notifications');

    const [larger] = kubo.pins.splice(1, 1); // as another program unpins it
    await workbench.clickRow('larger');
    await unpin('Unpin “larger” from Kubo?');
    await workbench.pressDialog('Unpin');
    await workbench.toast("“larger” isn't pinned in Kubo any more.").waitFor({ timeout: 10_000 });
    await screenshot('not-pinned');
    await showing('that it is gone', (view) => labels(view).length === 4);
    await workbench.waitForFocusedRow('big 📦');
    await workbench.run('Notifications: Clear All Notifications');
    kubo.pins.push(larger);

    kubo.faults.list = 'the datastore went away';
    await workbench.run('IPFS Kit: Refresh Pins');
    await showing('that the connection was lost', ({ rows }) =>
      rows.some(({ label, description }) => label === 'Kubo' && description.includes('incomplete')),
    );
    await screenshot('incomplete');

    const ofKubo = ({ rows }) => rows.find(({ label }) => label === 'Kubo')?.description;
    delete kubo.faults.list;
    kubo.faults.silent = true;
    await workbench.run('IPFS Kit: Refresh Pins');
    await showing('that Kubo is late', (view) => ofKubo(view) === "didn't respond in time · Try Again");
    await screenshot('late');
    kubo.faults.silent = false;
    await showing('the pins of Kubo automatically', (view) => ofKubo(view) === '2 pins · 2.9 MB · live');

    kubo.stop();
    await showing('automatically that Kubo has exited', ({ rows }) =>
      rows.some(({ label, description }) => label === 'Kubo' && description === 'not running · Start Kubo'),
    );
    await showing(
      'that one place is left',
      ({ message, status }) => message === '1 pin · 1 source unavailable · as stored' && status === '1',
    );
  } finally {
    kubo.stop({ cleanly: false });
  }
}

import assert from 'node:assert/strict';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'with only Kubo, the view and the menu of the status bar offer everything that it can do, before anything about ipfs_kit_py';

const NAMELESS = 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ';
const FOLDER = 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4';
let kubo;

export async function prepare({ home }) {
  kubo = await startKuboStandIn({
    repository: path.join(home, '.ipfs'),
    pins: [
      { cid: 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a', name: 'big 📦', type: 'recursive', bytes: 3_000_609 },
      { cid: NAMELESS, type: 'recursive', bytes: 1234 },
      { cid: FOLDER, name: 'landing-v2.7.0', type: 'recursive', bytes: 4096, isFolder: true },
      { cid: 'bafybeicn7i3soqdgr7dwnrwytgq4zxy7a5jpkizrvhm5mv6bgjd32wm3q4', name: 'no ending', type: 'recursive', bytes: 999 },
    ],
  });
  return { 'ipfsKit.kubo.command': ['no-such-kubo', 'daemon'], 'ipfsKit.content.gateways': ['http://127.0.0.1:9'] };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const pane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Pins' }) }).first();
  const button = (name) => page.locator(`.sidebar .action-label[aria-label^="${name}"]`).first();
  const menuOf = async (entries) => {
    await workbench.clickStatus();
    await page.locator('.quick-input-title', { hasText: 'IPFS Kit' }).waitFor({ timeout: 20_000 });
    const shown = await page
      .locator('.quick-input-list .monaco-list-row')
      .evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
    assert.ok(!shown.some((label) => label.includes('$(')), `each entry has its icon: ${shown.join(' | ')}`);
    const placeHolder = await page.locator('.quick-input-widget input').first().getAttribute('placeholder');
    for (const entry of entries) assert.ok(shown.some((label) => label.includes(entry)), `${entry} in ${shown.join(' | ')}`); // prettier-ignore
    return { shown, placeHolder };
  };
  try {
    await workbench.run('IPFS Kit: List Pins');
    const listed = await showing(
      'its pins',
      ({ rows, status }) => rows.length === 4 && rows[0].description.includes('2.9 MB') && status === '4',
    );
    assert.deepEqual(labels(listed), ['big 📦', 'landing-v2.7.0', 'no ending', 'File …vNSTyJ']);
    // What Kubo reports as a folder can be expanded, whatever the extension in its name; what it reports as a file can't.
    const canExpand = (label) => workbench.rows.filter({ hasText: label }).first().getAttribute('aria-expanded');
    for (const [label, expected] of [
      ['landing-v2.7.0', 'false'],
      ['no ending', null],
    ])
      // prettier-ignore
      for (const end = Date.now() + 15_000; (await canExpand(label)) !== expected;) {
        assert.ok(Date.now() < end, `${label}: ${await canExpand(label)}`);
        await page.waitForTimeout(200);
      }
    await button('Add').waitFor({ timeout: 10_000 });
    const { shown, placeHolder } = await menuOf(['Pin CID', 'Stop Kubo', 'Set Token', 'Open Settings']);
    assert.match(placeHolder, /^Kubo: 4 pins · [\d.]+ [KM]B · live$/);
    assert.ok(!shown.some((label) => /Daemon|Database/.test(label)), shown.join(' | '));
    await screenshot('menu');
    await workbench.closeQuickPick();

    await button('Views and More Actions').click();
    const more = page.locator('.context-view.monaco-menu-container, .monaco-menu').first();
    await more.waitFor({ timeout: 10_000 });
    const entries = (await more.innerText()).split('\n').map((line) => line.trim());
    for (const wanted of ['Stop Kubo', 'Set Token…']) assert.ok(entries.includes(wanted), entries.join(' | '));
    for (const unwanted of ['Start Daemon', 'Choose Pin Database', 'Start Kubo', 'Pin CID…'])
      assert.ok(!entries.includes(unwanted), entries.join(' | '));
    await screenshot('more');
    await page.keyboard.press('Escape');

    await workbench.run('IPFS Kit: Filter Pins');
    await workbench.typeInBox('status:failed');
    await page.keyboard.press('Enter');
    const none = await workbench.waitForView('why there are no pins', ({ welcome }) => welcome !== '');
    assert.match(none.welcome, /No pins with this status.*Kubo doesn't report pin status/s);
    await screenshot('no-status');
    await workbench.pressWelcome('Clear Filter');
    await showing('all', (view) => labels(view).length === 4);

    await workbench.clickRow('File …vNSTyJ');
    await workbench.run('IPFS Kit: Show Details');
    const details = await workbench.editorText((text) => text.includes('CID'));
    assert.equal(details.split(NAMELESS).length - 1, 1, details);
    assert.match(details, /1\.2 KB \(1,234 bytes\)/);
    await screenshot('details');
    await workbench.clickRow('File …vNSTyJ');
    await workbench.run('IPFS Kit: Unpin');
    await page.locator('.monaco-dialog-box', { hasText: 'QmWp…vNSTyJ' }).waitFor({ timeout: 10_000 });
    await workbench.pressDialog('Cancel');

    kubo.stop();
    await workbench.waitForView('that Kubo has ended', ({ welcome }) => /Kubo isn't running/.test(welcome));
    await workbench.pressWelcome('Start Kubo');
    await workbench.toast("no-such-kubo wasn't found").waitFor({ timeout: 10_000 });
    await screenshot('not-found');
    await workbench.pressToast("no-such-kubo wasn't found", 'Open Setting');
    await page.locator('.settings-editor .setting-item-label', { hasText: 'Command' }).first().waitFor({ timeout: 15_000 });
    await screenshot('setting');
    await workbench.run('IPFS Kit: Open Settings');
    await page.locator('.settings-editor .setting-item-label', { hasText: 'Sources' }).first().waitFor({ timeout: 15_000 });
    assert.equal(await pane.locator('.welcome-view-content').count(), 1);
    await screenshot('settings');
  } finally {
    kubo.stop({ cleanly: false });
  }
}

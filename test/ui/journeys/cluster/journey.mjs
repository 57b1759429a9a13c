import assert from 'node:assert/strict';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startClusterStandIn } from '../../clusterStandIn.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  "a cluster's pins are grouped and filtered by status, which is requested only then; a recovered pin moves to its group; missing statuses are shown; its rows stay in place when another source appears";

let cluster;
let kubo;

export async function prepare() {
  cluster = await startClusterStandIn({
    delayMs: 1500,
    pins: [
      { cid: 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a', name: 'well', statuses: { alpha: 'pinned', beta: 'pinned' } },
      { cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', name: 'broken', statuses: { alpha: 'pinned', beta: 'pin_error' } },
      { cid: 'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a', name: 'at it', statuses: { alpha: 'pinning', beta: 'pinned' } },
      { cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', name: 'elsewhere', statuses: { alpha: 'remote', beta: 'pinned' } },
    ],
  }); // prettier-ignore
  return { 'ipfsKit.cluster.url': cluster.url };
}

export async function journey({ workbench, home, screenshot }) {
  const { page } = workbench;
  const pinRows = ({ rows }) => rows.filter(({ label }) => label !== 'Peers');
  const labels = (view) => pinRows(view).map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const groups = (view) => pinRows(view).map(({ label, description }) => `${label} ${description}`);
  /** Picks an item of the quick pick with this title, once it is open: the command palette has rows with the same words. */
  const pick = async (title, label) => {
    await workbench.run(title);
    await workbench.page.locator('.quick-input-title', { hasText: title }).waitFor({ timeout: 20_000 });
    await workbench.pick(label);
  };
  const asked = () => cluster.asked.filter((route) => route === 'GET /pins').length;
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('the pins, with statuses of the rows in view', ({ rows }) =>
      rows.some(({ label, description }) => label === 'broken' && description.includes('failed on beta (1 of 2 pinned)')),
    );
    await workbench.waitForView('how many failed, which nobody has asked for', ({ status }) => /\b1 failed/.test(status));
    await workbench.clickRow('Peers');
    const { rows } = await showing('its machines', (view) => labels(view).length === 6);
    assert.deepEqual(
      rows.slice(0, 3).map(({ label, description }) => [label, description]),
      [
        ['Peers', '2 healthy'],
        ['alpha', 'healthy'],
        ['beta', 'healthy'],
      ],
    );
    await screenshot('peers');
    await workbench.clickRow('Peers');
    await showing('only the pins', (view) => labels(view).length === 4);
    assert.equal(asked(), 0, 'no list of all statuses before it is wanted');

    await pick('IPFS Kit: Group Pins By', 'Status');
    const grouped = await showing('groups', ({ rows }) => rows.some(({ label }) => label === 'Failed'));
    assert.deepEqual(groups(grouped), ['Failed 1 pin', 'Pinning 1 pin', 'Pinned 2 pins']);
    await workbench.clickRow('Failed');
    await showing('what failed, in more words', ({ rows }) =>
      rows.some(({ label, description }) => label === 'broken' && description.includes('failed on beta (1 of 2 pinned)')),
    );
    await screenshot('groups');
    await workbench.clickStatus();
    await workbench.pick('Show 1 Failed Pin');
    await showing('only what failed', ({ message }) => message === '1 of 4 · “status:failed” · grouped by status');
    await workbench.waitForFocusedRow('Failed');
    await workbench.run('IPFS Kit: Clear Filter');
    await showing('all groups', (view) => groups(view).includes('Pinned 2 pins') && labels(view).includes('broken'));

    await workbench.clickRow('broken');
    await workbench.run('IPFS Kit: Recover Pin');
    const isRecovered = (view) => groups(view).includes('Pinned 3 pins') && !labels(view).includes('Failed');
    await workbench.toast('Recovered “broken”.').waitFor({ timeout: 20_000 });
    await screenshot('recovered');
    await showing('that it is pinned now', isRecovered);
    await workbench.waitForFocusedRow('Pinning'); // what comes after the group that is gone

    await pick('IPFS Kit: Group Pins By', 'No groups');
    await showing('pins again', (view) => labels(view).length === 4);
    await pick('IPFS Kit: Filter Pins by Status', 'All but pinned');
    const wrong = await showing('what is not pinned', (view) => labels(view).length === 1);
    assert.deepEqual([labels(wrong), wrong.message], [['at it'], '1 of 4 · “-status:pinned”']);
    await screenshot('filtered');

    cluster.faults.statuses = 'a peer is lost';
    await workbench.run('IPFS Kit: Refresh Pins');
    const incomplete = await showing('that some are not known', (view) => labels(view).length === 2);
    assert.match(incomplete.message, /statuses incomplete\. The status of some pins isn't known: .* a peer is lost/);
    assert.deepEqual(labels(incomplete), ['at it', 'elsewhere']);

    // Another source is listed first, and the cluster delays its list: the displayed rows are still the cluster's.
    await workbench.run('IPFS Kit: Clear Filter');
    await showing('all pins', (view) => labels(view).length === 4);
    cluster.faults.isSilent = true;
    kubo = await startKuboStandIn({ repository: path.join(home, '.ipfs'), pins: [] });
    await workbench.run('IPFS Kit: Refresh Pins');
    await workbench.waitForView(
      'both sources',
      ({ rows }) => rows[0]?.label === 'Kubo' && rows.some(({ label }) => label === 'well'),
    );
    await workbench.clickRow('well');
    await workbench.run('IPFS Kit: Unpin');
    await page.locator('.monaco-dialog-box', { hasText: 'from IPFS Cluster?' }).waitFor({ timeout: 10_000 });
    await screenshot('of-the-cluster');
    await workbench.pressDialog('Cancel');
  } finally {
    kubo?.stop({ cleanly: false });
    cluster.stop();
  }
}

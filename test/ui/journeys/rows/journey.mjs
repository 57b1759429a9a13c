import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { startClusterStandIn } from '../../clusterStandIn.mjs';
import { blockFile, importIntoRepository } from '../../ipfsRepository.mjs';
import { startKuboStandIn } from '../../kuboStandIn.mjs';

export const title =
  'rows show what pins are and how they stand, by icon, color and badge; a hover tells the rest, with links for that pin; hostile names are text in both';

/** Part of every hostile name that would be a link. */
const MARK = 'hostile';
const NAMES = [
  `[${MARK}](command:workbench.action.quit)`,
  `**${MARK}** $(rocket) <img src=x> &lt;b&gt;`,
  `https://${MARK}.example www.${MARK}.example ${MARK}@example.com`,
  `](command:ipfsKit.unpin) ${MARK} \`code\` [x]: command:quit`,
  `${MARK} \u202egnp.exe`,
  `${MARK} \u001b[31mred\r\nnext`,
  `${MARK}/%2e%2e/..%2f..\\settings.json`,
  `${MARK}${'x'.repeat(4096)}.png`,
  '..',
  '',
];
const CIDS = [
  'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a',
  'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ',
  'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a',
];
/** An empty folder, and the block that it is. */
const EMPTY = 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn';
const EMPTY_BLOCK = Buffer.from([10, 2, 8, 1]);
let kubo;
let cluster;

export async function prepare({ home }) {
  const repository = path.join(home, '.ipfs');
  const picture = readFileSync('media/icon.png');
  const { cids } = await importIntoRepository(repository, [
    { path: 'icon', content: picture },
    { path: 'website/readme.md', content: Buffer.from('# Here\n') },
    ...NAMES.map((_, at) => ({ path: `names/${at}`, content: Buffer.from(`${at}`) })),
  ]);
  mkdirSync(path.dirname(blockFile(repository, EMPTY)), { recursive: true });
  writeFileSync(blockFile(repository, EMPTY), EMPTY_BLOCK);
  const pin = (file, name, more) => ({ cid: cids[file], name, type: 'recursive', bytes: 12_138, ...more });
  kubo = await startKuboStandIn({
    repository,
    pins: [
      pin('icon', undefined),
      pin('website', 'docs-site-v1.2.0', { isFolder: true }),
      { cid: EMPTY, name: 'nothing in it', type: 'recursive', bytes: 4, isFolder: true },
      pin('website/readme.md', 'readme.md', { type: 'direct' }),
      ...NAMES.map((name, at) => pin(`names/${at}`, name)),
    ],
  });
  cluster = await startClusterStandIn({
    pins: [
      { cid: CIDS[0], name: 'broken.png', statuses: { alder: 'pin_error', birch: 'pinned' } },
      { cid: CIDS[1], name: 'at it', statuses: { alder: 'pinning', birch: 'pinned' } },
      { cid: CIDS[2], name: 'later.txt', statuses: { alder: 'pin_queued', birch: 'pin_queued' } },
    ],
  });
  return { 'ipfsKit.cluster.url': cluster.url };
}

export async function journey({ workbench, screenshot }) {
  const { page } = workbench;
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view.rows));
  const rowOf = (label) => workbench.rows.filter({ has: page.locator('.label-name', { hasText: label }) }).first();
  /** The description, the codicon or class of the icon, its color, and the badge of a row. */
  const drawnAs = (label) =>
    rowOf(label).evaluate((row) => {
      const icon = row.querySelector('.custom-view-tree-node-item-icon');
      const style = (element, part) => globalThis.getComputedStyle(element, part);
      return {
        description: row.querySelector('.label-description')?.textContent.replace(/ · \d+ (min|h|d|mo|y)$/, ''),
        icon: /codicon-(?!colored)(\S+)/.exec(icon?.className)?.[1] ?? /\b\w+-ext-file-icon\b/.exec(row.innerHTML)?.[0],
        isColored: Boolean(icon?.style.color),
        badge: style(row.querySelector('.monaco-icon-label'), '::after').content,
        canExpand: row.getAttribute('aria-expanded') !== null,
      };
    });
  try {
    await workbench.run('IPFS Kit: List Pins');
    await showing('both sources', (rows) => rows.length > 3 && rows.some(({ label }) => label === 'IPFS Cluster'));
    await workbench.clickRow('IPFS Cluster');
    await showing('what the pins are and how they stand', (rows) =>
      ['PNG image …', 'docs-site-v1.2.0 11.9 KB', 'readme.md 11.9 KB', 'failed on alder', 'pinning 1 of 2'].every((text) =>
        rows.some(({ label, description }) => `${label} ${description}`.includes(text)),
      ),
    );
    await screenshot('kinds');
    const plain = { isColored: false, badge: 'none', canExpand: false };
    const seen = {};
    for (const label of ['PNG image', 'docs-site', 'readme.md', 'broken.png', 'at it', 'later.txt'])
      seen[label] = await drawnAs(label);
    assert.deepEqual(seen, {
      'PNG image': { ...plain, description: '11.9 KB', icon: 'png-ext-file-icon' },
      'docs-site': { ...plain, description: '11.9 KB', icon: 'folder', canExpand: true },
      'readme.md': { ...plain, description: '11.9 KB · direct', icon: 'md-ext-file-icon', badge: '"D"' },
      'broken.png': {
        ...plain,
        description: 'failed on alder (1 of 2 pinned)',
        icon: 'error',
        isColored: true,
        badge: '"!"',
      },
      'at it': { ...plain, description: 'pinning 1 of 2', icon: 'sync', canExpand: true },
      'later.txt': { ...plain, description: 'queued', icon: 'clock' },
    });

    await workbench.hoverRow('broken.png');
    await screenshot('hover');
    const hover = page.locator('.workbench-hover, .monaco-hover').filter({ hasText: 'Copy CID' }).first();
    const lines = (await hover.innerText()).replaceAll('\u00a0', ' ').split(/\n+/);
    assert.match(lines[1], /^Pinned 23 November 2026, \d\d:\d\d \(.*\)$/);
    assert.deepEqual([lines[0], ...lines.slice(2)], [
      'broken.png',
      'IPFS Cluster: failed on alder (1 of 2 pinned), recursive pin',
      'alder: failed',
      'birch: pinned',
      'Replicas: all peers wanted',
      CIDS[0],
      'Open · Copy Link · Copy CID',
    ]); // prettier-ignore
    await hover.locator('a', { hasText: 'Copy CID' }).click();
    await workbench.clipboard((text) => text === CIDS[0]);

    await rowOf('nothing in it').click();
    await page.keyboard.press('ArrowRight');
    await showing('that the folder is empty', (rows) => rows.some(({ spoken }) => spoken.startsWith('Empty folder')));
    await screenshot('empty');

    const hostile = workbench.rows.filter({ hasText: MARK });
    assert.equal(await hostile.count(), NAMES.length - 2);
    assert.deepEqual((await workbench.drawn('row', MARK, 'rocket')).live, []);
    const textOf = (shown) => shown.replaceAll('\u2060', '').replaceAll('\u00a0', ' ');
    for (const row of await hostile.all()) {
      const label = await row.locator('.label-name').first().textContent();
      const [cid] = /\w+$/.exec(await row.getAttribute('aria-label'));
      await workbench.hover(row, cid);
      const shown = page.locator('.workbench-hover').filter({ hasText: cid }).first();
      const [name = ''] = textOf(await shown.innerText()).split('\n');
      const active = await shown.locator('a, img, [class*=codicon-rocket]').allInnerTexts();
      assert.deepEqual([name.slice(0, 150), active], [textOf(label).slice(0, 150), ['Open', 'Copy Link', 'Copy CID']]);
    }
    await screenshot('hostile');

    await workbench.run('IPFS Kit: Group Pins By');
    await page.locator('.quick-input-title', { hasText: 'Group Pins By' }).waitFor({ timeout: 20_000 });
    await workbench.pick('Status');
    await showing('groups', (rows) => ['Failed', 'Pinning', 'Queued'].every((label) => rows.some((row) => row.label === label)));
    const badge = page.locator('.activitybar .badge-content', { hasText: /^1$/ });
    await badge.first().waitFor({ timeout: 10_000 });
    await screenshot('groups');
  } finally {
    kubo.stop({ cleanly: false });
    cluster.stop();
  }
}

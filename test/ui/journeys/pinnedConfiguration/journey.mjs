import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSettled } from '../../../../scripts/lib/settledView.mjs';
import { importIntoRepository } from '../../ipfsRepository.mjs';

export const title =
  'pinned folders in a workspace: their settings are not in force, their tasks do not run, and their configuration is text';

const WRITE = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, timestamp real, size_bytes integer)")
db.executemany("insert into pins values (?, ?, 'recursive', 1790000000, ?)", json.loads(sys.argv[2]))
db.commit()`;

/** Longer than VS Code needs to run the tasks of an added folder, which takes 2 s on a busy machine. */
const TASKS_RUN_WITHIN_MS = 8000;
const FONT_SIZE = 41;
const SCRIPT = '<img src=x onerror="document.title=1"><b id="drawn">drawn</b>';

const json = (value) => Buffer.from(JSON.stringify(value, null, 2));
const ran = (home, name) => path.join(home, `ran-${name}`);

/** A folder whose author tries to apply settings and to run a program. */
const hostile = (home, name) => [
  { path: '.vscode/settings.json', content: json({ 'editor.fontSize': FONT_SIZE, 'files.exclude': { 'hidden.txt': true } }) },
  {
    path: '.vscode/tasks.json',
    content: json({
      version: '2.0.0',
      tasks: [
        {
          label: name,
          type: 'process',
          command: 'touch',
          args: [ran(home, name)],
          options: { cwd: home },
          runOptions: { runOn: 'folderOpen' },
        },
      ],
    }),
  },
  { path: 'evil.code-workspace', content: json({ folders: [], settings: { 'editor.fontSize': FONT_SIZE } }) },
  {
    path: 'notebook.ipynb',
    content: json({
      cells: [
        {
          cell_type: 'code',
          source: ['1'],
          metadata: {},
          execution_count: 1,
          outputs: [{ output_type: 'display_data', metadata: {}, data: { 'text/html': [SCRIPT] } }],
        },
      ],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    }),
  },
  { path: 'hidden.txt', content: Buffer.from('shown all the same\n') },
  { path: `${name}.md`, content: Buffer.from(`# About ${name}\n`) },
];

export async function prepare({ home }) {
  const repository = path.join(home, '.ipfs');
  const pins = [];
  for (const name of ['website', 'second']) {
    const { cids } = await importIntoRepository(repository, hostile(home, name));
    pins.push([cids[''], name, 1234]);
    // A pin that is a workspace file itself.
    if (name === 'website') pins.push([cids['evil.code-workspace'], 'pinned.code-workspace', 123]);
  }
  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), JSON.stringify(pins)]);
  return { 'task.allowAutomaticTasks': 'on' };
}

export async function journey({ workbench, home, screenshot }) {
  const { page } = workbench;
  const labels = ({ rows }) => rows.map(({ label }) => label);
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(labels(view)));
  const openedAsText = async (name, text) => {
    await page.locator('.tabs-container .tab.active', { hasText: name }).waitFor({ timeout: 10_000 });
    await workbench.editorText((shown) => shown.includes(text));
    assert.equal(await page.locator('.monaco-button', { hasText: 'Open Workspace' }).count(), 0);
    assert.equal(await page.locator('.notebook-editor, .notebookOverlay').count(), 0);
  };
  const explorer = page.locator('.explorer-viewlet .monaco-list-row');
  const inExplorer = (name) =>
    explorer.filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${name.replace(/[^\w]/g, '\\$&')}$`) }) }).first();
  const add = async (name) => {
    // Not List Pins, which draws the rows again: a click on them may then not select.
    await workbench.run('IPFS Kit: Focus on Pins View');
    await showing('the pins', (rows) => rows.includes(name));
    await workbench.select((await workbench.view()).rows.find(({ label }) => label === name).spoken);
    await workbench.run('IPFS Kit: Add to Workspace');
    await workbench.dialog.getByText(`Add “${name}” to the workspace?`).waitFor({ timeout: 10_000 });
    const text = await workbench.dialog.innerText();
    assert.match(text, /VS Code trusts folders on IPFS without asking/);
    assert.match(text, /Left out of this folder: \.vscode, evil\.code-workspace\./);
    await screenshot(`modal-${name}`);
    await workbench.pressDialog('Add to Workspace');
    await workbench.dialog.waitFor({ state: 'hidden' });
  };
  /** Asserts that the Explorer shows the folder, and that nothing of its configuration is applied. */
  const isHarmless = async (name) => {
    // A reloaded window shows the Explorer or the former view, depending on when VS Code saved its state.
    await workbench.run('View: Show Explorer');
    // VS Code sometimes opens a workspace before it has saved the workspace's folders, and shows none.
    const noFolder = page.getByText('You have not yet added a folder to the workspace.');
    await inExplorer(name).or(noFolder).first().waitFor({ timeout: 30_000 });
    if (await noFolder.isVisible()) {
      await page.reload();
      await workbench.run('View: Show Explorer');
    }
    await inExplorer(name).waitFor({ timeout: 30_000 });
    // The Explorer may expand the folder by itself, and a click would then collapse it.
    for (const end = Date.now() + 30_000; (await inExplorer(`${name}.md`).count()) === 0; await sleep(1000)) {
      assert.ok(Date.now() < end, `${name} has not opened`);
      if ((await inExplorer(name).getAttribute('aria-expanded')) !== 'true') await inExplorer(name).click();
    }
    await inExplorer('hidden.txt').waitFor();
    for (const left of ['.vscode', 'evil.code-workspace']) assert.equal(await inExplorer(left).count(), 0, left);
    await inExplorer(`${name}.md`).click();
    await openedAsText(`${name}.md`, `About ${name}`);
    const size = await page.locator('.editor-group-container.active .view-lines').first().evaluate('(lines) => getComputedStyle(lines).fontSize'); // prettier-ignore
    assert.notEqual(size, `${FONT_SIZE}px`);
    await inExplorer('notebook.ipynb').click();
    await openedAsText('notebook.ipynb', 'nbformat');
  };

  await workbench.run('IPFS Kit: List Pins');
  await showing('the pins', (rows) => rows.length === 3);
  await workbench.clickRow('website');
  await showing('its entries', (rows) => rows.includes('.vscode'));
  await workbench.clickRow('.vscode');
  await showing('what is in .vscode', (rows) => rows.includes('tasks.json'));
  await screenshot('tree');
  await workbench.clickRow('tasks.json');
  await openedAsText('tasks.json.txt', 'folderOpen');
  await workbench.clickRow('evil.code-workspace');
  await openedAsText('evil.code-workspace.txt', '"folders"');
  await screenshot('text');
  await workbench.clickRow('notebook.ipynb');
  await openedAsText('notebook.ipynb', 'nbformat');
  await workbench.clickRow('website');
  await showing('the pins', (rows) => rows.length === 3);
  await workbench.select((await workbench.view()).rows.find(({ label }) => label === 'pinned.code-workspace').spoken);
  await openedAsText('pinned.code-workspace.txt', '"folders"');

  // The first folder makes the window a multi-root workspace and reloads it; the second one is added without a reload.
  await add('website');
  await page.waitForURL(/[?&]workspace=/, { waitUntil: 'load', timeout: 30_000 });
  await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
  await isHarmless('website');
  await screenshot('explorer');
  await add('second');
  await workbench.run('View: Show Explorer');
  await inExplorer('website').click(); // The click collapses it, since rows are found by name.
  await isHarmless('second');
  await sleep(TASKS_RUN_WITHIN_MS);
  for (const name of ['website', 'second']) assert.ok(!existsSync(ran(home, name)), `a task of ${name} has run`);
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import { writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';
import { hasBridge, post } from '../bridge';

const LINK = '[click](command:workbench.action.terminal.new)';
/** For a file with this many lines, VS Code shows a notification that contains the file's name. */
const LINES = 310_000;

describe('a command link in untrusted text', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'links-'));
  const made = new Made();
  let [root, page] = ['', ''];
  const uri = (...names: string[]): vscode.Uri => vscode.Uri.from({ scheme: 'ipfs', path: `/${names.join('/')}` });
  const setContent = async (value: string | undefined): Promise<void> =>
    vscode.workspace.getConfiguration('ipfsKit').update('kubo.repository', value, vscode.ConfigurationTarget.Global);
  const openCid = async (at: string): Promise<vscode.TextDocument | undefined> => {
    await vscode.commands.executeCommand(COMMAND.openCid, at);
    return vscode.window.activeTextEditor?.document;
  };
  const linksIn = async ({ uri: of }: vscode.TextDocument): Promise<string[]> => {
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>('vscode.executeLinkProvider', of);
    return links.map(({ target }) => target?.scheme ?? '');
  };

  before(async () => {
    const markdown = await made.leaf(`${LINK}\n<command:workbench.action.terminal.new>\n`);
    page = markdown.toString();
    const many = await made.leaf('\n'.repeat(LINES));
    root = (await made.folder([['page.md', markdown], [`${LINK}.txt`, many], [`${LINK}.code-workspace`, many], ['$(bug)', markdown], ['AGENTS.md', markdown], ['tsconfig.json', await made.leaf(JSON.stringify({ extends: LINK }))]])).toString(); // prettier-ignore
    writeRepository(folder, made.blocks);
    await setContent(folder);
  });
  afterEach(async () => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  after(async () => {
    await setContent(undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is rejected as a name in the file system', async () => {
    assert.deepEqual(await vscode.workspace.fs.readDirectory(uri(root)), [['page.md', vscode.FileType.File]]);
    for (const at of [uri(root, `${LINK}.txt`), uri(page, `${LINK}.md`), uri(page, '$(bug).md')])
      await assert.rejects(async () => vscode.workspace.fs.stat(at), { code: 'FileNotFound' }, at.path);
  });

  it('is rejected as the name of a document, which VS Code itself shows in a notification', async () => {
    for (const [name, shown] of [
      [`${LINK}.txt`, '_click__command_workbench.action.terminal.new_.txt'],
      [`${LINK}.code-workspace`, '_click__command_workbench.action.terminal.new_.code-workspace.txt'],
    ] as const) {
      const document = await openCid(`${root}/${name}`);
      assert.deepEqual([document?.lineCount, document?.uri.path.split('/').at(-1)], [LINES + 1, shown]);
      if (hasBridge) await post('awaitToast', ['have been turned off for this large file']);
      await vscode.commands.executeCommand('notifications.clearAll');
    }
  });

  it('is text in a Markdown file, also where the Explorer or another extension opens it', async () => {
    const document = await openCid(`${root}/page.md`);
    assert.ok(document);
    assert.equal(document.languageId, 'ipfs-markdown');
    assert.deepEqual(await linksIn(document), []);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('vscode.open', uri(page, 'other.md'));
    const other = vscode.window.activeTextEditor?.document;
    for (let tries = 0; other?.languageId === 'markdown' && tries < 50; tries++) await sleep(20);
    assert.equal(other?.languageId, 'ipfs-markdown');
    assert.deepEqual(await linksIn(other), []);
  });

  it('is not what a tsconfig.json extends', async () => {
    await assert.rejects(async () => vscode.workspace.fs.stat(uri(root, 'tsconfig.json')), { code: 'FileNotFound' });
    const document = await openCid(`${root}/tsconfig.json`);
    assert.deepEqual([document?.uri.scheme, document?.languageId], ['ipfs-text', 'plaintext']);
  });

  it('stays text when the associations of languages change, and in what opens as plain text', async () => {
    const files = vscode.workspace.getConfiguration('files');
    const associate = async (value: Record<string, string> | undefined): Promise<void> =>
      files.update('associations', value, vscode.ConfigurationTarget.Global);
    const documents = [
      await openCid(`${root}/page.md`),
      await openCid(`${root}/AGENTS.md`),
      await openCid(`${root}/tsconfig.json`),
    ];
    await associate({ '*.txt': 'markdown', '*.unrelated': 'html' });
    try {
      await sleep(1000);
      for (const document of documents) {
        assert.ok(document);
        assert.notEqual(document.languageId, 'markdown', document.uri.path);
        assert.deepEqual(await linksIn(document), [], document.uri.path);
      }
      const again = await openCid(`${root}/AGENTS.md`);
      assert.equal(again?.languageId, 'ipfs-markdown');
    } finally {
      await associate(undefined);
    }
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as dagCbor from '@ipld/dag-cbor';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import { writeRepository } from '../../support/ipfsTree';
import { Made } from '../../support/madeBlocks';
import { hasBridge, post, waitForView } from '../bridge';

const { fs } = vscode.workspace;
const NOT_FOUND = { code: 'FileNotFound' };
const LEFT_OUT = [
  ...[
    '.vscode',
    '.VSCode',
    '．ｖｓｃｏｄｅ',
    '.vs\u200bcode',
    '.devcontainer',
    '.github',
    '.git',
    '.claude',
    '.theia',
    '.mcp.json',
  ],
  ...['evil.code-workspace', 'EVIL.Code-Workspace', 'evil.code-workspace.', 'evil.code-workspace ', 'evil.code-workspace::$DATA'],
  ...['devcontainer.json', 'AGENTS.md', 'claude.md', 'a.prompt.md', 'SKILL.md'],
];
const NOTEBOOK = JSON.stringify({
  cells: [{ cell_type: 'code', source: [], outputs: [{ output_type: 'display_data', data: { 'text/html': ['<b>drawn</b>'] }, metadata: {} }], metadata: {}, execution_count: 1 }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
}); // prettier-ignore
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('what an editor would act on', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'configuration-'));
  const made = new Made();
  let root = '';
  let workspaceFile = '';
  let data = '';
  const uri = (...names: string[]): vscode.Uri => vscode.Uri.from({ scheme: 'ipfs', path: `/${[root, ...names].join('/')}` });
  const found = async (...names: string[]): Promise<string> => Buffer.from(await fs.readFile(uri(...names))).toString('utf8');
  const missing = async (at: vscode.Uri): Promise<void> => {
    await assert.rejects(async () => fs.stat(at), NOT_FOUND, `stat ${at.toString()}`);
    await assert.rejects(async () => fs.readFile(at), NOT_FOUND, `readFile ${at.toString()}`);
    await assert.rejects(async () => fs.readDirectory(at), NOT_FOUND, `readDirectory ${at.toString()}`);
  };
  const setContent = async (value: string | undefined): Promise<void> =>
    vscode.workspace.getConfiguration('ipfsKit').update('kubo.repository', value, vscode.ConfigurationTarget.Global);
  const associate = async (value: Record<string, string> | undefined): Promise<void> =>
    vscode.workspace.getConfiguration('workbench').update('editorAssociations', value, vscode.ConfigurationTarget.Global);
  /** The input of the active tab. */
  const shown = (): unknown => vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const openCid = async (...names: string[]): Promise<unknown> => {
    await vscode.commands.executeCommand(COMMAND.openCid, [root, ...names].join('/'));
    return shown();
  };

  before(async () => {
    const settings = await made.leaf('{"editor.fontSize": 41}');
    const configuration = await made.folder([['settings.json', settings], ['readme.md', await made.leaf('within')]]); // prettier-ignore
    workspaceFile = (await made.leaf('{"folders": []}')).toString();
    const everything: (readonly [string, Awaited<ReturnType<Made['leaf']>>])[] = [
      ...LEFT_OUT.map((name) => [name, name.startsWith('.') ? configuration : settings] as const),
      ['plain', configuration],
      ['readme.md', await made.leaf('# Read me')],
      ['notebook.ipynb', await made.leaf(NOTEBOOK)],
      ['dot.png', await made.put(0x55, PNG)],
      ['package.json', await made.leaf('{}')],
    ];
    const deep = await made.folder([['a', await made.folder([['b', await made.folder(everything)]])]]);
    const links = await made.folder([
      ['.vscode', await made.link('a')],
      ['a', configuration],
      ['to', await made.link('nested/.vscode')],
      ['onward', await made.link('to')],
      ['file', await made.link('nested/.vscode/settings.json')],
      ['evil.code-workspace', await made.link('a/settings.json')],
      ['around', await made.link('nested/.vscode/../plain')],
      ['nested', await made.folder([['.vscode', configuration], ['plain', configuration]])], // prettier-ignore
    ]);
    data = (await made.put(dagCbor.code, dagCbor.encode({ '.vscode': configuration, plain: configuration }))).toString();
    root = (await made.folder([...everything, ['deep', deep], ['links', links]])).toString();
    writeRepository(folder, made.blocks);
    await setContent(folder);
  });
  afterEach(async () => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  after(async () => {
    await setContent(undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  for (const where of [[], ['deep', 'a', 'b']])
    it(`is not in the file system, at a depth of ${where.length}, however it is written`, async () => {
      const entries = (await fs.readDirectory(uri(...where))).map(([name]) => name);
      const own = where.length === 0 ? ['deep', 'links'] : [];
      assert.deepEqual(entries.sort(), ['dot.png', 'notebook.ipynb', 'package.json', 'plain', 'readme.md', ...own].sort());
      for (const name of LEFT_OUT) {
        await missing(uri(...where, name));
        await missing(uri(...where, name, 'settings.json'));
        await missing(uri(...where, name, 'readme.md'));
      }
      assert.equal(await found(...where, 'plain', 'settings.json'), '{"editor.fontSize": 41}');
    });

  it('is not reached through symbolic links, whichever of the names is that of the link', async () => {
    assert.deepEqual((await fs.readDirectory(uri('links'))).map(([name]) => name).sort(), ['a', 'around', 'file', 'nested', 'onward', 'to']); // prettier-ignore
    for (const names of [
      ['.vscode'],
      ['.vscode', 'settings.json'],
      ['to'],
      ['to', 'settings.json'],
      ['onward', 'settings.json'],
      ['file'],
      ['evil.code-workspace'],
    ])
      // prettier-ignore
      await missing(uri('links', ...names));
    assert.equal(await found('links', 'a', 'readme.md'), 'within');
    assert.equal(await found('links', 'around', 'readme.md'), 'within'); // After `..` is resolved, this path contains no such folder.
  });

  it('is not reached below dag-cbor, by another slash, or by a name after the CID of a file', async () => {
    const at = (uriPath: string): vscode.Uri => vscode.Uri.from({ scheme: 'ipfs', path: uriPath });
    await missing(at(`/${data}/.vscode/settings.json`));
    assert.equal((await fs.readFile(at(`/${data}/plain/readme.md`))).length, 6);
    await missing(at(`/${root}//.vscode///settings.json`));
    await missing(at(`/${root}/evil.code-workspace/`));
    await missing(at(`/${root}/plain\\..\\.vscode\\settings.json`));
    await missing(at(`/${workspaceFile}/evil.code-workspace`));
    await missing(at(`/${workspaceFile}/.code-workspace`));
    await missing(vscode.Uri.parse(`ipfs://somewhere/${root}/.vscode/settings.json?a#b`));
    assert.equal((await fs.readFile(at(`/${workspaceFile}/notes.txt`))).length, 15);
  });

  it('opens as plain text under another scheme and another name', async () => {
    for (const names of [['evil.code-workspace'], ['.vscode', 'settings.json'], ['AGENTS.md'], ['links', 'file']]) {
      const input = await openCid(...names);
      assert.ok(input instanceof vscode.TabInputText, names.join('/'));
      assert.equal(input.uri.toString(), vscode.Uri.from({ scheme: 'ipfs-text', path: `/${root}/${names.join('/')}.txt` }).toString());
      const { document } = vscode.window.activeTextEditor ?? {};
      assert.deepEqual([document?.getText(), document?.languageId], ['{"editor.fontSize": 41}', 'plaintext']);
    }
  }); // prettier-ignore

  it('can’t be opened as a file, or as a folder of a workspace, under that scheme', async () => {
    for (const name of ['', '/.vscode', '/readme.md.txt', '/.vscode/settings.json.txt'])
      await assert.rejects(async () => fs.stat(vscode.Uri.from({ scheme: 'ipfs-text', path: `/${root}${name}` })), name);
  });

  it('is not looked for in package.json: VS Code has no search provider for this scheme, and waits for one', async () => {
    assert.equal(await found('package.json'), '{}');
    const cancel = new vscode.CancellationTokenSource();
    const search = vscode.workspace.findFiles(new vscode.RelativePattern(uri(), '**/package.json'), undefined, 1, cancel.token);
    const files = await Promise.race([search, new Promise<[]>((resolve) => setTimeout(() => resolve([]), 5000))]);
    cancel.cancel();
    assert.deepEqual(files, []);
  });

  describe('when it is opened', () => {
    const names = ['notebook.ipynb', 'dot.png', 'readme.md'];
    const kinds = async (open: (name: string) => Promise<unknown>): Promise<string[]> => {
      const found: string[] = [];
      for (const name of names) {
        const input = await open(name);
        found.push(
          input instanceof vscode.TabInputText
            ? 'text'
            : input instanceof vscode.TabInputCustom
              ? input.viewType
              : `other: ${JSON.stringify(input)}`,
        );
      }
      return found;
    };
    const EXPECTED = ['text', 'imagePreview.previewEditor', 'text'];
    const byExplorer = async (name: string): Promise<unknown> => {
      await vscode.commands.executeCommand('vscode.open', uri(name));
      return shown();
    };
    afterEach(async () => associate(undefined));

    it('by a row or Open CID, a notebook is text, and a picture is drawn', async () =>
      assert.deepEqual(await kinds((name) => openCid(name)), EXPECTED));

    it('as the Explorer does, too', async () => assert.deepEqual(await kinds(byExplorer), EXPECTED));

    it('even for people who have chosen other editors for their own files', async () => {
      for (const before of ['', '**/', 'ipfs:/**/']) {
        await associate({
          [`${before}*.ipynb`]: 'jupyter-notebook',
          [`${before}*.{md,markdown}`]: 'vscode.markdown.preview.editor',
        });
        assert.deepEqual(await kinds((name) => openCid(name)), EXPECTED);
        assert.deepEqual(await kinds(byExplorer), EXPECTED);
      }
    });
  });

  describe('in a workspace', () => {
    if (!hasBridge) return; // This test clicks a row, which needs the bridge.

    /** Opens a folder as a row of the view, which is selected then. */
    const open = async (name: string): Promise<void> => {
      await vscode.commands.executeCommand(COMMAND.openCid, `${root}/${name}`);
      await waitForView('the opened folder', ({ rows }) => rows[0]?.label === name);
      await new Promise((resolve) => setTimeout(resolve, 300));
    };

    it('is confirmed before a pinned folder is added, and the question names what is left out', async () => {
      await open('links');
      const adding = vscode.commands.executeCommand(COMMAND.addToWorkspace);
      const text = String(await post('dialogText', []));
      assert.match(text, /Add “links” to the workspace\?/);
      assert.match(text, /VS Code trusts folders on IPFS without asking/);
      assert.match(text, /Left out of this folder: \.vscode, evil\.code-workspace\./);
      await post('screenshot', ['pinnedConfiguration-modal']);
      await post('dialog', ['Cancel']);
      await adding;
      assert.ok(!(vscode.workspace.workspaceFolders ?? []).some(({ uri: at }) => at.scheme === 'ipfs'));
    });

    it('is never added as a folder', async () => {
      await open('.vscode');
      await vscode.commands.executeCommand(COMMAND.addToWorkspace);
      await post('awaitToast', ['.vscode contains configuration, which is never added to a workspace']);
      await vscode.commands.executeCommand('notifications.clearAll');
      assert.ok(!(vscode.workspace.workspaceFolders ?? []).some(({ uri: at }) => at.scheme === 'ipfs'));
    });
  });
});

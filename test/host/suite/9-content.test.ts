import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { COMMAND, EXTENSION_ID } from '../../../src/base/contributions';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { ContentParent } from '../../../src/pinTree/rows/contentRow';
import { createContentRows } from '../../../src/pinTree/rows/contentRows';
import type { BlockGateway } from '../../support/blockGateway';
import { startBlockGateway } from '../../support/blockGateway';
import type { ImportedTree } from '../../support/ipfsTree';
import { python } from '../../support/python';
import { hasBridge, post, waitForView } from '../bridge';
import { emptyDataFolder } from '../fixtures';
import { blockFile, importTree, writeRepository } from '../../support/ipfsTree';

const text = (content: string): Uint8Array => Buffer.from(content);
const { fs } = vscode.workspace;

const PINS = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text)")
db.executemany("insert into pins values (?, ?, 'recursive')", json.loads(sys.argv[2]))
db.commit()`;

async function setContent(repository: string | undefined, gateways?: readonly string[]): Promise<void> {
  const settings = vscode.workspace.getConfiguration('ipfsKit');
  await settings.update('kubo.repository', repository, vscode.ConfigurationTarget.Global);
  await settings.update('content.gateways', gateways, vscode.ConfigurationTarget.Global);
}

function loadedBundles(): string[] {
  const folder = `${vscode.extensions.getExtension(EXTENSION_ID)?.extensionPath ?? ''}/dist/`;
  return Object.keys(require.cache).filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length)); // prettier-ignore
}

describe('the content of pins', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'content-'));
  const noRepository = path.join(folder, 'none');
  const picture = Uint8Array.from({ length: 700_000 }, (_, at) => (at * 7) % 251);
  let tree: ImportedTree;
  const uri = (...names: string[]): vscode.Uri =>
    vscode.Uri.from({ scheme: 'ipfs', path: `/${[tree.root.toString(), ...names].join('/')}` });

  before(async () => {
    tree = await importTree([
      { path: 'readme.md', content: text('# Pinned\n') },
      { path: 'pictures/large.png', content: picture },
      { path: 'gone.txt', content: text('not for long\n') },
    ]);
    writeRepository(folder, tree.blocks);
    await setContent(folder);
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await setContent(undefined);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is found by the old name of the setting as long as the new one is empty', async () => {
    const setOld = (to: string | undefined): Thenable<void> =>
      vscode.workspace.getConfiguration('ipfsKit').update('content.repository', to, vscode.ConfigurationTarget.Global);
    await setOld(folder);
    await setContent('');
    assert.equal(Buffer.from(await fs.readFile(uri('readme.md'))).toString(), '# Pinned\n');
    await setContent(noRepository);
    await assert.rejects(async () => fs.readFile(uri('readme.md')));
    await setOld(undefined);
    await setContent(folder);
  });

  it('costs nothing before something is opened', () => {
    assert.ok(!loadedBundles().some((bundle) => bundle.startsWith('vfs')), loadedBundles().join());
  });

  it("has a row that says why a pin couldn't be read, until it can", async () => {
    let isThere = false;
    const cid = 'bafkqaaa';
    const rows = createContentRows(
      {
        isPossible: () => true,
        list: () => Promise.reject(new IpfsKitError('not-a-folder', 'It is a file.')),
        stat: () =>
          isThere
            ? Promise.resolve({ name: 'a', type: 'file', cid })
            : Promise.reject(new IpfsKitError('timeout', 'It is late.')),
        kindsHere: () => Promise.resolve(new Map()),
      },
      () => undefined,
    );
    const parent = { pin: {}, id: 'a', at: { cid, path: [] }, fileName: 'a' } as unknown as ContentParent;
    const kinds = async (): Promise<string[]> => (await rows.below(parent)).map(({ constructor }) => constructor.name);
    assert.deepEqual(await kinds(), ['ProblemRow']);
    isThere = true;
    rows.forgetProblems();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await kinds(), ['ContentRow']);
  });

  it('is a file system: folders, sizes, bytes', async () => {
    assert.deepEqual(await fs.readDirectory(uri()), [
      ['gone.txt', vscode.FileType.File],
      ['pictures', vscode.FileType.Directory],
      ['readme.md', vscode.FileType.File],
    ]);
    const { type, size, permissions } = await fs.stat(uri('pictures', 'large.png'));
    assert.deepEqual([type, size, permissions], [vscode.FileType.File, picture.length, vscode.FilePermission.Readonly]);
    assert.deepEqual(Buffer.from(await fs.readFile(uri('pictures', 'large.png'))), Buffer.from(picture));
  });

  it('is read in another thread: the host has no IPFS library', () => {
    assert.ok(loadedBundles().includes('content.js') && !loadedBundles().includes('vfsWorker.js'));
  });

  it('has what it has, and nothing can be written', async () => {
    await assert.rejects(async () => fs.stat(uri('none')), { code: 'FileNotFound' });
    await assert.rejects(async () => fs.readFile(uri('pictures')), { code: 'FileIsADirectory' });
    await assert.rejects(async () => fs.writeFile(uri('new.txt'), text('no')), { code: 'NoPermissions' });
    await assert.rejects(async () => fs.delete(uri('readme.md')), { code: 'NoPermissions' });
    assert.equal(fs.isWritableFileSystem('ipfs'), false);
  });

  it('of a file may have a name after its CID, which says what kind it is', async () => {
    const cid = tree.cids.get('readme.md')?.toString() ?? '';
    await vscode.commands.executeCommand(COMMAND.openCid, `/ipfs/${tree.root.toString()}/readme.md`);
    const { document } = vscode.window.activeTextEditor ?? {};
    assert.deepEqual([document?.getText(), document?.languageId], ['# Pinned\n', 'ipfs-markdown']);
    const named = vscode.Uri.from({ scheme: 'ipfs', path: `/${cid}/notes.md` });
    assert.equal(Buffer.from(await fs.readFile(named)).toString('utf8'), '# Pinned\n');
  });

  it('is an error where a block is missing, and is shown once the block exists', async () => {
    const cid = tree.cids.get('gone.txt') ?? tree.root;
    rmSync(blockFile(folder, cid));
    await assert.rejects(
      async () => fs.readFile(uri('gone.txt')),
      (error) =>
        error instanceof vscode.FileSystemError && error.code === 'Unavailable' && error.message.includes(cid.toString()),
    );
    writeRepository(folder, tree.blocks);
    assert.equal((await fs.readFile(uri('gone.txt'))).length, 13);
  });

  describe('in the view', () => {
    if (!hasBridge) return; // This test clicks a row, which needs the bridge.
    const saved = path.join(folder, 'saved.md');
    const run = (command: string): Thenable<unknown> => vscode.commands.executeCommand(command);

    before(async () => {
      const file = emptyDataFolder();
      const pins = [
        [tree.root.toString(), 'website'],
        [tree.cids.get('readme.md')?.toString(), 'docs/notes.md'],
      ];
      python(PINS, file, JSON.stringify(pins));
      await run(COMMAND.listPins);
      await waitForView('both pins', ({ rows }) => rows.length === 2);
      await post('clickRow', ['docs/notes.md']);
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    after(emptyDataFolder);

    it('is opened under the name of its pin', async () => {
      await run(COMMAND.openPin);
      const { document } = vscode.window.activeTextEditor ?? {};
      assert.deepEqual([document?.getText(), document?.uri.path.split('/').at(-1)], ['# Pinned\n', 'notes.md']);
    });

    it('is saved to disk', async () => {
      const saving = run(COMMAND.saveContent);
      await post('saveAs', ['Save notes.md', saved]);
      await saving;
      assert.equal(readFileSync(saved, 'utf8'), '# Pinned\n');
    });

    it('is copied as URL, path and CID', async () => {
      const cid = tree.cids.get('readme.md')?.toString() ?? '';
      const copied = async (command: string): Promise<string> => {
        await run(command);
        return vscode.env.clipboard.readText();
      };
      assert.equal(await copied(COMMAND.copyGatewayUrl), `http://localhost:8080/ipfs/${cid}`);
      assert.equal(await copied(COMMAND.copyShareLink), `https://dweb.link/ipfs/${cid}?filename=notes.md`);
      assert.equal(await copied(COMMAND.copyIpfsPath), `/ipfs/${cid}`);
      assert.equal(await copied(COMMAND.copyCidV1), cid);
    });

    it('is not opened in a browser where the editor would serve its pages on its own origin, as code-server does', async () => {
      if (!hasBridge) return;
      await run('notifications.clearAll');
      await new Promise((resolve) => setTimeout(resolve, 1000)); // of more than three within 0.8 s, VS Code shows the later ones in its list only
      const opening = run(COMMAND.openInBrowser);
      await post('awaitToast', ['could act as the editor']);
      await opening;
    });

    it('expands where it is a folder', async () => {
      await post('clickRow', ['website']);
      const { rows } = await waitForView('its entries', (view) => view.rows.length === 5);
      assert.deepEqual(rows.map(({ label, spoken }) => `${label}: ${spoken.split(',')[1] ?? ''}`).slice(2), [
        'pictures:  folder',
        'gone.txt:  file',
        'readme.md:  file',
      ]);
    });
  });

  describe('of a large file', () => {
    const large = Uint8Array.from({ length: 10 * 2 ** 20 }, (_, at) => (at * 7 + (at >> 8)) % 251);
    const set = (gateway: string | undefined): Thenable<void> =>
      vscode.workspace.getConfiguration('ipfsKit').update('content.browserGateway', gateway, vscode.ConfigurationTarget.Global);
    const saved = path.join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? folder, 'saved.bin');
    let file: string;

    before(async () => {
      const { root, blocks, cids } = await importTree([{ path: 'large.bin', content: large }]);
      writeRepository(folder, blocks);
      file = `/ipfs/${(cids.get('large.bin') ?? root).toString()}?filename=large.bin`;
    });
    after(() => set(undefined));

    /** Answers the question before the file, and gives its text and buttons. */
    const asked = async (answer: string): Promise<string> => {
      const opening = vscode.commands.executeCommand(COMMAND.openCid, `https://gateway.example${file}`);
      const said = String(await post('dialog', [answer]));
      if (answer === 'Save to Disk…') await post('saveAs', ['Save large.bin', saved]);
      await opening;
      return said;
    };

    it('is opened, saved or left alone only after a question, which offers the browser first where that can be used', async () => {
      if (!hasBridge) return;
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      const question = /large\.bin is 10\.0 MB\. Open it in the editor\?\s+The editor loads the whole file\./;
      const buttons = (said: string): string[] => said.split('\n').filter((line) => /^(?:Open|Save|Cancel)\b/.test(line));
      // VS Code draws Cancel and the first answer, which Enter gives, at the end.
      const cancel = await asked('Cancel');
      assert.match(cancel, question);
      assert.deepEqual(buttons(cancel), ['Open', 'Cancel', 'Save to Disk…']);
      await asked('Save to Disk…');
      await post('awaitToast', ['Saved saved.bin (10.0 MB). Every block was verified by its hash']);
      assert.ok(Buffer.from(large).equals(readFileSync(saved)));
      await post('toast', ['Saved saved.bin', 'Reveal']);
      await post('drawn', ['explorer', 'saved.bin', 'file']);
      rmSync(saved);
      assert.equal(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length, 0);
      await set('https://ipfs.example');
      assert.deepEqual(buttons(await asked('Open')), ['Open', 'Save to Disk…', 'Cancel', 'Open in Browser']);
      const [tab] = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
      assert.equal(tab?.label, 'large.bin');
    });
  });

  describe('at a gateway', () => {
    let gateway: BlockGateway;
    afterEach(() => gateway.stop());

    it('is the same', async () => {
      gateway = await startBlockGateway(tree.blocks);
      await setContent(noRepository, [gateway.url]);
      assert.equal(Buffer.from(await fs.readFile(uri('readme.md'))).toString('utf8'), '# Pinned\n');
      assert.deepEqual(gateway.asked, [tree.root.toString(), tree.cids.get('readme.md')?.toString()]);
    });

    it('is never shown where the gateway lies', async () => {
      gateway = await startBlockGateway(tree.blocks, (response, bytes) => {
        const other = Buffer.from(bytes);
        other[other.length - 1] = (other.at(-1) ?? 0) ^ 1;
        response.end(other);
      });
      await setContent(noRepository, [gateway.url]);
      await assert.rejects(async () => fs.readFile(uri('readme.md')), { code: 'Unavailable' });
    });
  });
});

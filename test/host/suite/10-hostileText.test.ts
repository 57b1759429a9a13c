import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import { python } from '../../support/python';
import { testPython } from '../../support/testDaemon';
import { hasBridge, post, waitForView } from '../bridge';
import { api, emptyDataFolder, setDaemon } from '../fixtures';

/** A command that any followed link of the hostile text would run. */
const RUN = 'ipfsKitTest.hostile';
/** Part of every hostile link, and of no other text on the page. */
const MARK = 'ipfsKitTest';
const ICON = 'rocket';
const FORGED = '2031-01-01 00:00:00.000 [error] forged';

/** Without a slash, so that it can be a file name: a link of VS Code, an icon, Markdown, HTML, and a character that reorders text. */
const NAME = `[${MARK}](command:${RUN}) $(${ICON}) [${MARK}][b] <command:${RUN}> \u202egnp.exe`;
/** Adds a link to another site, HTML, and line breaks. */
const HOSTILE = `${NAME} [${MARK}](https://example.com "${MARK}") <a href="command:${RUN}">${MARK}</a>\n${FORGED}\r\n[b]: command:${RUN}`;
/** What Markdown makes links and characters of, although it has none of its signs. The text editor makes a link of the first one. */
const BARE = 'https://bare.example www.bare.example bare@example.com &lt;';

const PINS = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, status text, vfs_path text)")
db.executemany("insert into pins values (?, ?, ?, ?, ?)", json.loads(sys.argv[2]))
db.commit()`;
const CID = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

/** A daemon that responds with the hostile text in place of its list. */
async function startHostileDaemon(): Promise<Server> {
  const server = createServer((request, response) => {
    const isHealth = request.url?.includes('health') === true;
    if (request.url !== '/pins' && !isHealth) response.statusCode = 404;
    response.end(JSON.stringify(isHealth ? { status: 'healthy', timestamp: 1 } : { error: HOSTILE }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface Drawn {
  readonly text: string;
  readonly live: readonly string[];
}

/** Waits until the log of the extension contains `wanted`, and returns the log. */
async function logFile(wanted: string): Promise<string> {
  for (const end = Date.now() + 20_000; ; await sleep(200)) {
    const files = readdirSync(tmpdir(), { recursive: true }).map(String).filter((file) => file.endsWith('IPFS Kit.log')); // prettier-ignore
    const text = files.map((file) => readFileSync(path.join(tmpdir(), file), 'utf8')).join('');
    if (text.includes(wanted)) return text;
    assert.ok(Date.now() < end, `the log does not hold ${wanted}: ${text.slice(-2000)}`);
  }
}

if (hasBridge)
  describe('untrusted text', () => {
    let hits = 0;
    let server: Server;
    let command: vscode.Disposable;
    const run = (id: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(id, ...args);

    /** Asserts that an area of the workbench shows the hostile text without a link, an icon or reordered characters, and returns what it shows. */
    const assertDead = async (area: string): Promise<string> => {
      const { text, live } = (await post('drawn', [area, MARK, ICON])) as Drawn;
      assert.deepEqual(live, [], `${area}: ${text}`);
      assert.ok(!text.includes('\u202e'), `${area} has an override: ${text}`);
      await post('screenshot', [`hostile-${area}`]);
      await sleep(100);
      assert.equal(hits, 0, `${area}: a command of the text has run`);
      return text;
    };
    const isShown = async (): Promise<void> => {
      await run('notifications.clearAll');
      await run(COMMAND.listPins);
    };

    before(async () => {
      command = vscode.commands.registerCommand(RUN, () => (hits += 1));
      server = await startHostileDaemon();
      await setDaemon(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
    after(async () => {
      await run('workbench.action.closeAllEditors');
      await run('notifications.clearAll');
      await run(COMMAND.clearFilter);
      await setDaemon();
      emptyDataFolder();
      command.dispose();
      server.close();
      server.closeAllConnections();
    });

    it('would be alive: the same text as a prompt of the driver draws a link and an icon, and a click runs it', async () => {
      const box = vscode.window.createInputBox();
      box.prompt = HOSTILE;
      box.show();
      const { live } = (await post('drawn', ['prompt', MARK, ICON])) as Drawn;
      await sleep(200);
      box.dispose();
      assert.ok(
        live.some((html) => html.includes('<a')) && live.some((html) => html.includes(`codicon-${ICON}`)),
        live.join('\n'),
      );
      assert.equal(hits, 1);
      hits = 0;
    });

    describe('as the error of a daemon without a store', () => {
      before(async () => {
        emptyDataFolder();
        await isShown();
        assert.equal((await api()).state().list.error?.reason, 'unreadable');
      });

      it("isn't a link in the notification", async () => assert.match(await assertDead('toast'), /couldn't read its own pins/));

      it("isn't a link in the prompt of Filter Pins", async () => {
        void run(COMMAND.filterPins);
        await assertDead('prompt');
        await post('closeQuickPick', []);
      });

      it("isn't a link in Find Pin", async () => {
        void run(COMMAND.findPin);
        await assertDead('pick');
        await post('closeQuickPick', []);
      });

      it("isn't a link in the tooltip of the status bar", async () => {
        await post('hoverStatus', [MARK]);
        await assertDead('hover');
      });

      it('begins no line of the log', async () => {
        const log = await logFile(MARK);
        assert.ok(log.includes(`␊${FORGED}`), log.slice(-2000));
        assert.deepEqual(
          log.split('\n').filter((line) => line.startsWith('2031') || line.startsWith('[b]')),
          [],
        );
      });
    });

    describe('in the rows of a database, and the error of a daemon beside them', () => {
      before(async () => {
        const rows = [[CID, `${BARE} ${HOSTILE}`, `$(${ICON})`, NAME, `/${NAME}`]];
        python(PINS, path.join(path.dirname(emptyDataFolder()), `${NAME}.db`), JSON.stringify(rows));
        await isShown();
        await waitForView('the row', ({ rows }) => rows.length === 1);
      });

      it('is text in the row and above it', async () => {
        const { rows, message } = await waitForView('the message', (view) => view.message.includes(MARK));
        assert.ok(rows[0]?.label.includes(`[${MARK}]`), rows[0]?.label);
        assert.ok(rows[0]?.description.includes(MARK) && rows[0].spoken.includes(MARK), rows[0]?.description);
        assert.ok(message.includes("couldn't read its own pins"), message);
        await assertDead('row');
        await assertDead('message');
      });

      it('is text in the hover of the row, beside the links for that pin', async () => {
        await post('hoverRow', ['bare.example']);
        const { text: shown, live } = (await post('drawn', ['hover', 'bare.example', ICON])) as Drawn;
        assert.deepEqual(live, []);
        assert.ok(shown.replaceAll('\u2060', '').includes(BARE), shown);
        assert.match(shown, /Copy Link · Copy CID/);
        await assertDead('hover');
      });

      it('is text in Find Pin', async () => {
        void run(COMMAND.findPin);
        await assertDead('pick');
        await post('closeQuickPick', []);
      });

      it('is text where the pins are filtered by it', async () => {
        await run(COMMAND.filterPins, `[${MARK}](command:${RUN})`);
        void run(COMMAND.filterPins);
        await assertDead('prompt');
        await post('closeQuickPick', []);
        await run(COMMAND.clearFilter);
      });

      it('is text in the group of its status, and of its folder', async () => {
        for (const group of ['status', 'folder']) {
          await run(COMMAND.groupPins, group);
          await waitForView('the group', ({ rows }) => rows[0]?.spoken.includes('1 pin') === true);
          await assertDead('row');
        }
        await run(COMMAND.groupPins, '');
        await waitForView('the row', ({ rows }) => rows[0]?.spoken.includes('size unknown') === true);
      });

      it('is text in Choose Pin Database, as the name of a file', async () => {
        void run(COMMAND.choosePinDatabase);
        await assertDead('pick');
        await post('closeQuickPick', []);
      });

      it('is text in the details, where each line of it is visible', async () => {
        await post('clickRow', [(await waitForView('the row', ({ rows }) => rows.length === 1)).rows[0]?.label ?? '']);
        // The extension host receives the selection a moment later.
        for (const end = Date.now() + 20_000; !vscode.window.activeTextEditor && Date.now() < end; await sleep(200))
          await run(COMMAND.showPinDetails);
        await assertDead('editor');
        const text = vscode.window.activeTextEditor?.document.getText() ?? '';
        assert.ok(text.includes('<U+202E>') && !text.includes('\u202e') && !text.includes('\r'), text);
        await run('workbench.action.closeAllEditors');
      });
    });

    describe('as the command line of a daemon', () => {
      let daemon: ChildProcess;
      const folder = path.join(mkdtempSync(path.join(tmpdir(), 'd-')), NAME);

      before(async () => {
        await run('notifications.clearAll');
        mkdirSync(folder);
        const script = path.join(folder, 'ipfs_kit_daemon.py');
        writeFileSync(script, 'import time\ntime.sleep(120)\n');
        daemon = spawn(testPython(), [script], { stdio: 'ignore' });
      });
      after(() => {
        daemon.kill('SIGKILL');
        rmSync(path.dirname(folder), { recursive: true, force: true });
      });

      it('is text in the question before a stop', async () => {
        void run(COMMAND.stopDaemon);
        assert.match(await assertDead('dialog'), /PID/);
        await post('dialog', ['Cancel']);
      });

      it('is text in Daemon Processes', async () => {
        void run(COMMAND.showDaemonProcesses);
        await assertDead('pick');
        await post('closeQuickPick', []);
      });
    });
  });

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { COMMAND } from '../../../src/base/contributions';
import type { FoundProcess, StopProgress } from '../../../src/reaper/stopContract';
import { writeDatabase } from '../../support/python';
import type { TestDaemon } from '../../support/testDaemon';
import { repositoryRoot, startTestDaemon, testPython } from '../../support/testDaemon';
import { freePort } from '../../support/freePort';
import { hasBridge, post, waitForView } from '../bridge';
import { api, DATA_FOLDER, emptyDataFolder, longestBlock, setDaemon } from '../fixtures';

/** The host must run in a PID namespace. Elsewhere these tests would stop a daemon of the person who runs them. */
const inNamespace = hasBridge;

const script = (): string => path.join(repositoryRoot(), 'test/daemon/ipfs_kit_daemon.py');

function set(name: string, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration('ipfsKit').update(name, value, vscode.ConfigurationTarget.Global);
}

/** The ID of the extension that these tests are. */
const HOST_TESTS = 'ipfs-kit.ipfs-kit-host-tests';

function allow(...extensions: readonly string[]): Thenable<void> {
  return set('stop.allowedExtensions', extensions.length > 0 ? extensions : undefined);
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

function canWrite(database: string): boolean {
  const code = 'import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("begin immediate")';
  return spawnSync(testPython(), ['-c', code, database]).status === 0;
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await new Promise((resolve) => setTimeout(resolve, 50)))
    assert.ok(Date.now() < end, `${what} within 20 s`);
}

if (inNamespace) {
  describe('stopDaemon of the API', () => {
    let daemon: TestDaemon;

    beforeEach(async () => {
      emptyDataFolder();
      const tree = ['--children', '2', '--children-session', '--children-ignore-sigterm', '--hold', 'write-transaction'];
      daemon = await startTestDaemon(['--data-dir', DATA_FOLDER, '--pins', '250', ...tree]);
      await setDaemon(daemon.url);
      await allow(HOST_TESTS.toUpperCase());
    });
    afterEach(async () => {
      await allow();
      await daemon.stop();
    });

    it('asks first, and says which extension asks and what would be ended', async () => {
      await allow('someone.else');
      const { stopDaemon, state } = await api();
      const asked: number[] = [];
      const stopping = stopDaemon({ termTimeoutMs: 500, confirm: (found) => Promise.resolve(asked.push(found.length) > 0) });
      const said = String(await post('dialog', ['Stop Daemon']));
      assert.match(said, /IPFS Kit Host Tests \(ipfs-kit\.ipfs-kit-host-tests\) wants to stop the ipfs_kit_py daemon/);
      assert.match(said, new RegExp(`PID ${daemon.pid}: `));
      const { ok, killed } = await stopping;
      assert.ok(ok && killed.includes(daemon.pid));
      assert.deepEqual(asked, [3]);
      assert.equal(state().daemon.state, 'absent');
    });

    it('ends nothing if the person declines, regardless of the options of the caller', async () => {
      await allow();
      const { stopDaemon, state } = await api();
      const events: string[] = [];
      const confirm = (): Promise<boolean> => Promise.resolve(true);
      const hooks = { onProgress: ({ step }: StopProgress) => events.push(step), gracefulStop: () => events.push('hook') };
      const refused = assert.rejects(stopDaemon({ confirm, ...hooks }), { reason: 'cancelled' });
      await post('dialog', ['Cancel']);
      await refused;
      const vetoed = assert.rejects(stopDaemon({ confirm: () => Promise.resolve(false) }), { reason: 'cancelled' });
      await post('dialog', ['Stop Daemon']); // The person agrees, but the calling extension doesn't.
      await vetoed;
      assert.deepEqual(events, []);
      assert.ok(isAlive(daemon.pid));
      assert.notEqual(state().daemon.state, 'stopping');
      assert.doesNotMatch((await daemon.requests()).join(), /shutdown/);
    });

    it('asks about everything that would be ended, even if the caller changes the objects that it gets', async () => {
      await allow();
      const { stopDaemon } = await api();
      const names = ['ipfs_kit_daemon.py'];
      const seen: number[] = [];
      const stopping = stopDaemon({
        scriptNames: names,
        termTimeoutMs: 500,
        confirm: (found) => {
          seen.push(found.length);
          for (const { argv } of found) (argv as string[]).length = 0;
          (found as FoundProcess[]).length = 0;
          names.push('another.py');
          return Promise.resolve(true);
        },
        onProgress: (event) => Object.assign(event, { step: 'done', message: '' }),
      });
      const said = String(await post('dialog', ['Stop Daemon']));
      assert.match(said, /That extension, not your settings, chose the processes: check their command lines\./);
      assert.match(said, /3 processes will be stopped:/);
      assert.match(said, new RegExp(`PID ${daemon.pid}: .*ipfs_kit_daemon\\.py`));
      const { ok, processes } = await stopping;
      assert.ok(ok && processes.length === 3 && processes.every(({ argv }) => argv.length > 0));
      assert.deepEqual(seen, [3]);
    });

    it("asks for a caller that can't be identified, whichever extensions are allowed", async () => {
      const { stopDaemon } = await api();
      const refused = assert.rejects(Promise.resolve(undefined).then(stopDaemon), { reason: 'cancelled' }); // Called without any code of an extension on the stack.
      assert.match(String(await post('dialog', ['Cancel'])), /Another extension wants to stop the ipfs_kit_py daemon/);
      await refused;
      assert.ok(isAlive(daemon.pid));
    });

    it('ends the tree, frees the port and the database, and lists from disk by itself', async () => {
      const { stopDaemon, state } = await api();
      await vscode.commands.executeCommand(COMMAND.listPins);
      assert.equal(state().list.source, 'arrow');
      assert.equal(canWrite(daemon.database ?? ''), false);
      const events: StopProgress[] = [];
      const result = await stopDaemon({ termTimeoutMs: 500, onProgress: (event) => events.push(event) });
      assert.deepEqual(
        { ok: result.ok, survivors: result.survivors, portOpen: result.portOpen, dbLockers: result.dbLockers },
        { ok: true, survivors: [], portOpen: false, dbLockers: [] },
      );
      assert.equal(result.killed.length, 3);
      assert.ok(result.killed.includes(daemon.pid) && !result.killed.some(isAlive));
      assert.equal(result.locks, 'free');
      assert.equal(canWrite(daemon.database ?? ''), true);
      const steps = events.map(({ step }) => step).filter((step, at, all) => step !== all[at - 1]);
      assert.deepEqual(steps, ['graceful', 'scan', 'terminate', 'kill', 'verify', 'done']);
      assert.equal(state().daemon.state, 'absent');
      await until('the list from disk', () => state().list.source === 'sqlite' && !state().list.busy);
    });

    it('shows "stopping" meanwhile, regardless of the responses of the daemon', async () => {
      const { stopDaemon, state } = await api();
      await vscode.commands.executeCommand(COMMAND.listPins);
      const stopping = stopDaemon({ termTimeoutMs: 500 });
      await until('the word', () => state().daemon.state === 'stopping');
      if (hasBridge) await waitForView('the word', ({ status }) => status.includes('ipfs_kit_py: stopping'));
      await assert.rejects(stopDaemon(), { reason: 'busy' });
      await stopping;
      assert.equal(state().daemon.state, 'absent');
    });

    it('does not block the thread of the host', async () => {
      const { stopDaemon } = await api();
      await stopDaemon({ scriptNames: ['nobody.py'], moduleNames: [], commandNames: [] }); // The first call loads the code.
      const longest = await longestBlock(() => stopDaemon({ termTimeoutMs: 300 }));
      assert.ok(longest < 100, `the host's thread was blocked for ${longest.toFixed(0)} ms`);
    });

    it('touches nothing that is not the daemon', async () => {
      const { stopDaemon } = await api();
      const result = await stopDaemon({ scriptNames: ['nobody.py'], moduleNames: [], commandNames: [] });
      assert.deepEqual(
        { ok: result.ok, killed: result.killed, portOpen: result.portOpen },
        { ok: false, killed: [], portOpen: true },
      );
      assert.ok(isAlive(daemon.pid));
    });

    it('refuses options that make no sense', async () => {
      await assert.rejects((await api()).stopDaemon({ port: -1 }), { reason: 'invalid-argument' });
    });
  });

  describe('Start, Restart and Stop', () => {
    let port: number;

    before(async () => {
      writeDatabase(emptyDataFolder(), 3);
      port = await freePort();
      await setDaemon(`http://127.0.0.1:${port}`);
      await allow(HOST_TESTS);
    });
    after(() => allow());
    afterEach(async () => {
      await vscode.commands.executeCommand('notifications.clearAll'); // VS Code shows at most three notifications at a time.
      await (await api()).stopDaemon();
      await set('daemon.command', undefined);
    });

    const daemonPid = async (): Promise<number | undefined> => {
      const answer = await fetch(`http://127.0.0.1:${port}/test/requests`).catch(() => undefined);
      if (!answer?.ok) return undefined;
      const { stdout } = spawnSync('ps', ['-eo', 'pid,stat,args'], { encoding: 'utf8' });
      const line = stdout
        .split('\n')
        .find((text) => text.includes(`ipfs_kit_daemon.py --port ${port}`) && !/^\s*\d+ Z/.test(text));
      return line === undefined ? undefined : Number.parseInt(line, 10);
    };
    const command = (...more: string[]): string[] => [testPython(), script(), '--port', String(port), '--pins', '9', ...more];

    it('asks for the command when none is set: offers what it found, and starts nothing without an answer', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'ipfs-kit-'));
      const module = path.join(folder, 'ipfs_kit_py', 'mcp', 'ipfs_kit', 'daemon');
      mkdirSync(module, { recursive: true });
      writeFileSync(path.join(module, 'ipfs_kit_daemon.py'), 'raise SystemExit("the daemon that was found")');
      const wrapper = path.join(folder, 'python-here');
      writeFileSync(wrapper, `#!/bin/sh\nPYTHONPATH='${folder}' exec '${testPython()}' "$@"\n`, { mode: 0o755 });
      await set('python.path', wrapper);
      const saved = (): unknown => vscode.workspace.getConfiguration('ipfsKit').inspect('daemon.command')?.globalValue;
      const left = vscode.commands.executeCommand(COMMAND.startDaemon);
      await post('pick', ['Enter Command…']);
      await post('drawn', ['prompt', 'No shell runs them', 'none']);
      await post('closeQuickPick', []);
      await left;
      assert.equal(saved(), undefined);

      void vscode.commands.executeCommand(COMMAND.startDaemon);
      await post('pick', ['-m ipfs_kit_py', 25_000]); // its Python may take long to say so
      await post('toast', ['the daemon that was found', 'Show Log']);
      assert.deepEqual(saved(), [wrapper, '-m', 'ipfs_kit_py.mcp.ipfs_kit.daemon.ipfs_kit_daemon', '--port', '8774']);
      await set('python.path', undefined);
    });

    it('starts a daemon that is not tied to the window, lists it live, and restarts and stops it on request', async () => {
      await set('daemon.command', command('--data-dir', DATA_FOLDER));
      await vscode.commands.executeCommand(COMMAND.listPins);
      await vscode.commands.executeCommand(COMMAND.startDaemon);
      const { state } = await api();
      await until('live rows', () => state().list.source === 'arrow' && !state().list.busy);
      const first = await daemonPid();
      assert.ok(first !== undefined);
      const stat = readFileSync(`/proc/${first}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
      assert.equal(Number(stat[3]), first, 'it leads its own session');
      const environment = readFileSync(`/proc/${first}/environ`, 'latin1').split('\0');
      assert.ok(environment.some((entry) => /^IPFS_KIT_SPAWN_ID=[0-9a-f-]{36}$/.test(entry)));
      assert.ok(!environment.some((entry) => /^(?:ELECTRON_RUN_AS_NODE|VSCODE_)/.test(entry)));

      void vscode.commands.executeCommand(COMMAND.restartDaemon);
      await post('dialog', ['Restart Daemon']);
      await until('another daemon', async () => ![undefined, first].includes(await daemonPid()));
      assert.equal(isAlive(first), false);
      await until(
        'live rows again',
        () => state().list.source === 'arrow' && !state().list.busy && state().daemon.state !== 'stopping',
      );

      void vscode.commands.executeCommand(COMMAND.stopDaemon);
      await post('dialog', ['Stop Daemon']);
      await post('toast', ['The daemon is stopped', 'Show Report']);
      await until(
        'the report',
        () => vscode.window.activeTextEditor?.document.getText().startsWith('IPFS Kit: stop report') === true,
      );
      assert.equal(await daemonPid(), undefined);
    });

    it('reports when another program starts the daemon again', async () => {
      const again = `while :; do ${testPython()} "$@" --pins 3 > /dev/null; sleep 0.1; done`;
      const manager = spawn('sh', ['-c', again, 'manager', script(), '--port', String(port)], { stdio: 'ignore' });
      try {
        await until('the daemon', async () => (await daemonPid()) !== undefined);
        void vscode.commands.executeCommand(COMMAND.stopDaemon);
        await post('dialog', ['Stop Daemon']);
        await post('toast', ['The daemon is stopped', 'Show Report']);
        await post('awaitToast', ['something restarted it']);
        assert.equal(manager.exitCode, null);
      } finally {
        manager.kill('SIGKILL');
      }
    });

    it('leaves all as it is when the question is answered with Cancel', async () => {
      const daemon = await startTestDaemon([], port);
      void vscode.commands.executeCommand(COMMAND.stopDaemon);
      await post('dialog', ['Cancel']);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(isAlive(daemon.pid));
      assert.notEqual((await api()).state().daemon.state, 'stopping');
      await daemon.stop();
    });

    it('shows the last lines of a daemon that exits at once', async () => {
      const file = path.join(mkdtempSync(path.join(tmpdir(), 'ipfs-kit-')), 'ipfs_kit_daemon.py');
      writeFileSync(file, 'raise SystemExit("no module named fastapi")');
      await set('daemon.command', [testPython(), file]);
      void vscode.commands.executeCommand(COMMAND.startDaemon);
      await post('toast', ['no module named fastapi', 'Show Log']);
    });

    it('says that the program was not found', async () => {
      await set('daemon.command', ['/nowhere/python3', 'ipfs_kit_daemon.py']);
      void vscode.commands.executeCommand(COMMAND.startDaemon);
      await post('toast', ["couldn't be started", 'Show Log']);
    });

    it('refuses a daemon that would listen beyond this machine', async () => {
      await set('daemon.command', command('--host', '0.0.0.0'));
      void vscode.commands.executeCommand(COMMAND.startDaemon);
      await post('toast', ['other machines can reach it', 'Show Log']);
      assert.equal(await daemonPid(), undefined);
    });

    it("doesn't accept a command from a workspace", async () => {
      const config = vscode.workspace.getConfiguration('ipfsKit');
      await assert.rejects(async () =>
        config.update('daemon.command', ['touch', '/tmp/x'], vscode.ConfigurationTarget.Workspace),
      );
    });
  });
}

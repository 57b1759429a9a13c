import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { localCommand, startDaemon } from '../../../src/reaper/startDaemon';
import { testFolder } from '../../support/folder';
import { testPython } from '../../support/testDaemon';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('start');
const marker = { name: 'IPFS_KIT_SPAWN_ID', value: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed' };
let logs = 0;

// A started daemon doesn't keep this process running, so the tests must do it.
const alive = setInterval(() => undefined, 1000);
after(() => clearInterval(alive));

async function output(
  command: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ text: string; ended: string | 0; logFile: string }> {
  const logFile = path.join(folder, 'deep', `daemon-${++logs}.log`);
  const { ended } = await startDaemon({ command, logFile, marker, environment });
  return { ended: await ended, text: readFileSync(logFile, 'utf8'), logFile };
}

describe('a daemon that is started', () => {
  it('gets its arguments unchanged: there is no shell', async () => {
    const { text, ended } = await output([
      testPython(),
      '-c',
      'import sys; print(sys.argv[1:])',
      '; touch x',
      '$(id)',
      '`id`',
      '"',
      '',
    ]);
    assert.equal(text, `['; touch x', '$(id)', '\`id\`', '"', '']\n`);
    assert.equal(ended, 0);
  });

  it('leads its own session, in the home directory, and has no input', async () => {
    const code = 'import os, sys; print(os.getsid(0) == os.getpid(), os.getcwd(), repr(sys.stdin.read()))';
    assert.equal((await output([testPython(), '-c', code])).text, `True ${homedir()} ''\n`);
  });

  it('has the mark, and none of the variables of the editor', async () => {
    const code = 'import json, os; print(json.dumps(dict(os.environ)))';
    const foreign = { ELECTRON_RUN_AS_NODE: '1', VSCODE_IPC_HOOK_CLI: 'x', NODE_OPTIONS: '--x', KEPT: 'yes' };
    const environment = JSON.parse((await output([testPython(), '-c', code], { ...process.env, ...foreign })).text) as Record<
      string,
      string
    >;
    assert.equal(environment[marker.name], marker.value);
    assert.equal(environment['KEPT'], 'yes');
    for (const name of ['ELECTRON_RUN_AS_NODE', 'VSCODE_IPC_HOOK_CLI', 'NODE_OPTIONS']) assert.ok(!(name in environment), name);
  });

  it(
    'writes both its outputs to a file that only the user can read, and the previous file is preserved',
    needs(POSIX),
    async () => {
      const logFile = path.join(folder, 'rotated.log');
      writeFileSync(logFile, 'before');
      const { ended } = await startDaemon({
        command: [testPython(), '-c', 'import sys; print("a"); sys.stderr.write("b")'],
        logFile,
        marker,
      });
      await ended;
      assert.equal(readFileSync(logFile, 'utf8'), 'a\nb');
      assert.equal(statSync(logFile).mode & 0o777, 0o600);
      assert.equal(readFileSync(`${logFile}.1`, 'utf8'), 'before');
    },
  );

  it('reports how it ended', needs(POSIX), async () => {
    assert.equal((await output([testPython(), '-c', 'raise SystemExit(3)'])).ended, 'status 3');
    assert.equal(
      (await output([testPython(), '-c', 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)'])).ended,
      'SIGKILL',
    );
  });

  it('is missing if the program is', () =>
    assert.rejects(
      output(['/nowhere/python3', 'x.py']),
      (error) => IpfsKitError.is(error, 'missing') && error.message.includes('daemon.command'),
    ));

  it("doesn't write through a link in place of its output file", needs(POSIX), async () => {
    const target = path.join(folder, 'target');
    const logFile = path.join(folder, 'linked.log');
    writeFileSync(target, 'kept');
    symlinkSync(target, logFile);
    const { ended } = await startDaemon({ command: [testPython(), '-c', 'print("x")'], logFile, marker });
    await ended;
    assert.equal(readFileSync(target, 'utf8'), 'kept');
    assert.equal(readFileSync(logFile, 'utf8'), 'x\n');
  });

  it("is not started if its output can't be saved", async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const touched = path.join(folder, 'touched');
    const command = [testPython(), '-c', 'import sys; open(sys.argv[1], "w")', touched];
    await assert.rejects(startDaemon({ command, logFile: path.join(file, 'daemon.log'), marker }), (error) =>
      IpfsKitError.is(error, 'unreadable'),
    );
    assert.equal(existsSync(touched), false);
  });
});

describe('the command', () => {
  const refused = (error: unknown): boolean => IpfsKitError.is(error, 'invalid-argument');

  for (const host of ['0.0.0.0', '::', '192.168.1.4', 'example.org', '', '127.evil.org', '127.0.0.1.example.org'])
    it(`is refused if it listens at "${host}"`, () => {
      assert.throws(() => localCommand(['python3', 'ipfs_kit_daemon.py', '--host', host]), refused);
      assert.throws(() => localCommand(['python3', 'ipfs_kit_daemon.py', `--host=${host}`]), refused);
    });

  for (const host of ['127.0.0.1', 'localhost', '::1'])
    it(`may listen at ${host}`, () => {
      const command = ['python3', 'ipfs_kit_daemon.py', '--host', host];
      assert.deepEqual(localCommand(command), command);
    });

  it('gets an option to listen only on loopback if it is the command line, which would listen everywhere', () => {
    const here = ['--host', '127.0.0.1'];
    for (const start of [['ipfs-kit'], ['python3', '/x/cli.py'], ['python3', '-m', 'ipfs_kit_py.cli']])
      assert.deepEqual(localCommand([...start, 'daemon', 'start']), [...start, 'daemon', 'start', ...here]);
    assert.deepEqual(localCommand(['ipfs-kit', 'daemon', 'start', ...here]), ['ipfs-kit', 'daemon', 'start', ...here]);
    assert.deepEqual(localCommand(['other', 'daemon', 'start']), ['other', 'daemon', 'start']);
  });

  it('is refused if there is none', () => {
    for (const none of [[], [''], ['', 'x'], ['python3', 'a\0b']]) assert.throws(() => localCommand(none), refused);
  });
});

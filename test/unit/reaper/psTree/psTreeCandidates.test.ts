import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLinuxProcessTable } from '../../../../src/reaper/table/linuxProcessTable';
import type { ProcessRow } from '../../../../src/reaper/table/processTable';
import { createPsTreeCandidates } from '../../../../src/reaper/psTree/psTreeCandidates';
import { needs } from '../../../support/needs';

const folder = mkdtempSync(path.join(tmpdir(), 'ps-tree-'));
const workerFile = path.join(folder, 'psTreeWorker.js');
const systemPath = process.env['PATH'] ?? '';
const table = createLinuxProcessTable();

/** Long enough to start `ps` on a busy machine. */
const DEADLINE_MS = 2500;
const LISTER_ARGUMENTS = ['-A', '-o', 'ppid,pid,stat,comm'];

/** These processes and their descendants end with their standard input. */
const started: ChildProcess[] = [];
let rootPid = 0;
let ownThreads = 0;
let keepAlive: NodeJS.Timeout; // Candidates don't keep the process running.

/** Hooks of a file run even if all its suites are skipped. */
const isHere = needs('/proc').skip === false;

if (isHere) before(setUp);
async function setUp(): Promise<void> {
  const esbuild = path.join(process.cwd(), 'node_modules/esbuild/bin/esbuild');
  const sources = ['psTreeWorker', 'psTreeCandidates'].map((name) => path.join(process.cwd(), `src/reaper/psTree/${name}.ts`));
  // As a library, esbuild would leave a child process running.
  execFileSync(
    esbuild,
    [...sources, '--bundle', '--platform=node', '--format=cjs', '--target=node20', '--minify', `--outdir=${folder}`],
    {
      stdio: 'pipe',
    },
  );
  rootPid = start('sh', ['-c', 'sh -c "cat; :"; :']).pid ?? 0;
  keepAlive = setInterval(() => undefined, 1000);
  await Promise.all(Array.from({ length: 16 }, () => stat(process.execPath))); // Starts all threads of the libuv pool.
  ownThreads = countThreads();
}

if (isHere) afterEach(nothingIsLeft);

after(() => {
  for (const { stdin } of started) stdin?.end();
  clearInterval(keepAlive);
  rmSync(folder, { recursive: true, force: true });
});

function start(program: string, args: string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  started.push(child);
  return child;
}

/** A folder with this shell script as `ps`, to be searched first. The script may write its PID to `$0.pid`. */
function fakePs(name: string, script: string): { searchPath: string; file: string } {
  const place = path.join(folder, name);
  const file = path.join(place, 'ps');
  mkdirSync(place);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { searchPath: `${place}${path.delimiter}${systemPath}`, file };
}

function fakeWorker(name: string, code: string): string {
  const file = path.join(folder, `${name}.js`);
  writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads');\n${code}\n`);
  return file;
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const end = performance.now() + 30_000; !(await isSo()); await sleep(20))
    assert.ok(performance.now() < end, `${what}: still not so after 30 s`);
}

const countThreads = (): number => readdirSync('/proc/self/task').length;

/** The children of this process, zombies included. */
async function children(): Promise<ProcessRow[]> {
  return [...(await table.look('all')).values()].filter(({ ppid, pid }) => ppid === process.pid && pid !== rootPid);
}

async function nothingIsLeft(): Promise<void> {
  await until(async () => (await children()).length === 0, 'no child is left, not even a zombie');
  await until(() => countThreads() <= ownThreads, 'no thread is left');
}

const rows = (...lines: string[]): string => `cat <<'END'\nPPID PID STAT COMMAND\n${lines.join('\n')}\nEND\n`;

async function rowsOf(script: string): Promise<unknown> {
  const { searchPath } = fakePs(`rows-${(fakes += 1)}`, script);
  const answer = await createPsTreeCandidates({ workerFile, searchPath })(rootPid);
  await nothingIsLeft();
  return answer;
}
let fakes = 0;

describe('the candidates of ps-tree', needs('/proc'), () => {
  it('are the descendants of the root, without the root', async () => {
    let expected: { pid: number; ppid: number }[] = [];
    await until(async () => {
      const all = [...(await table.look('all')).values()];
      const child = all.find(({ ppid }) => ppid === rootPid);
      const grandchild = all.find(({ ppid }) => ppid === child?.pid);
      if (child && grandchild) expected = [child, grandchild].map(({ pid, ppid }) => ({ pid, ppid }));
      return expected.length > 0;
    }, 'the tree has started');
    const answer = await createPsTreeCandidates({ workerFile, deadlineMs: 20_000 })(rootPid);
    assert.ok(answer !== 'unknown');
    assert.deepEqual(
      [...answer].sort((a, b) => Number(a.ppid !== rootPid) - Number(b.ppid !== rootPid)),
      expected,
    );
    await nothingIsLeft();
  });

  it('are unknown, not none, for a process without descendants', async () => {
    const lonely = start('cat', []);
    assert.equal(await createPsTreeCandidates({ workerFile })(lonely.pid ?? 0), 'unknown');
    lonely.stdin?.end();
    await nothingIsLeft();
  });

  it('are unknown for invalid PIDs, init and ourselves', async () => {
    const candidates = createPsTreeCandidates({
      workerFile: fakeWorker('any', `parentPort.postMessage([{ PID: '7', PPID: '5' }])`),
    });
    for (const pid of [0, 1, -1, -5, 1.5, NaN, Infinity, 2 ** 31, process.pid]) assert.equal(await candidates(pid), 'unknown');
    assert.notEqual(await candidates(rootPid), 'unknown');
  });

  it('leave no thread and no zombie behind, however often they are requested', async () => {
    const candidates = createPsTreeCandidates({ workerFile, deadlineMs: 20_000 });
    for (let round = 0; round < 25; round++) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => candidates(rootPid)));
      assert.ok(answers.every((answer) => answer !== 'unknown'));
    }
    await nothingIsLeft();
  });
});

describe('the candidates of ps-tree where its tools are missing', needs('/proc'), () => {
  it('are unknown without a ps, and the process keeps running', async () => {
    const empty = path.join(folder, 'empty');
    mkdirSync(path.join(empty, 'ps'), { recursive: true }); // A folder isn't a program.
    for (const searchPath of [empty, '', `${empty}:${empty}/none`])
      assert.equal(await createPsTreeCandidates({ workerFile, searchPath })(rootPid), 'unknown');
  });

  it("are unknown with a ps that may not be run, or can't be", async () => {
    const forbidden = path.join(folder, 'forbidden');
    mkdirSync(forbidden);
    writeFileSync(path.join(forbidden, 'ps'), '#!/bin/sh\n', { mode: 0o644 });
    assert.equal(await createPsTreeCandidates({ workerFile, searchPath: forbidden })(rootPid), 'unknown');

    const broken = path.join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(path.join(broken, 'ps'), '#!/no/such/interpreter\n', { mode: 0o755 });
    assert.equal(await createPsTreeCandidates({ workerFile, searchPath: broken })(rootPid), 'unknown');
  });

  it('do not come from a ps in the current folder', async () => {
    const here = path.relative(process.cwd(), path.dirname(fakePs('here', rows(`${rootPid} 4711 S cat`)).file));
    assert.equal(await createPsTreeCandidates({ workerFile, searchPath: `${here}:.:` })(rootPid), 'unknown');
  });

  it('are unknown without the file of the worker, or with one that fails', async () => {
    const failing = fakeWorker('failing', `throw new Error('broken')`);
    const silent = fakeWorker('silent', '');
    const noScript = fakeWorker('noScript', '%&/(');
    for (const file of [path.join(folder, 'none.js'), folder, 'relative.js', failing, silent, noScript])
      assert.equal(await createPsTreeCandidates({ workerFile: file })(rootPid), 'unknown');
  });

  it('are unknown on a Windows without wmic.exe, where no thread is started', async () => {
    const trace = path.join(folder, 'trace');
    const answering = fakeWorker(
      'answering',
      `require('node:fs').writeFileSync(${JSON.stringify(trace)}, ''); parentPort.postMessage([{ PID: '8', PPID: '4' }])`,
    );
    const searchPath = path.join(folder, 'system32');
    mkdirSync(searchPath);
    const candidates = createPsTreeCandidates({
      workerFile: answering,
      platform: 'win32',
      searchPath: `C:\\Windows;${searchPath}`,
    });
    assert.equal(await candidates(rootPid), 'unknown');
    assert.equal(existsSync(trace), false);

    writeFileSync(path.join(searchPath, 'wmic.exe'), '', { mode: 0o755 });
    const answer = await candidates(rootPid);
    assert.deepEqual(answer, [{ pid: 8, ppid: 4 }]);
  });
});

describe('the candidates of ps-tree with a ps that misbehaves', needs('/proc'), () => {
  it('are unknown if it rejects its options', async () => {
    assert.equal(await rowsOf('echo "unknown option" >&2; exit 1'), 'unknown');
  });

  it('are unknown if it prints nothing, or garbage', async () => {
    assert.equal(await rowsOf(':'), 'unknown');
    assert.equal(await rowsOf('head -c 100000 /dev/urandom'), 'unknown');
    assert.equal(await rowsOf(`echo; echo; echo "${rootPid} ${rootPid}"`), 'unknown');
    assert.equal(await rowsOf(`echo "__proto__ constructor PPID"; echo "1 2 ${rootPid}"`), 'unknown');
  });

  it('are only those of its rows whose numbers can be those of processes of others', async () => {
    const found = await rowsOf(
      rows(
        `${rootPid} 1 S init`,
        `${rootPid} 0 S idle`,
        `${rootPid} ${process.pid} S ourselves`,
        `${process.pid} 4242 S child-of-ours`,
        `${rootPid} -1 S negative`,
        `${rootPid} -4711 S negative`,
        `${rootPid} 99999999999999999999 S huge`,
        `${rootPid} 2147483648 S huge`,
        `${rootPid} 1e3 S exponent`,
        `${rootPid} 0x10 S hexadecimal`,
        `${rootPid} 12.5 S fraction`,
        `${rootPid} text S text`,
        `${rootPid}`,
        `${rootPid} 4711 S good`,
        `4711 4712 S good too`,
        `1 4713 S stranger`,
      ),
    );
    assert.deepEqual(found, [
      { pid: 4711, ppid: rootPid },
      { pid: 4712, ppid: 4711 },
    ]);
  });

  it('are only rows, regardless of other messages of the thread', async () => {
    const file = fakeWorker('odd', `parentPort.postMessage(['7', 7, {}, { PID: 7, PPID: 5 }, { PID: '7', PPID: '5' }])`);
    const answer = await createPsTreeCandidates({ workerFile: file })(rootPid);
    assert.deepEqual(answer, [{ pid: 7, ppid: 5 }]);
    for (const said of ['undefined', '"text"', '{}', '[]', '[null]'])
      assert.equal(
        await createPsTreeCandidates({ workerFile: fakeWorker(`says ${said.length}`, `parentPort.postMessage(${said})`) })(
          rootPid,
        ),
        'unknown',
      );
  });

  it('are unknown if it prints without end, and it is ended', async () => {
    assert.equal(await rowsOf(`echo PPID PID STAT COMMAND; exec yes "${rootPid} 4711 S cat"`), 'unknown');
  });

  it('are unknown after 1.5 s if it hangs', async () => {
    const { searchPath } = fakePs('hangs', 'exec sleep 60');
    const asked = performance.now();
    assert.equal(await createPsTreeCandidates({ workerFile, searchPath })(rootPid), 'unknown');
    assert.ok(performance.now() - asked >= 1499);
    await nothingIsLeft();
  });

  for (const [name, script] of [
    ['that hangs as a script', 'echo $$ > "$0.pid"; sleep 5 & wait'],
    ['that has become another program', 'echo $$ > "$0.pid"; exec sleep 60'],
    ['that ignores all that can be ignored', 'trap "" TERM INT HUP PIPE; echo $$ > "$0.pid"; while :; do sleep 1; done'],
    ['that has been stopped', 'echo $$ > "$0.pid"; kill -STOP $$'],
    ['that hangs after a complete listing', `${rows('@ROOT 4711 S cat')}echo $$ > "$0.pid"; exec sleep 60`],
  ] as const)
    it(`end a ps ${name}, without leaving it, a zombie or a thread behind`, async () => {
      const { searchPath, file } = fakePs(name, script.replace('@ROOT', String(rootPid)));
      assert.equal(await createPsTreeCandidates({ workerFile, searchPath, deadlineMs: DEADLINE_MS })(rootPid), 'unknown');
      assert.match(readFileSync(`${file}.pid`, 'utf8'), /^\d+\n$/); // The fake `ps` ran.
      await nothingIsLeft();
    });

  it("are returned immediately even if ps then doesn't exit, and ps is ended", async () => {
    const { searchPath } = fakePs('lingers', `${rows(`${rootPid} 4711 S cat`)}exec sleep 60 >&-`);
    const answer = await createPsTreeCandidates({ workerFile, searchPath, deadlineMs: DEADLINE_MS })(rootPid);
    assert.deepEqual(answer, [{ pid: 4711, ppid: rootPid }]);
    await nothingIsLeft();
  });
});

describe('the candidates of ps-tree with a thread that does not react', needs('/proc'), () => {
  it('are unknown, regardless of its output after the deadline', async () => {
    const file = fakeWorker('late', `parentPort.on('message', () => parentPort.postMessage([{ PID: '7', PPID: '5' }]))`);
    assert.equal(await createPsTreeCandidates({ workerFile: file, deadlineMs: 300 })(rootPid), 'unknown');
  });

  it('do not start a ps if it comes to life too late', async () => {
    const { searchPath, file } = fakePs('too late', 'echo $$ > "$0.pid"');
    assert.equal(await createPsTreeCandidates({ workerFile, searchPath, deadlineMs: 0 })(rootPid), 'unknown');
    await nothingIsLeft();
    assert.equal(existsSync(`${file}.pid`), false);
  });

  it('end the thread, but its ps first, and no other child of ours', async () => {
    const { file } = fakePs('stuck', 'echo $$ >> "$0.pid"; read line');
    const older = start(file, LISTER_ARGUMENTS);
    await sleep(50); // The kernel reports start times in steps of 10 ms.
    const ended = path.join(folder, 'ended');
    const stuck = fakeWorker(
      'stuck',
      `const child = require('node:child_process').spawn(${JSON.stringify(file)}, ${JSON.stringify(LISTER_ARGUMENTS)});
       child.on('exit', (code, signal) => require('node:fs').writeFileSync(${JSON.stringify(ended)}, String(signal)));
       setInterval(() => {}, 1000);`,
    );
    const answer = createPsTreeCandidates({ workerFile: stuck, deadlineMs: DEADLINE_MS })(rootPid);
    const ofOtherUse = start(file, ['-A', '-o', 'ppid,pid']);
    assert.equal(await answer, 'unknown');
    await sleep(50);
    const ofLaterCall = start(file, LISTER_ARGUMENTS);
    await until(() => countThreads() <= ownThreads, 'the thread has ended');
    assert.equal(readFileSync(ended, 'utf8'), 'SIGKILL');
    const others = [older, ofOtherUse, ofLaterCall];
    assert.deepEqual(new Set((await children()).map(({ pid }) => pid)), new Set(others.map(({ pid }) => pid)));
    for (const other of others) other.stdin?.end();
    await nothingIsLeft();
  });

  it('end a thread that is busy forever', async () => {
    const file = fakeWorker('busy', 'for (;;);');
    assert.equal(await createPsTreeCandidates({ workerFile: file, deadlineMs: 300 })(rootPid), 'unknown');
    await nothingIsLeft();
  });
});

describe('a program that requests the candidates of ps-tree', needs('/proc'), () => {
  const run = (script: string, PATH = systemPath): { stdout: string; stderr: string; status: number | null } => {
    const load = `const { createPsTreeCandidates } = require(${JSON.stringify(path.join(folder, 'psTreeCandidates.js'))});`;
    const options = { encoding: 'utf8', timeout: 60_000, env: { ...process.env, PATH } } as const;
    return spawnSync(process.execPath, ['-e', `${load}\n${script}`], options);
  };

  it('ends when it is done itself, and does not wait for a ps that hangs', () => {
    const { searchPath } = fakePs('waits', 'exec cat'); // It waits until the program that holds its input ends.
    const script = `createPsTreeCandidates({ workerFile: ${JSON.stringify(workerFile)}, deadlineMs: 600_000 })(${rootPid})
      .then(() => console.log('answered'));
      setTimeout(() => console.log('done'), 500);`;
    const { stdout, stderr, status } = run(script, searchPath);
    assert.deepEqual({ stdout, stderr, status }, { stdout: 'done\n', stderr: '', status: 0 });
  });

  it('neither crashes nor gets output of it, without a ps or without the file of the worker', () => {
    for (const options of [{ workerFile, searchPath: folder }, { workerFile: path.join(folder, 'none.js') }]) {
      const script = `createPsTreeCandidates(${JSON.stringify(options)})(${rootPid}).then(console.log); setTimeout(() => {}, 1000);`;
      const { stdout, stderr, status } = run(script);
      assert.deepEqual({ stdout, stderr, status }, { stdout: 'unknown\n', stderr: '', status: 0 });
    }
  });
});

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { kuboAccess } from '../../../../src/daemonClient/kubo/kuboRepository';
import type { RpcAccess } from '../../../../src/daemonClient/rpcAccess';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { kuboHolder } from '../../../../src/reaper/kubo/kuboProcess';
import type { StopKuboOptions } from '../../../../src/reaper/kubo/stopKubo';
import { stopKubo } from '../../../../src/reaper/kubo/stopKubo';
import type { StopProgress, StopResult } from '../../../../src/reaper/stopContract';
import { createLinuxProcessTable } from '../../../../src/reaper/table/linuxProcessTable';
import type { ProcessTable } from '../../../../src/reaper/table/processTable';
import { testFolder } from '../../../support/folder';
import { repositoryRoot, testPython } from '../../../support/testDaemon';
import { needs } from '../../../support/needs';

const folder = testFolder('stop-kubo');
const PEER = '12D3KooWSdXgMJ4zedJFifGaNJFeDhuyiNYPSgHidbMaJztqGZ1L';
const OTHER = '12D3KooWCjDjA4QuTc32EoafJM6Ejn2PUArk5BiC3LzoA5W7MDQ8';
const timeouts = { gracefulMs: 600, termMs: 400, idleMs: 300, killMs: 2000 };
/** For daemons that exit when requested, however busy the machine is. */
const PATIENT: Partial<StopKuboOptions> = { timeouts: { ...timeouts, gracefulMs: 20_000 } };

function repository(): string {
  const made = mkdtempSync(path.join(folder, 'repo-'));
  writeFileSync(path.join(made, 'config'), JSON.stringify({ Identity: { PeerID: PEER, PrivKey: 'CAES' } }));
  return made;
}

interface StandIn {
  readonly repository: string;
  readonly pid: number;
  readonly child: ChildProcess;
  readonly isAlive: () => boolean;
  /** The number of requests to shut down. */
  readonly asked: () => number;
  readonly access: () => RpcAccess;
}

/** Runs `check` beside a process that behaves like Kubo's and is ended afterwards. */
async function withStandIn(
  args: readonly string[],
  check: (standIn: StandIn) => Promise<void>,
  where = repository(),
): Promise<void> {
  const script = path.join(repositoryRoot(), 'test/support/kubo_stand_in.py');
  const child = spawn(testPython(), [script, where, '--peer', PEER, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', () => resolve());
      void ended.then(() => reject(new Error('The stand-in ended.')));
    });
    await check({
      repository: where,
      pid: child.pid ?? assert.fail(),
      child,
      isAlive: () => child.exitCode === null && child.signalCode === null,
      asked: () => (existsSync(path.join(where, 'asked')) ? readFileSync(path.join(where, 'asked')).length : 0),
      access: () => kuboAccess(where) ?? assert.fail('no address'),
    });
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

async function stopped(
  { repository: where, access }: Pick<StandIn, 'repository' | 'access'>,
  options: Partial<StopKuboOptions> = {},
): Promise<{ result: StopResult; steps: string[] }> {
  const events: StopProgress[] = [];
  const result = await stopKubo({
    access: access(),
    repository: where,
    timeouts,
    onProgress: (event) => events.push(event),
    ...options,
  });
  return { result, steps: events.map(({ step }) => step).filter((step, at, all) => step !== all[at - 1]) };
}

/** Asserts that the process is gone and that the report says so. */
function assertGone({ result }: { result: StopResult }, pid: number, how: 'Ended' | 'Killed' = 'Ended'): void {
  const { ok, killed, survivors, portOpen, dbLockers, locks } = result;
  assert.deepEqual(
    { ok, killed, survivors, portOpen, dbLockers, locks },
    { ok: true, killed: [pid], survivors: [], portOpen: false, dbLockers: [], locks: 'free' },
  );
  assert.equal(result.summary, `The Kubo daemon is stopped. ${how} 1 process.`);
  assert.deepEqual(result.forced, how === 'Killed' ? [pid] : []);
}

function assertUntouched({ isAlive, asked }: StandIn, { result }: { result: StopResult }): void {
  assert.equal(isAlive(), true);
  assert.equal(asked(), 0);
  assert.equal(result.ok, false);
  assert.deepEqual([result.killed, result.processes], [[], []]);
}

describe('the process of a Kubo', needs('/proc'), () => {
  it('is the one that holds the lock of its repository, by PID and start time', () =>
    withStandIn([], async ({ repository: where, pid, access }) => {
      const holder = await kuboHolder(where);
      assert.equal(holder.state, 'ours');
      const { row, details, link } = holder.proven;
      assert.deepEqual([row.pid, link, details.argv?.includes(where)], [pid, 'repository', true]);
      assert.match(row.start, /^\d+$/);
      assert.ok(holder.listening?.some(({ port }) => access().url.endsWith(`:${port}`)));
    }));

  it('is missing if the files exist but no lock does', () =>
    withStandIn(['--no-lock'], async ({ repository: where }) => assert.equal((await kuboHolder(where)).state, 'free')));

  it('is missing in a folder without such a file', async () => assert.equal((await kuboHolder(repository())).state, 'free'));

  it('is not known on a system that lists no locks', () =>
    withStandIn([], async ({ repository: where }) =>
      assert.equal((await kuboHolder(where, { locksFile: path.join(folder, 'none') })).state, 'unknown'),
    ));

  it('is not ours when another user has the repository open, or a container', () =>
    withStandIn([], async ({ repository: where }) => {
      const real = createLinuxProcessTable();
      const tables: ProcessTable[] = [
        { ...real, user: '4711' },
        { ...real, details: (row) => ({ argv: [], user: real.user, inOtherNamespace: row.pid > 0 }) },
        { ...real, look: () => Promise.reject(new IpfsKitError('unreadable', 'another namespace')) },
      ];
      for (const table of tables) assert.equal((await kuboHolder(where, { table })).state, 'not-provable');
    }));

  it('is not ours when we run under it, or are it', () =>
    withStandIn([], async ({ repository: where, pid }) =>
      assert.equal((await kuboHolder(where, { table: { ...createLinuxProcessTable(), self: pid } })).state, 'not-provable'),
    ));

  it('is not a process that only waits for the lock, or has another kind of lock', () =>
    withStandIn([], async ({ repository: where, pid }) => {
      const [line = ''] = readFileSync('/proc/locks', 'latin1')
        .split('\n')
        .filter((text) => text.includes(` ${pid} `));
      const locksFile = path.join(folder, 'locks');
      const asked = async (text: string) => {
        writeFileSync(locksFile, text);
        return kuboHolder(where, { locksFile });
      };
      assert.equal((await asked(`${line}\n`)).state, 'ours');
      assert.equal((await asked(`${line.replace('POSIX', 'FLOCK')}\n`)).state, 'free');
      assert.equal((await asked(`${line.replace('POSIX', '-> POSIX')}\n`)).state, 'free');
      assert.equal((await asked(`${line.replace(` ${pid} `, ' 0 ')}\n`)).state, 'not-provable');
      assert.equal((await asked(`${line}\n${line.replace(` ${pid} `, ' 1 ')}\n`)).state, 'not-provable');
      assert.equal((await asked(`${line.replace(` ${pid} `, ' 1 ')}\n`)).state, 'not-provable');
    }));
});

describe('stopping a Kubo', needs('/proc'), () => {
  it('asks it to shut down, and waits for its process, which exits after the response', () =>
    withStandIn([], async (standIn) => {
      const stop = await stopped(standIn, PATIENT);
      assertGone(stop, standIn.pid);
      assert.deepEqual(stop.steps, ['graceful', 'scan', 'verify', 'done']);
      const [entry] = stop.result.processes;
      assert.deepEqual([entry?.outcome, entry?.signals, entry?.link], ['exited', [], 'repository']);
      assert.ok((entry?.ms ?? 0) >= 200);
      assert.equal(standIn.asked(), 1);
    }));

  it('uses a Unix socket', () => {
    const where = repository();
    return withStandIn(
      ['--socket', path.join(where, 'kubo.sock')],
      async (standIn) => {
        const stop = await stopped(standIn, PATIENT);
        assertGone(stop, standIn.pid);
        assert.equal(stop.result.port, undefined);
        assert.equal(stop.result.processes[0]?.outcome, 'exited');
      },
      where,
    );
  });

  it("doesn't stop the process that has the repository open if another one responds at the Unix socket", () =>
    withStandIn(['--no-server'], async (standIn) => {
      const socketPath = path.join(standIn.repository, 'other.sock');
      const other = createServer((_, response) => response.end(JSON.stringify({ ID: PEER })));
      await new Promise<void>((resolve) => other.listen(socketPath, resolve));
      try {
        const stop = await stopped({ ...standIn, access: () => ({ url: 'http://kubo', socketPath }) });
        assertUntouched(standIn, stop);
        assert.match(stop.result.notes.join(' '), /couldn't verify that it is the daemon/);
      } finally {
        other.close();
      }
    }));

  it('ends a process that listens at the unix socket and does not respond', () => {
    const where = repository();
    return withStandIn(
      ['--id', 'silent', '--socket', path.join(where, 'kubo.sock')],
      async (standIn) => assertGone(await stopped(standIn), standIn.pid),
      where,
    );
  });

  for (const how of ['ignored', 'refused'])
    it(`sends SIGTERM when the request was ${how}`, () =>
      withStandIn(['--shutdown', how], async (standIn) => {
        const stop = await stopped(standIn);
        assertGone(stop, standIn.pid);
        assert.deepEqual(stop.steps, ['graceful', 'scan', 'terminate', 'verify', 'done']);
        assert.deepEqual(stop.result.processes[0]?.signals, ['SIGTERM']);
        assert.equal(stop.result.processes[0].outcome, 'terminated');
        assert.equal(
          stop.result.notes.some((note) => note.includes("didn't accept")),
          how === 'refused',
        );
      }));

  it('sends SIGKILL if it ignores that too, and reports what stays behind', () =>
    withStandIn(['--shutdown', 'ignored', '--sigterm', 'ignored'], async (standIn) => {
      const stop = await stopped(standIn);
      assertGone(stop, standIn.pid, 'Killed');
      assert.deepEqual(stop.steps, ['graceful', 'scan', 'terminate', 'kill', 'verify', 'done']);
      assert.deepEqual(stop.result.processes[0]?.signals, ['SIGTERM', 'SIGSTOP', 'SIGKILL']);
      assert.equal(stop.result.processes[0].outcome, 'killed');
      assert.ok(stop.result.notes.some((note) => note.includes('left behind')));
      assert.ok(existsSync(path.join(standIn.repository, 'api')), 'nothing in the repository is removed');
    }));

  it('continues one that was frozen, and sends it no request', () =>
    withStandIn([], async (standIn) => {
      standIn.child.kill('SIGSTOP');
      const stop = await stopped(standIn);
      assertGone(stop, standIn.pid);
      assert.deepEqual(stop.result.processes[0]?.signals, ['SIGTERM', 'SIGCONT']);
    }));

  it('ends one that listens and requires a token, by signals only', () =>
    withStandIn(['--id', 'denied'], async (standIn) => {
      const stop = await stopped(standIn);
      assertGone(stop, standIn.pid);
      assert.equal(standIn.asked(), 0);
      assert.match(stop.result.notes.join(' '), /requires a token/);
    }));

  it('finds nothing to do after a crash, whose files prove nothing', async () => {
    const where = repository();
    let access: RpcAccess | undefined;
    await withStandIn([], (standIn) => Promise.resolve(void (access = standIn.access())), where);
    assert.ok(existsSync(path.join(where, 'repo.lock')));
    const { result, steps } = await stopped({ repository: where, access: () => access ?? assert.fail() });
    assert.deepEqual([result.ok, result.processes, result.summary], [true, [], 'No Kubo daemon is running under your account.']);
    assert.deepEqual(steps, ['scan', 'verify', 'done']);
  });
});

describe('a Kubo that is still at work', { concurrency: true, ...needs('/proc') }, () => {
  const impatient = { gracefulMs: 100, termMs: 100, idleMs: 900, killMs: 2000 };
  const isWaiting = ({ step, waitedMs }: StopProgress): boolean => step === 'terminate' && waitedMs !== undefined;

  /** Lets the stand-in finish its work once the stop waits for it. */
  async function stoppedInTime(standIn: StandIn, gracefulMs: number): Promise<{ result: StopResult; progress: StopProgress[] }> {
    const progress: StopProgress[] = [];
    const onProgress = (event: StopProgress): void => {
      if (isWaiting(event) && progress.push(event) === 1) writeFileSync(path.join(standIn.repository, 'enough'), '');
    };
    const { result } = await stopped(standIn, { timeouts: { ...impatient, gracefulMs }, onProgress });
    assertGone({ result }, standIn.pid);
    assert.ok(existsSync(path.join(standIn.repository, 'whole')), 'it came to its end');
    return { result, progress };
  }

  for (const how of ['writes', 'computes', 'flushes', 'pauses', 'delegates'])
    it(`is awaited, and exits by itself: it ${how}`, () =>
      withStandIn(['--works', how], async (standIn) => {
        const { result, progress } = await stoppedInTime(standIn, 100);
        assert.deepEqual(result.processes[0]?.signals, ['SIGTERM']);
        assert.match(progress[0]?.message ?? '', /^Kubo is still (?:writing|working): \d+ s$/);
        assert.equal(progress[0]?.pid, standIn.pid);
      }));

  it('gets no SIGTERM once it has closed its address, since a second signal would end it immediately', () =>
    withStandIn(['--works', 'writes', '--closes', '--exit-after', '0'], async (standIn) => {
      const { result } = await stoppedInTime(standIn, 1500);
      assert.deepEqual(result.processes[0]?.signals, []);
    }));

  it('is left to finish when the wait is canceled, and gets no second SIGTERM when it is stopped once more', () =>
    withStandIn(['--works', 'writes'], async (standIn) => {
      for (const signals of [['SIGTERM'], []]) {
        const stop = new AbortController();
        const onProgress = (event: StopProgress): void => (isWaiting(event) ? stop.abort() : undefined);
        const { result } = await stopped(standIn, { timeouts: impatient, signal: stop.signal, onProgress });
        assert.equal(standIn.isAlive(), true);
        assert.deepEqual([result.ok, result.killed, result.survivors], [false, [], [standIn.pid]]);
        assert.deepEqual(result.processes[0]?.signals, signals);
        assert.match(result.processes[0].why ?? '', /left to finish/);
        assert.match(result.summary, new RegExp(`Kubo \\(PID ${standIn.pid}\\) was left to finish what it is writing`));
      }
    }));

  it('is killed if the user chooses force, and the summary says so', () =>
    withStandIn(['--works', 'writes'], async (standIn) => {
      const force = new AbortController();
      const onProgress = (event: StopProgress): void => (isWaiting(event) ? force.abort() : undefined);
      const stop = await stopped(standIn, { timeouts: impatient, force: force.signal, onProgress });
      assertGone(stop, standIn.pid, 'Killed');
      assert.equal(stop.result.processes[0]?.outcome, 'killed');
    }));
});

describe('a Kubo that must not be stopped', needs('/proc'), () => {
  it('is another peer than that of the repository', () =>
    withStandIn(['--peer', OTHER], async (standIn) => {
      const stop = await stopped(standIn);
      assertUntouched(standIn, stop);
      assert.match(stop.result.notes.join(' '), /couldn't verify that it is the daemon/);
    }));

  it("responds as the right peer, but doesn't have the repository open", () =>
    withStandIn(['--no-lock'], async (standIn) => assertUntouched(standIn, await stopped(standIn))));

  it('is a command that has the repository open while another process responds for it', () =>
    withStandIn(['--no-server'], (command) =>
      withStandIn(['--no-lock'], async (impostor) => {
        const stop = await stopped({ repository: command.repository, access: impostor.access });
        assertUntouched(command, stop);
        assertUntouched(impostor, stop);
        assert.deepEqual(stop.result.dbLockers, [command.pid]);
        assert.match(stop.result.summary, new RegExp(`the repository is locked by PID ${command.pid}`));
      }),
    ));

  it('is a command that has the repository open, with the address of a daemon that crashed', () =>
    withStandIn(['--no-server'], async (command) => {
      const stop = await stopped({ repository: command.repository, access: () => ({ url: 'http://127.0.0.1:9' }) });
      assertUntouched(command, stop);
    }));

  it('belongs to another user', () =>
    withStandIn([], async (standIn) => {
      const stop = await stopped(standIn, { table: { ...createLinuxProcessTable(), user: '4711' } });
      assertUntouched(standIn, stop);
      assert.match(stop.result.notes.join(' '), /another user/);
    }));

  it('is on another machine', () =>
    withStandIn([], async (standIn) => {
      for (const url of ['http://192.0.2.1:5001', 'https://127.0.0.1:5001', 'http://localhost.example:5001', 'nonsense'])
        await assert.rejects(stopped(standIn, { access: { url } }), (error) => IpfsKitError.is(error, 'invalid-argument'));
      assert.equal(standIn.isAlive(), true);
    }));

  it('has no repository that identifies it', () =>
    withStandIn([], async (standIn) => {
      const where = mkdtempSync(path.join(folder, 'bare-'));
      await assert.rejects(stopped(standIn, { repository: where }), (error) => IpfsKitError.is(error, 'missing'));
    }));

  for (const lock of ['gone', 'stays'])
    it(`becomes another program after the request to exit, and gets no signal; its lock ${lock}`, () =>
      withStandIn(['--shutdown', 'executes', ...(lock === 'stays' ? ['--lock-stays'] : [])], async (standIn) => {
        const { result } = await stopped(standIn, PATIENT);
        assert.equal(standIn.isAlive(), true);
        while (!existsSync(path.join(standIn.repository, 'executed'))) await new Promise((resolve) => setTimeout(resolve, 20));
        assert.equal(existsSync(path.join(standIn.repository, 'signals')), false);
        assert.deepEqual([result.processes[0]?.signals, result.processes[0]?.outcome], [[], 'exited']);
        assert.match(result.notes.join(' '), new RegExp(`PID ${standIn.pid} became a program other than Kubo`));
        assert.deepEqual(
          [result.ok, result.portOpen, result.dbLockers],
          lock === 'stays' ? [false, false, [standIn.pid]] : [true, false, []],
        );
      }));

  it('is one that has got the PID of another meanwhile: no signal is sent', () =>
    withStandIn(['--shutdown', 'ignored'], async (standIn) => {
      const real = createLinuxProcessTable();
      let looks = 0;
      const table: ProcessTable = {
        ...real,
        look: async (refresh) => {
          const rows = new Map(await real.look(refresh));
          const row = rows.get(standIn.pid);
          if (row && ++looks > 3) rows.set(standIn.pid, { ...row, start: '1' });
          return rows;
        },
      };
      const { result } = await stopped(standIn, { ...PATIENT, table });
      assert.equal(standIn.isAlive(), true);
      assert.deepEqual([result.processes[0]?.signals, result.processes[0]?.outcome], [[], 'exited']);
      assert.equal(result.ok, false);
      assert.deepEqual(result.dbLockers, [standIn.pid]);
    }));
});

describe('the question to the user', needs('/proc'), () => {
  it('sees the process before anything is done, and may say no', () =>
    withStandIn([], async (standIn) => {
      const seen: number[] = [];
      const confirm: StopKuboOptions['confirm'] = (found) => {
        seen.push(...found.map(({ pid }) => pid));
        return Promise.resolve(false);
      };
      await assert.rejects(stopped(standIn, { confirm }), (error) => IpfsKitError.is(error, 'cancelled'));
      assert.deepEqual([seen, standIn.asked(), standIn.isAlive()], [[standIn.pid], 0, true]);
    }));

  it('is not repeated for the same process', () =>
    withStandIn([], async (standIn) => {
      let asked = 0;
      assertGone(await stopped(standIn, { confirm: () => Promise.resolve(++asked > 0) }), standIn.pid);
      assert.equal(asked, 1);
    }));

  it('can cancel until a signal is sent', () =>
    withStandIn(['--shutdown', 'ignored'], async (standIn) => {
      const stop = new AbortController();
      const onProgress = ({ step }: StopProgress): void => (step === 'graceful' ? stop.abort() : undefined);
      await assert.rejects(stopped(standIn, { signal: stop.signal, onProgress }), (error) => IpfsKitError.is(error, 'cancelled'));
      assert.equal(standIn.isAlive(), true);
    }));
});

describe('where the system lists no locks', needs('/proc'), () => {
  const locksFile = path.join(folder, 'no-such-list');

  it('a Kubo is asked to exit, and its port shows when it has', () =>
    withStandIn([], async (standIn) => {
      const { result, steps } = await stopped(standIn, { locksFile });
      assert.equal(result.summary, 'Kubo was asked to shut down, and has exited.');
      assert.deepEqual([result.ok, result.portOpen, result.processes], [true, false, []]);
      assert.deepEqual(steps, ['graceful', 'verify', 'done']);
    }));

  it('no signal is sent to one that stays', () =>
    withStandIn(['--shutdown', 'ignored'], async (standIn) => {
      const { result } = await stopped(standIn, { locksFile });
      assert.match(result.summary, /no signal was sent/);
      assert.deepEqual([result.ok, result.portOpen, standIn.isAlive()], [false, true, true]);
    }));
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stop } from '../../../../src/reaper/stop';
import type { StopOptions, StopResult } from '../../../../src/reaper/stopContract';
import type { ProcessWork } from '../../../../src/reaper/table/processTable';
import type { MadeProcess, MadeTable } from '../../../support/madeTable';
import { DAEMON, madeTable, stubborn } from '../../../support/madeTable';

const KUBO = ['/usr/bin/ipfs', 'daemon'];
const IDLE_MS = 150;

function stopped(table: MadeTable, options: Partial<StopOptions> = {}): Promise<StopResult> {
  return stop({
    scriptNames: ['ipfs_kit_daemon.py'],
    table,
    candidates: () => Promise.resolve('unknown'),
    termTimeoutMs: 30,
    killTimeoutMs: 150,
    kuboIdleMs: IDLE_MS,
    ...options,
  });
}

/** Makes the process ignore SIGTERM. */
function deaf(process: MadeProcess): MadeProcess {
  return { ...process, on: (signal, table) => stubborn(signal, table, process.pid) };
}

/** Makes the process end `ms` after SIGTERM; SIGKILL ends it at once. */
function slow(process: MadeProcess, ms: number): MadeProcess {
  return {
    ...process,
    on: (signal, table) => {
      if (signal === 'SIGTERM') setTimeout(() => table.end(process.pid), ms);
      return stubborn(signal, table, process.pid);
    },
  };
}

const daemon = deaf({ pid: 100, argv: DAEMON });
let kubos = 0;
/** A different process each time, since this process sends SIGTERM only once to each. */
const kubo = (): MadeProcess => ({ pid: 101, start: 101 + ++kubos / 100, ppid: 100, argv: KUBO });
const FROZEN_AND_KILLED = ['SIGTERM 100', 'SIGSTOP 100', 'SIGKILL 100'];

/** Reports more written bytes at each call. */
function writing(): () => ProcessWork {
  let io = 0;
  return () => ({ cpuMs: 0, io: io++, isWaiting: false });
}

describe('a Kubo below a daemon that is being ended', () => {
  it('gets its own SIGTERM and its own time, also where the caller gives the others none', async () => {
    const table = madeTable(daemon, slow(kubo(), 50));
    const { forced, ok } = await stopped(table, { termTimeoutMs: 0, killTimeoutMs: 0 });
    assert.deepEqual(table.sent, [...FROZEN_AND_KILLED, 'SIGTERM 101']);
    assert.deepEqual([ok, forced], [true, [100]]);
  });

  for (const when of ['SIGTERM', 'SIGSTOP', 'SIGKILL'] as const)
    it(`is spared that is born when the daemon gets ${when}, and is counted`, async () => {
      const on: MadeProcess['on'] = (signal, table) => {
        if (signal === when && !table.processes.has(101)) table.add(slow({ ...kubo(), pgid: 100 }, 50));
        return stubborn(signal, table, 100);
      };
      const table = madeTable({ ...daemon, on });
      const { killed, forced, summary } = await stopped(table);
      assert.deepEqual([...new Set(table.sent)], [...FROZEN_AND_KILLED, 'SIGTERM 101']);
      assert.deepEqual([killed, forced], [[100], [100]]);
      assert.equal(summary, 'The daemon is stopped. Ended 1 process and killed 1.');
    });

  it('is counted among the killed when it was born meanwhile and had to be killed', async () => {
    const table = madeTable({
      ...daemon,
      on: (signal, made) => {
        if (signal === 'SIGTERM') made.add(deaf(kubo()));
        return stubborn(signal, made, 100);
      },
    });
    const { killed, forced, summary } = await stopped(table);
    assert.deepEqual([killed, forced], [[100], [100, 101]]);
    assert.equal(summary, 'The daemon is stopped. Killed 2 processes.');
  });

  for (const loses of [false, true])
    it(`is waited for with all that it has started, while that works${loses ? ', and has lost its parent' : ''}`, async () => {
      const table = madeTable(
        { pid: 100, argv: DAEMON },
        deaf(kubo()),
        deaf({ pid: 102, ppid: 101, argv: ['sh'] }),
        deaf({ pid: 103, ppid: 102, work: writing() }),
      );
      if (loses) setTimeout(() => table.end(102), IDLE_MS);
      setTimeout(() => [103, 102, 101].forEach((pid) => table.end(pid)), 4 * IDLE_MS);
      const { forced, killed } = await stopped(table);
      assert.deepEqual([forced, killed], [[], [100, 101, 102, 103]]);
      assert.ok(
        table.sent.every((sent) => sent.startsWith('SIGTERM')),
        table.sent.join(),
      );
    });

  it('is waited for while it reads what lies in memory', async () => {
    let read = 0;
    const reading = (): ProcessWork => ({ cpuMs: 0, io: 0, read: (read += 4096), isWaiting: false });
    const table = madeTable({ pid: 100, argv: DAEMON }, deaf({ ...kubo(), work: reading }));
    setTimeout(() => table.end(101), 3 * IDLE_MS);
    assert.deepEqual((await stopped(table)).forced, []);
  });

  it('that does nothing is ended, though the daemon above outlives SIGKILL', async () => {
    const table = madeTable({ ...daemon, on: () => 'sent' }, deaf(kubo()));
    const { survivors, forced } = await stopped(table);
    assert.deepEqual([survivors, forced], [[100], [101]]);
    assert.deepEqual(
      table.sent.filter((sent) => sent.endsWith('101')),
      ['SIGTERM 101', 'SIGSTOP 101', 'SIGKILL 101'],
    );
  });

  it("gets six times as long where its reads and writes aren't visible", async () => {
    const hidden = (): ProcessWork => ({ cpuMs: 0, io: undefined, isWaiting: false });
    const { processes } = await stopped(madeTable({ pid: 100, argv: DAEMON }, deaf({ ...kubo(), work: hidden })), {
      kuboIdleMs: 50,
    });
    const [ms = 0] = processes.filter(({ pid }) => pid === 101).map((entry) => entry.ms);
    assert.ok(ms >= 300, `${String(ms)} ms`);
  });

  it("that is idle isn't reported as working when the wait is canceled, and neither are its children", async () => {
    const cancel = new AbortController();
    const { processes, summary } = await stopped(
      madeTable({ pid: 100, argv: DAEMON }, deaf(kubo()), deaf({ pid: 102, ppid: 101, argv: ['sh'] })),
      {
        kuboIdleMs: 60_000,
        signal: cancel.signal,
        onProgress: ({ message }) => (message.includes('has done nothing') ? cancel.abort() : undefined),
      },
    );
    assert.match(summary, /^Ended 1 process, but Kubo \(PID 101, 102\), which is idle, was left alone\.$/);
    for (const { pid, why } of processes) if (pid > 100) assert.match(why ?? '', /^It was idle/);
  });
});

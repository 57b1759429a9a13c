import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import type { ReaperSignal } from '../../../src/reaper/table/processTable';
import type { Candidates } from '../../../src/reaper/psTree/psTreeCandidates';
import { stop } from '../../../src/reaper/stop';
import type { StopOptions, StopProgress, StopResult } from '../../../src/reaper/stopContract';
import type { MadeProcess, MadeTable } from '../../support/madeTable';
import { DAEMON, madeTable, SELF, stubborn } from '../../support/madeTable';

const daemon: MadeProcess = { pid: 100, argv: DAEMON };

function ignoring(pid: number): NonNullable<MadeProcess['on']> {
  return (signal, table) => stubborn(signal, table, pid);
}

interface Run {
  readonly result: StopResult;
  readonly events: StopProgress[];
  /** Each reported step once, in order. */
  readonly steps: string[];
}

async function run(table: MadeTable, options: Partial<StopOptions> = {}): Promise<Run> {
  const events: StopProgress[] = [];
  const result = await stop({
    scriptNames: ['ipfs_kit_daemon.py'],
    table,
    candidates: () => Promise.resolve('unknown'),
    termTimeoutMs: 60,
    gracefulTimeoutMs: 60,
    killTimeoutMs: 200,
    onProgress: (event) => events.push(event),
    ...options,
  });
  return { result, events, steps: events.map(({ step }) => step).filter((step, at, all) => step !== all[at - 1]) };
}

describe('stop', () => {
  it('ends a daemon that heeds SIGTERM, and goes from scan to proof', async () => {
    const table = madeTable(daemon, { pid: 7, argv: ['vim', 'ipfs_kit_daemon.py'] });
    const { result, steps } = await run(table);
    assert.deepEqual(steps, ['scan', 'terminate', 'verify', 'done']);
    assert.deepEqual(table.sent, ['SIGTERM 100']);
    const { ok, killed, survivors, portOpen, dbLockers, processes } = result;
    assert.deepEqual(
      { ok, killed, survivors, portOpen, dbLockers },
      { ok: true, killed: [100], survivors: [], portOpen: false, dbLockers: [] },
    );
    assert.equal(processes[0]?.outcome, 'terminated');
  });

  it('sends no signals or requests if nothing runs, and reports it after a scan', async () => {
    const table = madeTable({ pid: 7, argv: ['vim', 'ipfs_kit_daemon.py'] });
    let asked = false;
    const { result, steps, events } = await run(table, { gracefulStop: () => (asked = true) });
    assert.deepEqual(steps, ['scan', 'verify', 'done']);
    assert.equal(asked, false);
    assert.equal(result.ok, true);
    assert.deepEqual(table.sent, []);
    assert.ok(events.every(({ message }) => message.length > 0));
    assert.match(result.summary, /^No daemon is running/);
  });

  it('reports each step with the PIDs', async () => {
    const table = madeTable({ ...daemon, on: ignoring(100) }, { pid: 101, ppid: 100, on: ignoring(101) });
    const { events } = await run(table, { gracefulStop: () => Promise.reject(new Error('404')) });
    assert.deepEqual(
      events.map(({ step, message, pid }) => `${step}: ${message}${pid === undefined ? '' : ` [${pid}]`}`),
      [
        'graceful: Attempting graceful shutdown.',
        'scan: Checking for remaining processes.',
        'scan: Found PID 100 (daemon). [100]',
        'scan: Found PID 101 (child). [101]',
        'terminate: Terminating PID 100. [100]',
        'kill: Force killing PID 100. [100]',
        'kill: Force killing PID 101. [101]',
        'verify: Processed 2 processes. Final verification.',
        'done: The daemon is stopped. Killed 2 processes.',
      ],
    );
  });

  it('begins at the root, and gives each process its own time after its parent has exited', async () => {
    const table = madeTable(daemon, { pid: 101, ppid: 100 }, { pid: 102, ppid: 101 });
    await run(table);
    assert.deepEqual(
      table.sent.filter((text) => text.startsWith('SIGTERM')),
      ['SIGTERM 100', 'SIGTERM 101', 'SIGTERM 102'],
    );
  });

  it('freezes all before it kills any', async () => {
    const table = madeTable({ ...daemon, on: ignoring(100) }, { pid: 101, ppid: 100, on: ignoring(101) });
    const { result, steps } = await run(table);
    assert.deepEqual(steps, ['scan', 'terminate', 'kill', 'verify', 'done']);
    const kills = table.sent.filter((text) => /SIGSTOP|SIGKILL/.test(text));
    assert.ok(kills.lastIndexOf('SIGSTOP 101') < kills.indexOf('SIGKILL 100'));
    assert.deepEqual(result.killed, [100, 101]);
    assert.deepEqual(
      result.processes.map(({ outcome }) => outcome),
      ['killed', 'killed'],
    );
  });

  it('kills processes that start while it freezes, and does not count them among those that existed', async () => {
    let born = 0;
    const spawner = (signal: ReaperSignal, table: MadeTable): undefined => {
      if (signal === 'SIGSTOP' && born < 3) table.add({ pid: 200 + born++, ppid: 100, on: ignoring(199 + born) });
      return stubborn(signal, table, 100);
    };
    const table = madeTable({ ...daemon, on: spawner });
    const { result } = await run(table);
    assert.deepEqual([...table.processes.keys()].sort(), [1, 40, SELF]);
    assert.deepEqual(result.killed, [100]);
    assert.deepEqual(
      result.processes.map(({ pid, newborn }) => [pid, newborn]),
      [
        [100, false],
        [200, true],
        [201, true],
        [202, true],
      ],
    );
  });

  it('ends what a process that has lost its parent starts right before its SIGTERM', async () => {
    // Acts like a watcher whose partner has just ended. In its own session, only its parent links the new process to the daemon.
    let hasStarted = false;
    const watcher: MadeProcess = {
      pid: 101,
      ppid: 100,
      on: (signal, made) => {
        if (!hasStarted) made.add({ pid: 102, ppid: 101 });
        hasStarted = true;
        if (signal === 'SIGCONT' || (signal === 'SIGTERM' && made.sent.at(-2) !== 'SIGSTOP 101')) made.end(101);
        return undefined;
      },
    };
    const table = madeTable(daemon, watcher);
    const { result } = await run(table);
    assert.deepEqual(
      [100, 101, 102].filter((pid) => table.processes.has(pid)),
      [],
    );
    assert.deepEqual(result.processes.find(({ pid }) => pid === 101)?.signals, ['SIGSTOP', 'SIGTERM', 'SIGCONT']);
  });

  it('gives up on what supervisors restart only after it has frozen them all', async () => {
    const respawn =
      (pid: number, other: number): NonNullable<MadeProcess['on']> =>
      (signal, table) => {
        if (signal === 'SIGTERM' || signal === 'SIGKILL') table.end(pid);
        if (signal === 'SIGTERM' && table.processes.has(other)) {
          const next = pid + 10;
          table.add({ pid: next, ppid: other, start: next, on: (again, it) => respawn(next, other)(again, it) });
        }
        return undefined;
      };
    const table = madeTable({ ...daemon, on: respawn(100, 101) }, { pid: 101, ppid: 100, on: respawn(101, 110) });
    const { result } = await run(table);
    assert.deepEqual([...table.processes.keys()].sort(), [1, 40, SELF]);
    assert.equal(result.ok, true);
  });

  it('sends nothing to a number that another process has got since the look', async () => {
    const table = madeTable(daemon, { pid: 101, ppid: 100 });
    const recycling = (signal: ReaperSignal, made: MadeTable): undefined => {
      if (signal !== 'SIGTERM') return undefined;
      made.end(100);
      made.add({ pid: 101, start: 900, argv: ['vim'] });
      return undefined;
    };
    table.add({ ...daemon, on: recycling });
    const { result } = await run(table);
    assert.ok(table.processes.has(101));
    assert.ok(!table.sent.some((text) => text.endsWith(' 101')));
    assert.deepEqual(result.killed, [100, 101]);
  });

  it('names the processes that the system protects, and continues with the others', async () => {
    const table = madeTable({ ...daemon, on: () => 'denied' }, { pid: 101, ppid: 100 });
    const { result } = await run(table);
    assert.deepEqual(
      { ok: result.ok, killed: result.killed, survivors: result.survivors },
      { ok: false, killed: [101], survivors: [100] },
    );
    assert.match(result.processes[0]?.why ?? '', /refused/);
    assert.match(result.summary, /PID 100/);
  });

  it("doesn't wait for processes that can't be asked to exit", async () => {
    const unhearing = (signal: ReaperSignal, table: MadeTable): 'unsupported' | undefined =>
      signal === 'SIGKILL' ? stubborn(signal, table, 100) : 'unsupported';
    const { result } = await run(madeTable({ ...daemon, on: unhearing }), { termTimeoutMs: 60_000 });
    assert.deepEqual(result.processes[0]?.signals, ['SIGKILL']);
    assert.equal(result.ok, true);
  });

  it('names what does not end on SIGKILL, and leaves nothing frozen', async () => {
    const table = madeTable({ ...daemon, on: () => undefined });
    const { result } = await run(table);
    assert.deepEqual(result.survivors, [100]);
    assert.equal(table.sent.at(-1), 'SIGCONT 100');
  });

  it("does nothing if processes can't be seen, and reports why", async () => {
    const table = madeTable(daemon);
    table.look = () => Promise.reject(new IpfsKitError('unreadable', 'There is no table.'));
    const { result } = await run(table);
    assert.equal(result.ok, false);
    assert.deepEqual(table.sent, []);
    assert.deepEqual(result.notes, ['There is no table.']);
  });

  it('continues with what it knows if a look fails in between', async () => {
    const table = madeTable({ ...daemon, on: ignoring(100) });
    const look = table.look.bind(table);
    let count = 0;
    table.look = (refresh) => (++count % 3 === 2 ? Promise.reject(new Error('ps hangs')) : look(refresh));
    const { result } = await run(table);
    assert.deepEqual(result.killed, [100]);
  });

  it('survives errors of its listeners', async () => {
    const throwing = (): never => {
      throw new Error('a mistake of the listener');
    };
    assert.equal((await run(madeTable(daemon), { onProgress: throwing })).result.ok, true);
  });

  for (const [what, options] of [
    ['no names', { scriptNames: undefined }],
    ['an empty name', { scriptNames: [''] }],
    ['an invalid port', { port: 70_000 }],
    ["a port that isn't an integer", { port: 1.5 }],
  ] as const)
    it(`refuses ${what}`, () =>
      assert.rejects(run(madeTable(), options as unknown as Partial<StopOptions>), (error) =>
        IpfsKitError.is(error, 'invalid-argument'),
      ));
});

describe('the graceful step', () => {
  const leaving = (table: MadeTable) => () => {
    table.end(100);
  };

  it('is enough for a daemon that exits as requested', async () => {
    const table = madeTable(daemon);
    const { result, steps } = await run(table, { gracefulStop: leaving(table) });
    assert.deepEqual(steps, ['graceful', 'scan', 'verify', 'done']);
    assert.deepEqual(table.sent, []);
    assert.equal(result.processes[0]?.outcome, 'exited');
  });

  it('ends immediately when the request fails', async () => {
    const table = madeTable(daemon);
    const { result } = await run(table, { gracefulTimeoutMs: 60_000, gracefulStop: () => Promise.reject(new Error('404')) });
    assert.equal(result.ok, true);
    assert.match(result.notes.join(), /404/);
  });

  for (const [what, hook] of [
    ['hangs', () => new Promise(() => undefined)],
    ['lies', () => Promise.resolve(true)],
  ] as const)
    it(`is over when its time is up for one that ${what}`, async () => {
      const table = madeTable(daemon);
      const { steps } = await run(table, { gracefulStop: hook });
      assert.deepEqual(steps, ['graceful', 'scan', 'terminate', 'verify', 'done']);
    });

  it('is over when the daemon has left: orphans get SIGTERM without more ado', async () => {
    const table = madeTable(daemon, { pid: 101, ppid: 100 });
    const { result } = await run(table, { gracefulTimeoutMs: 60_000, gracefulStop: leaving(table) });
    assert.deepEqual(
      result.processes.map(({ pid, outcome }) => [pid, outcome]),
      [
        [100, 'exited'],
        [101, 'terminated'],
      ],
    );
  });

  it('can be canceled, and then nothing is signaled', async () => {
    const table = madeTable(daemon);
    const controller = new AbortController();
    const gracefulStop = (): Promise<void> => {
      controller.abort();
      return new Promise(() => undefined);
    };
    await assert.rejects(run(table, { gracefulTimeoutMs: 60_000, gracefulStop, signal: controller.signal }), (error) =>
      IpfsKitError.is(error, 'cancelled'),
    );
    assert.deepEqual(table.sent, []);
  });
});

describe('the confirmation', () => {
  it('gets the found processes before any request to the daemon', async () => {
    const table = madeTable(daemon, { pid: 101, ppid: 100, argv: ['ipfs', 'daemon'] });
    const order: string[] = [];
    await run(table, {
      gracefulStop: () => order.push('asked'),
      confirm: (found) => {
        order.push(...found.map(({ pid, argv }) => `${pid} ${argv.join(' ')}`));
        return Promise.resolve(true);
      },
    });
    assert.deepEqual(order, [`100 ${DAEMON.join(' ')}`, '101 ipfs daemon', 'asked']);
  });

  it('ends the call when it is denied', async () => {
    const table = madeTable(daemon);
    await assert.rejects(run(table, { confirm: () => Promise.resolve(false) }), (error) => IpfsKitError.is(error, 'cancelled'));
    assert.deepEqual(table.sent, []);
  });

  it('is repeated if another daemon has started meanwhile', async () => {
    const table = madeTable(daemon);
    const asked: number[][] = [];
    await run(table, {
      confirm: (found) => {
        asked.push(found.map(({ pid }) => pid));
        table.add({ pid: 300, argv: DAEMON });
        return Promise.resolve(true);
      },
    });
    assert.deepEqual(asked, [[100], [100, 300]]);
  });

  it('is not asked if there is nothing to confirm', async () => {
    const { result } = await run(madeTable(), { confirm: () => Promise.reject(new Error('asked')) });
    assert.equal(result.ok, true);
  });
});

describe('the proof', () => {
  it("reports the port that another program uses, and doesn't end that program", async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const { result } = await run(madeTable(), { host: 'localhost', port });
      assert.deepEqual({ ok: result.ok, portOpen: result.portOpen }, { ok: false, portOpen: true });
      assert.match(result.summary, new RegExp(`verify as yours, listens on port ${port}`));
    } finally {
      server.close();
    }
  });

  const folder = mkdtempSync(path.join(tmpdir(), 'ipfs-kit-pid-'));
  after(() => rmSync(folder, { recursive: true }));
  const pidFile = (text: string): string => {
    const file = path.join(folder, 'daemon.pid');
    writeFileSync(file, text);
    return file;
  };

  it('removes the PID file of the daemon that has ended', async () => {
    const file = pidFile('100\n');
    const { result } = await run(madeTable(daemon), { pidFile: file });
    assert.equal(result.pidFile?.removed, true);
    assert.equal(existsSync(file), false);
  });

  for (const [what, text] of [
    ['a bystander', '7'],
    ['ourselves', String(SELF)],
    ['our parent', '40'],
    ['init', '1'],
    ['a group', '-100'],
    ['everybody', '-1'],
    ['nobody', '0'],
    ['no number', 'rm -rf'],
  ] as const)
    it(`leaves the PID file that names ${what}, and whom it names`, async () => {
      const file = pidFile(text);
      const table = madeTable(daemon, { pid: 7, argv: ['vim'] });
      const { result } = await run(table, { pidFile: file });
      assert.deepEqual(result.killed, [100]);
      assert.deepEqual([...new Set(table.sent.map((sent) => sent.split(' ')[1]))], ['100']);
      assert.equal(existsSync(file), true);
    });
});

describe('what others see of the tree', () => {
  it('is requested once the daemon is found, and again before SIGKILL; the stop does not wait for it, and what it finds is ended too', async () => {
    const asked: number[] = [];
    const table = madeTable({ ...daemon, on: ignoring(100) });
    const candidates = (root: number): ReturnType<Candidates> => {
      asked.push(root);
      if (asked.length === 1) return new Promise(() => undefined);
      table.add({ pid: 101, on: ignoring(101) });
      return new Promise((resolve) => setTimeout(() => resolve([{ pid: 101, ppid: 100 }]), 20));
    };
    const { result } = await run(table, { candidates });
    assert.deepEqual(asked, [100, 100]);
    assert.deepEqual([...table.processes.keys()].sort(), [1, 40, SELF]);
    assert.deepEqual(
      result.processes.map(({ pid, link }) => [pid, link]),
      [
        [100, 'daemon'],
        [101, 'ps-tree'],
      ],
    );
  });
});

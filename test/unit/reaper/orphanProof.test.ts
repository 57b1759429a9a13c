import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { daemonProcesses } from '../../../src/reaper/daemonProcesses';
import type { EndOrphanOptions } from '../../../src/reaper/endOrphan';
import { endOrphan } from '../../../src/reaper/endOrphan';
import { orphanProof } from '../../../src/reaper/orphanProof';
import { createProcessTree } from '../../../src/reaper/processTree';
import type { Link } from '../../../src/reaper/stopContract';
import { processKey } from '../../../src/reaper/table/processTable';
import { testFolder } from '../../support/folder';
import type { MadeProcess } from '../../support/madeTable';
import { DAEMON, madeTable, SELF } from '../../support/madeTable';
import { testPython } from '../../support/testDaemon';
import { needs } from '../../support/needs';

const folder = testFolder('orphan');
const patterns = { scriptNames: ['ipfs_kit_daemon.py'] };
/** Names for real processes, which differ from those of daemons in other tests. */
const real = { scriptNames: ['orphan_test_daemon.py'], moduleNames: [], commandNames: [] };
const marker = { name: 'IPFS_KIT_ORPHAN_TEST', value: randomUUID() };
const WORKER = ['/opt/ipfs_kit_py/bin/ipfs', 'add'];

/** The verdict about PID 200 after these scans, in order. */
async function proofOf(...scenes: readonly (readonly MadeProcess[])[]): Promise<string> {
  const seen = new Map<string, Link>();
  const tables = scenes.map((processes) => madeTable(...processes));
  for (const table of tables.slice(0, -1)) await daemonProcesses({ patterns, databases: [], table, seen });
  const table = tables.at(-1) ?? madeTable();
  const tree = createProcessTree({ table, patterns, marker: { name: 'MARK', value: '1' } });
  await tree.look('all');
  const proof = orphanProof(200, { table, tree, patterns, seen });
  return 'why' in proof ? proof.why : `proven, ${proof.proven.link}, ${processKey(proof.proven.row)}`;
}

describe('what a daemon has left behind', () => {
  const daemon: MadeProcess = { pid: 100, argv: DAEMON };
  const child: MadeProcess = { pid: 200, ppid: 100 };

  it('is what was seen below a daemon, and has lost its parent', async () =>
    assert.equal(await proofOf([daemon, child], [{ ...child, ppid: 1 }]), 'proven, child, 200:200'));

  it('is what bears the mark of a daemon that IPFS Kit started', async () =>
    assert.equal(await proofOf([{ ...child, ppid: 1, environment: { MARK: '1' } }]), 'proven, marker, 200:200'));

  for (const argv of [
    WORKER,
    ['python3', '-m', 'ipfs_kit_py.worker'],
    ['python3', '-u', '/x/ipfs_kit_py/scripts/export.py'],
    ['/x/ipfs_kit_py/.venv/bin/python', '/home/me/export.py'],
    ['sqlite3', '/home/me/.ipfs_kit/pin_metadata.db'],
    ['python3', '/x/backup.py', '/x/ipfs_kit_py/pins.db'],
    ['python3', '-c', 'import ipfs_kit_py.worker'],
    ['vim', '/x/ipfs_kit_py/worker.py'],
    ['/opt/my_ipfs_kit_py/ipfs'],
  ])
    it(`is not what a name or a folder speaks for, since the user's own programs and services have those too: ${argv.join(' ')}`, async () =>
      assert.match(await proofOf([{ ...child, ppid: 1, argv }]), /couldn't verify/));

  it("isn't a process whose parent is running, such as an editor or its shell", async () => {
    assert.match(await proofOf([{ pid: 90 }, { pid: 200, ppid: 90, argv: WORKER }]), /was started by PID 90/);
    assert.match(await proofOf([{ pid: 200, ppid: 40, argv: WORKER }]), /was started by PID 40/);
    assert.match(await proofOf([{ pid: 200, ppid: SELF, argv: WORKER }]), /was started by PID 50/);
  });

  it('is not what belongs to a daemon that runs', async () =>
    assert.match(await proofOf([daemon, { pid: 200, ppid: 1, pgid: 100 }]), /belongs to a daemon that is running/));

  it('is not what may belong to a daemon that runs: it was seen below it, and has left its family since', async () => {
    const worker = { ...child, environment: { MARK: '1' } };
    assert.match(
      await proofOf([daemon, child], [daemon, { ...child, ppid: 1 }]),
      /may still belong to .* \(PID 100\)\. Stop that/,
    );
    assert.match(await proofOf([daemon, { ...worker, ppid: 1 }]), /belongs to a daemon that is running/);
  });

  it("isn't a process with the name of the daemon and another program", async () =>
    assert.match(await proofOf([{ ...child, ppid: 1, argv: DAEMON, program: 'bash' }]), /couldn't verify/));

  it("is not another user's, in a container, ended, or another process with the PID of one that was seen", async () => {
    const orphan = { pid: 200, ppid: 1, argv: WORKER };
    assert.match(await proofOf([{ ...orphan, user: '0' }]), /another user/);
    assert.match(await proofOf([{ ...orphan, inOtherNamespace: true }]), /in a container/);
    assert.match(await proofOf([{ ...orphan, zombie: true }]), /can't be seen/);
    assert.match(await proofOf([daemon, child], [{ pid: 200, ppid: 1, start: 201 }]), /couldn't verify/);
  });
});

const HOLDER = `import os, signal, sqlite3, sys, time
parent = os.getpid()
if os.fork():
    os._exit(0)
os.setsid()
while os.getppid() == parent:
    time.sleep(0.01)
signal.signal(signal.SIGTERM, signal.SIG_IGN if "deaf" in sys.argv else signal.SIG_DFL)
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("begin immediate")
database.execute("create table pins (cid)")
print(os.getpid(), flush=True)
time.sleep(600)
`;

interface Holder {
  readonly pid: number;
  readonly database: string;
  readonly isAlive: () => boolean;
}

/** Runs `check` beside a real process that holds a lock and whose parent has ended. It has the mark unless it is the user's own. */
async function withOrphan(
  whose: 'daemon' | 'user',
  check: (holder: Holder) => Promise<void>,
  ...how: readonly string[]
): Promise<void> {
  const home = mkdtempSync(path.join(folder, 'home-'));
  const script = path.join(home, 'ipfs_kit_py', 'worker.py');
  const database = path.join(home, 'pins.db');
  mkdirSync(path.dirname(script), { recursive: true });
  writeFileSync(script, HOLDER);
  const started = spawn(testPython(), [script, database, ...how], {
    env: { ...process.env, ...(whose === 'daemon' && { [marker.name]: marker.value }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve) =>
    createInterface({ input: started.stdout }).once('line', (line) => resolve(Number(line))),
  );
  try {
    await check({ pid, database, isAlive: () => existsSync(`/proc/${String(pid)}/exe`) });
  } finally {
    started.stdout.destroy();
    if (existsSync(`/proc/${String(pid)}/exe`)) process.kill(pid, 'SIGKILL');
  }
}

function ending({ pid, database }: Holder, confirm: EndOrphanOptions['confirm']): ReturnType<typeof endOrphan> {
  return endOrphan({ pid, database, patterns: real, marker, seen: new Map(), termTimeoutMs: 300, kuboIdleMs: 300, confirm });
}

const refused = (pattern: RegExp) => (error: unknown) => IpfsKitError.is(error, 'refused') && pattern.test(error.message);

describe('ending a process that was left behind and locks the pin database', needs('/proc'), () => {
  it('is offered in the list of locks, with one question per process', () =>
    withOrphan('daemon', async (holder) => {
      const { locks } = await daemonProcesses({ patterns: real, marker, databases: [holder.database] });
      const [listed] = locks[0]?.holders ?? [];
      assert.deepEqual([listed?.pid, listed?.who, listed?.orphan], [holder.pid, 'daemon', true]);
      const asked: unknown[] = [];
      const result = await ending(holder, (found) => Promise.resolve(asked.push(found) > 0));
      assert.equal(asked.length, 1);
      const [{ pid, argv, startedAt, database }] = asked as [Parameters<EndOrphanOptions['confirm']>[0]];
      assert.deepEqual([pid, argv.includes(database), database], [holder.pid, true, holder.database]);
      assert.ok(Math.abs(Date.now() - (startedAt ?? 0)) < 60_000);
      assert.deepEqual([result.ok, result.killed, result.forced, result.locks], [true, [holder.pid], [], 'free']);
      assert.equal(result.summary, 'The process is stopped. Ended 1 process.');
      assert.equal(holder.isAlive(), false);
    }));

  it("kills a process that doesn't exit on SIGTERM, and says so", () =>
    withOrphan(
      'daemon',
      async (holder) => {
        const result = await ending(holder, () => Promise.resolve(true));
        assert.deepEqual([result.ok, result.forced], [true, [holder.pid]]);
        assert.equal(result.summary, 'The process is stopped. Killed 1 process.');
      },
      'deaf',
    ));

  it('does nothing if the user says no', () =>
    withOrphan('daemon', async (holder) => {
      await assert.rejects(
        ending(holder, () => Promise.resolve(false)),
        (error) => IpfsKitError.is(error, 'cancelled'),
      );
      assert.equal(holder.isAlive(), true);
    }));

  it("rejects the user's own program without a question, and shows why in the list", () =>
    withOrphan('user', async (holder) => {
      const { locks } = await daemonProcesses({ patterns: real, marker, databases: [holder.database] });
      assert.match(String(locks[0]?.holders[0]?.orphan), /couldn't verify/);
      await assert.rejects(
        ending(holder, () => assert.fail('asked')),
        refused(/couldn't verify/),
      );
      assert.equal(holder.isAlive(), true);
    }));

  it('is rejected if the process has changed since the question', () =>
    withOrphan('daemon', async (holder) => {
      const changed = async (): Promise<boolean> => {
        process.kill(holder.pid, 'SIGKILL');
        while (holder.isAlive()) await new Promise((resolve) => setTimeout(resolve, 5));
        return true;
      };
      await assert.rejects(ending(holder, changed), refused(/has ended/));
    }));

  it('is rejected for a process that holds no lock on that database', () =>
    withOrphan('daemon', async (holder) => {
      const other = path.join(path.dirname(holder.database), 'other.db');
      writeFileSync(other, '');
      await assert.rejects(
        ending({ ...holder, database: other }, () => assert.fail('asked')),
        refused(/no longer holds a lock/),
      );
      assert.equal(holder.isAlive(), true);
    }));
});

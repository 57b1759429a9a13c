import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { createLinuxProcessTable } from '../../../../src/reaper/table/linuxProcessTable';
import { testFolder } from '../../../support/folder';
import { needs } from '../../../support/needs';

interface MadeStat {
  readonly name?: string;
  readonly state?: string;
  readonly ppid?: number;
  readonly threads?: number;
  readonly start?: string;
}

let made = 0;
const folder = testFolder('proc');

/** A folder like /proc in which this process is 50. */
function procfs(processes: Readonly<Record<number, MadeStat>>): string {
  const root = path.join(folder, String(++made));
  mkdirSync(root);
  symlinkSync('50', path.join(root, 'self'));
  for (const [pid, stat] of Object.entries(processes)) writeProcess(root, pid, stat);
  return root;
}

function writeProcess(
  root: string,
  pid: string,
  { name = 'x', state = 'S', ppid = 1, threads = 1, start = '4711' }: MadeStat,
): void {
  mkdirSync(path.join(root, pid), { recursive: true });
  const rest = ['0 '.repeat(13).trim(), threads, 0, start, '0 0 0'].join(' ');
  writeFileSync(path.join(root, pid, 'stat'), `${pid} (${name}) ${state} ${ppid} 7 8 ${rest}\n`);
  writeFileSync(path.join(root, pid, 'status'), `Name:\t${name}\nState:\t${state} (x)\nUid:\t1000\t0\t0\t0\nNSpid:\t${pid}\n`);
  writeFileSync(path.join(root, pid, 'cmdline'), 'python3\0a b\0\0--x\0');
  writeFileSync(path.join(root, pid, 'environ'), 'A=1\0B=2=3\0');
}

describe('the table of Linux', needs('/proc'), () => {
  it('reads the fields after the last bracket, regardless of the name of the process', async () => {
    const root = procfs({ 60: { name: ') R 1 (x) Z 2 3', ppid: 9, start: '18446744073709551615' } });
    const row = (await createLinuxProcessTable({ root, self: 50 }).look('all')).get(60);
    assert.deepEqual(
      { ...row, startOrder: 0 },
      { pid: 60, ppid: 9, pgid: 7, sid: 8, start: '18446744073709551615', startOrder: 0, gone: false, stopped: false, image: '' },
    );
  });

  it('recognizes exited and stopped processes; a zombie whose other threads are running is neither', async () => {
    const root = procfs({
      2: { state: 'Z' },
      3: { state: 'X' },
      4: { state: 'Z', threads: 3 },
      5: { state: 'T' },
      6: { state: 't' },
      7: { state: 'D' },
    });
    const rows = await createLinuxProcessTable({ root, self: 50 }).look('all');
    assert.deepEqual(
      [...rows.values()].filter(({ gone }) => gone).map(({ pid }) => pid),
      [2, 3],
    );
    assert.deepEqual(
      [...rows.values()].filter(({ stopped }) => stopped).map(({ pid }) => pid),
      [5, 6],
    );
  });

  it('separates arguments, and gives the real user and complete variables', async () => {
    const root = procfs({ 60: {} });
    const table = createLinuxProcessTable({ root, self: 50 });
    const row = (await table.look('all')).get(60);
    assert.ok(row);
    assert.deepEqual(table.details(row), { argv: ['python3', 'a b', '', '--x'], user: '1000', inOtherNamespace: false });
    assert.equal(table.hasMarker(row, { name: 'B', value: '2=3' }), true);
    assert.equal(table.hasMarker(row, { name: 'B', value: '2' }), false);
  });

  it('recognizes a process in a container', async () => {
    const root = procfs({ 60: {} });
    writeFileSync(path.join(root, '60', 'status'), `Uid:\t1000\t0\nGroups:\t${'1 '.repeat(5000)}\nNSpid:\t60\t7\n`);
    const table = createLinuxProcessTable({ root, self: 50 });
    const row = (await table.look('all')).get(60);
    assert.equal(row && table.details(row)?.inOtherNamespace, true);
  });

  it('has no rows for invalid or broken entries', async () => {
    const root = procfs({ 60: {} });
    for (const name of ['meminfo', '0', '-5', '1.5', '61', '62']) mkdirSync(path.join(root, name));
    writeFileSync(path.join(root, '62', 'stat'), '62 (x');
    assert.deepEqual([...(await createLinuxProcessTable({ root, self: 50 }).look('all')).keys()], [60]);
  });

  it('is unavailable if procfs belongs to another namespace, or is missing', async () => {
    const unreadable = (error: unknown): boolean => IpfsKitError.is(error, 'unreadable');
    await assert.rejects(createLinuxProcessTable({ root: procfs({}), self: 51 }).look('all'), unreadable);
    await assert.rejects(createLinuxProcessTable({ root: path.join(folder, 'none') }).look('all'), unreadable);
  });

  it('reads new processes, and of the others only those that are requested', async () => {
    const root = procfs({ 60: {}, 61: {} });
    const table = createLinuxProcessTable({ root, self: 50 });
    await table.look('all');
    for (const pid of ['60', '61', '62']) writeProcess(root, pid, { state: 'T' });
    const rows = await table.look(new Set([60]));
    assert.deepEqual(
      [...rows.values()].map(({ pid, stopped }) => [pid, stopped]),
      [
        [60, true],
        [61, false],
        [62, true],
      ],
    );
  });

  it('signals only the exact process of the row', async () => {
    const root = procfs({ 60: {}, 61: {}, 62: { state: 'Z' }, 63: {} });
    const sent: string[] = [];
    const kill = (pid: number, signal: string): void => {
      if (pid === 63) throw Object.assign(new Error(), { code: 'EPERM' });
      sent.push(`${signal} ${pid}`);
    };
    const table = createLinuxProcessTable({ root, self: 50, kill });
    const row = { ppid: 1, pgid: 0, sid: 0, start: '4711', startOrder: 4711, gone: false, stopped: false };
    const rows = [60, 62, 63, 99, 50, 1, 0, -1, -60, 1.5, NaN].map((pid) => ({ ...row, pid }));
    const outcomes = await table.signal([...rows, { ...row, pid: 61, start: '4712' }], 'SIGTERM', 'SIGCONT');
    const denied = ['denied', 'denied', 'denied', 'denied', 'denied', 'denied', 'denied'];
    assert.deepEqual(outcomes, ['sent', 'gone', 'denied', 'gone', ...denied, 'recycled']);
    assert.deepEqual(sent, ['SIGTERM 60', 'SIGCONT 60']);
  });

  it('calls what has ended of the first signal sent', async () => {
    const kill = (_: number, signal: string): void => {
      if (signal === 'SIGCONT') throw Object.assign(new Error(), { code: 'ESRCH' });
    };
    const table = createLinuxProcessTable({ root: procfs({ 60: {} }), self: 50, kill });
    const rows = [...(await table.look('all')).values()];
    assert.deepEqual(await table.signal(rows, 'SIGTERM', 'SIGCONT'), ['sent']);
    assert.deepEqual(await table.signal(rows, 'SIGCONT'), ['gone']);
  });

  it('gives the arguments, the start, the memory and the ports of a real process', async () => {
    const began = Date.now();
    const server = createServer().listen(0, '127.0.0.1');
    const six = createServer().listen(0, '::1');
    const child = spawn('sleep', ['600'], { stdio: 'ignore', env: { MARK: 'x' } });
    try {
      await Promise.all([once(server, 'listening'), once(six, 'listening'), once(child, 'spawn')]);
      const table = createLinuxProcessTable();
      const rows = await table.look('all');
      const own = rows.get(process.pid);
      const sleep = rows.get(child.pid ?? 0);
      assert.ok(own && sleep);
      assert.deepEqual(table.details(sleep)?.argv, ['sleep', '600']);
      assert.equal(table.details(sleep)?.user, table.user);
      assert.equal(sleep.ppid, process.pid);
      assert.equal(table.hasMarker(sleep, { name: 'MARK', value: 'x' }), true);
      assert.ok(Math.abs((table.startedAt?.(sleep) ?? 0) - began) < 60_000);
      assert.ok(sleep.startOrder <= (table.startOrderNow?.() ?? 0));
      const facts = table.facts?.([own]).get(process.pid);
      assert.ok((facts?.memoryBytes ?? 0) > 10 * 2 ** 20);
      for (const listening of [server, six]) {
        const { address, port } = listening.address() as AddressInfo;
        assert.ok(
          facts?.listening?.some((found) => found.address === address && found.port === port),
          `${address}:${port}`,
        );
      }
    } finally {
      child.kill('SIGKILL');
      server.close();
      six.close();
    }
  });
});

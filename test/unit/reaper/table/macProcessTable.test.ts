import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { isDaemon } from '../../../../src/reaper/daemonIdentity';
import { createMacProcessTable } from '../../../../src/reaper/table/macProcessTable';
import type { ProcessRow, ProcessTable, ReaperSignal } from '../../../../src/reaper/table/processTable';
import { createProcessTree } from '../../../../src/reaper/processTree';
import { decodeVis } from '../../../../src/reaper/table/psOutput';
import type { ToolResult } from '../../../../src/reaper/table/runTool';

const recorded = (name: string): string => readFileSync(path.join(process.cwd(), 'test/fixtures/process-tables', name), 'utf8');
const PS = recorded('macos-ps.txt');
const COMM = recorded('macos-ps-comm.txt');
const PATTERNS = { scriptNames: ['ipfs_kit_daemon.py'] };
const FRAMEWORK_PYTHON = '/Library/Frameworks/Python.framework/Versions/3.12/Resources/Python.app/Contents/MacOS/Python';
const FILES = new Set([
  '/Users/ann/ipfs kit/ipfs_kit_daemon.py',
  '/Users/ann/tool.py',
  '/Users/josé/café kit/ipfs_kit_daemon.py',
]);

interface Made {
  table: ProcessTable;
  calls: (readonly string[])[];
  killed: string[];
}

type Answer = Partial<ToolResult> | Error;

interface MadeParts {
  ps?: Answer;
  comm?: Answer;
  stat?: Answer;
  kill?: (pid: number, signal: ReaperSignal) => void;
  files?: ReadonlySet<string>;
}

/** A `ps` with recorded output: ann (501) runs an editor's extension host (655). */
function made({
  ps = { stdout: PS },
  comm = { stdout: COMM },
  stat = { stdout: '' },
  kill,
  files = FILES,
}: MadeParts = {}): Made {
  const calls: (readonly string[])[] = [];
  const killed: string[] = [];
  const table = createMacProcessTable({
    self: 655,
    user: '501',
    clock: () => 1_795_431_083_999,
    isFile: (file) => files.has(file),
    kill: (pid, signal) => {
      kill?.(pid, signal);
      killed.push(`${signal} ${pid}`);
    },
    run: (file, args) => {
      assert.equal(file, '/bin/ps');
      calls.push(args);
      const answer = args.includes('-A') ? ps : args.includes('pid,lstart,comm') ? comm : stat;
      if (answer instanceof Error) return Promise.reject(answer);
      return Promise.resolve({ status: 0, stdout: '', stderr: '', ...answer });
    },
  });
  return { table, calls, killed };
}

async function row(table: ProcessTable, pid: number): Promise<ProcessRow> {
  const found = (await table.look('all')).get(pid);
  assert.ok(found);
  return found;
}

async function argv(pid: number, parts?: MadeParts): Promise<readonly string[] | undefined> {
  const { table } = made(parts);
  return table.details(await row(table, pid))?.argv;
}

/** The output of `ps -o pid,lstart,stat`. */
function statOf(...rows: readonly (readonly [number, string, string])[]): Answer {
  return { stdout: ['  PID STARTED                      STAT', ...rows.map((cells) => cells.join(' ')), ''].join('\n') };
}

const STARTED = 'Sat Nov 21 09:15:00 2026    ';

const unreadable = (pattern: RegExp) => (error: unknown) =>
  IpfsKitError.is(error, 'unreadable') && pattern.test(error.message) && error.message.includes('Try again');

describe('the process table of macOS', () => {
  it('has a row for each process, with its start in seconds', async () => {
    const { table } = made();
    const rows = await table.look('all');
    assert.equal(rows.size, PS.trimEnd().split('\n').length - 1);
    assert.deepEqual(rows.get(813), {
      pid: 813,
      ppid: 812,
      pgid: 812,
      sid: 0,
      start: 'Sat Nov 21 09:15:00 2026',
      startOrder: Date.UTC(2026, 10, 21, 9, 15, 0) / 1000,
      gone: false,
      stopped: false,
    });
    assert.equal(table.startedAt?.(await row(table, 813)), Date.UTC(2026, 10, 21, 9, 15, 0));
    assert.equal(table.startOrderNow?.(), 1_795_431_083);
  });

  it('knows zombies from stopped ones, and takes a blank state for life', async () => {
    const { table } = made();
    const rows = await table.look('all');
    const states = [815, 816, 817].map((pid) => [rows.get(pid)?.gone, rows.get(pid)?.stopped]);
    assert.deepEqual(states, [
      [true, false],
      [false, true],
      [false, false],
    ]);
  });

  it('runs ps once per scan, and a second time only for changed processes that may be Python', async () => {
    const { table, calls } = made();
    await table.look('all');
    await table.look(new Set([812]));
    const asked = calls.map((args) => args.slice(args.indexOf('-o') + 1).join(' '));
    const listing = 'pid,ppid,pgid,ruid,stat,lstart,args';
    assert.deepEqual(asked, [listing, 'pid,lstart,comm -p 812,813,902,903,904,905', listing]);
  });

  it('has the real user of each process', async () => {
    const { table } = made();
    const users = await Promise.all([1, 301, 402, 812].map(async (pid) => table.details(await row(table, pid))?.user));
    assert.deepEqual(users, ['0', '-2', '502', '501']);
  });

  it('keeps the script of a framework Python in one piece if its folder has spaces', async () => {
    assert.deepEqual(await argv(812), [FRAMEWORK_PYTHON, '/Users/ann/ipfs kit/ipfs_kit_daemon.py', '--port', '8774']);
  });

  it('keeps an interpreter and a script apart that both have spaces, and reads names that are not ASCII', async () => {
    assert.deepEqual(await argv(902), [
      '/Users/ann/My Env/bin/python3',
      '-u',
      '-X',
      'dev',
      '/Users/josé/café kit/ipfs_kit_daemon.py',
    ]);
  });

  it('finds the daemons of this user in it, and no look-alikes', async () => {
    const { table } = made();
    const rows = await table.look('all');
    const daemons = [...rows.values()].filter((found) => {
      const details = table.details(found);
      return details?.user === table.user && isDaemon(details.argv ?? [], PATTERNS);
    });
    assert.deepEqual(
      daemons.map(({ pid }) => pid),
      [812, 902],
    );
  });

  it('leads to the tree of a daemon', async () => {
    const { table } = made();
    const tree = createProcessTree({ table, patterns: PATTERNS });
    const living = await tree.look('all');
    assert.deepEqual(living.map(({ pid }) => pid).sort(), [812, 813, 814, 816, 817, 902]);
  });

  it("doesn't guess the arguments of a Python whose script can't be found", async () => {
    assert.equal(await argv(905), undefined);
  });

  it('omits them if two ways to split them name a file', async () => {
    const files = new Set([...FILES, '/Users/ann/ipfs kit/ipfs_kit_daemon.py --port']);
    assert.equal(await argv(812, { files }), undefined);
  });

  it('omits them while a process ends or is replaced by another', async () => {
    assert.equal(await argv(817), undefined);
    assert.equal(await argv(812, { comm: { stdout: COMM.replace('09:15:00', '09:15:01') } }), undefined);
    assert.equal(await argv(812, { comm: { stdout: COMM.replace(FRAMEWORK_PYTHON, '/bin/sleep') } }), undefined);
  });

  it('takes a relative script to have no spaces', async () => {
    const relative = PS.replace('/Users/ann/ipfs kit/ipfs_kit_daemon.py --port', 'ipfs_kit_daemon.py --port');
    assert.deepEqual(await argv(812, { ps: { stdout: relative } }), [FRAMEWORK_PYTHON, 'ipfs_kit_daemon.py', '--port', '8774']);
  });

  for (const line of ['-m ipfs_kit_daemon --log /gone/a.log', '-c import x', '- /gone', '', '-W ignore -m x'])
    it(`needs no file for: python ${line}`, async () => {
      const ps = PS.replace('/Users/ann/ipfs kit/ipfs_kit_daemon.py --port 8774', line).replaceAll('Python \n', 'Python\n');
      assert.deepEqual(await argv(812, { ps: { stdout: ps } }), [FRAMEWORK_PYTHON, ...(line === '' ? [] : line.split(' '))]);
    });

  for (const before of ['-X dev', '-Wignore', '-BX utf8', '--check-hash-based-pycs always', '-I --'])
    it(`finds the script behind ${before}`, async () => {
      const ps = PS.replace(
        '/Users/ann/ipfs kit/ipfs_kit_daemon.py --port 8774',
        `${before} /Users/ann/ipfs kit/ipfs_kit_daemon.py`,
      );
      assert.deepEqual((await argv(812, { ps: { stdout: ps } }))?.at(-1), '/Users/ann/ipfs kit/ipfs_kit_daemon.py');
    });

  it('takes a newline in an argument for a part of it, not for another process', async () => {
    const { table } = made();
    const rows = await table.look('all');
    assert.equal(rows.has(9999), false);
    assert.deepEqual(table.details(await row(table, 903))?.argv?.slice(0, 2), ['python3', '-c']);
  });

  it('has no rows if ps is missing, hangs or fails, and reports it', async () => {
    const absent = Object.assign(new Error('spawn /bin/ps ENOENT'), { code: 'ENOENT' });
    await assert.rejects(made({ ps: absent }).table.look('all'), unreadable(/ENOENT/));
    await assert.rejects(
      made({ ps: new Error('no response within 5 s') }).table.look('all'),
      unreadable(/no response within 5 s/),
    );
    const usage = { status: 1, stderr: 'ps: lstart: keyword not found\n' };
    await assert.rejects(made({ ps: usage }).table.look('all'), unreadable(/status 1: ps: lstart: keyword not found/));
    await assert.rejects(made({ comm: new Error('no response within 5 s') }).table.look('all'), unreadable(/no response/));
  });

  for (const [what, stdout] of Object.entries({
    nothing: '',
    'no header': PS.split('\n').slice(1).join('\n'),
    'a cut off end': PS.slice(0, -20),
    'a made up row': PS + (PS.split('\n')[3] ?? '') + '\n',
    'an invalid row': `${PS}Killed: 9\n`,
    'dates of another language': PS.replaceAll('Sat Nov', 'sam. nov.'),
    'the processes of others only': PS.replaceAll(' 501 ', ' 502 '),
    'no row for ourselves': PS.split('\n')
      .filter((line) => !/^ *655 /.test(line))
      .join('\n'),
  }))
    it(`has no rows where ps prints ${what}`, async () => {
      await assert.rejects(made({ ps: { stdout } }).table.look('all'), unreadable(/\/bin\/ps didn't list/));
    });

  it("never finds the marker, because a copy in the arguments couldn't be distinguished from it", async () => {
    const { table } = made();
    assert.equal(table.hasMarker(await row(table, 812), { name: 'IPFS_KIT_SPAWN_ID', value: 'x' }), false);
  });
});

describe('signals on macOS', () => {
  it('go only to unchanged processes, after one query for all', async () => {
    const stat = statOf(
      [812, STARTED, 'Ss'],
      [813, 'Sat Nov 21 09:15:01 2026    ', 'S'],
      [816, 'Sat Nov 21 09:15:03 2026    ', 'Z'],
    );
    const { table, calls, killed } = made({ stat });
    const rows = await table.look('all');
    calls.length = 0;
    const wanted = [812, 813, 814, 816].map((pid) => rows.get(pid)).filter((found) => found !== undefined);
    assert.deepEqual(await table.signal(wanted, 'SIGTERM', 'SIGCONT'), ['sent', 'recycled', 'gone', 'gone']);
    assert.deepEqual(killed, ['SIGTERM 812', 'SIGCONT 812']);
    assert.deepEqual(calls, [['-ww', '-o', 'pid,lstart,stat', '-p', '812,813,814,816']]);
  });

  it('take a status of 1 without any row for the end of all', async () => {
    const stat = { status: 1, stdout: '  PID STARTED                      STAT\n' };
    const { table, killed } = made({ stat });
    assert.deepEqual(await table.signal([await row(table, 812)], 'SIGKILL'), ['gone']);
    assert.deepEqual(killed, []);
  });

  it('are not sent where the question fails', async () => {
    for (const stat of [
      new Error('no response within 5 s'),
      { status: 1, stderr: 'ps: illegal option' },
      { stdout: 'rubbish\n' },
    ]) {
      const { table, killed } = made({ stat });
      const wanted = [await row(table, 812)];
      await assert.rejects(table.signal(wanted, 'SIGKILL'), unreadable(/didn't list/));
      assert.deepEqual(killed, []);
    }
  });

  for (const pid of [-1, 0, 1, 655, 1.5, Number.NaN])
    it(`never go to ${pid}`, async () => {
      const { table, calls, killed } = made();
      const wanted = { ...(await row(table, 812)), pid };
      calls.length = 0;
      assert.deepEqual(await table.signal([wanted], 'SIGKILL'), ['denied']);
      assert.deepEqual([calls, killed], [[], []]);
    });

  it('tell a refusal from the end of a process', async () => {
    const outcome = async (code: string, on: ReaperSignal): Promise<unknown> => {
      const kill = (_: number, signal: ReaperSignal): void => {
        if (signal === on) throw Object.assign(new Error(code), { code });
      };
      const { table } = made({ kill, stat: statOf([812, STARTED, 'Ss']) });
      return (await table.signal([await row(table, 812)], 'SIGTERM', 'SIGCONT'))[0];
    };
    assert.equal(await outcome('EPERM', 'SIGTERM'), 'denied');
    assert.equal(await outcome('ESRCH', 'SIGTERM'), 'gone');
    assert.equal(await outcome('ESRCH', 'SIGCONT'), 'sent');
  });
});

describe('the notation of ps', () => {
  it('is turned back into the bytes that were printed', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['/Users/josM-CM-)', '/Users/josé'],
      ['M-pM^_M^PM^M', '🐍'],
      ['a\\012b\\011c', 'a\nb\tc'],
      ['^A^?', '\u0001\u007f'],
      ['josé M-CM-)', 'josé é'],
    ];
    for (const [printed, meant] of cases) assert.equal(decodeVis(printed), meant);
  });

  it("is left unchanged where it isn't valid text", () => {
    for (const text of ['plain', 'LM-A', 'C:\\x', '\\101', 'M-C']) assert.equal(decodeVis(text), text);
  });
});

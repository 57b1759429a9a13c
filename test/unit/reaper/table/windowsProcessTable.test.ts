import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { isDaemon } from '../../../../src/reaper/daemonIdentity';
import type { ProcessRow, ProcessTable } from '../../../../src/reaper/table/processTable';
import { createProcessTree } from '../../../../src/reaper/processTree';
import type { ToolResult } from '../../../../src/reaper/table/runTool';
import { parseCommandLine } from '../../../../src/reaper/table/windowsCommandLine';
import { windowsPrograms } from '../../../../src/reaper/table/windowsListing';
import { createWindowsProcessTable } from '../../../../src/reaper/table/windowsProcessTable';

const LISTING = readFileSync(path.join(process.cwd(), 'test/fixtures/process-tables/windows-processes.json'), 'utf8');
const PATTERNS = { scriptNames: ['ipfs_kit_daemon.py'] };
const ANN = 'S-1-5-21-3623811015-3361044348-30300820-1013';
const POWERSHELL = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';
const TASKKILL = 'C:\\Windows\\System32\\taskkill.exe';

type Row = Record<string, unknown> & { pid: number };
const ROWS = (JSON.parse(LISTING) as { rows: Row[] }).rows;

/** The recorded processes with these changes. */
function listing(changes: Readonly<Record<number, object | undefined>>): string {
  const rows = ROWS.flatMap((row) => (row.pid in changes ? (changes[row.pid] ? [{ ...row, ...changes[row.pid] }] : []) : [row]));
  return JSON.stringify({ rows });
}

type Answer = Partial<ToolResult> | Error;

interface Made {
  table: ProcessTable;
  scripts: string[];
  killed: string[];
}

interface MadeParts {
  /** Listings in the order of the requests; the last one is repeated. */
  lists?: Answer[];
  /** Start times in the same way. */
  starts?: Answer[];
  taskkill?: (args: readonly string[]) => Answer;
  systemRoot?: string | undefined;
}

/** ann's extension host (4242) on a machine with services, other users and daemons. */
function made(parts: MadeParts = {}): Made {
  const { lists = [{ stdout: LISTING }], starts = [{ stdout: LISTING }], taskkill = () => ({}) } = parts;
  const [listings, times] = [[...lists], [...starts]];
  const scripts: string[] = [];
  const killed: string[] = [];
  const next = (answers: Answer[]): Answer => (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
  const table = createWindowsProcessTable({
    self: 4242,
    systemRoot: 'systemRoot' in parts ? parts.systemRoot : 'C:\\Windows',
    clock: () => 1_795_431_083_999,
    run: (file, args) => {
      let answer: Answer;
      if (file === TASKKILL) {
        killed.push(args.join(' '));
        answer = taskkill(args);
      } else {
        assert.equal(file, POWERSHELL);
        assert.deepEqual(args.slice(0, 3), ['-NoLogo', '-NoProfile', '-NonInteractive']);
        assert.equal(args.at(-2), '-EncodedCommand');
        const script = Buffer.from(args.at(-1) ?? '', 'base64').toString('utf16le');
        scripts.push(script);
        answer = next(script.includes('GetOwnerSid') ? listings : times);
      }
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ status: 0, stdout: '', stderr: '', ...answer });
    },
  });
  return { table, scripts, killed };
}

function rowIn(rows: ReadonlyMap<number, ProcessRow>, pid: number): ProcessRow {
  const found = rows.get(pid);
  assert.ok(found);
  return found;
}

const unreadable = (pattern: RegExp) => (error: unknown) =>
  IpfsKitError.is(error, 'unreadable') && pattern.test(error.message) && error.message.includes('Task Manager');

describe('the process table of Windows', () => {
  it('has a row for each process, with its start to the microsecond', async () => {
    const { table } = made();
    const rows = await table.look('all');
    assert.equal(rows.size, ROWS.length);
    assert.deepEqual(rows.get(5004), {
      pid: 5004,
      ppid: 5000,
      pgid: 0,
      sid: 0,
      start: '639308493000000200',
      startOrder: Date.UTC(2026, 10, 21, 9, 15, 0) * 1000 + 20,
      gone: false,
      stopped: false,
    });
    const startedAt = [5000, 4].map((pid) => table.startedAt?.(rowIn(rows, pid)));
    assert.deepEqual(startedAt, [Date.UTC(2026, 10, 21, 9, 15, 0) + 0.01, undefined]);
    assert.equal(table.startOrderNow?.(), 1_795_431_083_999_000);
    assert.deepEqual(table.facts?.([rowIn(rows, 5000)]).get(5000), { memoryBytes: 5000 * 4096 });
  });

  it('rejects a parent that is younger than its child, or has exited', async () => {
    const rows = await made().table.look('all');
    assert.deepEqual(
      [5012, 2000, 5008, 5004].map((pid) => rows.get(pid)?.ppid),
      [0, 0, 5004, 5000],
    );
  });

  it('has the user that the list states', async () => {
    const { table } = made();
    assert.equal(table.user, '');
    await table.look('all');
    assert.equal(table.user, ANN);
  });

  it('has the arguments of each, and its owner if requested', async () => {
    const { table } = made();
    const rows = await table.look('all');
    assert.deepEqual(table.details(rowIn(rows, 5000)), {
      argv: ['C:\\Users\\ann\\My Env\\Scripts\\python.exe', 'C:\\Users\\ann\\ipfs kit\\ipfs_kit_daemon.py', '--port', '8774'],
      user: ANN,
      inOtherNamespace: false,
    });
    assert.equal(table.details(rowIn(rows, 5008))?.argv?.at(-1), 'C:\\Users\\José\\café 🐍\\');
    assert.deepEqual(table.details(rowIn(rows, 7200)), { argv: undefined, user: undefined, inOtherNamespace: false });
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
      [5000, 5004],
    );
  });

  it('leaves out a new process while its owner is unknown, and includes it at the next look', async () => {
    const lists = [{ 5016: undefined }, {}, { 5016: { owner: ANN } }].map((changes) => ({ stdout: listing(changes) }));
    const { table } = made({ lists });
    const tree = createProcessTree({ table, patterns: PATTERNS });
    const pids = async (): Promise<readonly number[]> => (await tree.look('all')).map(({ pid }) => pid).sort((a, b) => a - b);
    assert.deepEqual(await pids(), [5000, 5004, 5008]);
    assert.deepEqual(await pids(), [5000, 5004, 5008]);
    assert.deepEqual(tree.strangers(), []);
    assert.deepEqual(await pids(), [5000, 5004, 5008, 5016]);
  });

  it('requests each owner once, and again if the PID was reused', async () => {
    const known = Object.fromEntries(ROWS.map(({ pid }) => [pid, { owner: null }]));
    const recycled = { ...known, 5008: { owner: null, created: '639308493999999990' } };
    const answers = [
      LISTING,
      listing(known),
      listing(recycled),
      listing({ ...recycled, 5008: { ...recycled[5008], owner: ANN } }),
    ];
    const { table, scripts } = made({ lists: answers.map((stdout) => ({ stdout })) });
    const users: unknown[] = [];
    while (users.length < answers.length) {
      const rows = await table.look('all');
      const details = table.details(rowIn(rows, 5008));
      users.push(details ? details.user : 'not known yet');
    }
    assert.deepEqual(users, [ANN, ANN, 'not known yet', ANN]);
    const asked = scripts.map((script) => /\$known=@\{\};foreach\(\$id in @\(([\d,]*)\)/.exec(script)?.[1]);
    assert.deepEqual(asked, ['', '5000,5004,5008,5012,7100', '5000,5004,5008,5012,7100', '5000,5004,5012,7100']);
    const selves = scripts.map((script) => /\$asked=@\{\};foreach\(\$id in @\(([\d,]*)\)/.exec(script)?.[1]);
    assert.deepEqual(selves, ['4242', '', '', '']);
  });

  it('stays within the limit of a command line, however many are known', async () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({
      ...ROWS[6],
      pid: 1_000_000_000 + index,
      owner: ANN,
    }));
    const lengths: number[] = [];
    const table = createWindowsProcessTable({
      self: 4242,
      systemRoot: 'C:\\Windows',
      run: (_, args) => {
        lengths.push(args.join(' ').length);
        return Promise.resolve({ status: 0, stdout: JSON.stringify({ rows: [...ROWS, ...many] }), stderr: '' });
      },
    });
    await table.look('all');
    await table.look('all');
    assert.ok(lengths.every((length) => length < 32_000));
  });

  it("reads what PowerShell makes of lists, a byte order mark, and doesn't take progress for an error", async () => {
    const own = ROWS.find(({ pid }) => pid === 4242);
    const shapes = [
      JSON.stringify({ rows: own }),
      JSON.stringify(own),
      JSON.stringify([own]),
      JSON.stringify({ rows: { value: [own], Count: 1 } }),
      `\ufeff${JSON.stringify([own])}\r\n`,
    ];
    for (const stdout of shapes) {
      const { table } = made({ lists: [{ stdout, stderr: '#< CLIXML\r\n<Objs Version="1.1.0.1"></Objs>' }] });
      assert.deepEqual([...(await table.look('all')).keys()], [4242]);
    }
  });

  it('prints ASCII only, so that no code page matters', async () => {
    const { table, scripts } = made();
    await table.look('all');
    const [script = ''] = scripts;
    assert.match(script, /^[\n -~]*$/);
    assert.ok(script.includes(String.raw`[regex]::Replace($json,'[^ -~]',{param($m)'\u{0:x4}' -f [int][char]$m.Value})`));
  });

  for (const [what, answer, pattern] of [
    ['is absent', new Error('spawn powershell.exe ENOENT'), /ENOENT/],
    ['hangs', new Error('no response within 30 s'), /no response within 30 s/],
    ['fails', { status: 1, stderr: 'Get-CimInstance : Zugriff verweigert' }, /status 1: Get-CimInstance : Zugriff verweigert/],
    ['fails with XML', { status: 1, stderr: '#< CLIXML\r\n<Objs/>' }, /status 1\. Nothing/],
    ['prints nothing', {}, /complete list/],
    ['is cut off', { stdout: LISTING.slice(0, -20) }, /complete list/],
    ['prints rubbish', { stdout: 'Windows PowerShell' }, /complete list/],
    ['prints a number', { stdout: '7' }, /complete list/],
    ['prints a row without a pid', { stdout: listing({ 5000: { pid: '5000' } }) }, /complete list/],
    ['prints a pid twice', { stdout: listing({ 5000: { pid: 5004 } }) }, /complete list/],
    ['does not show ourselves', { stdout: listing({ 4242: undefined }) }, /IPFS Kit's own process/],
    ['does not know who we are', { stdout: listing({ 4242: { owner: '' } }) }, /IPFS Kit's own process/],
  ] as const)
    it(`has no rows where PowerShell ${what}`, async () => {
      await assert.rejects(made({ lists: [answer] }).table.look('all'), unreadable(pattern));
    });

  for (const systemRoot of [
    undefined,
    '',
    'Windows',
    '\\Windows',
    '\\\\server\\share',
    'C:Windows',
    '%TEMP%',
    'C:\\Win"dows',
    'C:\\a\nb',
  ])
    it(`runs nothing from the system root ${JSON.stringify(systemRoot)}`, async () => {
      assert.equal(windowsPrograms(systemRoot), undefined);
      const { table, scripts } = made({ systemRoot });
      await assert.rejects(table.look('all'), unreadable(/SystemRoot/));
      assert.deepEqual(scripts, []);
    });

  it('finds its programs on another drive', () => {
    assert.equal(windowsPrograms('d:\\WINNT\\')?.taskkill, 'd:\\WINNT\\System32\\taskkill.exe');
  });
});

describe('signals on Windows', () => {
  const send = async (
    parts: MadeParts,
    pids: readonly number[],
    ...signals: Parameters<ProcessTable['signal']>[1][]
  ): Promise<Made & { outcomes: readonly string[] }> => {
    const all = made(parts);
    const rows = await all.table.look('all');
    all.scripts.length = 0;
    const wanted = pids.map((pid) => (pid > 4242 ? rows.get(pid) : undefined) ?? { ...rowIn(rows, 5000), pid });
    return { ...all, outcomes: await all.table.signal(wanted, ...signals) };
  };

  it('ask a process to close, or end it: one at a time, never a tree by parent IDs', async () => {
    assert.deepEqual((await send({}, [5000, 5004], 'SIGTERM', 'SIGCONT')).killed, ['/PID 5000', '/PID 5004']);
    const { killed, outcomes } = await send({}, [5000, 5004], 'SIGKILL');
    assert.deepEqual(killed, ['/PID 5000 /F', '/PID 5004 /F']);
    assert.deepEqual(outcomes, ['sent', 'sent']);
  });

  it('go only to unchanged processes, after one query for all', async () => {
    const starts = [{ stdout: listing({ 5004: { created: '639308493000000210' }, 5008: undefined }) }];
    const { killed, outcomes, scripts } = await send({ starts }, [5000, 5004, 5008], 'SIGKILL');
    assert.deepEqual(outcomes, ['sent', 'recycled', 'gone']);
    assert.deepEqual(killed, ['/PID 5000 /F']);
    assert.equal(scripts.length, 1);
  });

  it('that do not exist there cost nothing', async () => {
    const { killed, outcomes, scripts } = await send({}, [5000, 5004], 'SIGSTOP', 'SIGCONT');
    assert.deepEqual(outcomes, ['unsupported', 'unsupported']);
    assert.deepEqual([killed, scripts], [[], []]);
  });

  for (const pid of [-1, 0, 4, 4242, 2.5, Number.NaN])
    it(`never go to ${pid}`, async () => {
      const { killed, outcomes, scripts } = await send({}, [pid], 'SIGKILL');
      assert.deepEqual([killed, outcomes, scripts], [[], ['denied'], []]);
    });

  it('are not sent where the question fails', async () => {
    const all = made({ starts: [new Error('no response within 30 s')] });
    const rows = await all.table.look('all');
    await assert.rejects(all.table.signal([rowIn(rows, 5000)], 'SIGKILL'), unreadable(/no response/));
    assert.deepEqual(all.killed, []);
  });

  it('distinguish an exit from a refusal by another scan, never by the output of taskkill', async () => {
    const words = 'FEHLER: Der Prozess mit PID 5000 konnte nicht beendet werden.';
    const taskkill = (): Answer => ({ status: 1, stderr: words });
    const after = { stdout: listing({ 5004: undefined, 5008: { created: '639308493000000210' } }) };
    const { outcomes } = await send({ taskkill, starts: [{ stdout: LISTING }, after] }, [5000, 5004, 5008], 'SIGKILL');
    assert.deepEqual(outcomes, ['denied', 'gone', 'gone']);
  });

  it('take status 128 for the end of a process, and a taskkill that hangs or is absent for a failure', async () => {
    assert.deepEqual((await send({ taskkill: () => ({ status: 128 }) }, [5000], 'SIGKILL')).outcomes, ['gone']);
    assert.deepEqual((await send({ taskkill: () => new Error('ENOENT') }, [5000], 'SIGKILL')).outcomes, ['denied']);
  });

  it("don't count a process that can't be asked to close as a refusal, since it may still be ended", async () => {
    assert.deepEqual((await send({ taskkill: () => ({ status: 1 }) }, [5000], 'SIGTERM', 'SIGCONT')).outcomes, ['unsupported']);
  });

  it('go to many at a time, and all of them', async () => {
    const pids = Array.from({ length: 50 }, (_, index) => 10_000 + index);
    const rows = pids.map((pid) => ({ ...(ROWS[6] ?? {}), pid }));
    const stdout = JSON.stringify({ rows: [...ROWS, ...rows] });
    const { killed, outcomes } = await send({ lists: [{ stdout }], starts: [{ stdout }] }, pids, 'SIGKILL');
    assert.deepEqual(new Set(outcomes), new Set(['sent']));
    assert.deepEqual(killed.sort(), pids.map((pid) => `/PID ${pid} /F`).sort());
  });
});

describe('a command line of Windows', () => {
  for (const [line, ...argv] of [
    ['a b\t c ', 'a', 'b', 'c'],
    ['"C:\\a b\\python.exe" x', 'C:\\a b\\python.exe', 'x'],
    ['C:\\a\\"b c" d', 'C:\\a\\"b', 'c d'], // The program's name has no escapes, and the remaining quote opens a quoted part.
    ['"unclosed a b', 'unclosed a b'],
    ['p "a b" c', 'p', 'a b', 'c'],
    ['p a"b c"d', 'p', 'ab cd'],
    ['p ""', 'p', ''],
    ['p a\\\\b d"e f"g h', 'p', 'a\\\\b', 'de fg', 'h'],
    ['p a\\\\\\"b c d', 'p', 'a\\"b', 'c', 'd'],
    ['p a\\\\\\\\"b c" d e', 'p', 'a\\\\b c', 'd', 'e'],
    ['p "a""b" c', 'p', 'a"b c'],
    ['p """a b""" c', 'p', '"a', 'b"', 'c'],
    ['p C:\\dir\\', 'p', 'C:\\dir\\'],
    [' p', '', 'p'],
  ] as const)
    it(`is read by the rules of the shell: ${line}`, () => assert.deepEqual(parseCommandLine(line), argv));

  it('for no process is empty', () => assert.deepEqual(parseCommandLine(''), []));

  it('gives back what was quoted', () => {
    const argument = fc.oneof(fc.string(), fc.stringMatching(/^[a\\" \t]*$/), fc.string({ unit: 'grapheme' }));
    const program = fc.stringMatching(/^[A-Za-z]:\\[\w \\.]*$/);
    fc.assert(
      fc.property(program, fc.array(argument), (name, rest) => {
        const line = [`"${name}"`, ...rest.map(quoted)].join(' ');
        assert.deepEqual(parseCommandLine(line), [name, ...rest]);
      }),
    );
  });

  it('of any kind is read without fail', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a\\" \t]{0,40}$/), (line) => void parseCommandLine(line)));
  });
});

/** Quotes an argument for CommandLineToArgvW: backslashes are doubled only before a quote. */
function quoted(argument: string): string {
  return `"${argument.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
}

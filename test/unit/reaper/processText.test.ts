import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DaemonProcess } from '../../../src/reaper/daemonProcesses';
import { commandName, commandText, confirmationDetail, lockText, processFactsText } from '../../../src/reaper/processText';
import { stopReportText } from '../../../src/reaper/stopReportText';
import type { FoundProcess } from '../../../src/reaper/stopContract';

const NOW = Date.UTC(2026, 10, 23, 12);

function found(pid: number, ppid: number, ...argv: string[]): FoundProcess {
  return { pid, ppid, argv, link: ppid === 1 ? 'daemon' : 'child' };
}

describe('a command line', () => {
  it('reads as one line, arguments with spaces in quotes', () => {
    assert.equal(commandText(['python3', '/my kit/d.py', '', '--port']), 'python3 "/my kit/d.py" "" --port');
    assert.equal(commandText([]), '(no command line)');
    assert.equal(commandText(['a\nb\u202e']), '"a␊b<U+202E>"');
    assert.equal(commandText(['x'.repeat(1_000_000)], 100).length, 100);
  });

  for (const [argv, shown] of [
    [['d.py', '--gateway', 'https://me:s3cret@gw.example/x'], 'd.py --gateway https://…@gw.example/x'],
    [['d.py', '--gateway=http:\\\\me:s3/c@ret@gw.example'], 'd.py --gateway=http:\\\\…@gw.example'],
    [['curl', '-u', 'me:s3cret@gw.example'], 'curl -u me:…@gw.example'],
    ...[
      '--token',
      '--password',
      '--passwd',
      '--secret',
      '--api-key',
      '--apikey',
      '--auth',
      '--authToken',
      '-client_secret',
    ].flatMap(
      (option) =>
        [
          [[option, 's3cret', '--port', '80'], `${option} … --port 80`],
          [[`${option}=s3"c&r et`, '--port', '80'], `${option}=… --port 80`],
          [['sh', '-c', `x ${option}="s3 cret" -v`], `sh -c "x ${option}=… -v"`],
        ] as const,
    ),
    [['sh', '-c', "x --token 's3 cret' --port 80"], 'sh -c "x --token … --port 80"'],
    [['env', 'API_TOKEN=s3cret', 'd.py'], 'env API_TOKEN=… d.py'],
    [['curl', '-H', 'Authorization: Bearer s3cret'], 'curl -H "Authorization: Bearer …"'],
    [['x', 'http://h/?a=1&token=s3cret&b=2'], 'x http://h/?a=1&token=…&b=2'],
    [['x', '--auth', '--port', '80', '--author', 'me', '--token-file', '/t'], 'x --auth --port 80 --author me --token-file /t'],
  ] as const)
    it(`is shown without its secrets: ${shown}`, () => assert.equal(commandText(argv), shown));

  it('has no secret in the question, in its name and in the stop report either', () => {
    const argv = ['/usr/bin/python3', '--token', 's3cret', 'd.py', 'https://me:s3cret@gw', '--api-key=s3cret'];
    const entry = { ...found(7, 1, ...argv), start: '1', newborn: false, signals: [], outcome: 'exited', ms: 1 } as const;
    const result = { ok: true, killed: [7], survivors: [], portOpen: false, dbLockers: [], ms: 1, notes: [], summary: '' };
    for (const text of [
      commandName(argv),
      confirmationDetail([found(7, 1, ...argv)], 1),
      stopReportText({ ...result, processes: [entry], locks: 'free' }, NOW, []),
      lockText({ path: '/x.db', state: 'held', probable: false, holders: [{ pid: 7, who: 'ours', argv }] }),
    ])
      assert.doesNotMatch(text, /s3cret/);
  });

  for (const [argv, name] of [
    [['/usr/bin/python3', '-u', '/x/ipfs_kit_daemon.py', '--port'], 'python3 ipfs_kit_daemon.py'],
    [['python3', '-m', 'http.server', '80'], 'python3 -m http.server'],
    [['/bin/sh', '-c', 'sleep 1; rm x'], 'sh -c'],
    [['ipfs', 'daemon'], 'ipfs daemon'],
    [['ipfs'], 'ipfs'],
    [[], '(no command line)'],
  ] as const)
    it(`is named ${name}`, () => assert.equal(commandName(argv), name));
});

describe('the question', () => {
  it('names number, PIDs and command lines, children below', () => {
    const detail = confirmationDetail(
      [found(100, 1, '/usr/bin/python3', '/x/ipfs_kit_daemon.py'), found(101, 100, 'ipfs', 'daemon')],
      8,
    );
    assert.equal(
      detail,
      [
        '2 processes will be stopped:',
        'PID 100: python3 /x/ipfs_kit_daemon.py',
        '    PID 101: ipfs daemon',
        '',
        'They are asked to shut down first. What is still running after 8 s is killed.',
      ].join('\n'),
    );
  });

  it('says that nothing is killed if the system names no process', () =>
    assert.equal(
      confirmationDetail([], 5),
      "Your system doesn't show which process this is. It is asked to shut down; nothing is killed.",
    ));

  it('stays small for a large tree with hostile names', () => {
    const many = Array.from({ length: 5000 }, (_, at) => found(100 + at, 1, 'x\n'.repeat(10_000)));
    const lines = confirmationDetail(many, 8).split('\n');
    assert.ok(lines.length < 15 && lines.every((line) => line.length < 200));
    assert.ok(lines.includes('… and 4992 more.'));
  });
});

describe('the facts of a process', () => {
  const process = (fields: Partial<DaemonProcess>): DaemonProcess => ({ ...found(100, 1), depth: 0, stopped: false, ...fields });

  it('are port, memory and age', () => {
    const listening = [8774, 8774, 9999].map((port) => ({ address: '127.0.0.1', port }));
    const facts = process({ startedAt: NOW - 3 * 3_600_000, memoryBytes: 84 * 2 ** 20, listening });
    assert.equal(processFactsText(facts, NOW), 'ports 8774, 9999 · 84.0 MB · 3 h');
    assert.equal(processFactsText(process({ stopped: true }), NOW), 'suspended');
    assert.equal(processFactsText(process({}), NOW), '');
  });
});

describe('a lock', () => {
  for (const [lock, text] of [
    [{ state: 'unknown', probable: false, holders: [] }, "locks aren't visible on this system"],
    [{ state: 'free', probable: false, holders: [] }, 'not locked'],
    [{ state: 'held', probable: false, holders: [] }, 'locked, lock holder not visible'],
    [{ state: 'held', probable: false, holders: [{ pid: 7, who: 'daemon', argv: [] }] }, 'locked by PID 7 (the daemon)'],
    [
      {
        state: 'held',
        probable: true,
        holders: [
          { pid: 7, who: 'ours', argv: ['/bin/sqlite3', 'x.db'] },
          { pid: 8, who: 'other', argv: [] },
        ],
      },
      'probably locked by PID 7 (sqlite3 x.db, another program of yours), PID 8 (another user or a container)',
    ],
  ] as const)
    it(`reads: ${text}`, () => assert.equal(lockText({ path: '/x.db', ...lock }), text));
});

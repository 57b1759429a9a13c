import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { readPidFile, removePidFileOf } from '../../../src/reaper/pidFile';
import { testFolder } from '../../support/folder';
import { needs, POSIX } from '../../support/needs';

const folder = testFolder('pid');
const file = path.join(folder, 'daemon.pid');
beforeEach(() => rmSync(file, { recursive: true, force: true }));

describe('a PID file', () => {
  for (const text of ['4711', ' 4711\n', '2', '4194304'])
    it(`contains a PID: ${JSON.stringify(text)}`, () => {
      writeFileSync(file, text);
      assert.deepEqual(readPidFile(file), { pid: Number(text) });
    });

  for (const text of [
    '',
    '0',
    '1',
    '-1',
    '-4711',
    '+5',
    '4711.5',
    '0x10',
    '4711 4712',
    '4194305',
    '99999999999',
    'pid',
    '{"pid":4711}',
    `4711${' '.repeat(100)}`,
  ])
    it(`contains no PID: ${JSON.stringify(text.slice(0, 20))}`, () => {
      writeFileSync(file, text);
      assert.ok('detail' in readPidFile(file));
    });

  const others: [string, () => void][] = [
    ['nothing', () => undefined],
    ['a folder', () => mkdirSync(file)],
    ['a FIFO, which would block', () => assert.equal(spawnSync('mkfifo', [file]).status, 0)],
    ['a device', () => symlinkSync('/dev/zero', file)],
    [
      'a link to another',
      () => {
        writeFileSync(path.join(folder, 'other.pid'), '4711');
        symlinkSync(path.join(folder, 'other.pid'), file);
      },
    ],
  ];
  for (const [what, make] of others)
    it(`is not ${what}`, needs(POSIX), () => {
      make();
      assert.ok('detail' in readPidFile(file));
      assert.equal(removePidFileOf(file, () => true).removed, false);
    });
});

describe('removing a PID file', () => {
  it('takes one whose process is dead', () => {
    writeFileSync(file, '4711');
    assert.equal(removePidFileOf(file, (pid) => pid === 4711).removed, true);
    assert.equal(existsSync(file), false);
  });

  it("isn't deleted while its process runs", () => {
    writeFileSync(file, '4711');
    assert.deepEqual(
      removePidFileOf(file, () => false),
      { removed: false, detail: 'contains the running PID 4711' },
    );
    assert.equal(existsSync(file), true);
  });

  it('leaves one that a new daemon has written meanwhile', () => {
    writeFileSync(file, '4711');
    const { removed } = removePidFileOf(file, () => {
      writeFileSync(file, '4712');
      return true;
    });
    assert.equal(removed, false);
    assert.equal(existsSync(file), true);
  });
});

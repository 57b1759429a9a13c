import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { linuxProcessWork } from '../../../../src/reaper/table/linuxProcessWork';
import { testFolder } from '../../../support/folder';

const root = testFolder('process-work');

/** The work of a process with these numbers in `io`; undefined makes `io` unreadable. */
function workOf(io: Readonly<Record<string, number>> | undefined): ReturnType<typeof linuxProcessWork> {
  const folder = path.join(root, '7');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'stat'), '7 (ipfs) S 1 7 7 0 -1 0 0 0 0 0 4 2 0 0 20 0 9 0 500');
  const text = Object.entries(io ?? {}).map(([name, value]) => `${name}: ${String(value)}\n`);
  writeFileSync(path.join(folder, 'io'), text.join(''));
  return linuxProcessWork(root, 7);
}

describe('what a process has done', () => {
  const none = { rchar: 0, wchar: 0, syscr: 0, syscw: 0, read_bytes: 0, write_bytes: 0 };

  it('does not grow by the bytes with which an idle Go program wakes its threads', () =>
    assert.deepEqual(workOf({ ...none, rchar: 24, syscr: 3, wchar: 24, syscw: 3 }), workOf(none)));

  it('grows by what is read from memory or a pipe, and by what is written', () => {
    assert.deepEqual(workOf({ ...none, rchar: 4104, syscr: 1 }), { cpuMs: 60, io: 0, read: 4096, isWaiting: false });
    assert.equal(workOf({ ...none, wchar: 1008, syscw: 1 })?.io, 1000);
  });

  it("is unknown if it can't be read", () =>
    assert.deepEqual(workOf(undefined), { cpuMs: 60, io: undefined, read: undefined, isWaiting: false }));
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { commandName, commandText, confirmationDetail } from '../../../src/reaper/processText';
import { stopReportText } from '../../../src/reaper/stopReportText';
import type { ReportEntry, StopResult } from '../../../src/reaper/stopContract';
import { createLinuxProcessTable } from '../../../src/reaper/table/linuxProcessTable';
import { testFolder } from '../../support/folder';
import { testPython } from '../../support/testDaemon';
import { needs } from '../../support/needs';

const folder = testFolder('hostile-names');

/** A name that a process may give itself: line ends, closing brackets, direction marks, icons and lone surrogates. */
const word = fc.array(
  fc.oneof(
    fc.constantFrom('\n', '\r', '\u2028', '\u2029', '\u0085', '\u202e', '\u2066', '\u200f', '\u001b[2J', '\0', '\b', '\u007f'),
    fc.constantFrom(')', ' ', '\t', '"', '$(flame)', '[x](command:y)', '\ud800', '\ufffd', 'é', 'python3', '/', '-m', '-c'),
    fc.string({ unit: 'binary' }),
  ),
  { maxLength: 12 },
);
const argv = fc.array(
  word.map((parts) => parts.join('')),
  { maxLength: 12 },
);

/** Characters that end a line, are invisible, or change the direction of the text after them. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

function entry(words: readonly string[]): ReportEntry {
  return {
    pid: 7,
    ppid: 1,
    start: words.join(' '),
    argv: words,
    link: 'daemon',
    newborn: false,
    signals: [],
    outcome: 'alive',
    ms: 1,
  };
}

function resultOf(words: readonly string[]): StopResult {
  const text = words.join(' ');
  return {
    ok: false,
    killed: [],
    survivors: [7],
    portOpen: false,
    dbLockers: [],
    ms: 1,
    processes: [entry(words)],
    pidFile: { path: text, removed: false, detail: 'left' },
    locks: 'free',
    notes: [text],
    summary: 'One is left.',
  };
}

describe('what a process calls itself', () => {
  it('is one safe line in the question, the list and the log', () =>
    fc.assert(
      fc.property(argv, (words) => {
        for (const text of [commandText(words, 110), commandName(words), commandText(words)]) assert.doesNotMatch(text, UNSAFE);
        const question = confirmationDetail([{ pid: 7, ppid: 1, argv: words, link: 'daemon' }], 1).split('\n');
        assert.equal(question.length, 4);
        for (const line of question) assert.doesNotMatch(line, UNSAFE);
        assert.ok(question.every((line) => line.length < 1100)); // An invisible character is shown by its code.
      }),
      { numRuns: 500 },
    ));

  it('adds no line to the stop report', () => {
    const lines = (words: readonly string[]): string[] => stopReportText(resultOf(words), 0, [words.join('')]).split('\n');
    const usual = lines(['python3']).length;
    fc.assert(
      fc.property(argv, (words) => {
        const shown = lines(words);
        assert.equal(shown.length, usual);
        for (const line of shown) assert.doesNotMatch(line, UNSAFE);
      }),
      { numRuns: 300 },
    );
  });

  it('is read from a real process within limits, for arguments of any length and content', needs('/proc'), async () => {
    const program = path.join(folder, 'python3 ) S 1 1 (\u202e\n x');
    symlinkSync(testPython(), program);
    const code =
      'import os, sys; os.execv(sys.argv[1], [b"py\\xff\\xfe\\n) R 1 1 (", "-c", "import time; print(1, flush=True); time.sleep(1000)"] + ["a\\n" * 60000] * 15)';
    const child = spawn(testPython(), ['-c', code, program], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      const table = createLinuxProcessTable();
      const row = (await table.look('all')).get(child.pid ?? 0);
      assert.ok(row);
      assert.deepEqual([row.ppid, row.gone], [process.pid, false]);
      const { argv: words = [] } = table.details(row) ?? {};
      assert.ok(words.join('').length <= 2 ** 20 + 16_384);
      assert.equal(words[0], 'py\ufffd\ufffd\n) R 1 1 (');
      const text = commandText(words, 110);
      assert.ok(text.length <= 120, String(text.length));
      assert.doesNotMatch(text, UNSAFE);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });
});

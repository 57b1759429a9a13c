import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import type { Pin } from '../../src/pin/pin';
import { shapeOf } from '../../src/pin/columnNames';
import { toPin } from '../../src/pin/pinRecord';
import { repositoryRoot, testPython } from '../support/testDaemon';

export const SIDE_FILES = ['-wal', '-journal'];

/** What Python's sqlite3 makes of the same bytes. */
export interface Oracle {
  /** Of a copy, which it recovers; an error as text. */
  read(file: string): Promise<readonly Pin[] | string>;
  close(): void;
}

type Value = readonly [type: string, text: string] | null;
type Answer = { readonly error: string } | { readonly columns: readonly string[]; readonly rows: readonly (readonly Value[])[] };

/** One Python for all questions: to start one for each would take most of the time. */
export function startOracle(folder: string): Oracle {
  const child = spawn(testPython(), [path.join(repositoryRoot(), 'test/storeTorture/oracle.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    read: async (file) => {
      const copies = mkdtempSync(path.join(folder, 'oracle-'));
      try {
        const copy = path.join(copies, 'pins.db');
        for (const suffix of ['', ...SIDE_FILES]) if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
        child.stdin.write(`${copy}\n`);
        const line = (await lines.next()) as IteratorResult<string, undefined>;
        if (line.value === undefined) throw new Error('Python ended.');
        const answer = JSON.parse(line.value) as Answer;
        return 'error' in answer ? answer.error : pinsOf(answer.columns, answer.rows);
      } finally {
        rmSync(copies, { recursive: true });
      }
    },
    close: () => child.stdin.end(),
  };
}

function pinsOf(columns: readonly string[], rows: readonly (readonly Value[])[]): Pin[] {
  const shape = shapeOf(columns);
  if (!shape) return [];
  return rows
    .map((row) => toPin(shape, (column) => valueOf(row[columns.indexOf(column)] ?? null)))
    .filter((pin) => pin !== undefined);
}

function valueOf(value: Value): unknown {
  if (!value) return null;
  const [type, text] = value;
  switch (type) {
    case 'int':
      return BigInt(text);
    case 'float':
      return Number(text.replace('inf', 'Infinity'));
    case 'blob':
      return Buffer.from(text, 'hex');
    default:
      return text;
  }
}

import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import type { Pin } from '../../src/pin/pin';
import { shapeOf } from '../../src/pin/columnNames';
import { toPin } from '../../src/pin/pinRecord';
import { repositoryRoot, testPython } from '../support/testDaemon';

/** What is done to a body. */
export type Damage = { readonly cut: number } | { readonly at: number; readonly xor: number };

/** Pins; or why pyarrow, fully validating, refuses the bytes or a column that pins are made of. */
export type Verdict = readonly Pin[] | { readonly refused: string };

export interface ArrowOracle {
  /** Answers come in the order of the questions. */
  judge(file: string, damage: Damage): Promise<Verdict>;
  close(): void;
}

type Cell = readonly [kind: string, text: string] | 'other' | null;
type Answer =
  | { readonly error: string }
  | {
      readonly columns: readonly string[];
      readonly invalid: readonly number[];
      readonly rows: readonly (readonly Cell[])[];
    };

/** One Python for all questions. */
export function startArrowOracle(): ArrowOracle {
  const child = spawn(testPython(), [path.join(repositoryRoot(), 'test/arrowTorture/oracle.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    judge: async (file, damage) => {
      child.stdin.write(`${JSON.stringify({ file, ...damage })}\n`);
      const line = (await lines.next()) as IteratorResult<string, undefined>;
      if (line.value === undefined) throw new Error(`pyarrow ended at ${file} ${JSON.stringify(damage)}.`);
      return verdict(JSON.parse(line.value) as Answer);
    },
    close: () => child.stdin.end(),
  };
}

function verdict(answer: Answer): Verdict {
  if ('error' in answer) return { refused: answer.error };
  const { columns, invalid, rows } = answer;
  const shape = shapeOf(columns);
  if (!shape) return { refused: 'no column of CIDs' };
  const places = [...shape.columns.values(), ...(shape.metadata === undefined ? [] : [shape.metadata])].map((name) =>
    columns.indexOf(name),
  );
  const broken = places.filter((place) => invalid.includes(place));
  if (broken.length > 0) return { refused: `invalid: ${broken.map((place) => columns[place]).join(', ')}` };
  return rows
    .map((row) => toPin(shape, (column) => valueOf(row[columns.indexOf(column)] ?? null)))
    .filter((pin) => pin !== undefined);
}

const UNITS_A_MS: Readonly<Record<string, bigint>> = { 'time ms': 1n, 'time us': 1000n, 'time ns': 1_000_000n };

function valueOf(cell: Cell): unknown {
  if (cell === null || cell === 'other') return null;
  const [kind, text] = cell;
  switch (kind) {
    case 'int':
      return BigInt(text);
    case 'float':
      return Number(text.replace('inf', 'Infinity'));
    case 'bool':
      return text === 'True';
    case 'text':
      return text;
    case 'time s':
      return new Date(Number(text) * 1000);
    default:
      return new Date(Number(BigInt(text) / (UNITS_A_MS[kind] ?? 1n)));
  }
}

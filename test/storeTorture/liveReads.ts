import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { SqlJsStatic } from 'sql.js';
import { IpfsKitError } from '../../src/base/ipfsKitError';
import type { PinTable } from '../../src/pin/pinTable';
import { openSqlite } from '../../src/pinStore/sqlite/sqliteReader';
import { repositoryRoot, testPython } from '../support/testDaemon';
import { sqlJs } from '../support/sqlJs';

export const JOURNAL_MODES = ['WAL', 'DELETE', 'TRUNCATE', 'PERSIST'] as const;
export type JournalMode = (typeof JOURNAL_MODES)[number];

export interface LiveReads {
  readonly mode: JournalMode;
  reads: number;
  /** One line per inconsistent result. */
  readonly torn: string[];
  readonly errors: string[];
  busy: number;
  readonly milliseconds: number[];
  readonly generations: Set<number>;
  /** The same checks on the plain bytes of the file, in the same run. Unless the plain bytes give inconsistent results, the run proves nothing. */
  readonly control: { reads: number; torn: number; stale: number; errors: number };
}

export interface LiveOptions {
  readonly file: string;
  readonly mode: JournalMode;
  /** The least number of reads; up to ten times as many are made until the control was inconsistent and ten generations were seen. */
  readonly reads: number;
  readonly seed: number;
  readonly wasmFile: string;
}

/** The number of rows that writer.py writes. */
const ROWS = 400;
const EXTRA = 10;
const BYTES = ROWS * 1000;
const ROLLED_BACK = 99_999_999;
const NEVER = new AbortController().signal;

/** Reads a database while Python writes it, alternately by IPFS Kit and as plain bytes. */
export async function readBesideWriter({ file, mode, reads, seed, wasmFile }: LiveOptions): Promise<LiveReads> {
  const sql = await sqlJs();
  const writer = spawn(testPython(), [path.join(repositoryRoot(), 'test/storeTorture/writer.py'), file, mode, String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  let committed = 0;
  const lines = readline.createInterface({ input: writer.stdout });
  lines.on('line', (line) => (committed = Number(line)));
  await once(lines, 'line');
  const seen: LiveReads = {
    mode,
    reads: 0,
    torn: [],
    errors: [],
    busy: 0,
    milliseconds: [],
    generations: new Set(),
    control: { reads: 0, torn: 0, stale: 0, errors: 0 },
  };
  let table: PinTable | undefined;
  try {
    const isProven = (): boolean =>
      seen.control.torn + seen.control.stale + seen.control.errors > 0 && seen.generations.size >= 10;
    while (seen.reads < reads || (!isProven() && seen.reads < 10 * reads)) {
      await nextTurn(); // Lets the writer's output be received.
      if (writer.exitCode !== null) throw new Error('The writer ended.');
      const started = performance.now();
      const atLeast = committed;
      try {
        table ??= await openSqlite(file, { wasmFile });
        const wrong = await checkTable(table, seen, atLeast);
        seen.reads++;
        seen.milliseconds.push(performance.now() - started);
        if (wrong !== undefined) seen.torn.push(wrong);
      } catch (error) {
        if (IpfsKitError.is(error, 'busy')) seen.busy++;
        else seen.errors.push(String(error));
      }
      if (seen.reads % 4 === 0) {
        table?.close(); // Some results are of a table that stays open, some of a new one.
        table = undefined;
      }
      if (seen.busy > reads) break;
      await sleep((seen.control.reads * 7) % 6); // IPFS Kit has just waited for a quiet moment, which would also be one for the control.
      readPlainly(sql, file, seen, committed);
    }
  } finally {
    table?.close();
    writer.kill('SIGKILL');
    await ended;
  }
  return seen;
}

/** Returns what is inconsistent. Each query is of one moment, but not all are of the same one. */
async function checkTable(table: PinTable, { reads, generations }: LiveReads, atLeast: number): Promise<string | undefined> {
  switch (reads % 4) {
    case 0:
    case 1: {
      const query = reads % 8 < 4 ? {} : ({ sort: 'name' } as const);
      const pins = await table.page({ ...query, limit: 1000 }, NEVER);
      const rows = pins.map(({ cid, name = '', sizeBytes }) => ({ cid, name, size: Number(sizeBytes ?? 0) }));
      const wrong = wrongRows(rows, atLeast);
      if (wrong === undefined) generations.add(generationOf(rows[0]?.name ?? ''));
      return wrong;
    }
    case 2: {
      const count = await table.count({ filter: 'GENERATION' }, NEVER);
      const hidden = await table.count({ filter: String(ROLLED_BACK) }, NEVER);
      if (hidden > 0) return `${hidden} rows were rolled back`;
      return count === ROWS || count === ROWS + EXTRA ? undefined : `${count} rows`;
    }
    default: {
      const [group] = await table.groups('type', {}, NEVER);
      return group?.sizeBytes === BYTES ? undefined : `${group?.sizeBytes} bytes`;
    }
  }
}

interface Row {
  readonly cid: string;
  readonly name: string;
  readonly size: number;
}

function generationOf(name: string): number {
  return Number(/^generation (\d{8}) /.exec(name)?.[1]);
}

function wrongRows(rows: readonly Row[], atLeast: number): string | undefined {
  const generation = generationOf(rows[0]?.name ?? '');
  const sum = rows.reduce((total, { size }) => total + size, 0);
  const wanted = ROWS + (generation % 2 === 0 ? EXTRA : 0);
  if (new Set(rows.map(({ name }) => name)).size !== 1) return 'several generations';
  if (generation === ROLLED_BACK) return 'rolled back';
  if (rows.length !== wanted || new Set(rows.map(({ cid }) => cid)).size !== wanted) return `${rows.length} rows of ${wanted}`;
  if (sum !== BYTES) return `${sum} bytes`;
  return generation >= atLeast ? undefined : `stale: ${generation} of ${atLeast}`;
}

function readPlainly(sql: SqlJsStatic, file: string, { control }: LiveReads, atLeast: number): void {
  control.reads++;
  try {
    const db = new sql.Database(readFileSync(file));
    try {
      const found = db.exec('SELECT cid, name, size_bytes FROM pins')[0]?.values ?? [];
      const rows = found.map(([cid, name, size]) => ({ cid: String(cid), name: String(name), size: Number(size ?? 0) }));
      const wrong = wrongRows(rows, atLeast);
      if (wrong?.startsWith('stale') === true) control.stale++;
      else if (wrong !== undefined) control.torn++;
    } finally {
      db.close();
    }
  } catch {
    control.errors++;
  }
}

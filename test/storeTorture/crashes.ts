import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pin } from '../../src/pin/pin';
import { toPlainError } from '../../src/ipfsKitError';
import { openSqlite } from '../../src/pinStore/sqliteReader';
import { repositoryRoot, testPython } from '../support/testDaemon';
import type { JournalMode } from './liveReads';
import type { Oracle } from './oracle';

export interface Crashes {
  readonly mode: JournalMode;
  cases: number;
  /** In which a side file decides what the database holds. */
  unmerged: number;
  /** What was not as Python recovers it. */
  readonly wrong: string[];
}

export interface CrashOptions {
  readonly folder: string;
  readonly mode: JournalMode;
  readonly cases: number;
  readonly seed: number;
  readonly wasmFile: string;
  readonly oracle: Oracle;
}

const NEVER = new AbortController().signal;

/** Every other writer ends by itself inside a transaction; the others are killed wherever they are. */
export async function readAfterCrashes({ folder, mode, cases, seed, wasmFile, oracle }: CrashOptions): Promise<Crashes> {
  const seen: Crashes = { mode, cases: 0, unmerged: 0, wrong: [] };
  for (let number = 0; number < cases; number++) {
    const home = mkdtempSync(path.join(folder, 'crash-'));
    const file = path.join(home, 'pins.db');
    const own = seed * 1000 + number;
    if (number % 2 === 0) leave(file, mode, own);
    else await kill(file, mode, own);
    const expected = await oracle.read(file);
    const before = contents(home);
    readOnly(home);
    const pins = await readAll(file, wasmFile);
    const after = contents(home);
    seen.cases++;
    if (
      ['-wal', '-journal'].some((suffix) => existsSync(file + suffix) && readFileSync(file + suffix).some((byte) => byte !== 0))
    )
      seen.unmerged++;
    if (JSON.stringify(after) !== JSON.stringify(before)) seen.wrong.push(`seed ${own}: the files were changed`);
    const difference = differenceOf(pins, expected);
    if (difference !== undefined) seen.wrong.push(`seed ${own}: ${difference}`);
    chmodSync(home, 0o755);
    rmSync(home, { recursive: true });
  }
  return seen;
}

function command(file: string, mode: JournalMode, seed: number): string[] {
  return [path.join(repositoryRoot(), 'test/storeTorture/crash.py'), file, mode, String(seed)];
}

function leave(file: string, mode: JournalMode, seed: number): void {
  const { status, stderr } = spawnSync(testPython(), command(file, mode, seed), { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

async function kill(file: string, mode: JournalMode, seed: number): Promise<void> {
  const writer = spawn(testPython(), [...command(file, mode, seed), 'linger'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(writer, 'exit');
  await once(writer.stdout, 'data');
  await sleep((seed * 7919) % 60);
  writer.kill('SIGKILL');
  await ended;
}

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name)).toString('latin1')]));
}

/** Root may write all the same: that nothing was is seen by the contents. */
function readOnly(folder: string): void {
  for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o444);
  chmodSync(folder, 0o555);
}

/** All pins, or an error as text. */
export async function readAll(file: string, wasmFile: string): Promise<readonly Pin[] | string> {
  try {
    const table = await openSqlite(file, { wasmFile });
    try {
      return await table.page({ limit: 10_000 }, NEVER);
    } finally {
      table.close();
    }
  } catch (error) {
    const { reason, message } = toPlainError(error);
    return `${reason}: ${message}`;
  }
}

/** Undefined where both are the same; an error of Python's is matched by any of ours. */
export function differenceOf(ours: readonly Pin[] | string, pythons: readonly Pin[] | string): string | undefined {
  if (typeof ours === 'string')
    return typeof pythons === 'string' ? undefined : `${ours}, where Python reads ${pythons.length} rows`;
  if (typeof pythons === 'string') return `${ours.length} rows, where Python says ${pythons}`;
  if (ours.length !== pythons.length) return `${ours.length} rows, where Python reads ${pythons.length}`;
  const at = ours.findIndex((pin, index) => JSON.stringify(pin) !== JSON.stringify(pythons[index]));
  return at === -1 ? undefined : `row ${at} is ${JSON.stringify(ours[at])}, and Python's ${JSON.stringify(pythons[at])}`;
}

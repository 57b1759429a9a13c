import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import type { Pin } from '../../src/pin/pin';
import { toPlainError } from '../../src/base/ipfsKitError';
import { openSqlite } from '../../src/pinStore/sqlite/sqliteReader';
import { repositoryRoot, testPython } from '../support/testDaemon';
import type { JournalMode } from './liveReads';
import type { Oracle } from './oracle';

export interface Crashes {
  readonly mode: JournalMode;
  cases: number;
  /** The number of databases whose contents depend on a side file. */
  unmerged: number;
  /** One line per database that IPFS Kit didn't read as Python recovers it. */
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

/** The ways in which a writer ends: functions of crash.py. */
const WAYS = ['spilled', 'at_any_moment', 'in_a_statement', 'at_a_byte', 'segments', 'grown_and_shrunk', 'after_rollback'];
const WAYS_IN_WAL = ['unmerged', 'after_reset', 'in_a_checkpoint'];
const MOMENTS_OF_A_WRITER = 20;

export function waysToCrash(mode: JournalMode): readonly string[] {
  return mode === 'WAL' ? [...WAYS_IN_WAL, ...WAYS] : WAYS;
}

/** Reads the files of writers that were killed, in one way after the other. */
export async function readAfterCrashes({ folder, mode, cases, seed, wasmFile, oracle }: CrashOptions): Promise<Crashes> {
  const seen: Crashes = { mode, cases: 0, unmerged: 0, wrong: [] };
  const ways = waysToCrash(mode);
  for (let number = 0; number < cases; number++) {
    const home = mkdtempSync(path.join(folder, 'crash-'));
    const file = path.join(home, 'pins.db');
    const own = seed * 1000 + number;
    const way = ways[number % ways.length] ?? 'spilled';
    const signal = await runWriter([file, mode, way, String(own)]);
    if (signal === null) throw new Error(`The writer ended by itself: ${mode}, ${way}, seed ${own}.`);
    await compare(seen, home, `${way}, seed ${own}`, wasmFile, oracle);
    rmSync(home, { recursive: true });
  }
  return seen;
}

/** Stops a busy writer again and again, and reads copies of its files: they are what a crash at that moment leaves, also within a commit or a checkpoint. */
export async function readAtMoments({ folder, mode, cases, seed, wasmFile, oracle }: CrashOptions): Promise<Crashes> {
  const seen: Crashes = { mode, cases: 0, unmerged: 0, wrong: [] };
  for (let own = seed * 1000; seen.cases < cases; own++) {
    const home = mkdtempSync(path.join(folder, 'moments-'));
    const copies = path.join(home, 'copies');
    mkdirSync(copies);
    const count = Math.min(MOMENTS_OF_A_WRITER, cases - seen.cases);
    await runWriter([path.join(home, 'pins.db'), mode, 'stopped', String(own), copies, String(count)]);
    const made = readdirSync(copies);
    if (made.length !== count) throw new Error(`${made.length} of ${count} copies were made: ${mode}, seed ${own}.`);
    for (const copy of made) await compare(seen, path.join(copies, copy), `moment ${copy}, seed ${own}`, wasmFile, oracle);
    rmSync(home, { recursive: true });
  }
  return seen;
}

/** The signal that ended the writer, or null if it exited. */
async function runWriter(args: readonly string[]): Promise<string | null> {
  const program = path.join(repositoryRoot(), 'test/storeTorture/crash.py');
  const writer = spawn(testPython(), [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = (await once(writer, 'exit')) as [number | null, string | null];
  return signal;
}

async function compare(seen: Crashes, home: string, name: string, wasmFile: string, oracle: Oracle): Promise<void> {
  const file = path.join(home, 'pins.db');
  const expected = await oracle.read(file);
  const minuteAgo = Date.now() / 1000 - 60;
  for (const each of readdirSync(home)) utimesSync(path.join(home, each), minuteAgo, minuteAgo);
  const before = contents(home);
  readOnly(home);
  const pins = await readAll(file, wasmFile);
  chmodSync(home, 0o755);
  seen.cases++;
  if (['-wal', '-journal'].some((suffix) => existsSync(file + suffix) && readFileSync(file + suffix).some((byte) => byte !== 0)))
    seen.unmerged++;
  const isUntouched = JSON.stringify(contents(home)) === JSON.stringify(before);
  const difference = isUntouched ? differenceOf(pins, expected) : 'its files were changed, or others made beside them';
  if (difference !== undefined) seen.wrong.push(`${name}: ${difference}; files in ${keep(home, `${seen.mode} ${name}`)}`);
}

/** Keeps the files of a failure, since no seed reproduces the moment. */
function keep(home: string, name: string): string {
  const kept = path.join(repositoryRoot(), 'out/storeTorture', name.replace(/\W+/g, '-'));
  cpSync(home, kept, { recursive: true });
  return kept;
}

function contents(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name)).toString('latin1')]));
}

/** Makes a folder read-only. Root can write all the same, so the contents are compared too. */
function readOnly(folder: string): void {
  for (const name of readdirSync(folder)) chmodSync(path.join(folder, name), 0o444);
  chmodSync(folder, 0o555);
}

/** All pins, or the error's text. */
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

/** Undefined if both are the same. Any error of IPFS Kit matches an error of Python. */
export function differenceOf(ours: readonly Pin[] | string, pythons: readonly Pin[] | string): string | undefined {
  if (typeof ours === 'string')
    return typeof pythons === 'string' ? undefined : `${ours}, where Python reads ${pythons.length} rows`;
  if (typeof pythons === 'string') return `${ours.length} rows, where Python says ${pythons}`;
  if (ours.length !== pythons.length) return `${ours.length} rows, where Python reads ${pythons.length}`;
  const at = ours.findIndex((pin, index) => JSON.stringify(pin) !== JSON.stringify(pythons[index]));
  return at === -1 ? undefined : `row ${at} is ${JSON.stringify(ours[at])}, and Python's ${JSON.stringify(pythons[at])}`;
}

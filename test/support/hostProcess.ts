import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The outcome of a process that plays the extension host. */
export interface HostRun {
  /** What its entry resolved to; undefined if it didn't. */
  readonly result: unknown;
  /** The reason with which its entry rejected, or what the process printed before it ended. */
  readonly failure: string | undefined;
  /** Null if a signal ended it: SIGABRT means that V8 ran out of memory, SIGKILL that `timeoutMs` passed. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The largest resident memory of the process with all its threads, in MB. */
  readonly peakMb: number;
  /** The number of ticks of a 5 ms timer on its main thread, and the longest time between two of them. */
  readonly ticks: number;
  readonly longestBlockMs: number;
}

export interface HostOptions {
  /** Argument of the entry, as JSON. */
  readonly argument?: unknown;
  /** Heap limit of its main thread, in MB; by default that of Node.js. */
  readonly heapMb?: number;
  /** After this time the process is killed. Default 60,000. */
  readonly timeoutMs?: number;
}

/** A message that the process sends regularly, so that the last one is known if it aborts. */
export interface HostWord {
  readonly result?: unknown;
  readonly failure?: string;
  readonly peakMb: number;
  readonly ticks: number;
  readonly longestBlockMs: number;
}

const ROOT = process.cwd();
const BIN = path.join(ROOT, 'node_modules/esbuild/bin/esbuild');
/** Windows doesn't run a script by its first line. */
const ESBUILD: readonly [string, ...string[]] = process.platform === 'win32' ? [process.execPath, BIN] : [BIN];
const MOST_PRINTED = 2000;

const bundles = new Map<string, string>();

/** The bundle of an entry, built for the first process and removed when the tests exit. */
function bundleOf(entry: string): string {
  const made = bundles.get(entry);
  if (made !== undefined) return made;
  const folder = mkdtempSync(path.join(tmpdir(), 'ipfs-kit-host-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'host.js');
  // As a library, esbuild would leave a child process running.
  const bundle = ['--bundle', '--platform=node', '--format=cjs', '--target=node20', '--log-level=error', `--outfile=${file}`];
  const [program, ...script] = ESBUILD;
  execFileSync(program, [...script, path.join(ROOT, entry), ...bundle], { stdio: 'pipe' });
  bundles.set(entry, file);
  return file;
}

/**
 * Runs an entry in a separate process, as the extension host runs an extension, so that the end of that process doesn't end the tests. `entry` is a
 * TypeScript file below the root that calls `asHost` (inHost.ts) once. The bundles of dist/ are available as they ship. Never rejects because of the
 * process.
 */
export async function inHostProcess(entry: string, { argument, heapMb, timeoutMs = 60_000 }: HostOptions = {}): Promise<HostRun> {
  const child = fork(bundleOf(entry), [JSON.stringify(argument ?? null)], {
    cwd: ROOT,
    silent: true,
    execArgv: heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => (printed = (printed + text.toString()).slice(-MOST_PRINTED)));
  let last: HostWord = { peakMb: 0, ticks: 0, longestBlockMs: 0 };
  child.on('message', (word) => (last = word as HostWord));
  const tooLong = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, by) => resolve([code, by])),
  );
  clearTimeout(tooLong);
  const { result, failure = printed === '' ? undefined : printed, ...measured } = last;
  return { result, failure, exitCode, signal, ...measured };
}

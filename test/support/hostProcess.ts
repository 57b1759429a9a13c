import { execFileSync, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** How a process that plays the extension host fared. */
export interface HostRun {
  /** What its entry resolved to; undefined where it never did. */
  readonly result: unknown;
  /** What its entry rejected with, or what it printed before it ended. */
  readonly failure: string | undefined;
  /** Null where a signal ended it: SIGABRT is V8 out of memory, SIGKILL is ours, after `timeoutMs`. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Resident memory, all threads included, at its largest. */
  readonly peakMb: number;
  /** Of its main thread: turns of a timer of 5 ms, and the longest time between two of them. */
  readonly ticks: number;
  readonly longestBlockMs: number;
}

export interface HostOptions {
  /** Passed to the entry; what JSON can hold. */
  readonly argument?: unknown;
  /** Heap of its main thread; Node's own default where it is left out. */
  readonly heapMb?: number;
  /** Default 60,000; then it is killed. */
  readonly timeoutMs?: number;
}

/** What the process tells from time to time, so that the last word of one that is aborted is known. */
export interface HostWord {
  readonly result?: unknown;
  readonly failure?: string;
  readonly peakMb: number;
  readonly ticks: number;
  readonly longestBlockMs: number;
}

const ROOT = process.cwd();
const BIN = path.join(ROOT, 'node_modules/esbuild/bin/esbuild');
/** Windows starts no script by its first line. */
const ESBUILD: readonly [string, ...string[]] = process.platform === 'win32' ? [process.execPath, BIN] : [BIN];
const MOST_PRINTED = 2000;

const bundles = new Map<string, string>();

/** The bundle of an entry, made for the first process and gone with ours. */
function bundleOf(entry: string): string {
  const made = bundles.get(entry);
  if (made !== undefined) return made;
  const folder = mkdtempSync(path.join(tmpdir(), 'ipfs-kit-host-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'host.js');
  // As a program: used as a library it leaves a child of ours running.
  const bundle = ['--bundle', '--platform=node', '--format=cjs', '--target=node20', '--log-level=error', `--outfile=${file}`];
  const [program, ...script] = ESBUILD;
  execFileSync(program, [...script, path.join(ROOT, entry), ...bundle], { stdio: 'pipe' });
  bundles.set(entry, file);
  return file;
}

/**
 * Runs an entry in a process of its own, as the extension host runs an extension: what ends that process ends nothing else.
 * `entry` is a TypeScript file below the root that calls `asHost` (inHost.ts) once. Bundles of dist/ are there as they ship. Never rejects for
 * what the process does.
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

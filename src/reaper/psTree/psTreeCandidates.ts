import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { createLinuxProcessTable } from '../table/linuxProcessTable';

/** A row of ps-tree: a PID that may belong to the tree. A row never proves that it does. */
export interface Candidate {
  readonly pid: number;
  readonly ppid: number;
}

/** The descendants of a process as another program sees them. `unknown`: that program couldn't tell, which differs from "none". Never rejects. */
export type Candidates = (root: number) => Promise<readonly Candidate[] | 'unknown'>;

/** What the thread is started with. */
export interface PsTreeOrder {
  readonly root: number;
  /** Date.now() at the deadline. A thread that starts later runs nothing. */
  readonly until: number;
}

/** The command that ps-tree runs. Where it isn't found, the thread isn't started. */
const UNIX_LISTER = ['ps', '-A', '-o', 'ppid,pid,stat,comm'] as const;
const WINDOWS_LISTER = 'wmic.exe';

const DEADLINE_MS = 1500;
/** The time that a thread has to exit once its `ps` was killed, before it is terminated. */
const GRACE_MS = 200;
/** The heap that a listing may fill. */
const HEAP_MB = 256;
/** The largest pid_t; no system assigns higher ones. */
const LARGEST_PID = 2 ** 31 - 1;
/** USER_HZ, the unit of start times in procfs (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

interface PsTreeCandidatesOptions {
  /** The bundle of psTreeWorker.ts. Where it is missing, every answer is `unknown`. */
  readonly workerFile: string;
  /** The search path for `ps`. */
  readonly searchPath?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** Default 1500. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Runs ps-tree in a thread. Without a `ps`, ps-tree throws where the error can't be caught, and it waits forever for a `ps` that hangs
 * (https://github.com/indexzero/ps-tree): inside the thread, neither reaches the caller. The thread doesn't keep the process alive.
 */
export function createPsTreeCandidates({
  workerFile,
  searchPath = process.env['PATH'] ?? '',
  platform = process.platform,
  deadlineMs = DEADLINE_MS,
}: PsTreeCandidatesOptions): Candidates {
  return async (root) => {
    try {
      const paths = platform === 'win32' ? path.win32 : path.posix;
      // A relative folder depends on the current folder, so it is left out.
      const folders = searchPath.split(paths.delimiter).filter((folder) => paths.isAbsolute(folder));
      const lister = platform === 'win32' ? WINDOWS_LISTER : UNIX_LISTER[0];
      if (!mayBeCandidate(root) || !folders.some((folder) => isProgram(path.join(folder, lister)))) return 'unknown';
      const rows = readRows(await askThread(workerFile, root, folders.join(paths.delimiter), deadlineMs));
      // ps-tree also reports "none" when its `ps` has failed.
      return rows.length > 0 ? rows : 'unknown';
    } catch {
      return 'unknown';
    }
  };
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first message of the thread; undefined if none comes in time. Later messages are ignored, since the thread's `ps` may have been killed. */
function askThread(workerFile: string, root: number, searchPath: string, deadlineMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const asked = ticks();
    const worker = new Worker(workerFile, {
      workerData: { root, until: Date.now() + deadlineMs } satisfies PsTreeOrder,
      // The thread gets no flags and no variables of the host, some of which change what `ps` prints.
      env: { PATH: searchPath, LC_ALL: 'C', ...(process.env['SystemRoot'] && { SystemRoot: process.env['SystemRoot'] }) },
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });

    // After its answer the thread is left to exit by itself. A terminated thread can't reap its `ps`, which would stay a zombie child of this process.
    let timer = later(deadlineMs, () => {
      resolve(undefined);
      worker.postMessage('stop');
      const ended = ticks();
      timer = later(GRACE_MS, () => {
        void killLister(asked, ended);
        timer = later(GRACE_MS, () => void worker.terminate());
      });
    });
    worker.on('message', resolve);
    worker.on('error', () => resolve(undefined));
    worker.on('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    worker.unref(); // A listener that is added later would ref the thread again.
  });
}

function later(ms: number, run: () => void): NodeJS.Timeout {
  return setTimeout(run, ms).unref();
}

/** The time since the machine started, rounded down as start times are. */
function ticks(): number {
  return Math.floor(os.uptime() * TICKS_PER_SECOND);
}

/**
 * Kills the `ps` of a thread that doesn't react: the child of this process with the arguments of ps-tree that was born within the thread's time. Only procfs
 * shows that.
 */
async function killLister(from: number, to: number): Promise<void> {
  if (process.platform !== 'linux') return;
  try {
    const table = createLinuxProcessTable();
    const rows = [...(await table.look('all')).values()];
    const children = rows.filter(({ ppid, startOrder }) => ppid === table.self && startOrder >= from && startOrder <= to);
    await table.signal(
      children.filter((row) => isLister(table.details(row)?.argv ?? [])),
      'SIGKILL',
    );
  } catch {
    // The process stays, and its output isn't read.
  }
}

/** Where `ps` is a script, its interpreter comes first (execve(2)). */
function isLister(argv: readonly string[]): boolean {
  const [name = '', ...args] = argv.slice(-UNIX_LISTER.length);
  return [path.basename(name), ...args].join(' ') === UNIX_LISTER.join(' ');
}

/** Checks the rows, since ps-tree passes on anything that `ps` prints. */
function readRows(rows: unknown): readonly Candidate[] {
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown) => {
    const { PID, PPID } = row as { readonly PID?: unknown; readonly PPID?: unknown };
    const [pid, ppid] = [readPid(PID), readPid(PPID)];
    return mayBeCandidate(pid) && mayBeCandidate(ppid) ? [{ pid, ppid }] : [];
  });
}

function readPid(text: unknown): number {
  return typeof text === 'string' && /^[0-9]+$/.test(text) ? Number(text) : 0;
}

function mayBeCandidate(pid: number): boolean {
  return Number.isInteger(pid) && pid > 1 && pid <= LARGEST_PID && pid !== process.pid;
}

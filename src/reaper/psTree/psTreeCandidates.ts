import { accessSync, constants, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { createLinuxProcessTable } from '../table/linuxProcessTable';

/** A row of ps-tree: a pid that may belong to the tree, and never more than that. */
export interface Candidate {
  readonly pid: number;
  readonly ppid: number;
}

/** Descendants of a process in somebody else's view. `unknown`: it could not tell, which is not "none". Never rejects. */
export type Candidates = (root: number) => Promise<readonly Candidate[] | 'unknown'>;

/** What the thread is started with. */
export interface PsTreeOrder {
  readonly root: number;
  /** Date.now() at the deadline: a thread that comes to life later starts nothing any more. */
  readonly until: number;
}

/** What ps-tree lists with: where it cannot be found, no thread is started. */
const UNIX_LISTER = ['ps', '-A', '-o', 'ppid,pid,stat,comm'] as const;
const WINDOWS_LISTER = 'wmic.exe';

const DEADLINE_MS = 1500;
/** For a thread to end once its `ps` is killed, before harder means. */
const GRACE_MS = 200;
/** The heap that a listing may fill. */
const HEAP_MB = 256;
/** The largest pid_t. No system gives out higher ones. */
const LARGEST_PID = 2 ** 31 - 1;
/** USER_HZ, in which procfs tells start times (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100;

interface PsTreeCandidatesOptions {
  /** The bundle of psTreeWorker.ts. Where it is missing, all is `unknown`. */
  readonly workerFile: string;
  /** The search path for `ps`. */
  readonly searchPath?: string | undefined;
  readonly platform?: NodeJS.Platform | undefined;
  /** Default 1500. */
  readonly deadlineMs?: number | undefined;
}

/**
 * ps-tree in a thread of its own. Without a `ps` it throws where nobody can catch it, and it waits forever for one that hangs
 * (https://github.com/indexzero/ps-tree): in the thread neither reaches the caller. Nothing of it keeps the process alive.
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
      // A relative folder depends on whatever the current one is.
      const folders = searchPath.split(paths.delimiter).filter((folder) => paths.isAbsolute(folder));
      const lister = platform === 'win32' ? WINDOWS_LISTER : UNIX_LISTER[0];
      if (!mayBeCandidate(root) || !folders.some((folder) => isProgram(path.join(folder, lister)))) return 'unknown';
      const rows = readRows(await askThread(workerFile, root, folders.join(paths.delimiter), deadlineMs));
      // ps-tree says "none" of a `ps` that has failed, too.
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

/** What the thread says first; undefined if it says nothing in time. What it says later is not to be believed: its `ps` may have been killed. */
function askThread(workerFile: string, root: number, searchPath: string, deadlineMs: number): Promise<unknown> {
  return new Promise((resolve) => {
    const asked = ticks();
    const worker = new Worker(workerFile, {
      workerData: { root, until: Date.now() + deadlineMs } satisfies PsTreeOrder,
      // Neither flags nor variables of the host, some of which change what `ps` prints.
      env: { PATH: searchPath, LC_ALL: 'C', ...(process.env['SystemRoot'] && { SystemRoot: process.env['SystemRoot'] }) },
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });

    // After its answer the thread is left to end by itself: one that is terminated cannot take note of the end of its `ps`,
    // which would stay a zombie of ours.
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
    worker.unref(); // a listener that is added later takes it back
  });
}

function later(ms: number, run: () => void): NodeJS.Timeout {
  return setTimeout(run, ms).unref();
}

/** Since the machine was started, rounded down as start times are. */
function ticks(): number {
  return Math.floor(os.uptime() * TICKS_PER_SECOND);
}

/**
 * The `ps` of a thread that does not react: our child, with the arguments that ps-tree gives it, born while the thread had time.
 * Only procfs tells.
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
    // It stays, with nobody to read what it prints.
  }
}

/** Where `ps` is a script, its interpreter comes first (execve(2)). */
function isLister(argv: readonly string[]): boolean {
  const [name = '', ...args] = argv.slice(-UNIX_LISTER.length);
  return [path.basename(name), ...args].join(' ') === UNIX_LISTER.join(' ');
}

/** ps-tree passes on whatever `ps` prints. */
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

import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';

export interface KitRun {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

const NO_HOME = '/nonexistent';
const FILE = path.join(process.cwd(), 'dist/cli/kit.js');

/**
 * Runs the command line as it ships, with its own streams, environment and exit status, and waits until nothing keeps it running. The home folder is empty
 * unless `env` sets another. It runs as a thread, which starts in half the time of a process, unless a home is set: all threads of a process have the same.
 */
export async function runKit(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<KitRun> {
  const own = { PATH: process.env['PATH'], HOME: NO_HOME, ...env };
  return env['HOME'] === undefined ? asThread(args, own) : asProcess(args, own);
}

/** The home of this process while a thread runs. It is given back, since a program that a test starts later would create that folder. */
const home = { runs: 0, own: process.env['HOME'] };

function leaveHome(): void {
  home.runs++;
  process.env['HOME'] = NO_HOME;
}

function returnHome(): void {
  if (--home.runs > 0) return;
  if (home.own === undefined) delete process.env['HOME'];
  else process.env['HOME'] = home.own;
}

async function asThread(args: readonly string[], env: NodeJS.ProcessEnv): Promise<KitRun> {
  leaveHome();
  try {
    const thread = new Worker(FILE, { argv: [...args], env, stdout: true, stderr: true });
    let failure = '';
    thread.once('error', (error) => (failure = String(error)));
    const exited = new Promise<number>((resolve) => thread.once('exit', resolve));
    const [status, out, err] = await Promise.all([exited, text(thread.stdout), text(thread.stderr)]);
    return { status, out, err: err + failure };
  } finally {
    returnHome();
  }
}

async function asProcess(args: readonly string[], env: NodeJS.ProcessEnv): Promise<KitRun> {
  const child = spawn(process.execPath, [FILE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [status, out, err] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
  return { status, out, err };
}

/** The error in the single line that a failed run printed to standard output. */
export function errorIn({ out }: KitRun): { readonly reason: string; readonly message: string } {
  return (JSON.parse(out) as { error: { reason: string; message: string } }).error;
}

import { spawn } from 'node:child_process';
import { startDeadline } from '../../base/deadline';

/** The user's Python, and how it is run. */
export interface PythonCommand {
  /** A path, or a name that is looked up in PATH. */
  readonly path: string;
  /** The complete environment of the process. */
  readonly environment: Readonly<Record<string, string>>;
  readonly tempFolder: string;
}

interface PythonJob {
  readonly python: PythonCommand;
  readonly program: string;
  readonly args: readonly string[];
  /** The working folder: never one of the user's, since some systems look for programs there. */
  readonly cwd: string;
}

interface PythonLimits {
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly onReceived?: ((bytes: number) => void) | undefined;
}

interface PythonResult {
  readonly output: Uint8Array;
  /** What went wrong: a kind that the program printed, or `not-found`, `cannot-start`, `timeout`, `too-large`, `cancelled`, `ended`. */
  readonly failure?: { readonly kind: string; readonly detail: string };
}

const ALIVE_EVERY_MS = 1_000;
const MOST_SAID = 65_536;
/**
 * Runs a program in an isolated Python and collects its output. Never rejects. The process, and everything it started, doesn't outlive the call. Its standard
 * input is empty, and ends when this process or thread ends: a program that reads it can then exit.
 */
export function runPython({ python, program, args, cwd }: PythonJob, limits: PythonLimits): Promise<PythonResult> {
  const { firstByteMs, totalMs, mostBytes, signal, onReceived } = limits;
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    // -I: no PYTHON* variables, no modules from the working folder. The process leads a separate group, which is ended as a whole.
    const child = spawn(python.path, ['-I', '-c', program, ...args], {
      cwd,
      env: { ...python.environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      detached: !isWindows,
    });
    const parts: Buffer[] = [];
    let received = 0;
    let said = '';
    let over = false;

    const finish = (failure?: PythonResult['failure']): void => {
      if (over) return;
      over = true;
      firstByte.end();
      total.end();
      clearInterval(alive);
      signal?.removeEventListener('abort', cancel);
      if (child.exitCode === null && child.signalCode === null) end();
      // A grandchild could hold the pipes open forever.
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(failure ? { output: new Uint8Array(0), failure } : { output: Buffer.concat(parts, received) });
    };
    /** Call this only while the child runs, or in the turn that reports its end: later, its PID and that of its group may belong to another process. */
    const end = (): void => {
      if (child.pid === undefined) return;
      try {
        if (isWindows) child.kill('SIGKILL');
        else process.kill(-child.pid, 'SIGKILL'); // The child of this process, and the group that it leads.
      } catch {
        // It has exited already.
      }
    };
    const late = (what: string) => (): void => finish({ kind: 'timeout', detail: what });
    const cancel = (): void => finish({ kind: 'cancelled', detail: '' });

    const firstByte = startDeadline(firstByteMs, late(`no data within ${firstByteMs / 1000} s`));
    const total = startDeadline(totalMs, late(`it hadn't finished after ${totalMs / 1000} s`));
    const alive = setInterval(() => onReceived?.(received), ALIVE_EVERY_MS);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();

    child.stdout.on('data', (part: Buffer) => {
      firstByte.end();
      received += part.length;
      if (received > mostBytes) return finish({ kind: 'too-large', detail: '' });
      parts.push(part);
    });
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString('utf8')).slice(-MOST_SAID);
    });
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish({ kind: error.code === 'ENOENT' ? 'not-found' : 'cannot-start', detail: error.code ?? error.message }),
    );
    const closed = (code: number | null, by: NodeJS.Signals | null): void => {
      if (code === 0) return finish();
      finish(printedFailure(said) ?? { kind: 'ended', detail: `it ended with ${code ?? by ?? 'an error'}${lastLine(said)}` });
    };
    child.on('close', closed);
    // The pipes may stay open after that, if a grandchild holds them. What the process itself wrote has arrived by then, or arrives shortly after.
    child.on('exit', (code, by) => {
      end(); // processes that it started and left behind
      setTimeout(() => closed(code, by), 1000).unref();
    });
  });
}

/** The last line that is JSON with a kind. */
function printedFailure(said: string): PythonResult['failure'] {
  for (const line of said.trimEnd().split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      const printed = JSON.parse(line) as { readonly kind?: unknown; readonly detail?: unknown };
      if (typeof printed.kind === 'string')
        return { kind: printed.kind, detail: typeof printed.detail === 'string' ? oneLine(printed.detail) : '' };
    } catch {
      // another kind of line
    }
  }
  return undefined;
}

function lastLine(said: string): string {
  const line = said.trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${oneLine(line)}`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 300);
}

import { spawn } from 'node:child_process';
import path from 'node:path';
import { startDeadline } from '../../base/deadline';

interface ToolLimits {
  readonly timeoutMs: number;
  /** The limit for its output. */
  readonly maxBytes: number;
}

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and resolves with any exit status. Rejects where the program can't be started, is too slow, prints too much, or is killed. */
export type RunTool = (file: string, args: readonly string[], limits: ToolLimits) => Promise<ToolResult>;

/** The characters of its error output that are stored. */
const MAX_COMPLAINT = 16_384;

/** Runs programs without a shell, a search path, or any environment but what is passed here. A program gets no input, so it can't wait for the end of it. */
export function createToolRunner(environment: Readonly<Record<string, string>>): RunTool {
  return (file, args, { timeoutMs, maxBytes }) =>
    new Promise((resolve, reject) => {
      if (!path.isAbsolute(file)) throw new TypeError(`${file} isn't an absolute path.`);
      const child = spawn(file, args, {
        cwd: path.dirname(file), // The working directory is never a folder that anyone could have put a program into.
        env: { LC_ALL: 'C', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      });
      const { stdout, stderr } = child as Partial<typeof child>; // The streams are missing where no more files can be opened; the event `error` follows.
      const output: Buffer[] = [];
      const complaint: Buffer[] = [];
      let [bytes, complaintBytes] = [0, 0];

      // The timeout isn't left to spawn, which would wait for a program that can't be killed, and for every process that has inherited its output.
      const giveUp = (why: string): void => {
        deadline.end();
        child.kill('SIGKILL');
        stdout?.destroy();
        stderr?.destroy();
        child.unref();
        reject(new Error(why));
      };
      const deadline = startDeadline(timeoutMs, () => giveUp(`no response within ${timeoutMs / 1000} s`));

      child.on('error', (error) => {
        deadline.end();
        reject(error);
      });
      stdout?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) giveUp(`more than ${maxBytes} bytes of output`);
        else output.push(chunk);
      });
      stderr?.on('data', (chunk: Buffer) => {
        if (complaintBytes < MAX_COMPLAINT) complaint.push(chunk);
        complaintBytes += chunk.length;
      });
      child.on('close', (status, signal) => {
        deadline.end();
        if (status === null) reject(new Error(`killed by ${String(signal)}`));
        else
          resolve({
            status,
            stdout: Buffer.concat(output).toString('utf8'),
            stderr: Buffer.concat(complaint).toString('utf8').slice(0, MAX_COMPLAINT),
          });
      });
    });
}

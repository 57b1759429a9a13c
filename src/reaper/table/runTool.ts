import { spawn } from 'node:child_process';
import path from 'node:path';

interface ToolLimits {
  readonly timeoutMs: number;
  /** Of what it prints. */
  readonly maxBytes: number;
}

export interface ToolResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its status. Rejects where it can't be started, is too slow, prints too much, or is killed. */
export type RunTool = (file: string, args: readonly string[], limits: ToolLimits) => Promise<ToolResult>;

/** What is kept of complaints. */
const MAX_COMPLAINT = 16_384;

/**
 * No shell, no search path, nothing of our environment but what is passed here. The program gets no input, so that none
 * waits for the end of it.
 */
export function createToolRunner(environment: Readonly<Record<string, string>>): RunTool {
  return (file, args, { timeoutMs, maxBytes }) =>
    new Promise((resolve, reject) => {
      if (!path.isAbsolute(file)) throw new TypeError(`${file} isn't an absolute path.`);
      const child = spawn(file, args, {
        cwd: path.dirname(file), // never a folder that anyone could have put a program into
        env: { LC_ALL: 'C', ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
      });
      const { stdout, stderr } = child as Partial<typeof child>; // there are none where no more files can be opened; then comes `error`
      const output: Buffer[] = [];
      const complaint: Buffer[] = [];
      let [bytes, complaintBytes] = [0, 0];

      // Not left to spawn's own timeout: that waits for a program that cannot be killed, and for whoever has inherited its output.
      const giveUp = (why: string): void => {
        clearTimeout(timer);
        child.kill('SIGKILL');
        stdout?.destroy();
        stderr?.destroy();
        child.unref();
        reject(new Error(why));
      };
      const timer = setTimeout(() => giveUp(`no response within ${timeoutMs / 1000} s`), timeoutMs);

      child.on('error', (error) => {
        clearTimeout(timer);
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
        clearTimeout(timer);
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

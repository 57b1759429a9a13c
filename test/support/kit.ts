import { spawn } from 'node:child_process';
import path from 'node:path';

export interface KitRun {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a process, with an empty home folder unless `env` sets another. */
export function runKit(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<KitRun> {
  const child = spawn(process.execPath, [path.join(process.cwd(), 'dist/cli/kit.js'), ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, err })));
}

/** The error in the single line that a failed run printed to standard output. */
export function errorIn({ out }: KitRun): { readonly reason: string; readonly message: string } {
  return (JSON.parse(out) as { error: { reason: string; message: string } }).error;
}

import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The Python daemon of test/daemon, run by the interpreter that the test runner has set up. */

/** The checkout: the working directory, or what the runner passes to an extension host. */
export function repositoryRoot(): string {
  return process.env['IPFS_KIT_TEST_ROOT'] ?? process.cwd();
}

export function testPython(): string {
  const python = process.env['IPFS_KIT_TEST_PYTHON'];
  if (python === undefined) throw new Error('IPFS_KIT_TEST_PYTHON is not set: run the tests by `npm test`.');
  return python;
}

export interface TestDaemon {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  readonly database: string | null;
  /** Sets a fault of a route, or clears it if `kind` is null. */
  setFault(route: 'health' | 'status' | 'arrow' | 'pins', kind: string | null, arg?: string): Promise<void>;
  /** The requests, such as `GET /health`, in order. */
  requests(): Promise<string[]>;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/** Starts it on a free port. It ends with the tests, since it ends with its standard input. */
export async function startTestDaemon(args: readonly string[] = [], port = 0): Promise<TestDaemon> {
  const script = path.join(repositoryRoot(), 'test/daemon/ipfs_kit_daemon.py');
  const child = spawn(testPython(), [script, '--exit-with-stdin', '--port', String(port), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));
  const line = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`The test daemon did not start within ${START_MS / 1000} s.\n${errors}`)),
      START_MS,
    );
    late.unref();
    createInterface({ input: child.stdout }).once('line', resolve);
    void ended.then(() => reject(new Error(`The test daemon ended.\n${errors}`)));
  });
  const { listening: url, ...rest } = JSON.parse(line) as {
    listening: string;
    pid: number;
    dataDir: string;
    database: string | null;
  };
  return {
    url,
    ...rest,
    setFault: async (route, kind, arg) => {
      const answer = await fetch(`${url}/test/fault`, { method: 'POST', body: JSON.stringify({ route, kind, arg }) });
      if (!answer.ok) throw new Error(await answer.text());
    },
    requests: async () => (await (await fetch(`${url}/test/requests`)).json()) as string[],
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface RealKubo {
  readonly binary: string;
  readonly repository: string;
  /** Runs a Kubo command and returns its output. */
  readonly run: (...args: readonly string[]) => string;
  /** Starts the daemon, offline unless `isOnline` is set, and returns the URL of its gateway. */
  readonly start: (options?: { readonly isOnline?: boolean }) => Promise<string>;
  /** URL of its RPC API while it runs. */
  readonly rpc: () => string;
  /** Ends the daemon without a chance to write anything. */
  readonly kill: () => Promise<void>;
  /** Stops the daemon if it runs. */
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

const LONGEST_MS = 30_000;

/** In addition to the profile `test`: an online daemon sends no requests to other hosts either. */
const OFFLINE = {
  'Plugins.Plugins.telemetry.Config.Mode': 'off',
  'Version.SwarmCheckEnabled': false,
  'Routing.Type': 'none',
  'HTTPRetrieval.Enabled': false,
  'Swarm.RelayClient.Enabled': false,
  'AutoNAT.ServiceMode': 'disabled',
} as const;

/** Creates a Kubo that uses only loopback and connects to no peers. `at` is the repository's folder, by default a new one, with these profiles. */
export function createRealKubo(at?: string, profiles = 'test'): RealKubo {
  const binary = process.env['IPFS_KIT_TEST_KUBO'];
  if (binary === undefined) throw new Error('IPFS_KIT_TEST_KUBO must be the path of a Kubo binary; npm run test:real sets it.');
  const repository = at ?? mkdtempSync(path.join(tmpdir(), 'kubo-'));
  const env = { PATH: process.env['PATH'], HOME: repository, IPFS_PATH: repository, IPFS_TELEMETRY: 'off' };
  const run = (...args: readonly string[]): string =>
    execFileSync(binary, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
  if (!existsSync(path.join(repository, 'config'))) {
    run('init', '--profile', profiles, '--empty-repo');
    for (const [name, value] of Object.entries(OFFLINE)) run('config', '--json', name, JSON.stringify(value));
  }
  let daemon: ChildProcess | undefined;

  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    const ending = daemon;
    daemon = undefined;
    if (ending?.exitCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    const force = setTimeout(() => ending.kill('SIGKILL'), LONGEST_MS);
    ending.kill(signal);
    await gone;
    clearTimeout(force);
  };
  return {
    binary,
    repository,
    run,
    rpc: () => `http://127.0.0.1:${readFileSync(path.join(repository, 'api'), 'utf8').split('/').at(-1) ?? ''}`,
    start: async ({ isOnline = false } = {}) => {
      const started = spawn(binary, ['daemon', ...(isOnline ? [] : ['--offline'])], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      daemon = started;
      let said = '';
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`Kubo was not ready in time: ${said}`)), LONGEST_MS);
        const hear = (piece: Buffer): void => {
          said += piece.toString('utf8');
          if (!said.includes('Daemon is ready')) return;
          clearTimeout(late);
          resolve();
        };
        started.stdout.on('data', hear);
        started.stderr.on('data', hear);
        started.once('exit', (code) => reject(new Error(`Kubo ended with ${String(code)}: ${said}`)));
      });
      return readFileSync(path.join(repository, 'gateway'), 'utf8').trim();
    },
    kill: () => stop('SIGKILL'),
    stop: () => stop(),
    remove: async () => {
      await stop();
      rmSync(repository, { recursive: true, force: true });
    },
  };
}

import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface KuboPeer {
  readonly repository: string;
  /** Runs its command line and gives the output. */
  readonly run: (...args: readonly string[]) => string;
  /** Starts the daemon, without network unless it is to meet others; gives the URL of its gateway. */
  readonly start: (options?: { readonly isOnline?: boolean }) => Promise<string>;
  /** Ends the daemon, if one runs. */
  readonly stop: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

const LONGEST_MS = 30_000;

/** A Kubo of its own: a fresh repository, loopback alone, no peers. */
export function createKuboPeer(): KuboPeer {
  const binary = process.env['IPFS_KIT_TEST_KUBO'];
  if (binary === undefined) throw new Error('IPFS_KIT_TEST_KUBO names the peer; npm run test:peers sets it.');
  const repository = mkdtempSync(path.join(tmpdir(), 'kubo-'));
  const env = { PATH: process.env['PATH'], HOME: repository, IPFS_PATH: repository, IPFS_TELEMETRY: 'off' };
  const run = (...args: readonly string[]): string =>
    execFileSync(binary, args, { env, encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'pipe'] });
  run('init', '--profile', 'test', '--empty-repo');
  run('config', '--json', 'Plugins.Plugins.telemetry.Config.Mode', '"off"');
  run('config', '--json', 'Version.SwarmCheckEnabled', 'false');
  let daemon: ChildProcess | undefined;

  const stop = async (): Promise<void> => {
    const ending = daemon;
    daemon = undefined;
    if (ending?.exitCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    const force = setTimeout(() => ending.kill('SIGKILL'), LONGEST_MS);
    ending.kill('SIGTERM');
    await gone;
    clearTimeout(force);
  };
  return {
    repository,
    run,
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
    stop,
    remove: async () => {
      await stop();
      rmSync(repository, { recursive: true, force: true });
    },
  };
}

import { isLoopback } from '../daemonClient/loopback';
import { spawn as realSpawn } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, renameSync } from 'node:fs';
import path from 'node:path';
import { DAEMON_PATTERNS } from '../base/settingDefaults';
import { homeFolder } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import type { EnvironmentMarker } from './table/processTable';

interface StartOptions {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Takes the output; the previous log is stored beside it as `.1`. */
  readonly logFile: string;
  readonly marker: EnvironmentMarker;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly spawn?: typeof realSpawn | undefined;
}

export interface StartedDaemon {
  readonly pid: number;
  readonly command: readonly string[];
  /** How the process ended, once it has. A launcher exits with 0 and leaves a daemon behind. */
  readonly ended: Promise<string | 0>;
}

/** Variables of the editor that the daemon doesn't get: with ELECTRON_RUN_AS_NODE, an Electron of the daemon wouldn't start. */
const DROPPED = /^(?:ELECTRON_|VSCODE_|NODE_OPTIONS$|NODE_CHANNEL_FD$)/;

/**
 * Starts the daemon in its own session, so that it outlives the window. Its output goes to a file, since a pipe would break with the window. Rejects with
 * `invalid-argument` (no command, or one that listens beyond this machine), `missing`, `unreadable`.
 */
export async function startDaemon(options: StartOptions): Promise<StartedDaemon> {
  const { logFile, marker, environment = process.env, spawn = realSpawn } = options;
  const command = localCommand(options.command);
  const [file = '', ...args] = command;
  const log = openLog(logFile);
  try {
    const child = spawn(file, args, {
      cwd: homeFolder(),
      detached: true,
      env: { ...withoutEditor(environment), PYTHONUNBUFFERED: '1', [marker.name]: marker.value },
      shell: false,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    const ended = new Promise<string | 0>((resolve) =>
      child.once('exit', (code, signal) => resolve(code === 0 ? 0 : (signal ?? `status ${code}`))),
    );
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          new IpfsKitError(
            error.code === 'ENOENT' ? 'missing' : 'unreadable',
            `The daemon couldn't be started: ${error.message}. Correct ipfsKit.daemon.command.`,
            { cause: error },
          ),
        ),
      );
    });
    child.on('error', () => undefined); // An error, such as a signal that couldn't be sent, doesn't matter here.
    child.unref();
    return { pid: child.pid ?? 0, command, ended };
  } finally {
    closeSync(log);
  }
}

/**
 * The command as it will be run: listening on the loopback interface only. The command line of ipfs_kit_py listens on all interfaces by default
 * (`ipfs_kit_py/cli.py` 107 at 81f11b6c).
 */
export function localCommand(command: readonly string[]): readonly string[] {
  if (command.length === 0 || command[0] === '')
    throw new IpfsKitError('invalid-argument', 'No command to start the daemon is set. Set ipfsKit.daemon.command.');
  if (command.some((token) => token.includes('\0')))
    throw new IpfsKitError('invalid-argument', 'ipfsKit.daemon.command must be a list of arguments, without NUL characters.');
  const hosts = command.flatMap((token, index) => {
    if (token === '--host') return [command[index + 1] ?? ''];
    return token.startsWith('--host=') ? [token.slice('--host='.length)] : [];
  });
  const open = hosts.find((host) => host !== 'localhost' && !isLoopback(host));
  if (open !== undefined)
    throw new IpfsKitError(
      'invalid-argument',
      `ipfsKit.daemon.command would make the daemon listen at "${open.slice(0, 100)}", where other machines can reach it without a password. Use --host 127.0.0.1.`,
    );
  const at = command.findIndex((token, index) => token === 'daemon' && command[index + 1] === 'start');
  const names: readonly string[] = DAEMON_PATTERNS.commandNames;
  const isCommandLine =
    at > 0 && command.slice(0, at).some((token) => names.includes(path.basename(token)) || token === 'ipfs_kit_py.cli');
  return isCommandLine && hosts.length === 0 ? [...command, '--host', '127.0.0.1'] : command;
}

function withoutEditor(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !DROPPED.test(name)));
}

function openLog(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    try {
      renameSync(file, `${file}.1`);
    } catch {
      // There was no earlier log.
    }
    // O_EXCL keeps the log from being written through a link that another program has put there.
    return openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_EXCL, 0o600);
  } catch (error) {
    throw new IpfsKitError('unreadable', `${file} can't be written, so the daemon's output would be lost.`, { cause: error });
  }
}

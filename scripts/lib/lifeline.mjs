// What a script has started ends with it, however that is ended: by Ctrl+C, a terminal that is closed, or SIGKILL.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { unshareCommand } from './namespace.mjs';

const LOOK_EVERY_MS = 250;
const MARK = 'IPFS_KIT_LIFELINE';
/** The first process of a namespace adopts what has lost its parent, and a shell takes note when that ends. */
const SHELL = ['sh', '-c', '"$@"; exit $?', 'sh'];

/**
 * Runs the script once more below this process, and gives its exit status; undefined in that second run, which has to do the work. It runs in a PID
 * namespace, of which nothing outlives this process, not even a daemon with a session of its own. Where no namespace can be made, its process group is
 * killed, which leaves out such daemons, and SIGKILL.
 */
export async function runWithLifeline(script, args) {
  if (process.env[MARK] !== undefined) return undefined;
  const namespace = namespaceCommand();
  const [program, ...options] = [...namespace, process.execPath, script, ...args];
  const isGroup = namespace.length === 0;
  const child = spawn(program, options, { env: { ...process.env, [MARK]: '1' }, stdio: 'inherit', detached: isGroup });
  let signalled;
  const end = (signal) => {
    signalled = signal;
    try {
      process.kill(isGroup ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  // npm that is killed tells nobody: the shell between it and this process goes on.
  const above = process.env.npm_lifecycle_event === undefined ? [] : ancestors();
  const looking = setInterval(() => `${ancestors().slice(0, above.length)}` === `${above}` || end('SIGHUP'), LOOK_EVERY_MS);
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
  clearInterval(looking);
  return signalled === undefined ? status : 128 + constants.signals[signalled];
}

/** The shell that npm runs a script with, and npm; without /proc, the first alone. */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return [process.ppid, Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2])];
  } catch {
    return [process.ppid];
  }
}

/** The kernel kills `unshare` with this process (setpriv), and with that all of the namespace (--kill-child). Empty where there is none to be had. */
function namespaceCommand() {
  try {
    const command = ['setpriv', '--pdeathsig', 'KILL', ...unshareCommand(), ...SHELL];
    const [program, ...options] = command;
    return spawnSync(program, [...options, 'true']).status === 0 ? command : [];
  } catch {
    return [];
  }
}

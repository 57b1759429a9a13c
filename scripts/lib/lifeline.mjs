// Everything that a script has started ends with it, regardless of how it ends: by Ctrl+C, a terminal that is closed, or SIGKILL.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { unshareCommand } from './namespace.mjs';

const LOOK_EVERY_MS = 250;
const MARK = 'IPFS_KIT_LIFELINE';
/** The first process of a namespace adopts orphans, and a shell reaps them. */
const SHELL = ['sh', '-c', '"$@"; exit $?', 'sh'];

/**
 * Runs the script again below this process, and returns its exit status; undefined in that second run, which does the work. It runs in a PID namespace, in
 * which nothing outlives this process, not even a daemon in its own session. Where no namespace can be created, its process group is killed;
 * that doesn't reach such daemons, and isn't possible if this process gets SIGKILL.
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
      // It has already exited.
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  // An npm that is killed notifies no process: the shell between it and this process keeps running.
  const above = process.env.npm_lifecycle_event === undefined ? [] : ancestors();
  const looking = setInterval(() => `${ancestors().slice(0, above.length)}` === `${above}` || end('SIGHUP'), LOOK_EVERY_MS);
  const status = await new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('close', (code) => resolve(code ?? 1));
  });
  clearInterval(looking);
  return signalled === undefined ? status : 128 + constants.signals[signalled];
}

/** The shell with which npm runs a script, and npm; without /proc, only the shell. */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return [process.ppid, Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2])];
  } catch {
    return [process.ppid];
  }
}

/** The kernel kills `unshare` with this process (setpriv), and therefore the whole namespace (--kill-child). Empty where none can be created. */
function namespaceCommand() {
  try {
    const command = ['setpriv', '--pdeathsig', 'KILL', ...unshareCommand(), ...SHELL];
    const [program, ...options] = command;
    return spawnSync(program, [...options, 'true']).status === 0 ? command : [];
  } catch {
    return [];
  }
}

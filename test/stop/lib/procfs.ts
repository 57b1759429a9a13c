// Reads processes independently of src/reaper, which is under test.
import { readdirSync, readFileSync } from 'node:fs';

export interface Proc {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly sid: number;
  readonly state: string;
  readonly start: string;
  readonly argv: readonly string[];
}

/** The PID and the start time, which together identify a process. */
export function keyOf({ pid, start }: { readonly pid: number; readonly start: string }): string {
  return `${String(pid)}:${start}`;
}

export function readProcess(pid: number): Proc | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const argv = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
    const [state = '?', ppid, pgid, sid] = fields;
    // The process also lives if its first thread has ended and others continue: proc_pid_stat(5), field 20.
    const isAlive = state !== 'X' && (state !== 'Z' || Number(fields[17]) > 1);
    return {
      pid,
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: Number(sid),
      state: isAlive ? state : 'gone',
      start: fields[19] ?? '',
      argv,
    };
  } catch {
    return undefined;
  }
}

/** All living processes of this namespace, without zombies. */
export function readProcesses(): Proc[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== undefined)
    .filter(({ state }) => state !== 'gone');
}

export function describeProcess({ pid, ppid, state, argv }: Proc): string {
  return `${String(pid)} (parent ${String(ppid)}, ${state}) ${argv.join(' ').slice(0, 160)}`;
}

import path from 'node:path';
import { abbreviateHome } from '../base/homePath';
import type { SafeText } from '../base/safeText';
import { joined, safe, safeText } from '../base/safeText';
import { ageText, sizeText } from '../base/sizeAndAge';
import type { LeftBehind } from './endOrphan';
import type { DaemonProcess, DatabaseLock, LockHolder } from './daemonProcesses';
import { shownArguments } from './shownArguments';
import type { FoundProcess } from './stopContract';

/** How processes and locks are written. The result is plain text, since anyone can write a command line. */

const MOST_NAMED = 8;

/** The arguments as one line. Those with spaces are quoted, and secrets become `…`. */
export function commandText(argv: readonly string[], max?: number): SafeText {
  const line = shownArguments(argv)
    .map((token) => (token === '' || /\s/.test(token) ? `"${token}"` : token))
    .join(' ');
  return safeText(line === '' ? '(no command line)' : line, max);
}

/** The program and what it runs, without folders: `python3 ipfs_kit_daemon.py`, `python3 -m http.server`, `bash -c`. */
export function commandName(argv: readonly string[]): SafeText {
  const [program = '', ...rest] = shownArguments(argv);
  const at = rest.findIndex((token) => token === '-m' || token === '-c' || !token.startsWith('-'));
  const token = rest[at];
  const what =
    token === undefined ? '' : token === '-c' ? token : token === '-m' ? `-m ${rest[at + 1] ?? ''}` : path.basename(token);
  return safeText(`${path.basename(program)} ${what}`.trim() || '(no command line)', 60);
}

/**
 * What a person agrees to: how many processes, which, and what happens to them. Without processes, the system doesn't show which process it is, so none is
 * signaled.
 */
export function confirmationDetail(found: readonly FoundProcess[], termSeconds: number, kuboSeconds?: number): SafeText {
  if (found.length === 0)
    return safe`Your system doesn't show which process this is. It is asked to shut down; nothing is killed.`;
  const pids = new Set(found.map(({ pid }) => pid));
  const lines = found
    .slice(0, MOST_NAMED)
    .map(({ pid, ppid, argv }) => safe`${pids.has(ppid) ? '    ' : ''}PID ${pid}: ${commandText(withoutFolder(argv), 110)}`);
  const more = found.length - lines.length;
  return joined(
    [
      safe`${found.length === 1 ? '1 process' : `${found.length} processes`} will be stopped:`,
      ...lines,
      more > 0 ? safe`… and ${more} more.` : undefined,
      '',
      safe`${found.length === 1 ? 'It is' : 'They are'} asked to shut down first. What is still running after ${termSeconds} s is killed${kuboSeconds === undefined ? '' : `; a Kubo only once it has done nothing for ${kuboSeconds} s`}.`,
    ],
    '\n',
  );
}

/** Leaves out the folder of the interpreter, which is long and says the least. */
function withoutFolder([program = '', ...rest]: readonly string[]): readonly string[] {
  return program === '' && rest.length === 0 ? [] : [path.basename(program), ...rest.map(abbreviateHome)];
}

/** `port 8774 · 84.0 MB · 3 h`. */
export function processFactsText({ startedAt, memoryBytes, listening, stopped }: DaemonProcess, now: number): SafeText {
  const ports = [...new Set(listening?.map(({ port }) => port))];
  return joined(
    [
      ports.length === 0 ? undefined : safe`${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`,
      memoryBytes === undefined ? undefined : safeText(sizeText(memoryBytes)),
      startedAt === undefined ? undefined : safeText(ageText(new Date(startedAt).toISOString(), now)),
      stopped ? 'suspended' : undefined,
    ],
    ' · ',
  );
}

/** What a person agrees to before a process that a daemon has left behind is ended. */
export function orphanDetail({ pid, argv, startedAt, database }: LeftBehind, now: number, termSeconds: number): SafeText {
  const age =
    startedAt === undefined ? safe`Its age is unknown.` : safe`Started ${ageText(new Date(startedAt).toISOString(), now, true)}.`;
  return joined(
    [
      safe`PID ${pid}: ${commandText(withoutFolder(argv), 200)}`,
      age,
      safe`It holds a lock on ${safeText(abbreviateHome(database), 300)}. The daemon that started it has exited.`,
      '',
      safe`IPFS Kit sends it SIGTERM. If it is still running after ${termSeconds} s, it is killed, and unwritten data is lost.`,
    ],
    '\n',
  );
}

/** Describes a process that holds a lock: what it is, and whether it can be ended from here, or why not. */
export function holderText({ orphan, startedAt }: LockHolder, now: number): SafeText {
  return joined(
    [
      orphan === true ? LEFT_BEHIND : 'another program of yours',
      startedAt === undefined ? undefined : safeText(ageText(new Date(startedAt).toISOString(), now)),
    ],
    ' · ',
  );
}

const LEFT_BEHIND = 'left behind by a daemon that has exited';

const WHO: Record<LockHolder['who'], string> = {
  daemon: 'the daemon',
  ours: 'another program of yours',
  other: 'another user or a container',
  gone: 'a process that is not visible from here',
};

export function lockText({ state, probable, holders }: DatabaseLock): SafeText {
  if (state === 'unknown') return safe`locks aren't visible on this system`;
  if (state === 'free') return safe`not locked`;
  const named = holders.map(({ pid, who, argv, orphan }) =>
    who === 'ours'
      ? safe`PID ${pid} (${commandName(argv)}, ${orphan === true ? LEFT_BEHIND : WHO.ours})`
      : safe`PID ${pid} (${WHO[who]})`,
  );
  return safe`${probable ? 'probably locked' : 'locked'}${named.length > 0 ? safe` by ${joined(named, ', ')}` : ', lock holder not visible'}`;
}

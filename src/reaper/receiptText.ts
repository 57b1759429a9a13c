import { safeLine } from '../safeText';
import { commandText } from './processText';
import type { Link, ProcessOutcome, ReceiptEntry, StopResult } from './stopContract';

const OUTCOME: Record<ProcessOutcome, string> = {
  exited: 'left by itself',
  terminated: 'ended on SIGTERM',
  killed: 'killed',
  alive: 'ALIVE',
};

const LINK: Record<Link, string> = {
  daemon: 'the daemon, by its arguments',
  child: 'child of one of these',
  group: 'in a process group of one of these',
  session: 'in a session of one of these',
  marker: 'has the mark of a daemon that IPFS Kit started',
  'ps-tree': 'child of one of these, by ps',
  repository: 'holds the lock of the repository',
};

/** The receipt as a document: what was done to each process, and what was proven afterwards. `at`: when it was asked for, ms since 1970. */
export function receiptText(result: StopResult, at: number, databases: readonly string[]): string {
  const { host, port, portOpen, locks, dbLockers, pidFile, processes, notes, summary, ms } = result;
  const bare = host?.includes(':') === true ? `[${host}]` : host;
  return `${[
    'IPFS Kit: receipt of stopping the daemon',
    `${new Date(at).toISOString()}, took ${(ms / 1000).toFixed(2)} s`,
    '',
    summary,
    '',
    `Port           ${port === undefined ? 'none to check' : `${bare}:${port} ${portOpen ? 'IS OPEN' : 'closed'}`}`,
    `Database locks ${lockLine(locks, dbLockers)}`,
    ...databases.map((database) => `               ${safeLine(database, 300)}`),
    `Pid file       ${pidFile ? `${safeLine(pidFile.path, 300)}: ${pidFile.removed ? 'removed, ' : ''}${pidFile.detail}` : 'none'}`,
    '',
    processes.length === 0 ? 'No process was signalled.' : `Processes (${processes.length})`,
    ...processes.flatMap(entryLines),
    ...(notes.length > 0 ? ['', 'Notes', ...notes.map((note) => `  ${safeLine(note, 500)}`)] : []),
  ].join('\n')}\n`;
}

function entryLines({ pid, ppid, start, startedAt, argv, link, newborn, signals, outcome, ms, why }: ReceiptEntry): string[] {
  return [
    '',
    `  PID ${pid}  ${OUTCOME[outcome]}, ${ms.toFixed(0)} ms`,
    `    command  ${commandText(argv, 500)}`,
    `    parent   ${ppid}`,
    `    started  ${startedAt === undefined ? safeLine(start) : new Date(startedAt).toISOString()}${newborn ? ', while the daemon was being stopped' : ''}`,
    `    link     ${LINK[link]}`,
    `    signals  ${signals.length === 0 ? 'none' : signals.join(', ')}`,
    ...(why === undefined ? [] : [`    why      ${why}`]),
  ];
}

function lockLine(locks: StopResult['locks'], dbLockers: readonly number[]): string {
  if (locks === 'not-asked') return 'no database to check';
  if (locks === 'unknown') return 'cannot be seen on this system';
  if (locks === 'free') return 'free';
  return dbLockers.length > 0 ? `HELD by PID ${dbLockers.join(', ')}` : 'HELD, by whom cannot be seen';
}

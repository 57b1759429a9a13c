import type { SafeText } from '../base/safeText';
import { joined, safe, safeText } from '../base/safeText';
import { commandText } from './processText';
import type { Link, ProcessOutcome, ReportEntry, StopResult } from './stopContract';

const OUTCOME: Record<ProcessOutcome, string> = {
  exited: 'exited by itself',
  terminated: 'ended on SIGTERM',
  killed: 'killed',
  alive: 'ALIVE',
};

const LINK: Record<Link, string> = {
  daemon: 'the daemon, by its arguments',
  child: 'child of one of these',
  group: 'in a process group of one of these',
  session: 'in a session of one of these',
  marker: 'marked as started by IPFS Kit',
  'ps-tree': 'child of one of these, by ps',
  repository: 'locks the repository',
};

/** The stop report as a document: what was done to each process, and what was proven afterwards. `at`: the time of the request, ms since 1970. */
export function stopReportText(result: StopResult, at: number, databases: readonly string[]): SafeText {
  const { host, port, portOpen, locks, dbLockers, pidFile, processes, notes, summary, ms } = result;
  const bare = host?.includes(':') === true ? `[${host}]` : host;
  return joined(
    [
      'IPFS Kit: stop report',
      safe`${new Date(at).toISOString()}, took ${(ms / 1000).toFixed(2)} s`,
      '',
      safeText(summary, 2000),
      '',
      port === undefined
        ? 'Port           none to check'
        : safe`Port           ${bare ?? ''}:${port} ${portOpen ? 'IS OPEN' : 'closed'}`,
      safe`Database locks ${lockLine(locks, dbLockers)}`,
      ...databases.map((database) => safe`               ${safeText(database, 300)}`),
      safe`PID file       ${pidFile ? `${safeText(pidFile.path, 300)}: ${pidFile.removed ? 'removed, ' : ''}${pidFile.detail}` : 'none'}`,
      '',
      processes.length === 0 ? 'No process was signaled.' : safe`Processes (${processes.length})`,
      ...processes.flatMap(entryLines),
      ...(notes.length > 0 ? (['', 'Notes'] as const) : []),
      ...notes.map((note) => safe`  ${safeText(note, 500)}`),
      '',
    ],
    '\n',
  );
}

function entryLines({
  pid,
  ppid,
  start,
  startedAt,
  argv,
  link,
  newborn,
  signals,
  outcome,
  ms,
  why,
}: ReportEntry): (SafeText | '')[] {
  return [
    '',
    safe`  PID ${pid}  ${OUTCOME[outcome]}, ${ms.toFixed(0)} ms`,
    safe`    command  ${commandText(argv, 500)}`,
    safe`    parent   ${ppid}`,
    safe`    started  ${startedAt === undefined ? safeText(start) : new Date(startedAt).toISOString()}${newborn ? ', while the daemon was being stopped' : ''}`,
    safe`    link     ${LINK[link]}`,
    safe`    signals  ${signals.length === 0 ? 'none' : signals.join(', ')}`,
    ...(why === undefined ? [] : [safe`    why      ${safeText(why, 500)}`]),
  ];
}

function lockLine(locks: StopResult['locks'], dbLockers: readonly number[]): string {
  if (locks === 'not-asked') return 'no database to check';
  if (locks === 'unknown') return "can't be seen on this system";
  if (locks === 'free') return 'free';
  return dbLockers.length > 0 ? `LOCKED by PID ${dbLockers.join(', ')}` : 'LOCKED, lock holder not visible';
}

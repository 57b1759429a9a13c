import type { Member } from './processTree';
import type { ReportEntry, StopResult } from './stopContract';

/** What was done to a member. */
export interface MemberRecord {
  readonly signals: string[];
  /** performance.now() of its SIGTERM. */
  termAt: number | undefined;
  /** SIGKILL was sent. */
  killed: boolean;
  /** The system refused a signal. */
  denied: boolean;
  /** The process is still alive after SIGKILL was repeated until its time was up. */
  givenUp: boolean;
  /** Set for a Kubo, or a process started by one, that the person no longer waits for: what it was doing then. */
  left: 'working' | 'idle' | undefined;
}

export function reportEntries(
  members: readonly Member[],
  recordOf: (member: Member) => MemberRecord,
  called: number,
): readonly ReportEntry[] {
  return members
    .filter(({ wasThere, bornGone }) => wasThere || !bornGone) // A zombie at the first look had ended before the call.
    .map((member): ReportEntry => {
      const { pid, start, startedAt, firstPpid, argv, link, wasThere, goneAt } = member;
      const { signals, killed, denied, left } = recordOf(member);
      const isAlive = goneAt === undefined;
      return {
        pid,
        ppid: firstPpid,
        start,
        startedAt,
        argv,
        link,
        newborn: !wasThere,
        signals,
        outcome: isAlive ? 'alive' : killed ? 'killed' : signals.includes('SIGTERM') ? 'terminated' : 'exited',
        ms: (goneAt ?? performance.now()) - called,
        ...(isAlive && {
          why: denied
            ? 'The system refused the signal.'
            : killed
              ? "It didn't exit after SIGKILL."
              : left
                ? LEFT[left]
                : 'Time ran out.',
        }),
      };
    });
}

const LEFT = {
  working: 'It was still working, and was left to finish.',
  idle: 'It was idle, and was left alone because the wait was canceled.',
};

/** The PIDs of the processes that are gone and were killed, including those that started during the stop. */
export function forcedOf(processes: readonly ReportEntry[]): number[] {
  return processes.filter(({ outcome }) => outcome === 'killed').map(({ pid }) => pid);
}

const MOST_NAMED = 8;

type Facts = Omit<StopResult, 'summary'>;

/** The names that the summary uses for what is stopped. */
interface Names {
  readonly daemon: string;
  /** What the processes lock. */
  readonly locked: string;
}

/** One line for a person: the outcome, and what isn't as it should be. */
export function summaryOf(
  { survivors, portOpen, locks, dbLockers, port, processes }: Facts,
  isBlind: boolean,
  { daemon, locked }: Names = { daemon: 'daemon', locked: 'the pin database' },
): string {
  const endpoint = port === undefined ? 'its socket' : `port ${port}`;
  const leftAs = (how: keyof typeof LEFT): number[] => processes.filter(({ why }) => why === LEFT[how]).map(({ pid }) => pid);
  const [working, idle] = [leftAs('working'), leftAs('idle')];
  const stuck = survivors.filter((pid) => !working.includes(pid) && !idle.includes(pid));
  // Processes that started and exited during the stop are left out.
  const gone = processes.filter(({ outcome, newborn }) => outcome !== 'alive' && (!newborn || outcome !== 'exited'));
  const wrong = [
    isBlind && "the processes of this machine aren't visible",
    working.length > 0 && `Kubo (PID ${some(working)}) was left to finish what it is writing`,
    idle.length > 0 && `Kubo (PID ${some(idle)}), which is idle, was left alone`,
    stuck.length > 0 && `${plural(stuck.length, 'process', 'processes')} still alive (PID ${some(stuck)})`,
    portOpen &&
      (processes.length === 0
        ? `another program, or a daemon that IPFS Kit couldn't verify as yours, listens on ${endpoint}`
        : `${endpoint} is still open`),
    locks === 'held' && `${locked} is locked${dbLockers.length > 0 ? ` by PID ${some(dbLockers)}` : ''}`,
  ].filter((text) => text !== false);
  const done =
    processes.length === 0 ? `No ${daemon} is running under your account` : endedText(gone.length, forcedOf(gone).length);
  if (wrong.length === 0) return processes.length === 0 ? `${done}.` : `The ${daemon} is stopped. ${done}.`;
  return `${done}, but ${wrong.join(', and ')}.`;
}

/** `Ended 3 processes`, `Killed 1 process`, `Ended 2 processes and killed 1`. */
function endedText(gone: number, forced: number): string {
  if (forced === 0) return `Ended ${plural(gone, 'process', 'processes')}`;
  if (forced >= gone) return `Killed ${plural(forced, 'process', 'processes')}`;
  return `Ended ${plural(gone - forced, 'process', 'processes')} and killed ${forced}`;
}

/** As many PIDs as a notification has room for; the stop report lists all. */
function some(pids: readonly number[]): string {
  const more = pids.length - MOST_NAMED;
  return pids.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

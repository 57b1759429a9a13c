import type { Member } from './processTree';
import type { ReceiptEntry, StopResult } from './stopContract';

/** What was done to a member. */
export interface MemberRecord {
  readonly signals: string[];
  /** performance.now() of its SIGTERM. */
  termAt: number | undefined;
  /** SIGKILL was sent. */
  killed: boolean;
  /** The system refuses our signals. */
  denied: boolean;
}

export function receiptEntries(
  members: readonly Member[],
  recordOf: (member: Member) => MemberRecord,
  called: number,
): readonly ReceiptEntry[] {
  return members
    .filter(({ wasThere, bornGone }) => wasThere || !bornGone) // a zombie at the first look had ended before we were called
    .map((member): ReceiptEntry => {
      const { pid, start, startedAt, firstPpid, argv, link, wasThere, goneAt } = member;
      const { signals, killed, denied } = recordOf(member);
      const isAlive = goneAt === undefined;
      return {
        pid,
        ppid: firstPpid,
        start,
        ...(startedAt !== undefined && { startedAt }),
        argv,
        link,
        newborn: !wasThere,
        signals,
        outcome: isAlive ? 'alive' : killed ? 'killed' : signals.includes('SIGTERM') ? 'terminated' : 'exited',
        ms: (goneAt ?? performance.now()) - called,
        ...(isAlive && {
          why: denied ? 'The system refused the signal.' : killed ? 'It has not ended since SIGKILL.' : 'No time was left.',
        }),
      };
    });
}

const MOST_NAMED = 8;

type Facts = Omit<StopResult, 'summary'>;

/** What is stopped, for the summary. */
export interface Names {
  readonly daemon: string;
  /** What it locks. */
  readonly locked: string;
}

/** One line, for a person: what became of it, and what is not as it should be. */
export function summaryOf(
  { killed, survivors, portOpen, locks, dbLockers, port, processes }: Facts,
  isBlind: boolean,
  { daemon, locked }: Names = { daemon: 'daemon', locked: 'the pin database' },
): string {
  const place = port === undefined ? 'its socket' : `port ${port}`;
  const wrong = [
    isBlind && 'the processes of this machine cannot be seen',
    survivors.length > 0 && `${plural(survivors.length, 'process', 'processes')} still alive (PID ${some(survivors)})`,
    portOpen &&
      (processes.length === 0
        ? `another program, or a daemon that is not provably yours, listens on ${place}`
        : `${place} is still open`),
    locks === 'held' && `${locked} is locked${dbLockers.length > 0 ? ` by PID ${some(dbLockers)}` : ''}`,
  ].filter((text) => text !== false);
  const done =
    processes.length === 0
      ? `No ${daemon} process of yours is running`
      : `Ended ${plural(killed.length, 'process', 'processes')}`;
  if (wrong.length === 0) return processes.length === 0 ? `${done}.` : `The ${daemon} is stopped. ${done}.`;
  return `${done}, but ${wrong.join(', and ')}.`;
}

/** As many as a notification has room for; the receipt has all. */
function some(pids: readonly number[]): string {
  const more = pids.length - MOST_NAMED;
  return pids.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

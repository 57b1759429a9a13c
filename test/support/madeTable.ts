import type {
  ProcessDetails,
  ProcessRow,
  ProcessTable,
  ProcessWork,
  ReaperSignal,
  SignalOutcome,
} from '../../src/reaper/table/processTable';
import { processKey } from '../../src/reaper/table/processTable';

/** A process of a made-up table, and how it reacts to signals. */
export interface MadeProcess {
  pid: number;
  ppid?: number;
  pgid?: number;
  sid?: number;
  start?: number;
  argv?: readonly string[];
  user?: string;
  inOtherNamespace?: boolean;
  environment?: Readonly<Record<string, string>>;
  zombie?: boolean;
  stopped?: boolean;
  /** Identity of its program, which changes when it executes another one. */
  image?: string;
  /** Path of the executable that really runs. */
  program?: string;
  /** What it has written and computed so far; nothing by default. */
  work?: () => ProcessWork;
  /** Its reaction to a signal. By default it ends on SIGTERM (unless stopped) and on SIGKILL. */
  on?: (signal: ReaperSignal, table: MadeTable) => SignalOutcome | undefined;
}

export interface MadeTable extends ProcessTable {
  readonly processes: Map<number, MadeProcess>;
  /** The signals that were sent, such as `SIGTERM 12`, in order. */
  readonly sent: string[];
  add(...processes: MadeProcess[]): void;
  end(pid: number): void;
  looks: number;
}

export const SELF = 50;
export const DAEMON = ['/usr/bin/python3', '/opt/ipfs_kit_daemon.py'];

/** A machine with init (1), a shell (40) and this process (50), all of the user 1000. Orphans become children of init. */
export function madeTable(...processes: MadeProcess[]): MadeTable {
  const all = new Map<number, MadeProcess>();
  const rowOf = ({
    pid,
    ppid = 1,
    pgid = pid,
    sid = pgid,
    start = pid,
    zombie = false,
    stopped = false,
    image,
  }: MadeProcess): ProcessRow => ({
    pid,
    ppid,
    pgid,
    sid,
    start: String(start),
    startOrder: start,
    gone: zombie,
    stopped,
    ...(image !== undefined && { image }),
  });
  const table: MadeTable = {
    self: SELF,
    user: '1000',
    processes: all,
    sent: [],
    looks: 0,
    startOrderNow: (msAgo = 0) => 400 - msAgo / 10,
    add: (...more) => {
      for (const process of more) all.set(process.pid, process);
    },
    end: (pid) => {
      all.delete(pid);
      for (const process of all.values()) if (process.ppid === pid) process.ppid = 1;
    },
    look: () => {
      table.looks++;
      return Promise.resolve(new Map([...all.values()].map((process) => [process.pid, rowOf(process)])));
    },
    details: ({ pid }): ProcessDetails | undefined => {
      const process = all.get(pid);
      if (!process) return undefined;
      const { argv = ['sleep', '9'], user = '1000', inOtherNamespace = false, zombie } = process;
      return { argv: zombie === true ? [] : argv, user, inOtherNamespace };
    },
    work: ({ pid }) => {
      const process = all.get(pid);
      return process && (process.work?.() ?? { cpuMs: 0, io: 0, isWaiting: false });
    },
    program: ({ pid }) => all.get(pid)?.program,
    hasMarker: ({ pid }, { name, value }) => all.get(pid)?.environment?.[name] === value,
    signal: (rows, ...signals) =>
      Promise.resolve(
        rows.map((row) => {
          const process = all.get(row.pid);
          if (!process) return 'gone';
          if (processKey(rowOf(process)) !== processKey(row)) return 'recycled';
          if (process.zombie === true) return 'gone';
          for (const signal of signals) {
            table.sent.push(`${signal} ${row.pid}`);
            const outcome = process.on?.(signal, table);
            if (outcome !== undefined) return outcome;
            if (process.on) continue;
            if (signal === 'SIGKILL' || signal === 'SIGTERM') table.end(row.pid);
          }
          return 'sent';
        }),
      ),
  };
  table.add(
    { pid: 1, ppid: 0, start: 1, argv: ['init'], user: '0' },
    { pid: 40, argv: ['bash'] },
    { pid: SELF, ppid: 40, argv: ['node'] },
    ...processes,
  );
  return table;
}

/** Ignores SIGTERM; SIGKILL ends it. */
export function stubborn(signal: ReaperSignal, table: MadeTable, pid: number): undefined {
  if (signal === 'SIGKILL') table.end(pid);
  return undefined;
}

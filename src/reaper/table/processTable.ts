/** One process at one look. Its details say how and by which user it was started. */
export interface ProcessRow {
  readonly pid: number;
  /** 1 (or the PID of a subreaper) once the parent is gone. */
  readonly ppid: number;
  /** Process group and session; 0 where the platform has none. */
  readonly pgid: number;
  readonly sid: number;
  /** Together with the PID, this is the identity of a process. Compare it for equality only. */
  readonly start: string;
  /** The start time as a number that grows with time, in the platform's unit, to order processes by age. */
  readonly startOrder: number;
  /** True if the process has exited, and at most waits for its parent to reap it. */
  readonly gone: boolean;
  readonly stopped: boolean;
  /**
   * Changes when the process becomes another program (execve), and not when it renames itself or overwrites its arguments. Empty where the kernel doesn't show
   * it; undefined on platforms without such a value.
   */
  readonly image?: string;
}

export interface ProcessDetails {
  /** Undefined where the arguments can't be read; empty for a process without arguments (a kernel thread). */
  readonly argv: readonly string[] | undefined;
  /** The real user: a uid, or a SID on Windows. */
  readonly user: string | undefined;
  /** True in a container on this machine: perhaps the same uid, but never a process of the user's. */
  readonly inOtherNamespace: boolean;
}

/** An environment variable that the program which starts the daemon sets. The whole tree inherits it. */
export interface EnvironmentMarker {
  readonly name: string;
  readonly value: string;
}

export type ReaperSignal = 'SIGTERM' | 'SIGCONT' | 'SIGSTOP' | 'SIGKILL';

/**
 * `sent`; `gone`: the process no longer exists; `recycled`: its PID belongs to another process now, which got nothing; `denied`: the system refused;
 * `unsupported`: the platform has no such signal.
 */
export type SignalOutcome = 'sent' | 'gone' | 'recycled' | 'denied' | 'unsupported';

/** The processes of the machine. There are three real tables, and made ones in tests. */
export interface ProcessTable {
  /** The caller's user. */
  readonly user: string;
  readonly self: number;
  /**
   * Reads all processes, by PID. `refresh` names those to read again beside the new ones; the others may be as they were at the look before. Rejects with
   * `unreadable` where the table can't be read, or is that of another PID namespace.
   */
  look(refresh: 'all' | ReadonlySet<number>): Promise<ReadonlyMap<number, ProcessRow>>;
  /** The details of a row of the last look; undefined once the process is gone. Read again at each call where that is cheap. */
  details(row: ProcessRow): ProcessDetails | undefined;
  hasMarker(row: ProcessRow, marker: EnvironmentMarker): boolean;
  /** The file name of the program that really runs, as the kernel reports it; undefined where it doesn't. */
  program?(row: ProcessRow): string | undefined;
  /** The start time of the process that has this PID right now; undefined if none has. */
  startOf?(pid: number): string | undefined;
  /** Reads the start time of each process again right before its signals, which are sent in order. The outcomes are in the order of the rows. */
  signal(rows: readonly ProcessRow[], ...signals: readonly ReaperSignal[]): Promise<readonly SignalOutcome[]>;
  /** The `startOrder` of a process that started now, or that many ms ago. */
  startOrderNow?(msAgo?: number): number;
  /** ms since 1970. */
  startedAt?(row: ProcessRow): number | undefined;
  /** What a process has done so far; undefined where the system doesn't show it. */
  work?(row: ProcessRow): ProcessWork | undefined;
  /** By pid. */
  facts?(rows: readonly ProcessRow[]): ReadonlyMap<number, ProcessFacts>;
}

export interface ListeningAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Facts for people, which also help to tell a daemon from a process that only looks like it. They never suffice for a signal. A fact that can't be read is left
 * out.
 */
export interface ProcessFacts {
  readonly memoryBytes?: number | undefined;
  readonly listening?: readonly ListeningAddress[];
  /** Unix sockets, by the path they were bound to. */
  readonly listeningPaths?: readonly string[];
}

/** What a process has done. Two of these, taken one after the other, tell a process that works from one that hangs. */
export interface ProcessWork {
  /** The CPU time of all threads (ms). */
  readonly cpuMs: number;
  /** Changes once the process has read from storage or written anything; undefined where that isn't visible. */
  readonly io: number | undefined;
  /** Bytes read from anywhere, memory and pipes included. Grows with reads that are larger than a wake-up. */
  readonly read?: number | undefined;
  /** Whether one of the threads is waiting for storage at this moment. */
  readonly isWaiting: boolean;
}

export function processKey({ pid, start }: Pick<ProcessRow, 'pid' | 'start'>): string {
  return `${String(pid)}:${start}`;
}

/** One process at one look. What it was started as, and by whom, is in its details. */
export interface ProcessRow {
  readonly pid: number;
  /** 1 (or a sub-reaper) once its parent is gone. */
  readonly ppid: number;
  /** Process group and session; 0 where the platform has none. */
  readonly pgid: number;
  readonly sid: number;
  /** With the pid it is the identity of a process. To be compared for equality only. */
  readonly start: string;
  /** The same as a number that grows with time, in the unit of the platform, to tell older from younger. */
  readonly startOrder: number;
  /** Ended, and at most waiting for its parent to take note of it. */
  readonly gone: boolean;
  readonly stopped: boolean;
  /**
   * Changes when the process goes on as another program (execve), and not when it gives itself another name or writes over its arguments.
   * Empty where the kernel does not show it; undefined on platforms that have no such thing.
   */
  readonly image?: string;
}

export interface ProcessDetails {
  /** Undefined where it cannot be read; empty for a process without arguments (a kernel thread). */
  readonly argv: readonly string[] | undefined;
  /** Real user: a uid, on Windows a SID. */
  readonly user: string | undefined;
  /** True in a container below us: same uid perhaps, but not ours. */
  readonly inOtherNamespace: boolean;
}

/** A variable that whoever started the daemon has put into its environment; the whole tree inherits it. */
export interface EnvironmentMarker {
  readonly name: string;
  readonly value: string;
}

export type ReaperSignal = 'SIGTERM' | 'SIGCONT' | 'SIGSTOP' | 'SIGKILL';

/**
 * `sent`; `gone`: there is no such process any more; `recycled`: its pid belongs to another process now, which got nothing;
 * `denied`: the system refused; `unsupported`: the platform has no such signal.
 */
export type SignalOutcome = 'sent' | 'gone' | 'recycled' | 'denied' | 'unsupported';

/** The processes of the machine: three real sources, and made ones in tests. */
export interface ProcessTable {
  /** Of the caller. */
  readonly user: string;
  readonly self: number;
  /**
   * All processes, by pid. `refresh` names those that have to be read anew beside the newborn; the others may be as they were at the look before.
   * Rejects with `unreadable` where there is no table to be had, or not ours.
   */
  look(refresh: 'all' | ReadonlySet<number>): Promise<ReadonlyMap<number, ProcessRow>>;
  /** Of a row of the last look; undefined once it is gone. Read anew at each call where that is cheap. */
  details(row: ProcessRow): ProcessDetails | undefined;
  hasMarker(row: ProcessRow, marker: EnvironmentMarker): boolean;
  /** File name of the program that really runs, by the kernel's word; undefined where it is not told. */
  program?(row: ProcessRow): string | undefined;
  /** Start time of whoever has that number right now; undefined if nobody has. */
  startOf?(pid: number): string | undefined;
  /** The start time of each is read anew right before its signals, which are sent in order. Outcomes are in the order of the rows. */
  signal(rows: readonly ProcessRow[], ...signals: readonly ReaperSignal[]): Promise<readonly SignalOutcome[]>;
  /** What `startOrder` would be of a process that started now, or that many ms ago. */
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

/** For people, and to tell a daemon from whoever only looks like it; nobody is signalled on the strength of it alone. What can't be had is left out. */
export interface ProcessFacts {
  readonly memoryBytes?: number;
  readonly listening?: readonly ListeningAddress[];
  /** Unix sockets, called as they were bound. */
  readonly listeningPaths?: readonly string[];
}

/** Two of these, taken one after the other, tell a process that works from one that hangs. */
export interface ProcessWork {
  /** CPU time of all its threads (ms). */
  readonly cpuMs: number;
  /** Another number once it has read from storage or written anything; undefined where that may not be seen. */
  readonly io: number | undefined;
  /** Bytes that it has read from anywhere, what lies in memory and pipes included: grows with what is more than a wake-up. */
  readonly read?: number | undefined;
  /** One of its threads is waiting for storage at this moment. */
  readonly isWaiting: boolean;
}

export function processKey({ pid, start }: Pick<ProcessRow, 'pid' | 'start'>): string {
  return `${String(pid)}:${start}`;
}

import type { EnvironmentMarker, ProcessTable } from './table/processTable';
import type { Candidates } from './psTree/psTreeCandidates';

export type StopStep = 'graceful' | 'scan' | 'terminate' | 'kill' | 'verify' | 'done';

export interface StopProgress {
  readonly step: StopStep;
  readonly message: string;
  readonly pid?: number;
  /** A Kubo (`pid`) is being waited for, for so long, since it is still at work (ms). It can be cancelled, and forced. */
  readonly waitedMs?: number;
}

export interface DaemonPatterns {
  /** File names of the script that makes a Python process the daemon. */
  readonly scriptNames: readonly string[];
  /** Modules for `python -m …`: the whole dotted name, or the end of it. */
  readonly moduleNames?: readonly string[];
  /** Scripts that are the daemon when the arguments `daemon start` follow. */
  readonly commandNames?: readonly string[];
}

export interface StopOptions extends DaemonPatterns {
  /** Where the daemon listens; no port: it listens nowhere. */
  readonly host?: string;
  readonly port?: number;
  /** May be absent, stale or hostile: a hint. */
  readonly pidFile?: string;
  /** May hang, throw or lie. Absent: SIGTERM is the first step. */
  readonly gracefulStop?: () => unknown;
  /** For the hook and the exit that it leads to. Default 3000. */
  readonly gracefulTimeoutMs?: number;
  /** What each process gets from its SIGTERM to SIGKILL. Default 500. */
  readonly termTimeoutMs?: number;
  /** How long SIGKILL is insisted on. Default 2000. */
  readonly killTimeoutMs?: number;
  /**
   * A Kubo of the tree is never killed while it works: only once it has shown neither CPU time nor I/O for so long, counted from its SIGTERM at the
   * earliest; six times as long where the system doesn't show that. Default 10,000.
   */
  readonly kuboIdleMs?: number;
  /** Aborted: no Kubo is waited for any longer, whatever it is writing. */
  readonly force?: AbortSignal;
  readonly envMarker?: EnvironmentMarker;
  /** SQLite files whose locks must be free afterwards. */
  readonly dbPaths?: readonly string[];
  /** Sees what was found, before anything is asked of it or done to it; false ends the call with `cancelled`. Asked anew if another daemon has come meanwhile. */
  readonly confirm?: (found: readonly FoundProcess[]) => Promise<boolean>;
  /** Ends the call with `cancelled` as long as no signal has been sent. Later it ends the wait for a Kubo, which goes on and is a survivor. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (event: StopProgress) => void;
  /** Of the platform by default. */
  readonly table?: ProcessTable;
  /** More pids that may belong to the tree. ps-tree by default. */
  readonly candidates?: Candidates;
}

/** What a caller may decide of a stop; the rest comes from the settings. */
export type StopDaemonOptions = Partial<Omit<StopOptions, 'table' | 'candidates' | 'kuboIdleMs' | 'force'>>;

/** How a process is known to belong to the daemon. */
export type Link = 'daemon' | 'child' | 'group' | 'session' | 'marker' | 'ps-tree' | 'repository';

export interface FoundProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly argv: readonly string[];
  readonly link: Link;
}

export type ProcessOutcome = 'exited' | 'terminated' | 'killed' | 'alive';

export interface ReportEntry {
  readonly pid: number;
  readonly ppid: number;
  readonly start: string;
  /** ms since 1970, where the platform tells. */
  readonly startedAt?: number;
  readonly argv: readonly string[];
  readonly link: Link;
  /** True if it was born while the daemon was being stopped. */
  readonly newborn: boolean;
  /** In the order they were sent, with the outcome of each that failed. */
  readonly signals: readonly string[];
  readonly outcome: ProcessOutcome;
  /** From the call to its end, or to the end of the call. */
  readonly ms: number;
  /** Of a survivor: why it is alive. */
  readonly why?: string;
}

export interface StopResult {
  /** No survivors, port closed, no lockers. */
  readonly ok: boolean;
  /** Alive at the call and gone now, however they ended. */
  readonly killed: readonly number[];
  /** Of all that are gone, also those that were born meanwhile: who was ended by force (SIGKILL). The others left by themselves, or on SIGTERM. */
  readonly forced?: readonly number[];
  readonly survivors: readonly number[];
  readonly portOpen: boolean;
  readonly dbLockers: readonly number[];
  readonly ms: number;
  readonly processes: readonly ReportEntry[];
  readonly host?: string;
  readonly port?: number;
  readonly pidFile?: { readonly path: string; readonly removed: boolean; readonly detail: string };
  readonly locks: 'free' | 'held' | 'unknown' | 'not-asked';
  /** What a person should know beside: refusals of the system, tools that were missing. */
  readonly notes: readonly string[];
  readonly summary: string;
}

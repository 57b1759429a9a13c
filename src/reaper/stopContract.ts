import type { EnvironmentMarker, ProcessTable } from './table/processTable';
import type { Candidates } from './psTree/psTreeCandidates';

export type StopStep = 'graceful' | 'scan' | 'terminate' | 'kill' | 'verify' | 'done';

export interface StopProgress {
  readonly step: StopStep;
  readonly message: string;
  readonly pid?: number | undefined;
  /** Set while a Kubo (`pid`) that is still working is being waited for: how long so far (ms). The wait can be canceled, and Kubo can be killed. */
  readonly waitedMs?: number | undefined;
}

export interface DaemonPatterns {
  /** File names of the scripts that make a Python process the daemon. */
  readonly scriptNames: readonly string[];
  /** Modules for `python -m …`: the whole dotted name, or the end of it. */
  readonly moduleNames?: readonly string[];
  /** Scripts that are the daemon when the arguments `daemon start` follow. */
  readonly commandNames?: readonly string[];
}

export interface StopOptions extends DaemonPatterns {
  /** Where the daemon listens. Without a port it doesn't listen. */
  readonly host?: string;
  readonly port?: number;
  /** The file may be absent, stale or hostile: it is only a hint. */
  readonly pidFile?: string | undefined;
  /** May hang, throw or lie. If absent, SIGTERM is the first step. */
  readonly gracefulStop?: () => unknown;
  /** The time for the hook and the exit that follows it (ms). Default 3000. */
  readonly gracefulTimeoutMs?: number;
  /** The time that each process gets from SIGTERM to SIGKILL (ms). Default 500. */
  readonly termTimeoutMs?: number;
  /** How long SIGKILL is repeated (ms). Default 2000. */
  readonly killTimeoutMs?: number;
  /**
   * A Kubo of the tree is never killed while it works, only once it has shown neither CPU time nor I/O for this long (ms), counted from its SIGTERM at the
   * earliest; six times as long where the system doesn't show that. Default 10,000.
   */
  readonly kuboIdleMs?: number;
  /** Once aborted, a Kubo is killed like every other process, even while it is writing. */
  readonly force?: AbortSignal;
  readonly envMarker?: EnvironmentMarker;
  /** SQLite files whose locks must be free afterwards. */
  readonly dbPaths?: readonly string[];
  /** Sees what was found before any request or signal; false ends the call with `cancelled`. Called again if another daemon has started meanwhile. */
  readonly confirm?: ((found: readonly FoundProcess[]) => Promise<boolean>) | undefined;
  /** Ends the call with `cancelled` as long as no signal has been sent. Later it ends the wait for a Kubo, which keeps running and is a survivor. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (event: StopProgress) => void;
  /** The table of the platform by default. */
  readonly table?: ProcessTable;
  /** Finds more PIDs that may belong to the tree. ps-tree by default. */
  readonly candidates?: Candidates;
}

/** What a caller may decide about a stop; the rest comes from the settings. */
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
  /** ms since 1970, where the platform shows it. */
  readonly startedAt?: number | undefined;
  readonly argv: readonly string[];
  readonly link: Link;
  /** True if the process started during the stop. */
  readonly newborn: boolean;
  /** In the order they were sent, with the outcome of each signal that failed. */
  readonly signals: readonly string[];
  readonly outcome: ProcessOutcome;
  /** The time from the call to the exit of the process, or to the end of the call. */
  readonly ms: number;
  /** For a survivor: why it is alive. */
  readonly why?: string;
}

export interface StopResult {
  /** True if there are no survivors, the port is closed and no process holds a lock. */
  readonly ok: boolean;
  /** The processes that were alive at the call and are gone now, however they exited. */
  readonly killed: readonly number[];
  /**
   * The processes that were killed (SIGKILL), among all that are gone, including those that started meanwhile. The others exited by themselves, or on SIGTERM.
   */
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
  /** Further notes for people: refusals of the system, missing tools. */
  readonly notes: readonly string[];
  readonly summary: string;
}

import { IpfsKitError } from '../../base/ipfsKitError';
import { safeText } from '../../base/safeText';
import { createToolRunner } from './runTool';
import type { RunTool, ToolResult } from './runTool';
import { processKey } from './processTable';
import type { ProcessDetails, ProcessRow, ProcessTable, ReaperSignal, SignalOutcome } from './processTable';
import { parseCommandLine } from './windowsCommandLine';
import { listingScript, parseListing, powershellArguments, startTimesScript, windowsPrograms } from './windowsListing';
import type { WindowsPrograms, WindowsRow } from './windowsListing';

interface WindowsProcessTableOptions {
  readonly run?: RunTool | undefined;
  readonly systemRoot?: string | undefined;
  readonly self?: number | undefined;
  /** ms since 1970. */
  readonly clock?: (() => number) | undefined;
}

/** PowerShell takes half a second to start, and many seconds on a machine that is busy or scans what it loads. */
const LISTING_LIMITS = { timeoutMs: 30_000, maxBytes: 16 * 2 ** 20 };
const TASKKILL_LIMITS = { timeoutMs: 5000, maxBytes: 2 ** 16 };
const TASKKILLS_AT_ONCE = 8;
/** The status with which taskkill is known to end where the process doesn't exist. Its documentation lists no statuses. */
const NO_SUCH_PROCESS = 128;

/** The time from the year 1 to 1970, in units of 100 ns. */
const TICKS_TO_1970 = 621_355_968_000_000_000n;

/** A command line has at most 32767 characters; these PIDs take a third of it. */
const MOST_KNOWN = 500;

/** System Idle Process, System. */
const LAST_SYSTEM_PID = 4;

/**
 * Runs one PowerShell per look: Win32_Process has what identifies a process. Written after documentation and made recordings; never run on that platform.
 * Windows has no groups, no sessions that a process could open, no zombies and no visible stopped processes. A process keeps its parent's id when the parent
 * has gone, and that id may be given to another process: a parent that is younger than its child isn't its parent.
 */
export function createWindowsProcessTable({
  systemRoot = process.env['SystemRoot'],
  self = process.pid,
  clock = Date.now,
  ...rest
}: WindowsProcessTableOptions = {}): ProcessTable {
  const programs = windowsPrograms(systemRoot);
  const run = rest.run ?? createToolRunner(programs?.environment ?? {});
  let user = '';
  let owners: ReadonlyMap<string, string> = new Map();
  let details: ReadonlyMap<string, ProcessDetails | undefined> = new Map();
  let memory: ReadonlyMap<string, number> = new Map();

  const programsOrThrow = (): WindowsPrograms => {
    if (programs) return programs;
    throw unreadable("the environment variable SystemRoot doesn't name a folder on a drive");
  };

  const list = async (script: string): Promise<readonly WindowsRow[]> => {
    const { powershell } = programsOrThrow();
    let result: ToolResult;
    try {
      result = await run(powershell, powershellArguments(script), LISTING_LIMITS);
    } catch (error) {
      throw unreadable(`${powershell}: ${error instanceof Error ? error.message : String(error)}`, error);
    }
    // PowerShell writes progress to its error output, as CLIXML, even when it succeeds.
    const rows = result.status === 0 ? parseListing(result.stdout) : undefined;
    if (rows === undefined) throw unreadable(`${powershell} ${complaintOf(result)}`);
    return rows;
  };

  const startTimes = async (): Promise<ReadonlyMap<number, string | undefined>> => {
    const rows = await list(startTimesScript());
    return new Map(rows.map(({ pid, created }) => [pid, created]));
  };

  const end = async (pid: number, signal: ReaperSignal): Promise<'sent' | 'gone' | 'failed'> => {
    // Without /T, which follows parent ids that may belong to other processes by now. Each process of the tree is proven, and ended, separately.
    const args = ['/PID', String(pid), ...(signal === 'SIGKILL' ? ['/F'] : [])];
    try {
      const { status } = await run(programsOrThrow().taskkill, args, TASKKILL_LIMITS);
      return status === 0 ? 'sent' : status === NO_SUCH_PROCESS ? 'gone' : 'failed';
    } catch {
      return 'failed';
    }
  };

  const endAll = async (row: ProcessRow, signals: readonly ReaperSignal[]): Promise<'sent' | 'gone' | 'failed'> => {
    let outcome: 'sent' | 'gone' | 'failed' = 'failed';
    for (const signal of signals) {
      const now = await end(row.pid, signal);
      if (now === 'gone') return outcome === 'sent' ? 'sent' : 'gone';
      if (now === 'sent') outcome = 'sent';
    }
    return outcome;
  };

  return {
    self,
    /** Empty until the first look. */
    get user() {
      return user;
    },

    look: async () => {
      const known = [...owners.keys()].map((key) => Number.parseInt(key, 10)).filter((pid) => pid !== self);
      const asked = known.slice(-MOST_KNOWN);
      const listed = await list(listingScript(asked, user === '' ? [self] : []));
      const rows = new Map<number, ProcessRow>();
      const byPid = new Map(listed.map((row) => [row.pid, row]));
      const nextOwners = new Map<string, string>();
      const nextDetails = new Map<string, ProcessDetails | undefined>();
      const nextMemory = new Map<string, number>();
      const wasKnown = new Set(asked);
      for (const found of listed) {
        const row = rowOf(found, byPid.get(found.ppid));
        const key = processKey(row);
        const owner = isSid(found.owner) ? found.owner : owners.get(key);
        if (owner !== undefined) nextOwners.set(key, owner);
        if (found.memory !== undefined) nextMemory.set(key, found.memory);
        // The question failed, or the process has the PID of one that was known before. It is asked again at the next look; until then its owner is unknown.
        const isOpen = owner === undefined && (found.owner === '' || (found.owner === undefined && wasKnown.has(found.pid)));
        rows.set(row.pid, row);
        nextDetails.set(
          key,
          isOpen
            ? undefined
            : {
                argv: found.line === undefined ? undefined : parseCommandLine(found.line),
                user: owner,
                // A process in a container has another owner.
                inOtherNamespace: false,
              },
        );
      }
      const own = rows.get(self);
      const ownUser = user !== '' ? user : own && nextOwners.get(processKey(own));
      if (own === undefined || ownUser === undefined) throw unreadable("the list lacks IPFS Kit's own process or its user");
      user = ownUser;
      [owners, details, memory] = [nextOwners, nextDetails, nextMemory];
      return rows;
    },

    details: (row) => details.get(processKey(row)),

    /** The environment of another process is in its own memory only, and no tool of Windows reads it. */
    hasMarker: () => false,

    startOrderNow: (msAgo = 0) => (clock() - msAgo) * 1000,
    startedAt: ({ startOrder }) => (startOrder === 0 ? undefined : startOrder / 1000),

    facts: (rows) =>
      new Map(
        rows.flatMap((row) => {
          const memoryBytes = memory.get(processKey(row));
          return memoryBytes === undefined ? [] : [[row.pid, { memoryBytes }] as const];
        }),
      ),

    signal: async (rows, ...signals) => {
      // No tool of Windows suspends or resumes another process.
      const possible = signals.filter((signal) => signal === 'SIGTERM' || signal === 'SIGKILL');
      if (possible.length === 0) return rows.map(() => 'unsupported');
      const mayBe = rows.filter((row) => isSignallable(row, self));
      const starts = mayBe.length === 0 ? new Map<number, string>() : await startTimes();
      const outcomes = new Map<ProcessRow, SignalOutcome | 'failed'>();
      const proven: ProcessRow[] = [];
      for (const row of rows) {
        if (!isSignallable(row, self)) outcomes.set(row, 'denied');
        else if (!starts.has(row.pid)) outcomes.set(row, 'gone');
        else if (starts.get(row.pid) !== row.start) outcomes.set(row, 'recycled');
        else proven.push(row);
      }
      for (let at = 0; at < proven.length; at += TASKKILLS_AT_ONCE) {
        const some = proven.slice(at, at + TASKKILLS_AT_ONCE);
        await Promise.all(some.map(async (row) => void outcomes.set(row, await endAll(row, possible))));
      }
      // The messages of taskkill are in the machine's language, and its status doesn't give the reason. It also fails for a process that has exited meanwhile.
      const after = [...outcomes.values()].includes('failed') ? await startTimes() : starts;
      return rows.map((row): SignalOutcome => {
        const outcome = outcomes.get(row) ?? 'gone';
        if (outcome !== 'failed') return outcome;
        if (after.get(row.pid) !== row.start) return 'gone';
        // A process without a window can't be asked to close. Most processes have none, so that isn't a refusal: the process may still be ended.
        return possible.includes('SIGKILL') ? 'denied' : 'unsupported';
      });
    },
  };
}

function rowOf({ pid, ppid, created }: WindowsRow, parent: WindowsRow | undefined): ProcessRow {
  const startOrder = orderOf(created);
  const isParent = parent !== undefined && parent.pid !== pid && orderOf(parent.created) <= startOrder;
  return { pid, ppid: isParent ? ppid : 0, pgid: 0, sid: 0, start: created ?? '', startOrder, gone: false, stopped: false };
}

/** µs since 1970: Win32_Process has no finer times, and a number holds them exactly. */
function orderOf(created: string | undefined): number {
  return created === undefined ? 0 : Number((BigInt(created) - TICKS_TO_1970) / 10n);
}

function isSignallable({ pid, start }: ProcessRow, self: number): boolean {
  return Number.isSafeInteger(pid) && pid > LAST_SYSTEM_PID && pid !== self && start !== '';
}

function isSid(owner: string | undefined): owner is string {
  return owner !== undefined && /^S-1-\d+(?:-\d+)+$/.test(owner);
}

function complaintOf({ status, stderr }: ToolResult): string {
  if (status === 0) return "didn't print a complete list";
  const said = stderr.startsWith('#< CLIXML') ? '' : safeText(stderr.trim());
  return `ended with status ${status}${said === '' ? '' : `: ${said}`}`;
}

function unreadable(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError(
    'unreadable',
    `Windows didn't list the processes: ${what}. Nothing is stopped without that list. Try again, or end the daemon in Task Manager.`,
    { cause },
  );
}

import { statSync } from 'node:fs';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safeText } from '../../base/safeText';
import { splitPythonArguments } from './joinedArguments';
import { decodeVis, hasArguments, parsePsRow, parseShortPsRow, parseStart, psLines } from './psOutput';
import type { PsRow } from './psOutput';
import { createToolRunner } from './runTool';
import type { RunTool, ToolResult } from './runTool';
import { processKey } from './processTable';
import type { ProcessDetails, ProcessRow, ProcessTable, ReaperSignal, SignalOutcome } from './processTable';

interface MacProcessTableOptions {
  readonly run?: RunTool | undefined;
  readonly kill?: ((pid: number, signal: ReaperSignal) => void) | undefined;
  readonly self?: number | undefined;
  readonly user?: string | undefined;
  /** True for a file, false for a folder and where nothing exists. */
  readonly isFile?: ((path: string) => boolean) | undefined;
  /** ms since 1970. */
  readonly clock?: (() => number) | undefined;
}

const PS = '/bin/ps';
const LIMITS = { timeoutMs: 5000, maxBytes: 32 * 2 ** 20 };

/**
 * ps formats start times by the caller's locale and time zone. With these variables they are the same at each look, even if the system's time zone changes.
 * COMMAND_MODE=legacy would change what the options mean (compat(5)).
 */
const PS_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC0', COMMAND_MODE: 'unix2003' };

/** A second `ps` is run only for programs that may be an interpreter. */
const MAY_BE_PYTHON = /python|pypy/i;

/**
 * Runs one `ps` per look. Written after the source of Apple's ps and recordings of its output; never run on that platform.
 * The start time has a resolution of 1 s, and is the only property that a process never changes: its parent, group and arguments do change. PIDs are assigned
 * in order up to 99999 (xnu, forkproc()), so a PID that returns within a second would take 100000 processes in it.
 * Sessions are left out: `sess` is an address of the kernel, and 0 where that is hidden.
 */
export function createMacProcessTable({
  run = createToolRunner(PS_ENVIRONMENT),
  kill = (pid, signal) => process.kill(pid, signal),
  self = process.pid,
  user = String(process.getuid?.() ?? ''),
  isFile = isFileOnDisk,
  clock = Date.now,
}: MacProcessTableOptions = {}): ProcessTable {
  let details: ReadonlyMap<string, ProcessDetails> = new Map();
  let pythons: ReadonlyMap<string, PythonOfRow> = new Map();

  const ps = async (...args: string[]): Promise<ToolResult> => {
    try {
      return await run(PS, args, LIMITS);
    } catch (error) {
      throw unreadable(error instanceof Error ? error.message : String(error), error);
    }
  };

  /** Lists one column for these processes only, since that of other processes may be anything. */
  const list = async (pids: readonly number[], column: string): Promise<ReadonlyMap<number, ShortRow>> => {
    const result = await ps('-ww', '-o', `pid,lstart,${column}`, '-p', pids.join(','));
    const lines = psLines(result.stdout);
    const isNone = result.status === 1 && lines?.length === 0 && result.stderr === '';
    if (lines === undefined || (result.status !== 0 && !isNone)) throw unreadable(complaintOf(result));
    const rows = new Map<number, ShortRow>();
    for (const line of lines) {
      const row = parseShortPsRow(line);
      if (row === undefined) throw unreadable(`it printed the line "${safeText(line, 80)}"`);
      rows.set(row.pid, row);
    }
    return rows;
  };

  /**
   * Arguments come joined by spaces, and the name of an interpreter may itself contain spaces. As the last column, `comm` is the whole first argument and
   * nothing else. Beside `args` it would be padded to the longest of all processes, so it takes a second call, for the few processes that may be Python and
   * have changed since the last look.
   */
  const learnPythons = async (rows: readonly PsRow[]): Promise<ReadonlyMap<string, PythonOfRow>> => {
    const next = new Map<string, PythonOfRow>();
    const fresh = rows.filter((row) => {
      if (!mayBePython(row)) return false;
      const known = pythons.get(processKey(row));
      if (known?.args !== row.args) return true;
      next.set(processKey(row), known);
      return false;
    });
    if (fresh.length === 0) return next;
    const named = await list(
      fresh.map(({ pid }) => pid),
      'comm',
    );
    for (const row of fresh) {
      const { start, last = '' } = named.get(row.pid) ?? {};
      // The process exited or was replaced in between: its arguments aren't known yet.
      if (start !== row.start || !hasArguments(last)) continue;
      const argv = splitPythonArguments(decodeVis(row.args), decodeVis(last), isFile);
      next.set(processKey(row), { args: row.args, argv });
    }
    return next;
  };

  const mayBePython = ({ user: owner, args }: PsRow): boolean => owner === user && hasArguments(args) && MAY_BE_PYTHON.test(args);

  const argvOf = (row: PsRow): readonly string[] | undefined => {
    if (mayBePython(row)) return pythons.get(processKey(row))?.argv;
    return hasArguments(row.args) ? decodeVis(row.args).split(' ') : undefined;
  };

  return {
    self,
    user,

    look: async () => {
      const result = await ps('-A', '-ww', '-o', 'pid,ppid,pgid,ruid,stat,lstart,args');
      const lines = psLines(result.stdout);
      if (result.status !== 0 || lines === undefined) throw unreadable(complaintOf(result));
      const listed = new Map<number, PsRow>();
      for (const line of lines) {
        const row = parsePsRow(line);
        // A missing line would make a live process look gone, and an extra line would be made up by another program.
        if (row === undefined || listed.has(row.pid)) throw unreadable(`it printed the line "${safeText(line, 80)}"`);
        listed.set(row.pid, row);
      }
      if (listed.get(self)?.user !== user) throw unreadable("it doesn't list IPFS Kit's own process");
      pythons = await learnPythons([...listed.values()]);
      details = new Map(
        [...listed.values()].map((row) => [
          processKey(row),
          { argv: argvOf(row), user: row.user, inOtherNamespace: false }, // macOS has no PID namespaces.
        ]),
      );
      return new Map([...listed.values()].map((row) => [row.pid, rowOf(row)]));
    },

    details: (row) => details.get(processKey(row)),

    /**
     * `ps -E` prints the environment behind the arguments, on the same line and separated by the same spaces: a process with the marker as an argument would
     * look like a member, and be signaled. KERN_PROCARGS2 keeps them apart, but Node can't call sysctl(3).
     */
    hasMarker: () => false,

    startOrderNow: (msAgo = 0) => Math.floor((clock() - msAgo) / 1000),
    startedAt: ({ startOrder }) => startOrder * 1000,

    signal: async (rows, ...signals) => {
      const mayBe = rows.filter(({ pid }) => isSignallable(pid, self));
      const current =
        mayBe.length === 0
          ? new Map<number, ShortRow>()
          : await list(
              mayBe.map(({ pid }) => pid),
              'stat',
            );
      return rows.map((row): SignalOutcome => {
        if (!isSignallable(row.pid, self)) return 'denied';
        const now = current.get(row.pid);
        if (now === undefined) return 'gone';
        if (now.start !== row.start) return 'recycled';
        if (now.last.startsWith('Z')) return 'gone';
        return send(row.pid, signals, kill);
      });
    },
  };
}

interface ShortRow {
  readonly start: string;
  readonly last: string;
}

interface PythonOfRow {
  /** The arguments as ps printed them: while they stay the same, so does the rest. */
  readonly args: string;
  readonly argv: readonly string[] | undefined;
}

function isSignallable(pid: number, self: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== self;
}

function send(pid: number, signals: readonly ReaperSignal[], kill: (pid: number, signal: ReaperSignal) => void): SignalOutcome {
  let sent = 0;
  try {
    for (const signal of signals) {
      kill(pid, signal);
      sent++;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') return 'denied';
    if (sent === 0) return 'gone'; // The first thread has exited.
  }
  return 'sent';
}

function rowOf({ pid, ppid, pgid, start, state }: PsRow): ProcessRow {
  return {
    pid,
    ppid,
    pgid,
    sid: 0,
    start,
    startOrder: parseStart(start) ?? 0,
    gone: state.startsWith('Z'),
    stopped: state.startsWith('T'),
  };
}

function complaintOf({ status, stderr }: ToolResult): string {
  const said = safeText(stderr.trim());
  if (status !== 0) return `it ended with status ${status}${said === '' ? '' : `: ${said}`}`;
  return "its output is cut off or isn't a table";
}

function unreadable(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError(
    'unreadable',
    `${PS} didn't list the processes: ${what}. Nothing is stopped without that list. Try again, or quit the daemon in Activity Monitor.`,
    { cause },
  );
}

function isFileOnDisk(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

import { lineage } from './ancestors';
import { isDaemon, isSomePython } from './daemonIdentity';
import type { Candidate } from './psTree/psTreeCandidates';
import { processKey } from './table/processTable';
import type { EnvironmentMarker, ProcessDetails, ProcessRow, ProcessTable } from './table/processTable';
import { breathe, createSlices } from './slices';
import type { DaemonPatterns, Link } from './stopContract';

export interface Member {
  readonly pid: number;
  readonly start: string;
  readonly link: Link;
  readonly argv: readonly string[];
  /** ms since 1970, where the platform shows it. */
  readonly startedAt: number | undefined;
  /** The parent at the time when the process was found. */
  readonly firstPpid: number;
  /** The row of the last look. */
  row: ProcessRow;
  /** False if the process started after the first look. */
  readonly wasThere: boolean;
  /** True for a zombie: it leads to other processes, and isn't alive. */
  readonly bornGone: boolean;
  /** performance.now() of the look that missed the process; undefined while it lives. */
  goneAt: number | undefined;
}

export interface ProcessTree {
  /** Reads the table, adds the processes that belong, and returns the live members. */
  look(scope: 'all' | 'changes'): Promise<readonly Member[]>;
  /**
   * Call this right before another program is asked for the tree; the returned function takes its answer. A candidate is admitted only if our own table
   * confirms it: it was born after our last look and before the question, and is an orphan now, so that the other program may have seen the parent that we
   * couldn't.
   */
  expectCandidates(): (candidates: readonly Candidate[]) => void;
  /** All processes, those of other users included, as they were last read. */
  rows(): ReadonlyMap<number, ProcessRow>;
  /** A row of the last look. */
  rowOf(pid: number): ProcessRow | undefined;
  /** All processes that ever belonged, in the order they were found. */
  members(): readonly Member[];
  /** Descendants that belong to another user, or are in another namespace: they are never signaled. */
  strangers(): readonly ProcessRow[];
  /** A daemon that IPFS Kit itself runs under. */
  guardedDaemon(): ProcessRow | undefined;
}

interface ProcessTreeOptions {
  readonly table: ProcessTable;
  readonly patterns: DaemonPatterns;
  readonly marker?: EnvironmentMarker | undefined;
}

/**
 * For this long after its birth a process may still be becoming the program that it was started for, since a shell, `env` and `nohup` come first. Afterwards it
 * stays what it was seen as (ms).
 */
const STARTING_MS = 1000;

/** What a process was when it was first seen, or has become by execve while it was being started. */
interface Seen {
  readonly pgid: number;
  readonly sid: number;
  image: string | undefined;
  details: ProcessDetails | undefined;
  isFinal: boolean;
}

/**
 * The daemon and everything that belongs to it, by PID and start time. The set only grows: a process that was once a member stays one, regardless of later
 * changes to its parent, group or name. A process that was seen outside stays outside, unless it turns out to be the child of a member: a process can overwrite
 * its own arguments and environment, and join any group.
 */
export function createProcessTree({ table, patterns, marker }: ProcessTreeOptions): ProcessTree {
  const members = new Map<string, Member>();
  const living = new Map<number, Member>();
  /** Includes former members: the kernel doesn't assign a PID that is in use as a group or session. */
  const lastOfPid = new Map<number, Member>();
  const seen = new Map<string, Seen>();
  const guarded = new Set<string>();
  /** Groups and sessions that IPFS Kit or its ancestors are in. They are the editor's own, whichever process leads them. */
  const guardedGroups = new Set<number>();
  const strangers = new Map<string, ProcessRow>();
  let rows: ReadonlyMap<number, ProcessRow> = new Map();
  let firstLook: ReadonlySet<string> | undefined;
  /** A process that has started since then is still being started. */
  let youngFrom = Infinity;
  let guardedDaemon: ProcessRow | undefined;

  const isOurs = (details: ProcessDetails | undefined): boolean => details?.user === table.user && !details.inOtherNamespace;

  /** Reads the details once for each program that the process was seen as: the same program with other arguments shows nothing new. */
  const learn = (row: ProcessRow): { readonly details: ProcessDetails | undefined; readonly isNews: boolean } => {
    const known = seen.get(processKey(row));
    const { pgid, sid, image } = row;
    const isSame = image !== undefined && (image === '' || image === known?.image);
    if (known?.details && (known.isFinal || isSame)) {
      known.isFinal ||= row.startOrder < youngFrom;
      return { details: known.details, isNews: false };
    }
    const details = table.details(row) ?? known?.details;
    const isFinal = details !== undefined && row.startOrder < youngFrom;
    seen.set(processKey(row), { pgid: known?.pgid ?? pgid, sid: known?.sid ?? sid, image, details, isFinal });
    return { details, isNews: true };
  };

  const detailsOf = (row: ProcessRow): ProcessDetails | undefined => learn(row).details;

  /** IPFS Kit and all its ancestors, now and before: a process that was once an ancestor stays guarded when its child is adopted. */
  const guard = (): void => {
    for (const row of lineage(rows, table.self)) {
      if (!guarded.has(processKey(row)) && row.pid !== table.self && isDaemon(detailsOf(row)?.argv ?? [], patterns))
        guardedDaemon = row;
      guarded.add(processKey(row));
      guardedGroups.add(row.pgid).add(row.sid);
      if (row.ppid <= 1) break;
    }
  };

  const isGuarded = (row: ProcessRow): boolean => row.pid <= 1 || row.pid === table.self || guarded.has(processKey(row));

  const add = (row: ProcessRow, link: Link, details: ProcessDetails | undefined): void => {
    const { pid, start, ppid: firstPpid } = row;
    const key = processKey(row);
    const wasThere = !row.gone && (firstLook === undefined || firstLook.has(key));
    const goneAt = row.gone ? performance.now() : undefined;
    const argv = details?.argv ?? [];
    const startedAt = table.startedAt?.(row);
    const member: Member = { pid, start, startedAt, link, argv, firstPpid, row, wasThere, bornGone: row.gone, goneAt };
    members.set(key, member);
    lastOfPid.set(pid, member);
    if (!row.gone) living.set(pid, member);
  };

  const memberOf = (row: ProcessRow): Member | undefined => members.get(processKey(row));

  const linkOf = (row: ProcessRow): Link | undefined => {
    const parent = rows.get(row.ppid);
    if (parent && memberOf(parent) && row.startOrder >= parent.startOrder && !isAnothers(parent)) return 'child';
    // A process that joins a group later does so by itself (setpgid(2)). The daemon's descendants are born in the group.
    const { pgid = row.pgid, sid = row.sid } = seen.get(processKey(row)) ?? {};
    if (row.pgid === pgid && leads(pgid, row)) return 'group';
    return row.sid === sid && leads(sid, row) ? 'session' : undefined;
  };

  /** The PID has passed to another process since it was read: a process that names it as parent or leader may mean the new one. */
  const isAnothers = ({ pid, start }: { readonly pid: number; readonly start: string }): boolean => {
    const now = table.startOf?.(pid);
    return now !== undefined && now !== start;
  };

  /** A member leads, or led, that group or session, and no other process has got its PID since. */
  const leads = (id: number, row: ProcessRow): boolean => {
    const leader = id > 1 && id !== row.pid && !guardedGroups.has(id) ? lastOfPid.get(id) : undefined;
    if (!leader) return false;
    return row.startOrder >= leader.row.startOrder && !isAnothers(leader);
  };

  /** Adopted by init, or by one of our ancestors in its place (a session manager of the user). */
  const isOrphan = ({ ppid }: ProcessRow): boolean => {
    const parent = rows.get(ppid);
    return ppid <= 1 || (parent !== undefined && guarded.has(processKey(parent)) && ppid !== table.self);
  };

  /** Finds daemons by their arguments, then by the marker. If IPFS Kit itself has the marker, the whole editor has it, so the marker proves nothing. */
  const findRoots = async (): Promise<void> => {
    const own = rows.get(table.self);
    const telling = marker && !(own && table.hasMarker(own, marker)) ? marker : undefined;
    const slices = createSlices();
    for (const row of rows.values()) {
      const wait = slices.next();
      if (wait) await wait;
      if (isGuarded(row) || memberOf(row) || row.gone) continue;
      const { details, isNews } = learn(row);
      if (!isNews || !isOurs(details) || details === undefined) continue;
      if (isDaemon(details.argv ?? [], patterns) && isSomePython(table.program?.(row))) add(row, 'daemon', details);
      else if (telling && table.hasMarker(row, telling)) add(row, 'marker', details);
    }
  };

  /** Follows links from each member until no process is new. PIDs wrap, so they may come in any order. */
  const findRelatives = async (): Promise<void> => {
    if (members.size === 0) return;
    const slices = createSlices();
    const byParent = groupBy(rows.values(), ({ ppid }) => ppid);
    const byGroup = groupBy(rows.values(), ({ pgid }) => pgid);
    const bySession = groupBy(rows.values(), ({ sid }) => sid);
    const leading = [...lastOfPid.keys()];
    for (const pid of leading)
      for (const row of [byParent, byGroup, bySession].flatMap((by) => by.get(pid) ?? [])) {
        const wait = slices.next();
        if (wait) await wait;
        if (isGuarded(row) || memberOf(row) || strangers.has(processKey(row))) continue;
        const link = linkOf(row);
        const details = link && detailsOf(row);
        if (link === undefined || details === undefined) continue;
        if (isOurs(details)) {
          add(row, link, details);
          leading.push(row.pid);
        } else strangers.set(processKey(row), row);
      }
  };

  const noteEnded = (): void => {
    const now = performance.now();
    // A PID that another process has got no longer leads to members, even after that process has exited.
    for (const [pid, { start }] of lastOfPid) if ((rows.get(pid)?.start ?? start) !== start) lastOfPid.delete(pid);
    for (const [pid, member] of living) {
      const row = rows.get(pid);
      if (row?.start === member.start) {
        member.row = row;
        if (!row.gone) continue;
      }
      member.goneAt = now;
      living.delete(pid);
    }
  };

  return {
    look: async (scope) => {
      // Unreaped zombies are read again too: once they are reaped, their PIDs pass to other processes.
      rows = await table.look(scope === 'all' ? 'all' : new Set(lastOfPid.keys()));
      const youngest = table.startOrderNow?.(STARTING_MS) ?? Infinity;
      youngFrom = Number.isFinite(youngest) ? youngest : Infinity;
      await breathe();
      guard();
      noteEnded();
      await findRoots();
      await breathe();
      await findRelatives();
      firstLook ??= new Set([...rows.values()].map(processKey));
      return [...living.values()];
    },

    expectCandidates: () => {
      const before = new Set([...rows.values()].map(processKey));
      const asked = table.startOrderNow?.() ?? -Infinity;
      const askedAt = performance.now();
      return (candidates) => {
        for (const { pid, ppid } of candidates) {
          const row = rows.get(pid);
          const parent = lastOfPid.get(ppid);
          if (!row || row.gone || !parent || isGuarded(row) || memberOf(row)) continue;
          if (parent.goneAt !== undefined && parent.goneAt < askedAt) continue; // The listing has met another process with that PID.
          // A process that we had seen by then had no member as its parent, and never gets one. One that is younger than the question has taken over its PID.
          if (before.has(processKey(row)) || row.startOrder > asked || row.startOrder < parent.row.startOrder) continue;
          if (!isOrphan(row)) continue;
          const details = detailsOf(row);
          if (isOurs(details)) add(row, 'ps-tree', details);
        }
      };
    },

    rows: () => rows,
    rowOf: (pid) => rows.get(pid),
    members: () => [...members.values()],
    strangers: () => [...strangers.values()],
    guardedDaemon: () => guardedDaemon,
  };
}

export function groupBy(rows: Iterable<ProcessRow>, by: (row: ProcessRow) => number): ReadonlyMap<number, readonly ProcessRow[]> {
  const groups = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const key = by(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

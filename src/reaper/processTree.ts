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
  /** ms since 1970, where it can be told. */
  readonly startedAt: number | undefined;
  /** Parent when it was found. */
  readonly firstPpid: number;
  /** As it was at the last look. */
  row: ProcessRow;
  /** False if it was born after the first look. */
  readonly wasThere: boolean;
  /** True for a zombie: it leads to others, and is not alive. */
  readonly bornGone: boolean;
  /** performance.now() of the look that missed it; undefined while it lives. */
  goneAt: number | undefined;
}

export interface ProcessTree {
  /** Reads the table, takes in who belongs, and gives the members that live. */
  look(scope: 'all' | 'changes'): Promise<readonly Member[]>;
  /**
   * To be called right before somebody else is asked for the tree; takes the answer. A candidate is admitted only if our own table bears it out:
   * born after our last look and before the question, an orphan now, so that the listing may well have seen the parent that we could not.
   */
  expectCandidates(): (candidates: readonly Candidate[]) => void;
  /** All processes, those of others too, as they were when they were last read. */
  rows(): ReadonlyMap<number, ProcessRow>;
  /** Of the last look. */
  rowOf(pid: number): ProcessRow | undefined;
  /** All that ever belonged, in the order they were found. */
  members(): readonly Member[];
  /** Descendants that belong to another user, or are in another namespace: never ours to signal. */
  strangers(): readonly ProcessRow[];
  /** A daemon that we ourselves run under. */
  guardedDaemon(): ProcessRow | undefined;
}

interface ProcessTreeOptions {
  readonly table: ProcessTable;
  readonly patterns: DaemonPatterns;
  readonly marker?: EnvironmentMarker | undefined;
}

/**
 * For so long after its birth a process may still be on its way to the program that it was started for: a shell, `env` and `nohup` come first.
 * Afterwards it is what it was seen as (ms).
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
 * The daemon and everything that belongs to it, by pid and start time. The set only grows: who once was in stays in,
 * whatever its parent, its group or its name becomes. And who was seen outside stays outside, unless it turns out to be the child of a member: a
 * process can write over its own arguments and its environment, and join a group, as it likes.
 */
export function createProcessTree({ table, patterns, marker }: ProcessTreeOptions): ProcessTree {
  const members = new Map<string, Member>();
  const living = new Map<number, Member>();
  /** Former members too: a pid that is in use as a group or session is not given out again by the kernel. */
  const lastOfPid = new Map<number, Member>();
  const seen = new Map<string, Seen>();
  const guarded = new Set<string>();
  /** Groups and sessions that we or our ancestors are in: the editor's own, whoever leads them. */
  const guardedGroups = new Set<number>();
  const strangers = new Map<string, ProcessRow>();
  let rows: ReadonlyMap<number, ProcessRow> = new Map();
  let firstLook: ReadonlySet<string> | undefined;
  /** Who has started since is still being started. */
  let youngFrom = Infinity;
  let guardedDaemon: ProcessRow | undefined;

  const isOurs = (details: ProcessDetails | undefined): boolean => details?.user === table.user && !details.inOtherNamespace;

  /** Read once for each program that the process was seen as: the same program under other words says nothing new. */
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

  /** We and all our ancestors, now and before: whoever was one of them stays guarded when its child is adopted. */
  const guard = (): void => {
    for (let row = rows.get(table.self), steps = 0; row && steps < 1000; row = rows.get(row.ppid), steps++) {
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
    // Who joins a group later does so by itself: setpgid(2). Ours are born in it.
    const { pgid = row.pgid, sid = row.sid } = seen.get(processKey(row)) ?? {};
    if (row.pgid === pgid && leads(pgid, row)) return 'group';
    return row.sid === sid && leads(sid, row) ? 'session' : undefined;
  };

  /** The number has passed to somebody else since it was read: who names it as parent or leader may mean the new one. */
  const isAnothers = ({ pid, start }: { readonly pid: number; readonly start: string }): boolean => {
    const now = table.startOf?.(pid);
    return now !== undefined && now !== start;
  };

  /** A member leads, or led, that group or session, and nobody else has got its number since. */
  const leads = (id: number, row: ProcessRow): boolean => {
    const leader = id > 1 && id !== row.pid && !guardedGroups.has(id) ? lastOfPid.get(id) : undefined;
    if (!leader) return false;
    return row.startOrder >= leader.row.startOrder && !isAnothers(leader);
  };

  /** Taken in by init, or by one of our ancestors in its place (a session manager of the user). */
  const isOrphan = ({ ppid }: ProcessRow): boolean => {
    const parent = rows.get(ppid);
    return ppid <= 1 || (parent !== undefined && guarded.has(processKey(parent)) && ppid !== table.self);
  };

  /** Daemons by their arguments, then those with the marker; if we bear it ourselves, so does the whole editor, and it says nothing. */
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

  /** From each member on to those that it leads to, until there are no more: in whatever order pids are, since they wrap. */
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

  const takeNoteOfTheGone = (): void => {
    const now = performance.now();
    // A number that somebody else has got leads to nobody of ours any more, not even once that one has ended.
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
      // Those that nobody has buried are read anew too: when somebody does, their numbers pass to others.
      rows = await table.look(scope === 'all' ? 'all' : new Set(lastOfPid.keys()));
      const youngest = table.startOrderNow?.(STARTING_MS) ?? Infinity;
      youngFrom = Number.isFinite(youngest) ? youngest : Infinity;
      await breathe();
      guard();
      takeNoteOfTheGone();
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
          if (parent.goneAt !== undefined && parent.goneAt < askedAt) continue; // the listing has met another with that number
          // What we had seen by then had no member for a parent, and never gets one; what is younger has its number from another.
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

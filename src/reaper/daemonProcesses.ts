import { lockHolders } from '../pinStore/databaseLocks';
import { platformProcessTable } from './table/platformProcessTable';
import { processKey } from './table/processTable';
import type { EnvironmentMarker, ProcessFacts, ProcessTable } from './table/processTable';
import { createProcessTree } from './processTree';
import { orphanProof } from './orphanProof';
import type { DaemonPatterns, FoundProcess, Link } from './stopContract';

interface ProcessesRequest {
  readonly patterns: DaemonPatterns;
  readonly marker?: EnvironmentMarker | undefined;
  readonly databases: readonly string[];
  readonly table?: ProcessTable | undefined;
  /** How processes were seen to belong to a daemon earlier, by processKey. The processes seen now are added to it. */
  readonly seen?: Map<string, Link> | undefined;
}

export interface DaemonProcess extends FoundProcess, ProcessFacts {
  /** 0 for the daemon itself, 1 for its children, and so on. */
  readonly depth: number;
  readonly stopped: boolean;
  /** ms since 1970. */
  readonly startedAt?: number | undefined;
}

export interface LockHolder {
  readonly pid: number;
  /** `daemon`: in the daemon's tree; `ours`: of the same user; `other`: of another user or container; `gone`: no process has that PID here. */
  readonly who: 'daemon' | 'ours' | 'other' | 'gone';
  readonly argv: readonly string[];
  /** ms since 1970. */
  readonly startedAt?: number | undefined;
  /** True for a process that a daemon has left behind, which can be ended. Else the reason why it can't be ended; undefined for a process of the daemon. */
  readonly orphan?: true | string | undefined;
}

export interface DatabaseLock {
  readonly path: string;
  readonly state: 'free' | 'held' | 'unknown';
  readonly probable: boolean;
  readonly holders: readonly LockHolder[];
}

export interface DaemonProcesses {
  /** In tree order: each process follows its parent. */
  readonly processes: readonly DaemonProcess[];
  readonly locks: readonly DatabaseLock[];
}

/** Reads the daemon's tree and the processes that lock the databases. Rejects with `unreadable` where processes aren't visible. */
export async function daemonProcesses({
  patterns,
  marker,
  databases,
  table = platformProcessTable(),
  seen = new Map(),
}: ProcessesRequest): Promise<DaemonProcesses> {
  const tree = createProcessTree({ table, patterns, marker });
  const members = await tree.look('all');
  for (const member of members) seen.set(processKey(member), member.link);
  const facts = table.facts?.(members.map(({ row }) => row));
  const processes: DaemonProcess[] = [];
  const place = (parent: number | undefined, depth: number): void => {
    for (const { pid, row, argv, link } of members) {
      const isRoot = !members.some((other) => other.pid === row.ppid && other.pid !== pid);
      if (parent === undefined ? !isRoot : row.ppid !== parent || pid === parent) continue;
      const startedAt = table.startedAt?.(row);
      processes.push({
        pid,
        ppid: row.ppid,
        argv,
        link,
        depth,
        stopped: row.stopped,
        ...facts?.get(pid),
        startedAt,
      });
      place(pid, depth + 1);
    }
  };
  place(undefined, 0);

  const isMember = new Set(members.map(({ pid }) => pid));
  const who = (pid: number): LockHolder => {
    const row = tree.rowOf(pid);
    if (!row || row.gone) return { pid, who: 'gone', argv: [] };
    const details = table.details(row);
    const isOurs = details?.user === table.user && !details.inOtherNamespace;
    const proof = isOurs ? orphanProof(pid, { table, tree, patterns, seen }) : undefined;
    const startedAt = table.startedAt?.(row);
    return {
      pid,
      who: isMember.has(pid) ? 'daemon' : isOurs ? 'ours' : 'other',
      argv: details?.argv ?? [],
      startedAt,
      orphan: proof && ('proven' in proof ? true : proof.why),
    };
  };
  const locks = await Promise.all(
    databases.map(async (path): Promise<DatabaseLock> => {
      const { state, pids, probable } = await lockHolders([path]);
      return { path, state, probable, holders: pids.map(who) };
    }),
  );
  return { processes, locks };
}

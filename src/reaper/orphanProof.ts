import { isAncestor } from './ancestors';
import { isDaemon } from './daemonIdentity';
import type { Proven } from './oneProcess';
import type { ProcessTree } from './processTree';
import type { DaemonPatterns, Link } from './stopContract';
import { processKey } from './table/processTable';
import type { ProcessTable } from './table/processTable';

/** `proven`: one process that a daemon of ipfs_kit_py has left behind. Else `why` that can't be proven. */
type OrphanProof = { readonly proven: Proven } | { readonly why: string };

export interface OrphanOptions {
  readonly table: ProcessTable;
  /** The tree after a look at all processes. */
  readonly tree: ProcessTree;
  readonly patterns: DaemonPatterns;
  /** How processes were seen to belong to a daemon earlier, by processKey. */
  readonly seen: ReadonlyMap<string, Link>;
}

/**
 * Whether a process is what a daemon has left behind when it crashed. All of these must hold: the process belongs to the user, is in our PID namespace, and
 * IPFS Kit doesn't run under it; its parent is gone, so that init or a session manager has adopted it; it has the marker of a daemon that IPFS Kit started, or
 * was seen below a daemon while that ran; and no daemon is running that it might still belong to. A name, a folder or an open database proves nothing: the
 * user's own scripts have them as well, and a process that a service manager has started looks like an orphan.
 */
export function orphanProof(pid: number, { table, tree, patterns, seen }: OrphanOptions): OrphanProof {
  const row = tree.rowOf(pid);
  const details = row && !row.gone ? table.details(row) : undefined;
  if (!row || !details) return { why: `PID ${pid} can't be seen from here: it has ended, or runs in a container.` };
  if (details.user !== table.user) return { why: `PID ${pid} belongs to another user.` };
  if (details.inOtherNamespace) return { why: `PID ${pid} runs in a container.` };
  const rows = { get: (wanted: number) => tree.rowOf(wanted) };
  if (isAncestor(rows, table.self, pid)) return { why: `IPFS Kit itself runs under PID ${pid}.` };
  const members = tree.members().filter(({ goneAt }) => goneAt === undefined);
  const member = members.find((each) => each.pid === pid && each.start === row.start);
  const daemon = members.find((each) => isDaemon(each.argv, patterns)) ?? tree.guardedDaemon();
  const link = member?.link ?? seen.get(processKey(row));
  if (daemon && link !== undefined)
    return {
      why: member
        ? `PID ${pid} belongs to a daemon that is running. Stop Daemon ends it.`
        : `PID ${pid} may still belong to the daemon that is running (PID ${daemon.pid}). Stop that first.`,
    };
  // Our ancestors may have started the process themselves, like the shell from which the editor was started, unless it was seen below a daemon.
  const isOrphan = row.ppid <= 1 || (link !== undefined && row.ppid !== table.self && isAncestor(rows, table.self, row.ppid));
  if (!isOrphan) return { why: `PID ${pid} was started by PID ${row.ppid}, which is running. End it there.` };
  if (link === undefined)
    return {
      why: `IPFS Kit couldn't verify that ipfs_kit_py's daemon started PID ${pid}: this window hasn't seen it below one. If you know what it is, end it yourself.`,
    };
  return { proven: { row, details, link } };
}

import path from 'node:path';
import { isAncestor } from './ancestors';
import { isDaemon } from './daemonIdentity';
import type { Proven } from './oneProcess';
import type { ProcessTree } from './processTree';
import { pythonTarget } from './pythonCommandLine';
import type { DaemonPatterns, Link } from './stopContract';
import { processKey } from './table/processTable';
import type { ProcessRow, ProcessTable } from './table/processTable';

/** `proven`: one process that a daemon of ipfs_kit_py has left behind. Else `why` it can't be proven to be that. */
export type OrphanProof = { readonly proven: Proven } | { readonly why: string };

export interface OrphanOptions {
  readonly table: ProcessTable;
  /** After a look at all processes. */
  readonly tree: ProcessTree;
  readonly patterns: DaemonPatterns;
  /** How processes were seen to belong to a daemon earlier, by processKey. */
  readonly seen: ReadonlyMap<string, Link>;
}

/** What ipfs_kit_py is installed as, and what it starts its children as: a module, or a program below a folder of that name. */
const PACKAGE = 'ipfs_kit_py';

/**
 * Whether a process is what a daemon has left behind when it crashed. All of these must hold: it is the user's own, in our PID namespace, and none that
 * we run under; its parent is gone, so that init or a session manager has taken it in; and it was a part of the daemon: it bears the mark of a daemon
 * that IPFS Kit started, or was seen below a daemon while that ran, or is a program of ipfs_kit_py. A database that is open proves nothing: anybody may
 * open it.
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
  const argv = details.argv ?? [];
  if (member && members.some((each) => isDaemon(each.argv, patterns)))
    return { why: `PID ${pid} belongs to a daemon that is running. Stop Daemon ends it.` };
  const link = member?.link ?? seen.get(processKey(row));
  const parent = tree.rowOf(row.ppid);
  // Our ancestors may have started it themselves, as the shell from which the editor was started: of a process that was never seen below a daemon, the
  // parent has to be one that takes in orphans and nothing else.
  const isOrphan =
    row.ppid <= 1 ||
    (row.ppid !== table.self && isAncestor(rows, table.self, row.ppid) && (link !== undefined || isManager(table, parent)));
  if (!isOrphan) return { why: `PID ${pid} was started by PID ${row.ppid}, which is running. End it there.` };
  if (link === undefined && !isOfPackage(argv))
    return {
      why: `Nothing proves that PID ${pid} was started by ipfs_kit_py's daemon. If you know what it is, end it yourself.`,
    };
  return { proven: { row, details, link: link ?? 'child' } };
}

/** The manager of a user's session takes in orphans: prctl(2), PR_SET_CHILD_SUBREAPER. */
function isManager(table: ProcessTable, row: ProcessRow | undefined): boolean {
  return row !== undefined && /^(?:systemd|init)$/.test(table.program?.(row) ?? '');
}

function isOfPackage([program = '', ...words]: readonly string[]): boolean {
  if (isBelowPackage(program)) return true;
  const target = pythonTarget(words);
  if (!/^py/i.test(path.basename(program)) || target === undefined) return false;
  return target.kind === 'module' ? target.name.split('.')[0] === PACKAGE : isBelowPackage(words[target.at] ?? '');
}

function isBelowPackage(file: string): boolean {
  return file.split(/[/\\]/).slice(0, -1).includes(PACKAGE);
}

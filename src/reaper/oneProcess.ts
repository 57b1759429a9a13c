import type { Member, ProcessTree } from './processTree';
import type { Link } from './stopContract';
import type { ProcessDetails, ProcessRow, ProcessTable } from './table/processTable';

export interface Proven {
  readonly row: ProcessRow;
  readonly details: ProcessDetails;
  readonly link: Link;
}

/** A tree of one: a process that was proven by other means than its arguments. What it may have started is not looked for. */
export function oneProcess(table: ProcessTable, { row, details, link }: Proven): ProcessTree {
  const { pid, start, ppid: firstPpid } = row;
  const member: Member = {
    pid,
    start,
    startedAt: table.startedAt?.(row),
    link,
    argv: details.argv ?? [],
    firstPpid,
    row,
    wasThere: true,
    bornGone: false,
    goneAt: undefined,
  };
  let rows: ReadonlyMap<number, ProcessRow> = new Map([[pid, row]]);
  return {
    look: async (scope) => {
      rows = await table.look(scope === 'all' ? 'all' : new Set([pid]));
      const now = rows.get(pid);
      if (member.goneAt === undefined && now?.start === start && !now.gone) {
        member.row = now;
        return [member];
      }
      member.goneAt ??= performance.now();
      return [];
    },
    expectCandidates: () => () => undefined,
    rowOf: (wanted) => rows.get(wanted),
    members: () => [member],
    strangers: () => [],
    guardedDaemon: () => undefined,
  };
}

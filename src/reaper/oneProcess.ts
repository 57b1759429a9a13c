import type { Member, ProcessTree } from './processTree';
import type { Link } from './stopContract';
import type { ProcessDetails, ProcessRow, ProcessTable } from './table/processTable';

export interface Proven {
  readonly row: ProcessRow;
  readonly details: ProcessDetails;
  readonly link: Link;
}

interface OneProcess extends ProcessTree {
  /** True if the process has become a different program than the one that was proven (execve). It counts as gone, and is left alone. */
  isAnotherProgram(): boolean;
}

/** A tree of one process, which was proven by other means than its arguments. Processes that it may have started aren't looked for. */
export function oneProcess(table: ProcessTable, { row, details, link }: Proven): OneProcess {
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
  let isAnother = false;
  /** A process without memory is ending, and is still the program that it was. */
  const hasExecuted = ({ image }: ProcessRow): boolean =>
    image !== undefined && image !== '' && row.image !== undefined && row.image !== '' && image !== row.image;
  return {
    look: async (scope) => {
      rows = await table.look(scope === 'all' ? 'all' : new Set([pid]));
      const now = rows.get(pid);
      isAnother = now?.start === start && !now.gone && (isAnother || hasExecuted(now));
      if (member.goneAt === undefined && now?.start === start && !now.gone && !isAnother) {
        member.row = now;
        return [member];
      }
      member.goneAt ??= performance.now();
      return [];
    },
    expectCandidates: () => () => undefined,
    rows: () => rows,
    rowOf: (wanted) => rows.get(wanted),
    members: () => [member],
    strangers: () => [],
    guardedDaemon: () => undefined,
    isAnotherProgram: () => isAnother,
  };
}

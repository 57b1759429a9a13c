import type { ProcessRow } from './table/processTable';

const MOST_ANCESTORS = 1000;

/** True of the caller itself and what it runs under, and of what nobody may stop. */
export function isAncestor(rows: { get(pid: number): ProcessRow | undefined }, self: number, pid: number): boolean {
  if (pid <= 1 || pid === self) return true;
  for (let row = rows.get(self), steps = 0; row && steps < MOST_ANCESTORS; row = rows.get(row.ppid), steps++)
    if (row.ppid === pid) return true;
  return false;
}

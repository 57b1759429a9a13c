import type { ProcessRow } from './table/processTable';

const MOST_ANCESTORS = 1000;

/** True for the caller itself, the processes it runs under, and the processes that must never be stopped. */
export function isAncestor(rows: { get(pid: number): ProcessRow | undefined }, self: number, pid: number): boolean {
  if (pid <= 1 || pid === self) return true;
  for (let row = rows.get(self), steps = 0; row && steps < MOST_ANCESTORS; row = rows.get(row.ppid), steps++)
    if (row.ppid === pid) return true;
  return false;
}

import type { ProcessRow } from './table/processTable';

const MOST_ANCESTORS = 1000;

interface Rows {
  get(pid: number): ProcessRow | undefined;
}

/** A process and those it runs under, the nearest first. A table that was read while processes ended may have a circle, which is followed only so far. */
export function* lineage(rows: Rows, pid: number): Generator<ProcessRow> {
  for (let row = rows.get(pid), steps = 0; row && steps < MOST_ANCESTORS; row = rows.get(row.ppid), steps++) yield row;
}

/** True for the caller itself, the processes it runs under, and the first process of the system. `guard` in processTree.ts protects them in a stop. */
export function isAncestor(rows: Rows, self: number, pid: number): boolean {
  if (pid <= 1 || pid === self) return true;
  for (const { ppid } of lineage(rows, self)) if (ppid === pid) return true;
  return false;
}

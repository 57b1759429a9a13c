import { readdirSync } from 'node:fs';
import path from 'node:path';
import { textOf, ticksToMs } from './linuxProcessFacts';
import type { ProcessWork } from './processTable';

/** A process with more threads isn't asked whether they wait for storage. */
const MOST_THREADS = 256;
/** The bytes that a program writes, and another of its threads reads, to wake that thread: eventfd(2). */
const WAKE_UP_BYTES = 8;

/** The CPU time and I/O of all threads together, from procfs: proc_pid_stat(5), proc_pid_io(5). Undefined once the process is gone. */
export function linuxProcessWork(root: string, pid: number): ProcessWork | undefined {
  const stat = fieldsOf(textOf(root, String(pid), 'stat'));
  const ticks = Number(stat[14 - 3]) + Number(stat[15 - 3]);
  if (!Number.isFinite(ticks)) return undefined;
  return { cpuMs: ticksToMs(ticks), ...ioOf(textOf(root, String(pid), 'io')), isWaiting: isWaiting(root, pid) };
}

/**
 * Reads the I/O counters. `wchar` and `syscw` count every write, including those to tmpfs, which aren't writes to storage. An idle Go program wakes its own
 * threads with writes of 8 bytes (measured on Kubo 0.42: nothing else in 20 s), so that many bytes don't count as work. By `rchar` and `syscr`, an idle program
 * reads 8 bytes or fewer at a time.
 */
function ioOf(io: string): Pick<ProcessWork, 'io' | 'read'> {
  const number = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1]);
  const known = (sum: number): number | undefined => (Number.isFinite(sum) ? sum : undefined);
  return {
    io: known(number('read_bytes') + number('write_bytes') + number('wchar') - WAKE_UP_BYTES * number('syscw')),
    read: known(number('rchar') - WAKE_UP_BYTES * number('syscr')),
  };
}

/** Whether a thread is in state D. The file of the process shows its first thread only, so each thread is read. */
function isWaiting(root: string, pid: number): boolean {
  const folder = path.join(root, String(pid), 'task');
  try {
    return readdirSync(folder)
      .slice(0, MOST_THREADS)
      .some((thread) => fieldsOf(textOf(folder, thread, 'stat'))[0] === 'D');
  } catch {
    return false;
  }
}

/** The fields from the third on: the name before them may contain brackets and spaces. */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

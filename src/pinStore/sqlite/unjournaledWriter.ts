import { existsSync, readFileSync, statSync } from 'node:fs';
import { identify } from '../databaseLocks';

/*
 * A transaction under `journal_mode=MEMORY` or `OFF` leaves nothing on the disk that would tell which pages it has written over, and none
 * may be believed while it lasts. What shows it is its lock alone: EXCLUSIVE, which SQLite takes before it writes to the file.
 */

/** The bytes that stand for the lock (sqlite.org/lockingv3.html; SHARED_FIRST in os.h of SQLite). */
const SHARED_BYTES = 0x40000002;
const LOCK = /^\d+: (?!->)\S+ +\S+ +WRITE (-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) (\d+) (\d+|EOF)$/;
/** To open the list takes the kernel some 10 ms: of a file that has not been written for so long it is not asked. */
const RECENT_MS = 60_000;
/** Start times are in hundredths of a second since the machine started (proc_pid_stat(5)), and that moment is told in seconds. */
const TICKS = 100;
const SLACK_MS = 2_000;

/**
 * Whether somebody may be writing to the database without a journal: EXCLUSIVE is held, no side file is there, and the file has been written
 * in the last minute, and since its holder began. False where the system does not tell (all but Linux): then a writer is seen by what it writes alone.
 */
export function hasUnjournaledWriter(file: string, locksFile = '/proc/locks'): boolean {
  if (Date.now() - writtenMs(file) > RECENT_MS) return false;
  let text: string;
  try {
    text = readFileSync(locksFile, 'latin1');
  } catch {
    return false;
  }
  if (!text.includes(' WRITE ')) return false;
  const identity = identify(file);
  if (!identity) return false;
  for (const line of text.split('\n')) {
    const [, pid, major, minor, inode, from, to] = LOCK.exec(line) ?? [];
    if (inode !== identity.inode || parseInt(major ?? '', 16) !== identity.major || parseInt(minor ?? '', 16) !== identity.minor)
      continue;
    if (Number(from) > SHARED_BYTES || (to !== 'EOF' && Number(to) < SHARED_BYTES)) continue;
    if (existsSync(`${file}-journal`) || existsSync(`${file}-wal`)) return false;
    const startMs = startOf(Number(pid));
    if (startMs === undefined || writtenMs(file) >= startMs - SLACK_MS) return true;
  }
  return false;
}

function writtenMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** ms since 1970; undefined where it is not told. */
function startOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const ticks = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[19]); // the 22nd field; the 2nd holds any character
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1]);
    const ms = bootSeconds * 1000 + (ticks / TICKS) * 1000;
    return Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}

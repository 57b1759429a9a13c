import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export interface LockHolders {
  readonly state: 'free' | 'held' | 'unknown';
  /** Of processes that can be named. */
  readonly pids: readonly number[];
  /** True if an inode was met on another device number than its file says (file systems like btrfs): probably the same file. */
  readonly probable: boolean;
}

const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

/**
 * Who holds locks on these SQLite files and what lies beside them, by proc_locks(5): one read, no other program, nothing opened.
 * A line: `1: POSIX  ADVISORY  WRITE 4711 08:01:131073 0 EOF`; one with `->` waits, and holds nothing. `unknown` where there is no such list.
 */
export async function lockHolders(databases: readonly string[], locksFile = '/proc/locks'): Promise<LockHolders> {
  if (databases.length === 0) return { state: 'free', pids: [], probable: false };
  let text: string;
  try {
    text = await readFile(locksFile, 'latin1'); // the kernel takes some 10 ms to open it, now and then
  } catch {
    return { state: 'unknown', pids: [], probable: false };
  }
  const files = databases
    .flatMap((database) => SIDE_FILES.map((suffix) => identify(database + suffix)))
    .filter((file) => file !== undefined);
  const pids = new Set<number>();
  let held = false;
  let certain = false;
  for (const line of text.split('\n')) {
    const match = /^\d+: (?!->)\S+\s+\S+\s+\S+ (-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /.exec(line);
    if (!match) continue;
    const [, pid, major, minor, inode] = match;
    const same = files.filter((file) => file.inode === inode);
    if (same.length === 0) continue;
    held = true;
    certain ||= same.some((file) => file.major === parseInt(major ?? '', 16) && file.minor === parseInt(minor ?? '', 16));
    if (Number(pid) > 0) pids.add(Number(pid));
  }
  return { state: held ? 'held' : 'free', pids: [...pids].sort((a, b) => a - b), probable: held && !certain };
}

interface FileIdentity {
  readonly inode: string;
  readonly major: number;
  readonly minor: number;
}

/** makedev(3): how Linux puts both numbers into one. */
function identify(file: string): FileIdentity | undefined {
  try {
    const { ino, dev } = statSync(file, { bigint: true });
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
    const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
    return { inode: String(ino), major: Number(major), minor: Number(minor) };
  } catch {
    return undefined;
  }
}

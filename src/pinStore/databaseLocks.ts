import { readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { safeText } from '../base/safeText';
import { realFile } from '../base/regularFile';

export interface LockHolders {
  readonly state: 'free' | 'held' | 'unknown';
  /** The processes that hold a lock and can be identified. */
  readonly pids: readonly number[];
  /** True if an inode was met on another device number than its file says (file systems like btrfs): probably the same file. */
  readonly probable: boolean;
}

const SIDE_FILES = ['', '-wal', '-shm', '-journal'];

/** The type of lock, as the list of locks spells it: POSIX for those of fcntl(2), which belong to a process. Default: all. */
type LockType = 'POSIX';

/**
 * Finds who holds locks on these SQLite files and their side files, by proc_locks(5): one read, no other program, nothing opened. A line is `1: POSIX
 * ADVISORY  WRITE 4711 08:01:131073 0 EOF`; one with `->` is waiting, and holds nothing. `unknown` where the system has no such list.
 */
export async function lockHolders(
  databases: readonly string[],
  locksFile = '/proc/locks',
  wanted?: LockType,
): Promise<LockHolders> {
  if (databases.length === 0) return { state: 'free', pids: [], probable: false };
  let text: string;
  try {
    text = await readFile(locksFile, 'latin1'); // Opening the file takes the kernel some 10 ms now and then.
  } catch {
    return { state: 'unknown', pids: [], probable: false };
  }
  const files = databases.flatMap(withSideFiles).flatMap((file) => identify(file) ?? []);
  const pids = new Set<number>();
  let held = false;
  let certain = false;
  for (const line of text.split('\n')) {
    const match = LOCK.exec(line);
    if (!match) continue;
    const [, type, pidText, major, minor, inode] = match;
    if (wanted !== undefined && type !== wanted) continue;
    const pid = Number(pidText);
    const sameInode = files.filter((file) => file.inode === inode);
    if (sameInode.length === 0) continue;
    const onDevice = sameInode.some(
      (file) => file.major === parseInt(major ?? '', 16) && file.minor === parseInt(minor ?? '', 16),
    );
    // Inode numbers repeat between file systems, so where the device differs, it is this file only if the process has it open.
    const isOpen = onDevice || hasOpen(pid, sameInode);
    if (isOpen === false) continue;
    held = true;
    certain ||= isOpen === true;
    if (pid > 0) pids.add(pid);
  }
  return { state: held ? 'held' : 'free', pids: [...pids].sort((a, b) => a - b), probable: held && !certain };
}

/** The processes that hold any POSIX lock; empty where the system lists none. */
export async function lockingPids(locksFile = '/proc/locks'): Promise<ReadonlySet<number>> {
  const text = await readFile(locksFile, 'latin1').catch(() => '');
  return new Set(
    text.split('\n').flatMap((line) => {
      const [, type, pid] = LOCK.exec(line) ?? [];
      return type === 'POSIX' ? [Number(pid)] : [];
    }),
  );
}

/** Whether a process that we may inspect has the file open. False where the system doesn't show it (all systems except Linux). */
export function isOpenByAnyone(file: string): boolean {
  const identity = identify(file);
  if (!identity) return false;
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && hasOpen(Number(name), [identity]) === true);
  } catch {
    return false;
  }
}

const MOST_NAMED = 5;

/** `It is locked by python3 (PID 4711).`, where the system shows the process; otherwise empty. */
export async function holderText(database: string): Promise<string> {
  const { pids } = await lockHolders([database]);
  const named = pids.slice(0, MOST_NAMED).map((pid) => `${commandOf(pid)} (PID ${pid})`);
  return named.length === 0 ? '' : `It is locked by ${named.join(', ')}${pids.length > MOST_NAMED ? ' and others' : ''}.`;
}

function commandOf(pid: number): string {
  try {
    return safeText(readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), 40);
  } catch {
    return 'a process';
  }
}

const LOCK = /^\d+: (?!->)(\S+)\s+\S+\s+\S+ (-?\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) /;
const MOST_DESCRIPTORS = 4096;

/** SQLite puts its side files beside the file itself, not beside a link to it. */
function withSideFiles(database: string): string[] {
  const file = realFile(database);
  return SIDE_FILES.map((suffix) => file + suffix);
}

/** Undefined where the file can't be inspected. Both sides use stat, which gives the same numbers for the same file, regardless of the list of locks. */
function hasOpen(pid: number, files: readonly FileIdentity[]): boolean | undefined {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder)
      .slice(0, MOST_DESCRIPTORS)
      .some((descriptor) => {
        const open = identify(`${folder}/${descriptor}`);
        return open !== undefined && files.some(({ inode, device }) => open.inode === inode && open.device === device);
      });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? false : undefined;
  }
}

interface FileIdentity {
  readonly inode: string;
  readonly device: bigint;
  readonly major: number;
  readonly minor: number;
}

/** makedev(3): how Linux combines both numbers into one. */
function identify(file: string): FileIdentity | undefined {
  try {
    const { ino, dev } = statSync(file, { bigint: true });
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
    const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
    return { inode: String(ino), device: dev, major: Number(major), minor: Number(minor) };
  } catch {
    return undefined;
  }
}

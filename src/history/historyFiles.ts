import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { unwritable } from '../base/replacedFile';
import type { HistoryPlace } from './historyContract';

/**
 * The files of one source: its changes, the last list, and the lock of a window that writes them. Their names begin with a hash of what all lists of the source
 * share, since a daemon may say each time that it is another one.
 */
export interface HistoryFiles {
  readonly changes: string;
  readonly list: string;
  readonly lock: string;
}

const CHANGES = '.changes';
const LIST = '.list';
/** The most bytes and sources of a folder. */
const MOST_BYTES = 2 ** 29;
const MOST_SOURCES = 64;
/** The most of those that one source says it is. */
const MOST_OF_ONE = 8;
const OF_LENGTH = 16;
/** The age in ms at which a lock, or a file that was being written, was left behind. */
const STALE_MS = 60_000;

export function filesOf({ folder, source, of = source }: HistoryPlace): HistoryFiles {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const file = path.join(folder, hash(of).slice(0, OF_LENGTH) + hash(source).slice(0, 32));
  return { changes: file + CHANGES, list: file + LIST, lock: `${file}.lock` };
}

/**
 * Runs `write` unless another window is writing; undefined then. It is never waited for: that window has a list of the same source. Rejects with `unreadable`
 * where the folder can't be written to, and as `write` does.
 */
export async function locked<Result>(file: string, write: () => Promise<Result>): Promise<Result | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'wx', 0o600);
  } catch (error) {
    const before = await stat(file).catch(() => undefined);
    if (!before && !isTaken(error)) throw unwritable(file, error);
    if (before && isStale(before.mtimeMs)) await rm(file, { force: true }); // the next list finds it unlocked
    return undefined;
  }
  try {
    return await write();
  } finally {
    await handle.close();
    await rm(file, { force: true });
  }
}

/** Also where the clock was ahead when the file was written: nobody would wait for ten years. */
function isStale(writtenMs: number): boolean {
  return Math.abs(Date.now() - writtenMs) > STALE_MS;
}

/** Whether the lock was there; on Windows also while it is being removed. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'EPERM');
}

/** Removes the files of the sources that haven't been written for the longest time, and what windows left behind that ended while they wrote. */
export async function dropOldest(folder: string, keep: HistoryFiles, most = MOST_BYTES): Promise<void> {
  const sources = new Map<string, { bytes: number; atMs: number }>();
  for (const name of await readdir(folder)) {
    const status = await stat(path.join(folder, name)).catch(() => undefined);
    if (!status?.isFile()) continue;
    const { name: source, ext } = path.parse(name);
    if (ext === CHANGES || ext === LIST) {
      const { bytes, atMs } = sources.get(source) ?? { bytes: 0, atMs: 0 };
      sources.set(source, { bytes: bytes + status.size, atMs: Math.max(atMs, status.mtimeMs) });
    } else if (ext === '.tmp' && isStale(status.mtimeMs)) await rm(path.join(folder, name), { force: true });
  }
  let [count, bytes] = [0, 0];
  const counts = new Map<string, number>();
  for (const [source, each] of [...sources].sort(([, a], [, b]) => b.atMs - a.atMs)) {
    const of = source.slice(0, OF_LENGTH);
    const ofOne = (counts.get(of) ?? 0) + 1;
    counts.set(of, ofOne);
    const isOver = ofOne > MOST_OF_ONE || count === MOST_SOURCES || bytes + each.bytes > most;
    if (source === path.parse(keep.changes).name || !isOver) {
      count++;
      bytes += each.bytes;
      continue;
    }
    for (const ending of [CHANGES, LIST]) await rm(path.join(folder, source + ending), { force: true });
  }
}

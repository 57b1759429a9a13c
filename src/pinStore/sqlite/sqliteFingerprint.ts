import type { BigIntStats } from 'node:fs';
import { closeSync, statSync } from 'node:fs';
import { IpfsKitError } from '../../base/ipfsKitError';
import { openRegularFile, readBytes } from '../../base/regularFile';

/** The bytes of a file to compare: start and length of each stretch. */
type Stretches = readonly (readonly [number, number])[];

/** The header, with the change counter at 24. */
const MAIN: Stretches = [[0, 100]];
/** The header, with the salts: a log that is restarted has different salts. */
const WAL: Stretches = [[0, 32]];
const JOURNAL: Stretches = [[0, 28]];
/** The counters nBackfill and nBackfillAttempted of a checkpoint (sqlite.org/walformat.html, 2.2). */
const SHARED_MEMORY: Stretches = [
  [96, 4],
  [128, 4],
];
/** A second write within one tick of the file system's clock (4 ms on Linux) leaves the time of the file as it is. */
const CLOCK_TICK_MS = 8;

/** Shows whether another process has written to a database. */
export interface Fingerprint {
  /**
   * If it is equal before and after a query, nothing that the query can have read was written in between. Main file and `-journal`: presence,
   * identity, size, time, header; `-wal`: presence, identity, header (appended frames don't change the earlier ones);
   * `-shm`: presence, identity and the progress of a checkpoint.
   */
  readonly guard: string;
  /** The guard, plus size and time of the `-wal`. If it is equal at two moments, nothing was committed in between. */
  readonly content: string;
  /** The time of the last write that another write could follow unnoticed, in ns since 1970; undefined in WAL mode, where the shared memory shows it. */
  readonly lastWriteNs: bigint | undefined;
  /** Whether there is a write-ahead log that is not empty. */
  readonly isWal: boolean;
  /** Whether every later write will change the time or the size of the `-wal`. */
  readonly isWalSettled: boolean;
}

/** Includes files whose status can't be read, so it never throws. */
export function fingerprint(file: string): Fingerprint {
  const main = part(file, MAIN, true);
  const journal = part(`${file}-journal`, JOURNAL, true);
  const wal = part(`${file}-wal`, WAL, false);
  const memory = part(`${file}-shm`, SHARED_MEMORY, false);
  const guard = [main, wal, journal, memory].map(({ text }) => text).join('|');
  const isWal = (wal.status?.size ?? 0n) > 0n;
  const times = [main, journal].flatMap(({ status }) => (status && status.size > 0n ? [status.mtimeNs] : []));
  return {
    guard,
    content: `${guard}|${wal.status ? `${wal.status.size}.${wal.status.mtimeNs}` : ''}`,
    lastWriteNs:
      isWal && memory.status
        ? undefined
        : times.reduce<bigint | undefined>((a, b) => (a === undefined || b > a ? b : a), undefined),
    isWal,
    isWalSettled: !isWal || !wal.status || isOlderThanTick(wal.status.mtimeNs),
  };
}

function isOlderThanTick(ns: bigint): boolean {
  return Date.now() - Number(ns / 1_000_000n) >= CLOCK_TICK_MS;
}

/**
 * The most ms until the last write is a clock tick ago; 0 if it is: by the clock, or, if the time of the file is ahead of ours, because it was watched for
 * that long.
 */
export function timeUntilQuiet(): (ns: bigint | undefined) => number {
  let seen: { readonly ns: bigint; readonly sinceMs: number } | undefined;
  return (ns) => {
    if (ns === undefined) return 0;
    const ageMs = Date.now() - Number(ns / 1_000_000n);
    if (ageMs >= CLOCK_TICK_MS) return 0;
    if (seen?.ns !== ns) seen = { ns, sinceMs: performance.now() };
    const watchedMs = performance.now() - seen.sinceMs;
    return Math.max(0, CLOCK_TICK_MS - Math.max(ageMs, watchedMs));
  };
}

interface Part {
  readonly text: string;
  readonly status?: BigIntStats;
}

function part(file: string, stretches: Stretches, times: boolean): Part {
  try {
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (!status) return { text: '-' };
    const identity = `${status.dev}.${status.ino}${times ? `.${status.size}.${status.mtimeNs}` : ''}`;
    if (!status.isFile()) return { text: identity };
    if (status.size === 0n) return { text: `${identity}:0`, status };
    const descriptor = openRegularFile(file);
    try {
      const bytes = stretches.map(([start, length]) => readBytes(file, descriptor, start, length).toString('base64'));
      return { text: [identity, ...bytes].join(':'), status };
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { text: IpfsKitError.is(error) ? error.reason : 'unknown' };
  }
}

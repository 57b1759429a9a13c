import { closeSync, statSync } from 'node:fs';
import { IpfsKitError } from '../ipfsKitError';
import { openRegularFile, readBytes } from './regularFile';

/** Bytes of a file to be compared: start and length of each stretch. */
type Stretches = readonly (readonly [number, number])[];

/** The header, with the change counter at 24. */
const MAIN: Stretches = [[0, 100]];
/** The header, with the salts. */
const WAL: Stretches = [[0, 32]];
const JOURNAL: Stretches = [[0, 28]];
/** The counters nBackfill and nBackfillAttempted of a checkpoint (sqlite.org/walformat.html, 2.2). */
const SHARED_MEMORY: Stretches = [
  [96, 4],
  [128, 4],
];

/**
 * What changes when another process writes a database: equal before and after a query, nothing was written in between.
 * Main file, `-wal` and `-journal`: presence, identity, size, time, header; `-shm`: presence, identity and checkpoint.
 * Files that cannot be looked at are part of it too: they do not throw.
 */
export function fingerprint(file: string): string {
  return [
    part(file, MAIN, true),
    part(`${file}-wal`, WAL, true),
    part(`${file}-journal`, JOURNAL, true),
    part(`${file}-shm`, SHARED_MEMORY, false),
  ].join('|');
}

/** ns since 1970 of the last write to the main file; undefined where there is none. */
export function lastWriteNs(file: string): bigint | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  } catch {
    return undefined; // whoever opens the file will be told why
  }
}

function part(file: string, stretches: Stretches, times: boolean): string {
  try {
    const status = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (!status) return '-';
    const identity = `${status.dev}.${status.ino}${times ? `.${status.size}.${status.mtimeNs}` : ''}`;
    if (!status.isFile() || status.size === 0n) return identity;
    const descriptor = openRegularFile(file);
    try {
      const bytes = stretches.map(([start, length]) => readBytes(file, descriptor, start, length).toString('base64'));
      return [identity, ...bytes].join(':');
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return IpfsKitError.is(error) ? error.reason : 'unknown';
  }
}

import { closeSync, openSync, statSync } from 'node:fs';
import { readBytes } from './sniff';

/**
 * What changes when another process writes a database: equal before and after a query, nothing was written in between.
 * Main file: identity, size, time, header (its change counter). `-wal`, `-journal`: presence, identity, size, time, header.
 * `-shm`: the counters nBackfill and nBackfillAttempted of a checkpoint, at 96 and 128 (sqlite.org/walformat.html, 2.2).
 */
export function fingerprint(file: string): string {
  return [
    part(file, 0, 100),
    part(`${file}-wal`, 0, 32),
    part(`${file}-journal`, 0, 28),
    part(`${file}-shm`, 96, 36, false),
  ].join('|');
}

/** ms since 1970 of the last write to the main file. */
export function lastWrite(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function part(file: string, start: number, length: number, times = true): string {
  const status = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (!status) return '-';
  if (!status.isFile()) return 'x';
  const identity = `${status.dev}.${status.ino}${times ? `.${status.size}.${status.mtimeNs}` : ''}`;
  if (status.size === 0n) return identity;
  const descriptor = openSync(file, 'r');
  try {
    return `${identity}:${readBytes(descriptor, start, length).toString('base64')}`;
  } finally {
    closeSync(descriptor);
  }
}

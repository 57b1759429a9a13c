import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

/** Creates a temporary folder that is removed after the tests of the file. */
export function testFolder(name: string, parent = tmpdir()): string {
  const folder = mkdtempSync(path.join(parent, `ipfs-kit-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A container may have as little as 64 MiB. */
const LEAST_FREE = 2 ** 29;

/**
 * The same in memory where there is such a file system with room, for thousands of small files. A disk, which SQLite waits for at the end of each transaction, takes
 * most of the time then. What a process that is killed has written is the same on both.
 */
export function memoryFolder(name: string): string {
  return testFolder(name, hasMemory() ? '/dev/shm' : tmpdir());
}

function hasMemory(): boolean {
  try {
    accessSync('/dev/shm', constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= LEAST_FREE;
  } catch {
    return false;
  }
}

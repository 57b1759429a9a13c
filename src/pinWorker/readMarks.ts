import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { IpfsKitError } from '../base/ipfsKitError';

/**
 * A mark on disk while a large body is decoded. If the thread, or the whole process, ends meanwhile, the mark is left behind, and the same list isn't read
 * again until a person asks for it. VS Code restarts an extension host that has crashed, and the view lists pins automatically, so without the mark a list that
 * ends the process would do so again and again. It is a file, since nothing that a thread remembers outlives its process.
 */
export interface ReadMarks {
  /** Throws `not-repeated` where reading the list has stopped a thread or a process. */
  check(location: string): void;
  /** Marks the list while `decode` runs over this many bytes. An older mark is removed when that is over, regardless of the result. */
  during<Result>(location: string, bytes: number, decode: () => Promise<Result>): Promise<Result>;
}

/** Smaller bodies are decoded within milliseconds, and can't stop anything. */
const LARGE_BYTES = 2 ** 20;
/** The most characters of a location in the name of a file. */
const LONGEST_NAME = 150;

/**
 * Keeps the marks in the extension's own folder, which is created when it is first needed; without a folder, nothing is marked. Errors of writing are ignored.
 */
export function readMarks(folder: string | undefined): ReadMarks {
  const active = new Set<string>();
  const fileOf = (location: string): string | undefined =>
    folder && path.join(folder, 'unfinished', Buffer.from(location).subarray(-LONGEST_NAME).toString('base64url'));
  return {
    check: (location) => {
      const file = fileOf(location);
      if (file === undefined || active.has(file) || !isLeft(file)) return;
      throw new IpfsKitError(
        'not-repeated',
        `Reading ${location} stopped unexpectedly last time, so it isn't read again automatically. Refresh to read it again.`,
      );
    },
    during: async (location, bytes, decode) => {
      const file = bytes < LARGE_BYTES ? undefined : fileOf(location);
      if (file === undefined) return decode();
      active.add(file);
      try {
        mark(file);
        return await decode();
      } finally {
        active.delete(file);
        unmark(file);
      }
    },
  };
}

function mark(file: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, String(process.pid), { mode: 0o600 });
  } catch {
    // the mark is optional: a full disk must not make the list itself fail
  }
}

function unmark(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // it was never created, because the folder is missing or can't be written to
  }
}

/** Whether the mark exists and no other running process is reading the list: another window may be reading it right now. */
function isLeft(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'latin1'));
    if (pid === process.pid) return true; // left by a thread of this process that was stopped
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // ESRCH means that the process which made the mark is gone; EPERM, that it belongs to another user and is running.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

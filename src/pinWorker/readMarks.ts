import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { IpfsKitError } from '../base/ipfsKitError';

/**
 * A mark on disk while a large body is decoded. What stops the thread, or the whole process, in the middle of that leaves the mark behind: then the
 * same list is not read again before a person asks for it. VS Code restarts an extension host that has crashed, and the view lists by itself: without
 * the mark, a list that ends the process would end it again and again. A file, since nothing that a thread remembers outlives its process.
 */
export interface ReadMarks {
  /** Throws `not-repeated` where reading the list has stopped a thread or a process. */
  check(location: string): void;
  /** Decodes so many bytes of the list; a mark that was left behind goes when that is over, whatever comes of it. */
  during<Result>(location: string, bytes: number, decode: () => Promise<Result>): Promise<Result>;
}

/** Smaller bodies are decoded within milliseconds, and stop nothing. */
const LARGE_BYTES = 2 ** 20;
/** Of a location in the name of a file. */
const LONGEST_NAME = 150;

/** In a folder of the extension's own, which is made when it is first needed; without one, nothing is marked. What can't be written is left out. */
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
    // a courtesy: a full disk must not spoil the list itself
  }
}

function unmark(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // it was never made, since its folder is none, or can't be written any more
  }
}

/** Whether the mark is there, and nobody is at work on the list: another window may read the same one now. */
function isLeft(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'latin1'));
    if (pid === process.pid) return true; // of a thread that was stopped
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // No mark, or the process that made it is gone; one of somebody else's may be seen and not be asked.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

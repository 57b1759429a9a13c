import { closeSync, fstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { openRegularFile, readBytes } from '../../base/regularFile';
import { withCommas } from '../../base/withCommas';

/** A file of a LevelDB that is open for reading. */
export interface LevelDbFile {
  readonly path: string;
  /** In bytes, when it was opened. */
  readonly size: number;
  /** Reads exactly these bytes. Throws `truncated` where the file has fewer, `unreadable`. */
  readonly read: (position: number, length: number) => Buffer;
  readonly close: () => void;
}

/** Opens a regular file of at most `most` bytes. Throws `missing`, `not-a-file`, `unreadable`, `too-large`. */
export function openLevelDbFile(path: string, most = Number.MAX_SAFE_INTEGER): LevelDbFile {
  const descriptor = openRegularFile(path);
  const close = (): void => closeSync(descriptor);
  try {
    const { size } = fstatSync(descriptor);
    if (size > most) throw tooLarge(path, `has ${withCommas(size)} bytes; at most ${withCommas(most)} are read`);
    const read: LevelDbFile['read'] = (position, length) => {
      const bytes = readBytes(path, descriptor, position, length);
      if (bytes.length < length) throw endsEarly(path);
      return bytes;
    };
    return { path, size, read, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Lets other requests of the thread run. Rejects with `cancelled`. */
export async function rest(signal: AbortSignal): Promise<void> {
  await nextTurn();
  if (signal.aborted) throw canceled();
}

export function damaged(path: string, what: string): IpfsKitError {
  return new IpfsKitError('corrupt', `${path} is damaged: ${what}.`);
}

export function endsEarly(path: string): IpfsKitError {
  return new IpfsKitError('truncated', `${path} ends too early.`);
}

/** `what` continues the name of the file: `has 5 bytes; at most 4 are read`. */
export function tooLarge(path: string, what: string): IpfsKitError {
  return new IpfsKitError('too-large', `${path} ${what}.`);
}

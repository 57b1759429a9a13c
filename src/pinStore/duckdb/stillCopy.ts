import { constants, statSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { nameOf, refresh } from '../../base/settingOrOption';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { holderText } from '../databaseLocks';
import { statusOf, unreadable } from '../../base/regularFile';

const TRIES = 20;
const LONGEST_WAIT_MS = 100;
/** A second write within one tick of the file system's clock (4 ms on Linux) leaves the time of the file as it is. */
const CLOCK_TICK_MS = 8;
const MOST_BYTES = 2 ** 33;

/**
 * Copies a file and its side files at a moment when none of them is being written to. The first of the `suffixes` is empty. Rejects with IpfsKitError:
 * missing, not-a-file, unreadable, too-large, busy, cancelled.
 */
export async function copyStill(
  file: string,
  to: string,
  suffixes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (signal?.aborted) throw canceled();
    if (attempt > 0) await sleep(Math.min(10 * attempt, LONGEST_WAIT_MS));
    const before = look(file, suffixes);
    if (Date.now() - before.lastWriteMs < CLOCK_TICK_MS) continue;
    try {
      for (const suffix of before.there) await copyFile(file + suffix, to + suffix, constants.COPYFILE_FICLONE);
    } catch (error) {
      if (look(file, suffixes).text !== before.text) continue;
      throw unreadable(file, error);
    }
    if (look(file, suffixes).text === before.text) return;
    for (const suffix of suffixes) await rm(to + suffix, { force: true });
  }
  const what = `${file} is being written to continuously, so it can't be copied consistently. ${refresh()} when the writer has finished.`;
  throw new IpfsKitError('busy', [what, await holderText(file)].filter((text) => text !== '').join(' '));
}

function look(
  file: string,
  suffixes: readonly string[],
): { readonly text: string; readonly lastWriteMs: number; readonly there: string[] } {
  const there: string[] = [];
  const parts: string[] = [];
  let [lastWriteMs, bytes] = [0, 0n];
  for (const suffix of suffixes) {
    const status = statSync(file + suffix, { bigint: true, throwIfNoEntry: false });
    if (!status || (suffix !== '' && !status.isFile())) {
      if (suffix === '') throw unreadable(file, statusOf(file) ?? Object.assign(new Error('gone'), { code: 'ENOENT' }));
      continue;
    }
    if (!status.isFile())
      throw new IpfsKitError(
        'not-a-file',
        `${file} isn't a regular file. Set ${nameOf('database')} to a database file or its folder.`,
      );
    there.push(suffix);
    bytes += status.size;
    lastWriteMs = Math.max(lastWriteMs, Number(status.mtimeMs));
    parts.push(`${suffix}:${status.dev}.${status.ino}.${status.size}.${status.mtimeNs}`);
  }
  if (bytes > BigInt(MOST_BYTES))
    throw new IpfsKitError(
      'too-large',
      `${file} has ${bytes} bytes; a copy of at most ${MOST_BYTES} is made to read it. Start the ipfs_kit_py daemon to list its pins.`,
    );
  return { text: parts.join('|'), lastWriteMs, there };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { readRegularFile, statusOf } from '../base/regularFile';
import { refresh } from '../base/settingOrOption';
import type { PinTable } from '../pin/pinTable';
import { emptyFile } from './noPinsYet';

/** As for the JSON list of a daemon. */
const MOST_BYTES = 2 ** 28;
/** A file that was written to more recently (ms) may be in the middle of that: its writer empties it first. */
const YOUNG_MS = 2000;
const WAIT_MS = 25;
const NEVER = new AbortController().signal;

interface JsonTables {
  /** Makes a table from a list in JSON, which messages name `what`. */
  readonly ofJson: (body: Uint8Array, what: string, signal: AbortSignal) => Promise<PinTable>;
}

/**
 * Reads a list of pins in a JSON file, as ipfs_kit_py's dashboard writes it: `[{cid, name, created_at}…]`. The whole file is one moment: a file that is changed
 * meanwhile, is empty, or ends in the middle of its JSON is read again until nothing was written to it for 2 s. Rejects with IpfsKitError: missing, not-a-file,
 * unreadable, too-large, busy (it is written to without a pause), empty, corrupt, no-pins-table (JSON without a list of pins), cancelled.
 */
export async function readJsonStore(file: string, { ofJson }: JsonTables, signal = NEVER): Promise<PinTable> {
  const last = Date.now() + 2 * YOUNG_MS;
  for (;;) {
    try {
      const body = readRegularFile(file, MOST_BYTES);
      if (body.length === 0) throw emptyFile(file);
      return await ofJson(body, file, signal);
    } catch (error) {
      if (!IpfsKitError.is(error, 'busy', 'empty', 'malformed')) throw error;
      if (!isYoung(file)) throw asStored(error);
      if (Date.now() > last) throw beingWritten(file, error);
    }
    await sleep(WAIT_MS, undefined, { signal }).catch(() => {
      throw canceled();
    });
  }
}

function isYoung(file: string): boolean {
  // The times of files are finer than Date.now(), and may be a little later.
  return Math.abs(Date.now() - (statusOf(file)?.mtimeMs ?? 0)) < YOUNG_MS;
}

/** What a file holds that is still written to says nothing of what it will hold. */
function beingWritten(file: string, cause: unknown): IpfsKitError {
  const what = `${file} is being written to continuously, so it can't be read consistently.`;
  return new IpfsKitError('busy', `${what} ${refresh()} when the writer has finished.`, { cause });
}

function asStored(error: IpfsKitError): IpfsKitError {
  if (error.reason !== 'malformed') return error;
  return new IpfsKitError('corrupt', `${error.message} Restore it from a copy. ${refresh()} when it is written again.`, {
    cause: error,
  });
}

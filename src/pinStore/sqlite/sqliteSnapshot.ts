import { sentences } from '../../base/causes';
import { refresh } from '../../base/settingOrOption';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { holderText } from '../databaseLocks';
import type { Fingerprint } from './sqliteFingerprint';
import { fingerprint, timeUntilQuiet } from './sqliteFingerprint';

/** How often and how long a query is repeated while the file is being written. */
export interface SnapshotLimits {
  /** Tries in all; default 200. */
  readonly tries?: number;
  /** ms in all; default 4,000. A running query is not interrupted. */
  readonly patienceMs?: number;
}

/** A database whose answers count only if it wasn't written to meanwhile. */
export interface Snapshots<T> {
  /** Rejects with the error of `open` or `query` if the file didn't change; otherwise with busy, or with cancelled. */
  readonly ask: <R>(query: (opened: T) => R, signal: AbortSignal | undefined) => Promise<R>;
  /** A second call does nothing. */
  readonly close: () => void;
}

const TRIES = 200;
const PATIENCE_MS = 4_000;
const LONGEST_WAIT_MS = 20;
/** An unfinished transaction may belong to a writer that is working, so IPFS Kit waits for it, but not as long as for transactions that begin and end. */
const BUSY_TRIES = 5;

/** `open` must not read anything that the fingerprint doesn't cover, and must not leave anything open when it throws. */
export function takeSnapshots<T>(
  file: string,
  open: () => T,
  closeOpened: (opened: T) => void,
  { tries = TRIES, patienceMs = PATIENCE_MS }: SnapshotLimits = {},
): Snapshots<T> {
  let current: { readonly opened: T; readonly at: Fingerprint } | undefined;
  let closed = false;
  const untilQuiet = timeUntilQuiet();

  const close = (): void => {
    const closing = current;
    current = undefined;
    if (closing) closeOpened(closing.opened);
  };

  const stopIfOver = (signal: AbortSignal | undefined): void => {
    if (closed || signal?.aborted) throw canceled();
  };

  return {
    ask: async (query, signal) => {
      const deadline = performance.now() + patienceMs;
      let stillBusy = 0;
      let failure: IpfsKitError | undefined;
      let pauseMs = 0;
      for (let attempt = 0; attempt < tries;) {
        stopIfOver(signal);
        if (pauseMs > 0) {
          if (performance.now() > deadline) break;
          await new Promise((resume) => setTimeout(resume, pauseMs)); // node:timers/promises would take 2 ms to load
          stopIfOver(signal);
        }
        const before = fingerprint(file);
        if (current?.at.content !== before.content || !current.at.isWalSettled) close();
        // Waiting for quiet doesn't count as a try, and takes no longer than necessary, since the pause between two writes may be short.
        pauseMs = current ? 0 : Math.ceil(untilQuiet(before.lastWriteNs));
        if (pauseMs > 0) continue;
        attempt++;
        pauseMs = before.lastWriteNs === undefined ? Math.min(attempt, LONGEST_WAIT_MS) : 1;
        try {
          current ??= { opened: open(), at: before };
          const answer = query(current.opened);
          if (fingerprint(file).guard === before.guard) return answer;
          close();
        } catch (error) {
          close();
          if (fingerprint(file).guard !== before.guard) continue; // An error counts, too, only if the file wasn't written to meanwhile.
          if (!IpfsKitError.is(error, 'busy')) throw error;
          failure = error;
          pauseMs = LONGEST_WAIT_MS;
          if (++stillBusy >= BUSY_TRIES) break;
        }
      }
      throw await busy(file, failure);
    },
    close: () => {
      closed = true;
      close();
    },
  };
}

async function busy(file: string, failure: IpfsKitError | undefined): Promise<IpfsKitError> {
  const what = `${file} is being written to continuously, so it can't be read consistently. ${refresh()} when the writer has finished.`;
  return new IpfsKitError('busy', sentences(failure?.message ?? what, await holderText(file)));
}

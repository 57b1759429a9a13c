import type { Progress } from '../../daemonClient/http';
import type { FetchLimits } from '../../daemonClient/ipfsKit/pinListRequests';
import { fetchArrowIndex } from '../../daemonClient/ipfsKit/pinListRequests';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { PinTable } from '../../pin/pinTable';
import type { WholeMessages } from '../../arrow/ipcBody';
import { wholeMessages } from '../../arrow/ipcBody';

export interface LiveArrow {
  readonly table: PinTable;
  /** The received bytes; only a part, if the stream was cut off. */
  readonly body: Uint8Array;
  /** Why the rest is missing; the table has the batches that were received completely. */
  readonly incomplete?: IpfsKitError;
}

export interface LiveArrowOptions {
  readonly signal: AbortSignal;
  readonly onReceived: (bytes: number) => void;
  /** Receives a table of the batches so far, while more are coming. */
  readonly onTable: (table: PinTable) => void;
  /** `soFar`: the body has no end yet. */
  readonly read: (body: Uint8Array, soFar: boolean) => Promise<PinTable>;
  /** Time in ms from any start; default Date.now. */
  readonly now?: () => number;
  /** For tests. */
  readonly limits?: Partial<FetchLimits>;
}

/**
 * A body of one batch ends soon after that batch, and must not be read twice. So a table is delayed by LINGER_MS where only the end mark has followed, and
 * left out where the declared length allows only the end mark to follow.
 */
const END_MARK_BYTES = 8;
const LINGER_MS = 50;
/** Each table is made from everything so far. The pause before the next one is SHOWN_EVERY_MS in ms, or REST times as long as making this one took. */
const SHOWN_EVERY_MS = 250;
const REST = 20;

/**
 * Downloads the Arrow index and reads it while it comes in. If it is cut off after complete batches, the result has those and `incomplete`. Rejects with
 * IpfsKitError where nothing of it can be used.
 */
export async function receiveArrow(baseUrl: string, options: LiveArrowOptions): Promise<LiveArrow> {
  const { signal, onReceived, read, limits = {} } = options;
  const batches = showBatches(options);
  let soFar: Uint8Array = new Uint8Array(0);
  let body: Uint8Array;
  try {
    body = await fetchArrowIndex(baseUrl, {
      signal,
      limits,
      onBytes: (progress) => {
        onReceived(progress.received);
        soFar = progress.body();
        return batches.look(progress, soFar);
      },
    });
  } catch (error) {
    await batches.stop();
    const failure = IpfsKitError.from(error);
    const worse = IpfsKitError.is(failure, ...BROKEN_OFF) ? await whatIsWrong(soFar, read) : undefined;
    return await whatCame(soFar, worse ?? failure, read);
  }
  await batches.stop();
  try {
    return { table: await read(body, false), body };
  } catch (error) {
    return await whatCame(body, IpfsKitError.from(error), read);
  }
}

const BROKEN_OFF = ['truncated', 'timeout', 'too-large'] as const;

/** Reads a truncated body as if it were complete. That always fails; returns the error if the received part is also damaged. */
async function whatIsWrong(body: Uint8Array, read: LiveArrowOptions['read']): Promise<IpfsKitError | undefined> {
  try {
    (await read(body, false)).close();
    return undefined;
  } catch (error) {
    return IpfsKitError.is(error, 'empty', ...BROKEN_OFF) ? undefined : IpfsKitError.from(error);
  }
}

/** The complete batches of a body that is only too short. Throws `failure` for a damaged body, of which no part is trusted. */
async function whatCame(body: Uint8Array, failure: IpfsKitError, read: LiveArrowOptions['read']): Promise<LiveArrow> {
  if (!IpfsKitError.is(failure, ...BROKEN_OFF)) throw failure;
  const { end, batches } = wholeMessages(body);
  if (batches === 0) throw failure;
  const table = await read(body.subarray(0, end), true).catch(() => undefined);
  if (!table) throw failure;
  return { table, body, incomplete: failure };
}

/** Reads the batches so far, one attempt at a time, as often as the pauses above allow. */
function showBatches({ onTable, read, now = Date.now }: LiveArrowOptions): {
  /** To be called after each piece. True where another batch is complete. */
  look(progress: Progress, body: Uint8Array): boolean;
  stop(): Promise<void>;
} {
  let seen: WholeMessages = { end: 0, batches: 0 };
  let latest: { readonly body: Uint8Array; readonly declared: number | undefined } | undefined;
  let shownEnd = 0;
  let nextAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let reading: Promise<void> | undefined;
  let stopped = false;

  const show = async (body: Uint8Array): Promise<void> => {
    const began = now();
    const table = await read(body, true).catch(() => undefined); // an error appears again when the whole body is read
    if (stopped) table?.close();
    else if (table) onTable(table);
    reading = undefined;
    nextAt = now() + Math.max(SHOWN_EVERY_MS, REST * (now() - began));
    plan();
  };
  const plan = (): void => {
    if (stopped || reading || !latest || seen.batches === 0 || seen.end === shownEnd) return;
    const { body, declared } = latest;
    if (declared !== undefined && seen.end + END_MARK_BYTES >= declared) return;
    const at = Math.max(nextAt, now() + (body.length > seen.end + END_MARK_BYTES ? 0 : LINGER_MS));
    if (timer && dueAt <= at) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(
      () => {
        timer = undefined;
        shownEnd = seen.end;
        reading = show((latest?.body ?? body).subarray(0, seen.end));
      },
      Math.max(0, at - now()),
    );
  };
  return {
    look: ({ declared }, body) => {
      const { batches } = seen;
      seen = wholeMessages(body, seen);
      latest = { body, declared };
      plan();
      return seen.batches > batches;
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await reading;
    },
  };
}

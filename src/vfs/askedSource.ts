import type { CID } from 'multiformats/cid';
import { startDeadline } from '../base/deadline';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { createSemaphore } from '../base/semaphore';
import type { BlockSource } from './blockSource';

interface SourceLimits {
  /** The longest time without a byte of a block (ms). */
  readonly blockMs: number;
  /** The longest time for a block while its bytes arrive (ms). */
  readonly totalMs: number;
  /** The time without a response after which other sources are asked too (ms). */
  readonly promptMs: number;
  /** The most blocks that are requested at the same time. */
  readonly atOnce: number;
  /** How long a source that was late several times isn't asked (ms). */
  readonly leftOutMs: number;
}

interface Asking {
  readonly signal: AbortSignal;
  /** Whether a person waits for the block, so that it comes before blocks that are read ahead. May become true while the block waits. */
  readonly isUrgent: () => boolean;
  /** The source is slow, or has become slow: the caller can ask the next source at once. May be called more than once. */
  readonly onSlow: () => void;
}

/**
 * A source, and how it has responded so far. Each source has its own slots and its own patience, so a stalled source delays nothing that another source has.
 */
export interface AskedSource {
  readonly name: string;
  readonly isLocal: boolean;
  readonly isGateway: boolean;
  /** True if the source hasn't responded promptly since its last answer. A slow source is asked after the others. */
  readonly isSlow: () => boolean;
  /** As BlockSource.get. Also rejects with `timeout` while the source is paused. */
  readonly get: (cid: CID, asking: Asking) => Promise<Uint8Array | undefined>;
  /** Call this when a waiting request may have become urgent. */
  readonly hurry: () => void;
}

/** The number of late blocks in a row after which a source is paused. */
const MOST_LATE = 3;
/** The slots that only urgent blocks take. */
const URGENT_SLOTS = 2;
/** The blocks that are requested at the same time from a source with a slow connection: with more, none would arrive in time. */
const SLOW_AT_ONCE = 2;

/** `tell` gets a sentence for the log when the source is paused, or responds again. */
export function createAskedSource(source: BlockSource, limits: SourceLimits, tell: (what: string) => void): AskedSource {
  const { promptMs, atOnce, leftOutMs } = limits;
  /** Starts at the number of late blocks after which a source is paused, and grows with each block that arrives quickly once it has begun. */
  let most = Math.min(MOST_LATE, atOnce);
  const slots = createSemaphore(() => most, URGENT_SLOTS);
  /** The callbacks of the requests that wait for the source. */
  const onSlow = new Set<() => void>();
  let isSlow = false;
  let late = 0;
  let leftOutUntil = 0;

  const becomeSlow = (): void => {
    isSlow = true;
    for (const each of onSlow) each();
  };
  const responded = (): void => {
    if (late >= MOST_LATE) tell(`${source.name} responds again.`);
    isSlow = false;
    late = leftOutUntil = 0;
  };
  const wasLate = (): void => {
    const now = performance.now();
    if (++late < MOST_LATE || now < leftOutUntil) return;
    leftOutUntil = now + leftOutMs;
    tell(`${source.name} didn't respond in time for ${late} blocks in a row; it is skipped for ${leftOutMs / 1000} s.`);
  };

  const ask = async (cid: CID, signal: AbortSignal): Promise<Uint8Array | undefined> => {
    const isStopped = (): boolean => signal.aborted;
    const wait = leftOutUntil - performance.now();
    if (wait > 0)
      throw new IpfsKitError(
        'timeout',
        `${source.name} is skipped for another ${Math.ceil(wait / 1000)} s because it didn't respond in time`,
      );
    const attempt = withDeadline(limits, signal);
    const prompt = setTimeout(becomeSlow, promptMs);
    let beganAt: number | undefined;
    let isDrawnOut = false;
    const onBytes = (): void => {
      attempt.renew();
      beganAt ??= performance.now();
      if (performance.now() - beganAt < promptMs) return;
      isDrawnOut = true;
      most = Math.min(SLOW_AT_ONCE, atOnce);
    };
    const wasDrawnOut = (): boolean => isDrawnOut;
    try {
      const bytes = await unlessAborted(source.get(cid, attempt.signal, onBytes), attempt.signal);
      if (!wasDrawnOut()) most = Math.min(2 * most, atOnce);
      responded();
      return bytes;
    } catch (error) {
      if (isStopped()) throw error;
      const late = attempt.late() ?? (IpfsKitError.is(error, 'timeout') ? { why: '', isSilent: true } : undefined);
      if (late) {
        // A source that has sent bytes all the time was asked for too many blocks at once.
        if (late.isSilent) wasLate();
        throw new IpfsKitError('timeout', late.why === '' ? IpfsKitError.from(error).message : `${source.name} ${late.why}`, {
          cause: error,
        });
      }
      responded(); // The connection fails with what is wrong.
      throw error;
    } finally {
      clearTimeout(prompt);
      attempt.end();
    }
  };

  return {
    name: source.name,
    isLocal: source.isLocal === true,
    isGateway: source.isGateway === true,
    isSlow: () => isSlow,
    hurry: slots.hurry,
    get: async (cid, asking) => {
      if (source.isLocal) return source.get(cid, asking.signal);
      if (isSlow) asking.onSlow();
      onSlow.add(asking.onSlow);
      try {
        return await slots.run(() => ask(cid, asking.signal), asking.signal, asking.isUrgent);
      } finally {
        onSlow.delete(asking.onSlow);
      }
    },
  };
}

interface Late {
  /** Continues a sentence that begins with the name of the source. */
  readonly why: string;
  readonly isSilent: boolean;
}

interface Attempt {
  readonly signal: AbortSignal;
  /** Call this when more of the block has arrived. */
  readonly renew: () => void;
  readonly late: () => Late | undefined;
  readonly end: () => void;
}

/** Does what AbortSignal.any with AbortSignal.timeout do, which together take longer than reading a block from disk. */
function withDeadline({ blockMs, totalMs }: SourceLimits, signal: AbortSignal): Attempt {
  const controller = new AbortController();
  let late: Late | undefined;
  let silent = "didn't respond within";
  const abort = (): void => controller.abort();
  const beLate = (why: string, ms: number, isSilent: boolean): void => {
    late = { why: `${why} ${ms / 1000} s`, isSilent };
    abort();
  };
  const silence = startDeadline(blockMs, () => beLate(silent, blockMs, true));
  const total = startDeadline(totalMs, () => beLate('is too slow: it sent only part of the block within', totalMs, false));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const renew = (): void => {
    silent = 'sent nothing more for';
    silence.refresh();
  };
  const end = (): void => {
    silence.end();
    total.end();
    signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, renew, late: () => late, end };
}

/** Rejects with `cancelled` once the signal is aborted, since a source may ignore the signal. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(canceled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

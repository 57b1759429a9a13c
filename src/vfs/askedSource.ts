import type { CID } from 'multiformats/cid';
import { cancelled, IpfsKitError } from '../base/ipfsKitError';
import { createSemaphore } from '../base/semaphore';
import type { BlockSource } from './blockSource';

interface SourceLimits {
  /** ms without a byte of a block. */
  readonly blockMs: number;
  /** ms per block, while bytes of it come. */
  readonly totalMs: number;
  /** ms without a response after which other sources are asked too. */
  readonly promptMs: number;
  /** Blocks that are asked for at the same time. */
  readonly atOnce: number;
  /** ms for which a source that was late several times isn't asked. */
  readonly leftOutMs: number;
}

interface Asking {
  readonly signal: AbortSignal;
  /** A person waits for the block: it comes before those that are looked at beforehand. May become true while the block waits. */
  readonly isUrgent: () => boolean;
  /** The source is slow, or has become so: whoever asks needn't wait for it before asking the next one. May be called more than once. */
  readonly onSlow: () => void;
}

/** A source, and how it has responded so far. Slots and patience are its own: one that stalls holds up nothing that another one has. */
export interface AskedSource {
  readonly name: string;
  readonly isLocal: boolean;
  /** It has not responded promptly since it last gave an answer: asked after the others. */
  readonly isSlow: () => boolean;
  /** As BlockSource.get; `timeout` also where it is left out for a while. */
  readonly get: (cid: CID, asking: Asking) => Promise<Uint8Array | undefined>;
  /** What waits may be urgent now. */
  readonly hurry: () => void;
}

/** Blocks in a row that are late before a source is left out. */
const MOST_LATE = 3;
/** Slots that only urgent blocks take. */
const URGENT_SLOTS = 2;
/** Blocks at the same time of a source whose line is slow: with all of them, none would be there in time. */
const SLOW_AT_ONCE = 2;

/** `tell`: that it is left out, or responds again, as a sentence for the log. */
export function createAskedSource(source: BlockSource, limits: SourceLimits, tell: (what: string) => void): AskedSource {
  const { promptMs, atOnce, leftOutMs } = limits;
  /** At first as many as may be late before it is left out; more with each block that doesn't take long once it has begun to come. */
  let most = Math.min(MOST_LATE, atOnce);
  const slots = createSemaphore(() => most, URGENT_SLOTS);
  /** Of those who wait for it. */
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
    tell(`${source.name} didn't respond in time for ${late} blocks in a row; it isn't asked for ${leftOutMs / 1000} s.`);
  };

  const ask = async (cid: CID, signal: AbortSignal): Promise<Uint8Array | undefined> => {
    const isStopped = (): boolean => signal.aborted;
    const wait = leftOutUntil - performance.now();
    if (wait > 0)
      throw new IpfsKitError(
        'timeout',
        `${source.name} isn't asked for ${Math.ceil(wait / 1000)} s, since it didn't respond in time before`,
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
        // One that has sent bytes all the time was asked for too much.
        if (late.isSilent) wasLate();
        throw new IpfsKitError('timeout', late.why === '' ? IpfsKitError.from(error).message : `${source.name} ${late.why}`, {
          cause: error,
        });
      }
      responded(); // with what is wrong
      throw error;
    } finally {
      clearTimeout(prompt);
      attempt.end();
    }
  };

  return {
    name: source.name,
    isLocal: source.isLocal === true,
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
  /** As a sentence goes on after the name of the source. */
  readonly why: string;
  readonly isSilent: boolean;
}

interface Attempt {
  readonly signal: AbortSignal;
  /** More of the block has come. */
  readonly renew: () => void;
  readonly late: () => Late | undefined;
  readonly end: () => void;
}

/** As AbortSignal.any with AbortSignal.timeout, which together take longer than reading a block from disk does. */
function withDeadline({ blockMs, totalMs }: SourceLimits, signal: AbortSignal): Attempt {
  const controller = new AbortController();
  let late: Late | undefined;
  let silent = "didn't respond within";
  const abort = (): void => controller.abort();
  const beLate = (why: string, ms: number, isSilent: boolean): void => {
    late = { why: `${why} ${ms / 1000} s`, isSilent };
    abort();
  };
  const silence = setTimeout(() => beLate(silent, blockMs, true), blockMs);
  const total = setTimeout(() => beLate('is too slow: it sent a part of the block within', totalMs, false), totalMs);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const renew = (): void => {
    silent = 'sent nothing more for';
    silence.refresh();
  };
  const end = (): void => {
    clearTimeout(silence);
    clearTimeout(total);
    signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, renew, late: () => late, end };
}

/** Rejects with `cancelled` once the signal is aborted: a source may not listen to it. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

import { setImmediate } from 'node:timers/promises';
import type { CID } from 'multiformats/cid';
import { nameOf } from '../asker';
import { causeOf, sentences } from '../causes';
import { IpfsKitError } from '../ipfsKitError';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';
import { checkHashFunction, inlineBlock, isBlockOf } from './multihash';

/** Blocks, each hashed and compared with its CID before anyone sees it. */
export interface VerifiedBlocks {
  /**
   * Rejects with IpfsKitError: `missing` no source has it, `mismatch` a source gave other bytes, `timeout`, `cancelled`,
   * `unsupported` hash, `too-large`, or why a source failed. The message names the CID and what was tried.
   */
  get(cid: CID, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface BlockLimits {
  /** ms per source and block. */
  readonly blockMs: number;
  /** Blocks that are fetched at the same time. */
  readonly atOnce: number;
  /** Of the blocks that are kept in memory. */
  readonly cacheBytes: number;
}

export const BLOCK_LIMITS: BlockLimits = { blockMs: 10_000, atOnce: 8, cacheBytes: 64 * 1024 * 1024 };

const TURN_MS = 20;

interface Fetching {
  readonly block: Promise<Uint8Array>;
  readonly controller: AbortController;
  waiting: number;
}

export function createVerifiedBlocks(sources: readonly BlockSource[], limits: BlockLimits = BLOCK_LIMITS): VerifiedBlocks {
  const cache = createBlockCache(limits.cacheBytes);
  const fetching = new Map<string, Fetching>();
  const inSlot = createSlots(limits.atOnce);
  let turnAt = performance.now();
  /** Blocks on disk and in memory are there within one turn of the event loop: without another one, no deadline and no cancelling comes through. */
  const turn = async (): Promise<void> => {
    await setImmediate();
    turnAt = performance.now();
  };

  const begin = (cid: CID, key: string): Fetching => {
    const controller = new AbortController();
    const block = inSlot(() => fetchVerified(cid, sources, limits.blockMs, controller.signal));
    const entry: Fetching = { block, controller, waiting: 0 };
    fetching.set(key, entry);
    const done = (): void => {
      if (fetching.get(key) === entry) fetching.delete(key);
    };
    block.then((bytes) => {
      cache.put(key, bytes);
      done();
    }, done);
    return entry;
  };

  return {
    get: async (cid, signal) => {
      if (performance.now() - turnAt > TURN_MS) await turn();
      if (signal?.aborted) throw cancelled();
      const inline = inlineBlock(cid);
      if (inline) return inline;
      checkHashFunction(cid);
      const key = Buffer.from(cid.multihash.bytes).toString('latin1');
      const kept = cache.get(key);
      if (kept) return kept;
      const entry = fetching.get(key) ?? begin(cid, key);
      entry.waiting++;
      try {
        return await unlessAborted(entry.block, signal);
      } finally {
        entry.waiting--;
        if (entry.waiting === 0) {
          // Nobody wants it any more; who comes later begins anew.
          if (fetching.get(key) === entry) fetching.delete(key);
          entry.controller.abort();
        }
      }
    },
  };
}

/** Asks one source after the other; what a source gives that is not the block is told, and never given on. */
async function fetchVerified(cid: CID, sources: readonly BlockSource[], ms: number, signal: AbortSignal): Promise<Uint8Array> {
  const tried: string[] = [];
  let worst: IpfsKitError | undefined;
  const note = (source: BlockSource, error: IpfsKitError): void => {
    tried.push(causeOf(source.name, error.message));
    // That a source isn't there says less than what is wrong with one that is.
    if (worst?.reason !== 'mismatch' && error.reason !== 'missing') worst = error;
  };
  const isStopped = (): boolean => signal.aborted;
  for (const source of sources) {
    if (isStopped()) throw cancelled();
    const attempt = withDeadline(ms, signal);
    try {
      const bytes = await unlessAborted(source.get(cid, attempt.signal), attempt.signal);
      if (bytes === undefined) tried.push(causeOf(source.name, `${source.name} doesn't have it`));
      else if (bytes.length > MOST_BLOCK_BYTES)
        note(
          source,
          new IpfsKitError('too-large', `${source.name} gave more than ${MOST_BLOCK_BYTES} bytes, which no block has`),
        );
      else if (isBlockOf(cid, bytes)) return bytes;
      else note(source, new IpfsKitError('mismatch', `${source.name} gave ${bytes.length} bytes that are not this block`));
    } catch (error) {
      if (isStopped()) throw cancelled();
      note(
        source,
        attempt.isLate()
          ? new IpfsKitError('timeout', `${source.name} didn't respond within ${ms / 1000} s`)
          : IpfsKitError.from(error),
      );
    } finally {
      attempt.end();
    }
  }
  const where = tried.length === 0 ? ['No source of blocks is set'] : tried;
  throw new IpfsKitError(
    worst?.reason ?? 'missing',
    sentences(
      `Block ${cid.toString()} was not found`,
      ...where,
      `Start the daemon that has it, or set ${nameOf('gateway')} to a gateway`,
    ),
  );
}

interface Attempt {
  readonly signal: AbortSignal;
  readonly isLate: () => boolean;
  readonly end: () => void;
}

/** As AbortSignal.any with AbortSignal.timeout, which together take longer than reading a block from disk does. */
function withDeadline(ms: number, signal: AbortSignal): Attempt {
  const controller = new AbortController();
  let isLate = false;
  const abort = (): void => controller.abort();
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, ms);
  signal.addEventListener('abort', abort, { once: true });
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, isLate: () => isLate, end };
}

/** The source may not listen to the signal. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The blocks that were used last, up to so many bytes. */
function createBlockCache(mostBytes: number): {
  get(key: string): Uint8Array | undefined;
  put(key: string, block: Uint8Array): void;
} {
  const kept = new Map<string, Uint8Array>();
  let bytes = 0;
  return {
    get: (key) => {
      const block = kept.get(key);
      if (!block) return undefined;
      kept.delete(key); // to the end: it was used last
      kept.set(key, block);
      return block;
    },
    put: (key, block) => {
      if (kept.has(key) || block.length > mostBytes) return;
      kept.set(key, block);
      bytes += block.length;
      for (const [oldest, old] of kept) {
        if (bytes <= mostBytes) break;
        kept.delete(oldest);
        bytes -= old.length;
      }
    },
  };
}

function createSlots(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let taken = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (taken >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else taken++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else taken--;
    }
  };
}

function cancelled(): IpfsKitError {
  return new IpfsKitError('cancelled', 'Cancelled.');
}

import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { CID } from 'multiformats/cid';
import { canceled, IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import type { AskedSource } from './askedSource';
import { createAskedSource, unlessAborted } from './askedSource';
import type { Tried } from './blockNotFound';
import { blockNotFound } from './blockNotFound';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';
import { checkHashFunction, inlineBlock, isBlockOf } from './multihash';

/** Blocks, each hashed and compared with its CID before it is returned. */
export interface VerifiedBlocks {
  /**
   * Rejects with IpfsKitError: `missing` no source has the block, `mismatch` a source sent other bytes, `timeout`, `cancelled`, `unsupported` hash,
   * `too-large`, or why a source failed. The message names the CID and what was tried.
   */
  get(cid: CID, signal?: AbortSignal, how?: Haste): Promise<Uint8Array>;
  /** The bytes of a block in memory, or those that its file on this disk has. */
  sizeHere(cid: CID): number | undefined;
}

/**
 * `urgent`, the default: a person waits for the block. `background`: after urgent blocks. `promptly`: the caller has waited long enough, so slow sources aren't
 * asked. `local`: from memory and disk only. The last two reject with `timeout` where the block may still be elsewhere.
 */
type Haste = 'urgent' | 'background' | 'promptly' | 'local';

export interface BlockLimits {
  /** As of SourceLimits. */
  readonly blockMs: number;
  readonly totalMs?: number;
  /** The most blocks that are fetched from one source at the same time; from disk any number. */
  readonly atOnce: number;
  /** The most bytes of the blocks in memory. */
  readonly cacheBytes: number;
  /** As of SourceLimits. */
  readonly promptMs?: number;
  readonly leftOutMs?: number;
  /** The next step in the message about a block that no source has; by default one that is about the settings of content. */
  readonly nextStep?: string | undefined;
}

export const BLOCK_LIMITS = { blockMs: 10_000, totalMs: 30_000, atOnce: 8, cacheBytes: 64 * 1024 * 1024, promptMs: 2000, leftOutMs: 30_000 } as const satisfies BlockLimits; // prettier-ignore

const TURN_MS = 20;

interface Fetching {
  readonly block: Promise<Uint8Array>;
  readonly controller: AbortController;
  waiting: number;
  isUrgent: boolean;
}

/** `tell` gets a sentence when a source is paused, or responds again. */
export function createVerifiedBlocks(
  sources: readonly BlockSource[],
  limits: BlockLimits = BLOCK_LIMITS,
  tell: (what: string) => void = () => undefined,
): VerifiedBlocks {
  const cache = createBlockCache(limits.cacheBytes);
  const fetching = new Map<string, Fetching>();
  const asked = sources.map((source) => createAskedSource(source, { ...BLOCK_LIMITS, ...limits }, tell));
  let turnAt = performance.now();
  /** Blocks on disk and in memory arrive within one turn of the event loop. Without another turn, deadlines and cancellations wouldn't take effect. */
  const turn = async (): Promise<void> => {
    await setImmediate();
    turnAt = performance.now();
  };

  const begin = (cid: CID, key: string, haste: Haste): Fetching => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal); // Each source that is asked adds a listener.
    const entry: Omit<Fetching, 'block'> = { controller, waiting: 0, isUrgent: false };
    const how = { sources: asked.length, nextStep: limits.nextStep, isHurried: isHurried(haste), isUrgent: () => entry.isUrgent };
    const begun = Object.assign(entry, { block: fetchVerified(cid, turnsOf(asked, haste), how, controller.signal) });
    fetching.set(key, begun);
    const done = (): void => {
      if (fetching.get(key) === begun) fetching.delete(key);
    };
    begun.block.then((bytes) => {
      cache.put(multihashOf(cid), bytes);
      done();
    }, done);
    return begun;
  };

  return {
    sizeHere: (cid) => {
      const kept = cache.get(multihashOf(cid));
      if (kept) return kept.length;
      for (const source of sources) {
        const size = source.sizeHere?.(cid);
        if (size !== undefined) return size;
      }
      return undefined;
    },
    get: async (cid, signal, haste = 'urgent') => {
      if (performance.now() - turnAt > TURN_MS) await turn();
      if (signal?.aborted) throw canceled();
      const inline = inlineBlock(cid);
      if (inline) return inline;
      checkHashFunction(cid);
      const kept = cache.get(multihashOf(cid));
      if (kept) return kept;
      const key = `${isHurried(haste) ? haste : ''}/${multihashOf(cid)}`;
      const entry = fetching.get(key) ?? begin(cid, key, haste);
      if (haste === 'urgent' && !entry.isUrgent) {
        entry.isUrgent = true;
        for (const source of asked) source.hurry();
      }
      entry.waiting++;
      try {
        return await unlessAborted(entry.block, signal);
      } finally {
        entry.waiting--;
        if (entry.waiting === 0) {
          // No caller needs the block any more; a later caller starts again.
          if (fetching.get(key) === entry) fetching.delete(key);
          entry.controller.abort();
        }
      }
    },
  };
}

/** Whether the caller has something else to show meanwhile. */
function isHurried(haste: Haste): boolean {
  return haste === 'promptly' || haste === 'local';
}

/** The sources in the order in which they are asked. */
function turnsOf(sources: readonly AskedSource[], haste: Haste): readonly AskedSource[] {
  if (haste === 'local') return sources.filter(({ isLocal }) => isLocal);
  const prompt = sources.filter(({ isSlow }) => !isSlow());
  return haste === 'promptly' ? prompt : [...prompt, ...sources.filter(({ isSlow }) => isSlow())];
}

function multihashOf({ multihash }: CID): string {
  return Buffer.from(multihash.bytes).toString('latin1');
}

interface FetchingHow extends Pick<BlockLimits, 'nextStep'> {
  readonly isHurried: boolean;
  readonly isUrgent: () => boolean;
  readonly sources: number;
}

/** Asks one source after the other, and the next one also when one is slow. Bytes that aren't the block are reported, and never returned. */
async function fetchVerified(
  cid: CID,
  turns: readonly AskedSource[],
  { isHurried, isUrgent, sources, nextStep }: FetchingHow,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const tried: Tried[] = [];
  let open = 0;
  const note = (source: AskedSource, error?: IpfsKitError): void => void tried.push({ source, error });
  const isStopped = (): boolean => signal.aborted;
  const ask = async (source: AskedSource, onSlow: () => void): Promise<Uint8Array | undefined> => {
    open++;
    try {
      const bytes = await source.get(cid, { signal, isUrgent, onSlow });
      if (bytes === undefined) note(source);
      else if (bytes.length > MOST_BLOCK_BYTES)
        note(
          source,
          new IpfsKitError(
            'too-large',
            `${source.name} sent more than ${withCommas(MOST_BLOCK_BYTES)} bytes, the largest allowed block`,
          ),
        );
      else if (isBlockOf(cid, bytes)) return bytes;
      else note(source, new IpfsKitError('mismatch', `${source.name} sent ${bytes.length} bytes that aren't this block`));
    } catch (error) {
      note(source, IpfsKitError.from(error));
    } finally {
      open--;
    }
    return undefined;
  };

  const asked: Promise<Uint8Array | undefined>[] = [];
  for (const source of turns) {
    if (isStopped()) throw canceled();
    const block = await new Promise<Uint8Array | undefined>((resolve) => {
      const answer = ask(source, () => resolve(undefined));
      asked.push(answer);
      void Promise.race([answer, firstBlock(asked)]).then(resolve);
    });
    if (block) return block;
  }
  if (isHurried && (open > 0 || turns.length < sources))
    throw new IpfsKitError('timeout', `Block ${cid.toString()} didn't arrive in time.`);
  const block = await firstBlock(asked);
  if (block) return block;
  if (isStopped()) throw canceled();
  throw blockNotFound(`Block ${cid.toString()} was not found`, tried, nextStep);
}

/** Undefined once no source has the block. */
function firstBlock(asked: readonly Promise<Uint8Array | undefined>[]): Promise<Uint8Array | undefined> {
  return Promise.any(asked.map(async (each) => (await each) ?? Promise.reject(new Error('not found')))).catch(() => undefined);
}

/** The blocks that were used last, up to this many bytes. */
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
      kept.delete(key); // Moves the block to the end, since it was used last.
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

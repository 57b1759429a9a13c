import type { CID } from 'multiformats/cid';

/** A place that may have blocks. What it gives is believed only after it has been hashed (verifiedBlocks.ts). */
export interface BlockSource {
  /** For messages: a folder or a URL. */
  readonly name: string;
  /** It has its blocks on this disk, and gives them within one turn of the thread: nothing is to be waited for. */
  readonly isLocal?: boolean;
  /** Of a block that is on this disk: how many bytes its file has, which nobody has compared with its hash. */
  readonly sizeHere?: (cid: CID) => number | undefined;
  /** Undefined where the block is not there; rejects with IpfsKitError where that could not be told. `onBytes`: more of it has come. */
  get(cid: CID, signal: AbortSignal, onBytes?: () => void): Promise<Uint8Array | undefined>;
}

/**
 * Bytes of a block at most, from every source. Kubo makes none beyond 2 MiB unless it is told to (`--allow-big-block`), and exchanges what fits into a
 * message of libp2p: 4 MiB (MessageSizeMax in go-libp2p's core/network, which boxo's bitswap reads up to).
 */
export const MOST_BLOCK_BYTES = 4 * 1024 * 1024;

/** How long, in ms, a daemon or a gateway is waited for that doesn't begin to respond, or sends less than 1 kB/s; and over everything. */
export const BLOCK_WAIT = { headersMs: 10_000, slowMs: 10_000, totalMs: 30_000 } as const;

/** How long a source that asks for patience (429, or 503 with Retry-After) is waited for, in ms: less than what a block has time for (verifiedBlocks.ts). */
export const BLOCK_PATIENCE = { longestMs: 8000, mostMs: 8000 } as const;

import type { CID } from 'multiformats/cid';

/** A source that may have blocks. Its bytes are used only after they have been hashed (verifiedBlocks.ts). */
export interface BlockSource {
  /** For messages: a folder or a URL. */
  readonly name: string;
  /** True if the blocks are on this disk and are read within one turn of the thread, so that nothing has to be waited for. */
  readonly isLocal?: boolean;
  readonly isGateway?: boolean;
  /** The bytes in the file of a block on this disk, which haven't been compared with its hash. */
  readonly sizeHere?: (cid: CID) => number | undefined;
  /**
   * Undefined where the source doesn't have the block; rejects with IpfsKitError where that isn't known. `onBytes` is called when more of the block has
   * arrived.
   */
  get(cid: CID, signal: AbortSignal, onBytes?: () => void): Promise<Uint8Array | undefined>;
}

/**
 * The most bytes of a block, from any source. Kubo makes blocks of at most 2 MiB by default (`--allow-big-block`), and exchanges those that fit into a message
 * of libp2p: 4 MiB (MessageSizeMax in go-libp2p's core/network, which boxo's bitswap reads up to).
 */
export const MOST_BLOCK_BYTES = 4 * 1024 * 1024;

/** How long to wait for a daemon or a gateway that doesn't begin to respond, or sends less than 1 kB/s, and in all (ms). */
export const BLOCK_WAIT = { headersMs: 10_000, slowMs: 10_000, totalMs: 30_000 } as const;

/** How long to wait for a source that asks to retry later (429, or 503 with Retry-After), in ms: less than the time for a block (verifiedBlocks.ts). */
export const BLOCK_PATIENCE = { longestMs: 8000, mostMs: 8000 } as const;

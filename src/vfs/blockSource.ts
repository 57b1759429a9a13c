import type { CID } from 'multiformats/cid';

/** A place that may have blocks. What it gives is believed only after it has been hashed (verifiedBlocks.ts). */
export interface BlockSource {
  /** For messages: a folder or a URL. */
  readonly name: string;
  /** It has its blocks on this disk, and gives them within one turn of the thread: nothing is to be waited for. */
  readonly isLocal?: boolean;
  /** Undefined where the block is not there; rejects with IpfsKitError where that could not be told. */
  get(cid: CID, signal: AbortSignal): Promise<Uint8Array | undefined>;
}

/** Bytes of a block at most: what peers exchange (https://specs.ipfs.tech/bitswap-protocol/#block-sizes). */
export const MOST_BLOCK_BYTES = 2 * 1024 * 1024;

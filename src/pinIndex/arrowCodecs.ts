import { unpackLz4Frame } from './lz4Frame';
import { unpackZstd } from './zstdFrame';

/**
 * The two compressions of Arrow IPC, read and never asked for: on localhost they cost more than they save.
 * How much they unpack to has been added up, and bounded, by the walk of the framing.
 */
export interface ArrowCodec {
  /** Throws RangeError for what is not exactly as long as declared. */
  decode(packed: Uint8Array): Uint8Array;
}

export const LZ4_FRAME: ArrowCodec = { decode: (packed) => unpackLz4Frame(packed, declaredLength(packed)) };

export const ZSTD: ArrowCodec = { decode: (packed) => unpackZstd(packed, declaredLength(packed)) };

/**
 * A compressed buffer begins with the length of what it holds, as int64 (BodyCompression of Message.fbs). apache-arrow hands on what follows,
 * as a view into the same memory.
 */
function declaredLength(packed: Uint8Array): number {
  return Number(new DataView(packed.buffer, packed.byteOffset - 8, 8).getBigInt64(0, true));
}

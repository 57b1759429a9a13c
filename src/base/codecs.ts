/** The one file that loads LZ4 and ZSTD. It is its own bundle, loaded when compressed data was found. */
import createLz4 from '@foxglove/wasm-lz4/dist/wasm-lz4.js';
import lz4Wasm from '@foxglove/wasm-lz4/dist/wasm-lz4.wasm';
import { decompressLz4, decompressLz4Raw } from 'hyparquet-compressors/src/lz4.js';
import { ZSTDDecoder } from 'zstddec';

/** Throws RangeError where the bytes don't decompress to exactly this length. No other compressed bytes may follow. */
export type Unpack = (packed: Uint8Array, length: number) => Uint8Array;

/**
 * The compressed and the decompressed bytes lie side by side in the memory of WebAssembly, in addition to the copy that is returned, and that memory never
 * shrinks. zstddec doesn't check whether there is room.
 */
const MOST_BYTES_AT_ONCE = 2 ** 29;

/** LZ4_FRAME of Arrow. Each call makes an instance: its memory is released when the body has been read, and a broken frame leaves no state behind. */
export async function lz4Frames(): Promise<Unpack> {
  const lz4 = await createLz4({ wasmBinary: lz4Wasm });
  const context = lz4._createDecompressionContext();
  return (packed, length) => {
    checkRoom(packed, length);
    if (frameEnd(packed) !== packed.length) throw new RangeError("an LZ4 frame doesn't end where its bytes do");
    const from = lz4._malloc(packed.length);
    const to = lz4._malloc(Math.max(1, length));
    if (context === 0 || from === 0 || to === 0) throw new RangeError("there isn't enough memory to decompress it");
    lz4.HEAPU8.set(packed, from);
    const written = lz4._decompressFrame(context, to, length, from, packed.length);
    const unpacked = written === length ? lz4.HEAPU8.slice(to, to + length) : undefined;
    lz4._free(from);
    lz4._free(to);
    return exactly(unpacked, length, 'LZ4');
  };
}

/** ZSTD of Arrow and Parquet. */
export async function zstd(): Promise<Unpack> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (packed, length) => {
    checkRoom(packed, length);
    // With 0, the library takes the length from the frame, and returns no bytes on an error. Parquet has such pages, where every value is null.
    if (length === 0) return new Uint8Array(0);
    return exactly(decoder.decode(packed, length), length, 'ZSTD');
  };
}

/** LZ4 of Parquet: blocks without a frame, and with the lengths that Hadoop writes before each. The rest of a block that is too short is zero. */
export const lz4Raw: Unpack = decompressLz4Raw;
export const lz4Hadoop: Unpack = decompressLz4;

function checkRoom(packed: Uint8Array, length: number): void {
  if (packed.length + length > MOST_BYTES_AT_ONCE) throw new RangeError('a piece of it is too large to decompress');
}

function exactly(unpacked: Uint8Array | undefined, length: number, codec: string): Uint8Array {
  if (unpacked?.length !== length) throw new RangeError(`${codec} doesn't decompress to the ${length} bytes that were declared`);
  return unpacked;
}

const LZ4_MAGIC = 0x184d2204;
const LZ4_FLAG = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 } as const;
/** The length of a block; its highest bit says that the block isn't compressed. */
const LZ4_LENGTH = 0x7fffffff;

/** Where a frame ends, by its own lengths, since the library doesn't report what it left. Format: lz4_Frame_format.md of LZ4. */
function frameEnd(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== LZ4_MAGIC) throw new RangeError('not an LZ4 frame');
  const flags = view.getUint8(4);
  const has = (flag: keyof typeof LZ4_FLAG): boolean => (flags & LZ4_FLAG[flag]) !== 0;
  let at = 7 + (has('contentSize') ? 8 : 0) + (has('dictionary') ? 4 : 0);
  for (;;) {
    const block = view.getUint32(at, true);
    at += 4;
    if (block === 0) return at + (has('contentChecksum') ? 4 : 0);
    at += (block & LZ4_LENGTH) + (has('blockChecksum') ? 4 : 0);
  }
}

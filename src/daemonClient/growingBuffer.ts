const FIRST = 65_536;
const FACTOR = 4;

export interface GrowingBuffer {
  readonly length: number;
  /** Bytes that have been asked of the system so far. */
  readonly capacity: number;
  add(chunk: Uint8Array): void;
  /** What has been added; a view, not a copy. */
  bytes(): Uint8Array;
}

/**
 * Collects chunks in one buffer. A list of chunks would need the memory twice when they are joined, and each small chunk holds on
 * to the 64 KiB that it was read into. `expected` (a declared length) is only believed as far as the bytes that came bear it out.
 */
export function createGrowingBuffer(expected = Infinity): GrowingBuffer {
  let buffer = Buffer.allocUnsafeSlow(Math.min(expected, FIRST));
  let length = 0;
  return {
    get length() {
      return length;
    },
    get capacity() {
      return buffer.length;
    },
    add: (chunk) => {
      const needed = length + chunk.length;
      if (needed > buffer.length) {
        // Beyond what was expected, too: room for each chunk alone would copy all before it once for every byte of a drip.
        const room = FACTOR * buffer.length;
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, needed > expected ? room : Math.min(expected, room)));
        buffer.copy(larger, 0, 0, length);
        buffer = larger;
      }
      buffer.set(chunk, length);
      length = needed;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

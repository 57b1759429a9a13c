const FIRST = 65_536;
const FACTOR = 4;

export interface GrowingBuffer {
  readonly length: number;
  /** The bytes that have been allocated so far. */
  readonly capacity: number;
  add(chunk: Uint8Array): void;
  /** The bytes added so far; a view, not a copy. */
  bytes(): Uint8Array;
}

/**
 * Collects chunks in one buffer. A list of chunks would need the memory twice when they are joined, and each small chunk keeps the 64 KiB that it was read
 * into. `expected` (a declared length) is trusted only as far as the bytes that arrive confirm it.
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
        // The buffer grows by a factor beyond the expected length, too: growing by single chunks would copy everything for every byte of a slow server.
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

import type { IpfsKitError } from '../../base/ipfsKitError';
import type { Cursor } from './cursor';

/** What an element is, by the lowest two bits of its first byte: bytes that follow, or a copy of earlier ones, by the length of its offset. */
const ELEMENT = { bytes: 0, near: 1, far: 2 } as const;

/**
 * Decompresses a block of Snappy (format_description.txt in google/snappy) behind its length, which `length` is. Takes time for the bytes that it reads and writes
 * only; hyparquet's goes on forever with lengths beyond 2 GiB (1.31.5). Throws `invalid` where they aren't such a block.
 */
export function decompressSnappy(packed: Cursor, length: number, invalid: () => IpfsKitError): Uint8Array {
  const whole = new Uint8Array(length);
  let filled = 0;
  const number = (bytes: number): number => packed.bytes(bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  while (!packed.isAtEnd()) {
    const first = number(1);
    const [kind, more] = [first & 3, first >>> 2];
    if (kind === ELEMENT.bytes) {
      const bytes = packed.bytes(1 + (more < 60 ? more : number(more - 59)));
      if (bytes.length > length - filled) throw invalid();
      whole.set(bytes, filled);
      filled += bytes.length;
      continue;
    }
    const size = kind === ELEMENT.near ? (more & 7) + 4 : more + 1;
    const back = kind === ELEMENT.near ? (more >>> 3) * 256 + number(1) : number(kind === ELEMENT.far ? 2 : 4);
    if (back === 0 || back > filled || size > length - filled) throw invalid();
    // Byte by byte: a copy may contain bytes that it has just written.
    for (const end = filled + size; filled < end; filled++) whole[filled] = whole[filled - back] ?? 0;
  }
  if (filled !== length) throw invalid();
  return whole;
}

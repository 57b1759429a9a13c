import type { IpfsKitError } from '../../base/ipfsKitError';

/** Reads the fields of a structure in LevelDB one after the other. Each throws the error of `cursorOn` where the bytes end before it. */
export interface Cursor {
  readonly isAtEnd: () => boolean;
  /** A number of variable length, 7 bits in each byte, the lowest first. Also throws for one beyond Number.MAX_SAFE_INTEGER. */
  readonly number: () => number;
  readonly bytes: (length: number) => Uint8Array;
  /** Bytes with their length before them. */
  readonly text: () => Uint8Array;
}

export function cursorOn(bytes: Uint8Array, invalid: () => IpfsKitError): Cursor {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw invalid();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw invalid();
      if (byte < 0x80) return value;
      if (scale > Number.MAX_SAFE_INTEGER) throw invalid();
    }
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw invalid();
    return bytes.subarray(at, (at += length));
  };
  return { isAtEnd: () => at === bytes.length, number, bytes: take, text: () => take(number()) };
}

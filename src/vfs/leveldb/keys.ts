/** What LevelDB adds to a key in its tables: the number of the write and its kind, 8 bytes, the kind first, the lowest byte of the number next. */
export const KEY_TAIL = 8;
export const WRITE = { deletion: 0, value: 1 } as const;

/** What was written for a key: a value, or undefined for its deletion. The write with the highest `sequence` counts. */
export interface Write {
  readonly sequence: bigint;
  readonly value: Uint8Array | undefined;
}

/** The key without its tail; undefined for one that is too short. */
export function userKey(key: Uint8Array): Uint8Array | undefined {
  return key.length < KEY_TAIL ? undefined : key.subarray(0, key.length - KEY_TAIL);
}

/** The newer of two writes. */
export function newer(one: Write | undefined, other: Write | undefined): Write | undefined {
  return one && (!other || one.sequence >= other.sequence) ? one : other;
}

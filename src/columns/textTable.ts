import { IpfsKitError } from '../base/ipfsKitError';

/**
 * A hash table of texts whose bytes are stored elsewhere, with open addressing and 8 to 32 bytes for each text. A text is known by a number, 0 or more, that
 * the caller chooses.
 */
export interface TextTable {
  /** The number of the text bytes[from … to); -1 where there is none. Throws `malformed` where more texts collide than chance explains. */
  find(bytes: Uint8Array, from: number, to: number): number;
  /** Adds the text that the last `find` didn't find. */
  add(number: number): void;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
const FNV_PRIME = 0x01000193;
const FIRST_SLOTS = 1024;
const FREE_STEPS = 2 ** 20;
const STEPS_A_TEXT = 16;

/** `isText`: whether the text with this number has these bytes. */
export function textTable(isText: (number: number, bytes: Uint8Array, from: number, to: number) => boolean): TextTable {
  // Another seed for each table: nobody can choose texts that collide.
  const seed = (Math.random() * 2 ** 32) | 0;
  let slots = new Int32Array(FIRST_SLOTS).fill(-1);
  let hashes = new Int32Array(FIRST_SLOTS);
  let [texts, asked, steps, slot, hash] = [0, 0, 0, 0, 0];

  const grow = (): void => {
    const [oldSlots, oldHashes] = [slots, hashes];
    slots = new Int32Array(2 * oldSlots.length).fill(-1);
    hashes = new Int32Array(slots.length);
    for (const [at, number] of oldSlots.entries()) {
      if (number < 0) continue;
      const own = oldHashes[at] ?? 0;
      let free = own & (slots.length - 1);
      while ((slots[free] ?? -1) >= 0) free = (free + 1) & (slots.length - 1);
      slots[free] = number;
      hashes[free] = own;
    }
  };
  return {
    find: (bytes, from, to) => {
      hash = seed;
      for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
      hash ^= hash >>> 15;
      asked++;
      slot = hash & (slots.length - 1);
      for (let number = slots[slot] ?? -1; number >= 0; number = slots[slot] ?? -1) {
        if (hashes[slot] === hash && isText(number, bytes, from, to)) return number;
        if (++steps > FREE_STEPS + STEPS_A_TEXT * asked)
          throw new IpfsKitError('malformed', 'The list was rejected: its CIDs are crafted to cause hash collisions.');
        slot = (slot + 1) & (slots.length - 1);
      }
      return -1;
    },
    add: (number) => {
      slots[slot] = number;
      hashes[slot] = hash;
      if (2 * ++texts > slots.length) grow();
    },
  };
}

/** Whether the bytes of `one` from `start` on are those of `other` from `from` to `to`. */
export function hasBytes(one: Uint8Array, start: number, other: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (one[start + at - from] !== other[at]) return false;
  return true;
}

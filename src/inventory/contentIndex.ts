import { getRandomValues } from 'node:crypto';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { KEY_BYTES, writeContentKey } from './contentKey';
import { sipHash } from './sipHash';

/**
 * The contents of several lists, each with a number, its entry, and a class, which says what the lists tell of it. A content is known by 64 bits of a keyed hash
 * (open addressing, 16 to 36 bytes each): two of a million share them once in 37 million indexes. The key is random and stays here, so that no list can be
 * made to have contents that collide.
 */
export interface ContentIndex {
  /** The number of contents. */
  readonly size: number;
  /** The class of each entry, 0 for none. The array is replaced as it grows. */
  classes(): Uint32Array;
  /** The entry of the CID bytes[from … to); -1 where there is none. */
  find(bytes: Uint8Array, from: number, to: number): number;
  /** As `find`; adds the content with class 0 where there is none. Throws `too-large`. */
  findOrAdd(bytes: Uint8Array, from: number, to: number): number;
  /** Removes a content. Its entry may become that of another one. */
  remove(entry: number): void;
  /** The number of bytes that it takes. */
  bytes(): number;
}

/** Together they take at most some 600 MB. */
const MOST_CONTENTS = 2 ** 24;
const FIRST_CONTENTS = 1024;
/** A key of SipHash, in bytes of four numbers. */
const KEY_NUMBERS = 4;
/** Slots are at most this full. */
const FULL = 0.75;
const GROWTH = 1.25;
/** Fourfold, slots are copied a third as often as twofold. */
const SLOTS_GROWTH = 4;

export function contentIndex(): ContentIndex {
  const secret = getRandomValues(new Int32Array(KEY_NUMBERS));
  const key = new Uint8Array(KEY_BYTES);
  const words = new Int32Array(key.buffer);
  const hash = new Int32Array(2);
  /** For each slot an entry plus 1, or 0. */
  let slots = new Uint32Array(2 * FIRST_CONTENTS);
  /** Two numbers for each entry. Of a removed one, the first is the entry that was removed before it, or -1. */
  let hashes = new Int32Array(2 * FIRST_CONTENTS);
  let classes = new Uint32Array(FIRST_CONTENTS);
  let [size, used, removed] = [0, 0, -1];

  /** The slot of the key that was hashed last: that of its entry, or a free one. */
  const slotOf = (): number => {
    const low = hash[0];
    const high = hash[1];
    const mask = slots.length - 1;
    let slot = (low ?? 0) & mask;
    for (let entry = slots[slot] ?? 0; entry > 0; entry = slots[slot] ?? 0) {
      if (hashes[2 * entry - 2] === low && hashes[2 * entry - 1] === high) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  const growSlots = (): void => {
    const old = slots;
    slots = new Uint32Array(SLOTS_GROWTH * old.length);
    const mask = slots.length - 1;
    for (const entry of old) {
      if (entry === 0) continue;
      let slot = (hashes[2 * entry - 2] ?? 0) & mask;
      while ((slots[slot] ?? 0) > 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
  };
  const newEntry = (): number => {
    if (removed >= 0) {
      const entry = removed;
      removed = hashes[2 * entry] ?? -1;
      return entry;
    }
    if (used === MOST_CONTENTS)
      throw new IpfsKitError('too-large', `The sources keep more than ${withCommas(MOST_CONTENTS)} different contents.`);
    if (used === classes.length) {
      const room = Math.ceil(GROWTH * used);
      [hashes, classes] = [larger(hashes, new Int32Array(2 * room)), larger(classes, new Uint32Array(room))];
    }
    return used++;
  };
  const hashOf = (bytes: Uint8Array, from: number, to: number): void =>
    sipHash(words, writeContentKey(bytes, from, to, key), secret, hash);

  return {
    get size() {
      return size;
    },
    classes: () => classes,
    find: (bytes, from, to) => {
      hashOf(bytes, from, to);
      return (slots[slotOf()] ?? 0) - 1;
    },
    findOrAdd: (bytes, from, to) => {
      hashOf(bytes, from, to);
      let slot = slotOf();
      const found = (slots[slot] ?? 0) - 1;
      if (found >= 0) return found;
      const entry = newEntry();
      if (++size > FULL * slots.length) {
        growSlots();
        slot = slotOf();
      }
      slots[slot] = entry + 1;
      hashes.set(hash, 2 * entry);
      return entry;
    },
    remove: (entry) => {
      hash.set(hashes.subarray(2 * entry, 2 * entry + 2));
      let hole = slotOf();
      const mask = slots.length - 1;
      // Entries that follow without a gap move up, unless the hole is before the slot where the search for them begins.
      for (let slot = (hole + 1) & mask, next = slots[slot] ?? 0; next > 0; slot = (slot + 1) & mask, next = slots[slot] ?? 0) {
        const home = (hashes[2 * next - 2] ?? 0) & mask;
        if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
        slots[hole] = next;
        hole = slot;
      }
      slots[hole] = 0;
      classes[entry] = 0;
      hashes[2 * entry] = removed;
      removed = entry;
      if (--size > 0) return;
      // The last list has gone, and so does the memory that it needed.
      [slots, hashes, classes] = [
        new Uint32Array(2 * FIRST_CONTENTS),
        new Int32Array(2 * FIRST_CONTENTS),
        new Uint32Array(FIRST_CONTENTS),
      ];
      [used, removed] = [0, -1];
    },
    bytes: () => slots.byteLength + hashes.byteLength + classes.byteLength,
  };
}

function larger<T extends Int32Array | Uint32Array>(old: T, more: T): T {
  more.set(old);
  return more;
}

import { IpfsKitError } from '../base/ipfsKitError';
import type { SpelledPart } from '../pin/columnSource';
import { ROWS_A_PART } from './columnBuilders';
import { forEachBlock } from './stepByStep';

export interface RowsByText {
  /** The first row with the text bytes[from … to); -1 where there is none. */
  rowOf(bytes: Uint8Array, from: number, to: number): number;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
const FNV_PRIME = 0x01000193;
const FREE_STEPS = 2 ** 20;
const STEPS_A_TEXT = 16;

/**
 * Finds rows `first` … `end` - 1 by their text: a hash table over bytes that are stored elsewhere, 16 bytes per row. Throws `malformed` where more texts
 * collide than chance explains.
 */
export async function rowsByText(
  parts: readonly SpelledPart[],
  first: number,
  end: number,
  signal: AbortSignal,
): Promise<RowsByText> {
  const size = 2 ** Math.ceil(Math.log2(2 * Math.max(1, end - first)));
  const slots = new Int32Array(size).fill(-1); // rows
  const hashes = new Int32Array(size);
  const seed = (Math.random() * 2 ** 32) | 0;
  let [asked, steps, slot, hash] = [0, 0, 0, 0];

  /** Moves to the slot of a text, or to the free slot for it, and returns the row in that slot. */
  const find = (bytes: Uint8Array, from: number, to: number): number => {
    hash = seed;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
    hash ^= hash >>> 15;
    asked++;
    slot = hash & (size - 1);
    for (let row = slots[slot] ?? -1; row >= 0; row = slots[slot] ?? -1) {
      if (hashes[slot] === hash && isSpelledAt(row, bytes, from, to)) return row;
      if (++steps > FREE_STEPS + STEPS_A_TEXT * asked)
        throw new IpfsKitError('malformed', 'The list was rejected: its CIDs are crafted to cause hash collisions.');
      slot = (slot + 1) & (size - 1);
    }
    return -1;
  };
  const isSpelledAt = (row: number, bytes: Uint8Array, from: number, to: number): boolean => {
    const part = parts[Math.floor(row / ROWS_A_PART)];
    if (!part) return false;
    const [start, stop] = [part.offsets[row % ROWS_A_PART] ?? 0, part.offsets[(row % ROWS_A_PART) + 1] ?? 0];
    if (stop - start !== to - from) return false;
    for (let at = from, other = start; at < to; at++, other++) if (bytes[at] !== part.bytes[other]) return false;
    return true;
  };

  await forEachBlock(
    end - first,
    (from, to) => {
      for (let row = first + from; row < first + to; row++) {
        const part = parts[Math.floor(row / ROWS_A_PART)];
        const local = row % ROWS_A_PART;
        if (!part || find(part.bytes, part.offsets[local] ?? 0, part.offsets[local + 1] ?? 0) >= 0) continue;
        slots[slot] = row;
        hashes[slot] = hash;
      }
    },
    signal,
  );
  return { rowOf: find };
}

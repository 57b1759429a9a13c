import type { SpelledPart, TextPart } from '../pin/columnSource';
import { MAX_TEXT } from '../pin/pin';
import { MOST_GROUPS } from '../pin/pinQuery';
import type { Rows } from './pinColumns';
import { forEachBlock } from './stepByStep';

/** Which rows hold the same text, told by its bytes: nothing is decoded. */

/**
 * Gives each place of the list a number, the same for the same text (or for `byFolder`, the same up to the last slash), and a row for each number
 * as an example. Nulls share one. Undefined where more texts differ than groups are told,
 * or so many collide that it is no accident.
 */
export async function sameTexts(
  of: Rows,
  parts: readonly TextPart[],
  byFolder: boolean,
  into: Uint32Array,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const examples: number[] = [];
  const spelled = spelledTexts();
  const short = shortTexts();
  const indexed = new Map<object, Int32Array>();
  let none = -1;
  let [index, start, end] = [-1, 0, 0];
  const newId = (row: number): number => examples.push(row) - 1;
  const isOver = (): boolean => spelled.isAttacked() || examples.length > MOST_GROUPS;

  await forEachBlock(
    into.length,
    (from, to) => {
      for (let at = from; at < to;) {
        const row = of ? (of[at] ?? 0) : at;
        while (row >= end && index < parts.length - 1) {
          start = end;
          end += parts[++index]?.rows ?? 0;
        }
        const part = parts[index];
        if (!part) return;
        // As far as this part goes.
        let stop = at + 1;
        if (of) while (stop < to && (of[stop] ?? 0) < end) stop++;
        else stop = Math.min(to, end);
        const { validity } = part;
        const ids = 'indices' in part ? idsOfEntries(indexed, part.dictionary, part.entries) : undefined;
        for (; at < stop; at++) {
          const local = (of ? (of[at] ?? 0) : at) - start;
          if (validity && ((validity[local >> 3] ?? 0) & (1 << (local & 7))) === 0) {
            if (none < 0) none = newId(start + local);
            into[at] = none;
          } else if ('indices' in part) {
            const entry = part.indices[local] ?? 0;
            let id = ids?.[entry] ?? 0;
            if (id < 0 && ids) ids[entry] = id = newId(start + local);
            into[at] = id;
          } else {
            let id = spelled.idOf(part, local, byFolder);
            if (id < 0) spelled.add((id = newId(start + local)));
            into[at] = id;
            if (byFolder) continue;
            short.remember(part, local, id);
            if (!of && !validity) at = short.readOn(part, at + 1, stop, start, into) - 1;
          }
        }
        if (isOver()) return;
      }
    },
    signal,
  );
  return isOver() ? undefined : examples;
}

function idsOfEntries(known: Map<object, Int32Array>, dictionary: object, entries: number): Int32Array {
  let ids = known.get(dictionary);
  if (!ids) known.set(dictionary, (ids = new Int32Array(entries).fill(-1)));
  return ids;
}

/** The last few short texts: types, tiers and the like are a handful of words, which are compared by a few loads and not hashed. */
interface ShortTexts {
  remember(part: SpelledPart, row: number, id: number): void;
  /** Writes the numbers of rows `at` … `stop` - 1, less `start` in the part, up to the first text that is not remembered. Gives where that stands. */
  readOn(part: SpelledPart, at: number, stop: number, start: number, into: Uint32Array): number;
}

const [SHORTEST, LONGEST] = [4, 12];
const SHORT_SLOTS = 64;

/** A text of 4 to 12 bytes is its length, its first and last four bytes, and beyond 8 the four after the first: all of its bytes. */
function shortTexts(): ShortTexts {
  const ids = new Int32Array(SHORT_SLOTS);
  const lengths = new Int32Array(SHORT_SLOTS);
  const firsts = new Int32Array(SHORT_SLOTS);
  const lasts = new Int32Array(SHORT_SLOTS);
  const middles = new Int32Array(SHORT_SLOTS);
  const slotOf = (length: number, first: number, last: number): number =>
    (length + first + (first >>> 11) + Math.imul(last, 5)) & (SHORT_SLOTS - 1);
  const viewOf = ({ bytes }: SpelledPart): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    remember: (part, row, id) => {
      const [from, to] = [part.offsets[part.stride * row] ?? 0, part.offsets[part.stride * (row + 1)] ?? 0];
      if (to - from < SHORTEST || to - from > LONGEST) return;
      const view = viewOf(part);
      const [first, last] = [view.getInt32(from), view.getInt32(to - 4)];
      const slot = slotOf(to - from, first, last);
      lengths[slot] = to - from;
      firsts[slot] = first;
      lasts[slot] = last;
      middles[slot] = to - from > 8 ? view.getInt32(from + 4) : 0;
      ids[slot] = id;
    },
    readOn: (part, at, stop, start, into) => {
      const { offsets, stride } = part;
      const view = viewOf(part);
      let from = offsets[stride * (at - start)] ?? 0;
      for (; at < stop; at++) {
        const to = offsets[stride * (at + 1 - start)] ?? 0;
        const length = to - from;
        if (length < SHORTEST || length > LONGEST) return at;
        const [first, last] = [view.getInt32(from), view.getInt32(to - 4)];
        const slot = slotOf(length, first, last);
        if (lengths[slot] !== length || firsts[slot] !== first || lasts[slot] !== last) return at;
        if (length > 8 && middles[slot] !== view.getInt32(from + 4)) return at;
        into[at] = ids[slot] ?? 0;
        from = to;
      }
      return at;
    },
  };
}

interface SpelledTexts {
  /** Below 0 where the text is new: then add comes next. */
  idOf(part: SpelledPart, row: number, byFolder: boolean): number;
  add(id: number): void;
  /** Further steps from slot to slot than chance explains: somebody has chosen the texts. */
  isAttacked(): boolean;
}

const SLASH = 0x2f;
/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
const FNV_PRIME = 0x01000193;
const FIRST_SLOTS = 1024;
const RECENT = 4096;
const FREE_STEPS = 2 ** 20;
const STEPS_A_TEXT = 16;

/** A hash table of texts by their bytes, with open addressing. */
function spelledTexts(): SpelledTexts {
  const seed = (Math.random() * 2 ** 32) | 0;
  let slots = new Int32Array(FIRST_SLOTS); // 1 + index of the text, 0 where there is none
  const hashes: number[] = [];
  const ids: number[] = [];
  const parts: SpelledPart[] = [];
  const [starts, ends]: [number[], number[]] = [[], []];
  let [asked, steps] = [0, 0];
  let [freeSlot, hash, start, end, kind, recentMark] = [0, 0, 0, 0, 0, 0];
  const recent = new Int32Array(RECENT).fill(-1);
  const kinds: number[] = [];
  let asking: SpelledPart | undefined;

  const grow = (): void => {
    slots = new Int32Array(2 * slots.length);
    for (const [text, each] of hashes.entries()) {
      let slot = each & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = text + 1;
    }
  };

  return {
    idOf: (part, row, byFolder) => {
      const { bytes, offsets, stride } = part;
      asking = part;
      start = offsets[stride * row] ?? 0;
      end = offsets[stride * (row + 1)] ?? 0;
      kind = 0;
      // A longer path is cut before it is taken apart.
      if (byFolder && end > start && end - start <= MAX_TEXT) {
        let slash = end - 1;
        while (slash >= start && bytes[slash] !== SLASH) slash--;
        // "/x" and "x" are in the folder "/", but an empty text is in none: it keeps its own number.
        end = slash > start ? slash : start + Number(slash === start);
        kind = 1;
      }
      // Texts that come again and again are found without reading them twice; what is found is compared like any other.
      const mark = (31 * (end - start) + 7 * (bytes[end - 1] ?? 0) + (bytes[end - 2] ?? 0) + (bytes[start] ?? 0)) & (RECENT - 1);
      const last = recent[mark] ?? -1;
      if (kinds[last] === kind && isSame(parts[last] ?? part, starts[last] ?? 0, ends[last] ?? 0, bytes, start, end))
        return ids[last] ?? 0;
      recentMark = mark;
      hash = seed ^ kind;
      for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME);
      hash ^= hash >>> 15;
      asked++;
      let slot = hash & (slots.length - 1);
      for (let text = slots[slot] ?? 0; text !== 0; text = slots[slot] ?? 0) {
        const known = text - 1;
        if (hashes[known] === hash && isSame(parts[known] ?? part, starts[known] ?? 0, ends[known] ?? 0, bytes, start, end)) {
          recent[mark] = known;
          return ids[known] ?? 0;
        }
        steps++;
        slot = (slot + 1) & (slots.length - 1);
      }
      freeSlot = slot;
      return -1;
    },
    add: (id) => {
      if (!asking) return;
      parts.push(asking);
      starts.push(start);
      ends.push(end);
      hashes.push(hash);
      kinds.push(kind);
      recent[recentMark] = ids.length;
      slots[freeSlot] = ids.push(id);
      if (2 * ids.length > slots.length) grow();
    },
    isAttacked: () => steps > FREE_STEPS + STEPS_A_TEXT * asked,
  };
}

function isSame(part: SpelledPart, from: number, to: number, bytes: Buffer, start: number, end: number): boolean {
  if (to - from !== end - start) return false;
  const known = part.bytes;
  for (let at = start, other = from; at < end; at++, other++) if (bytes[at] !== known[other]) return false;
  return true;
}

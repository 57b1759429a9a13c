import { isAscii, isUtf8 } from 'node:buffer';
import type { SpelledPart, TextPart } from '../pin/columnSource';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { rowRanges } from './rowRanges';
import { forEachBlock, pacer } from './stepByStep';

/**
 * The order of names by their UTF-8 bytes, which is that of their code points, ASCII letters folded. Each text has a key of its next bytes beside it.
 * Texts are dealt into buckets by the first bits in which their keys differ, few are inserted one by one, and those whose keys are equal are dealt by
 * the key of the bytes that follow (radix sort from the first byte on, with cached keys: Ng and Kakehi 2007). All of it keeps equal texts in their order.
 */

/** Bytes of a text in a key. */
const KEY_BYTES = 7;
/** The lowest four bits of a key: how many of its bytes the text has, or this where the text goes on. */
const COUNT_BITS = 0xf;
const GOES_ON = KEY_BYTES + 1;

/** Up to this many, each text is inserted in its place among the others. */
const FEW = 16;

/** Bits of a key by which few and many texts are dealt at once. Of two bytes of digits, twelve bits are the low half of the first, and the second. */
const DIGIT_BITS = { few: 8, many: 12 } as const;
const MANY = 4096;

const SIGN = 0x80000000;

/** Keys that are moved between two looks at the clock. */
const WORK_A_STEP = 65_536;

/**
 * Places in the list of rows, the first `wanted` of them in order: names that are equal as they stand, rows without a name last whichever way round.
 * Undefined where the bytes don't tell: they are not at hand, or no UTF-8, which reads as U+FFFD, or names stand in the metadata.
 */
export async function textOrder(
  of: Rows,
  columns: PinColumns,
  descending: boolean,
  wanted: number,
  signal: AbortSignal,
): Promise<Uint32Array | undefined> {
  const column = columns.shape.columns.get('name');
  const parts = column === undefined ? undefined : columns.source.texts?.(column);
  if (!parts?.every(isPlain) || (await rowsWithMetadata(columns, 'name', signal))) return undefined;

  const { starts, indexOf } = rowRanges(parts);
  const views = parts.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  let [firstRow, endRow] = [0, 0];
  let [part] = parts;
  let view = views[0] ?? NO_BYTES;
  const partOf = (row: number): SpelledPart | undefined => {
    if (row >= firstRow && row < endRow) return part;
    const index = indexOf(row);
    [firstRow, endRow] = [starts[index] ?? 0, starts[index + 1] ?? 0];
    view = views[index] ?? NO_BYTES;
    return (part = parts[index]);
  };

  const count = of?.length ?? columns.rows;
  const places = new Uint32Array(count);
  const keys = new Float64Array(count);
  const nextKeys = new Float64Array(count);
  const sign = descending ? SIGN : 0;

  const [words, nextWords] = [wordsOf(keys), wordsOf(nextKeys)];
  let named = 0;
  let nameless = count;
  await forEachBlock(
    count,
    (from, to) => {
      for (let place = from; place < to; place++) {
        const row = of ? (of[place] ?? 0) : place;
        const texts = partOf(row);
        const local = row - firstRow;
        const from = texts?.offsets[texts.stride * local] ?? 0;
        const left = (texts?.offsets[texts.stride * (local + 1)] ?? 0) - from;
        if (!texts || left === 0 || !isThere(texts, local)) {
          places[--nameless] = place;
          continue;
        }
        writeKey(words, named, view, from, left, sign);
        if (left > KEY_BYTES) writeKey(nextWords, named, view, from + KEY_BYTES, left - KEY_BYTES, sign);
        places[named++] = place;
      }
    },
    signal,
  );
  places.subarray(named).reverse();
  const readKey = (at: number, depth: number): void => {
    const place = places[at] ?? 0;
    const row = of ? (of[place] ?? 0) : place;
    const texts = partOf(row);
    if (!texts) return;
    const local = texts.stride * (row - firstRow);
    const from = (texts.offsets[local] ?? 0) + depth;
    writeKey(words, at, view, from, (texts.offsets[local + texts.stride] ?? 0) - from, sign);
  };
  await sortTexts({ places, keys, words, nextKeys, readKey }, named, wanted, signal);
  return places;
}

const NO_BYTES = new DataView(new ArrayBuffer(0));

/** Writes the key of a text whose bytes from `from` on are `left` (1 or more), as two words. */
function writeKey(into: Uint32Array, at: number, view: DataView, from: number, left: number, sign: number): void {
  let upper = 0;
  let lower = 0;
  if (from + 8 <= view.byteLength) {
    upper = view.getUint32(from);
    lower = view.getUint32(from + 4);
  } else
    for (let byte = 0; byte < Math.min(left, KEY_BYTES); byte++)
      if (byte < 4) upper |= view.getUint8(from + byte) << (24 - 8 * byte);
      else lower |= view.getUint8(from + byte) << (56 - 8 * byte);
  if (left < KEY_BYTES) {
    if (left < 4) upper &= -1 << (32 - 8 * left);
    lower &= left <= 4 ? 0 : -1 << (64 - 8 * left);
  }
  upper = folded(upper);
  into[2 * at + 1] = (upper >>> 4) | sign;
  into[2 * at] = (upper << 28) | ((folded(lower) >>> 8) << 4) | (left < GOES_ON ? left : GOES_ON);
}

/** With the ASCII capitals among four bytes made small, all at once: 0x20 is set in each byte from 0x41 to 0x5a. */
function folded(word: number): number {
  const low = word & 0x7f7f7f7f;
  const isCapital = (low + 0x3f3f3f3f) & ~(low + 0x25252525) & ~word & 0x80808080;
  return word | (isCapital >>> 2);
}

function isThere({ validity }: SpelledPart, row: number): boolean {
  return validity === undefined || ((validity[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
}

/** Whether each text is UTF-8 by itself: all of them together are, and none begins in the middle of a character. */
function isPlain(part: TextPart): part is SpelledPart {
  if ('indices' in part) return false;
  const { rows, bytes, offsets, stride } = part;
  const used = bytes.subarray(offsets[0], offsets[stride * rows]);
  if (isAscii(used)) return true;
  if (!isUtf8(used)) return false;
  for (let row = 1; row < rows; row++) if (((bytes[offsets[stride * row] ?? 0] ?? 0) & 0xc0) === 0x80) return false;
  return true;
}

/**
 * Texts to be sorted. A key is 60 bits, so written that it is also a positive double, negative in a descending order: seven bytes of UTF-8 and their
 * count, of which the first byte is 0xf4 at most, so that no key is NaN. Keys compare as doubles; their bits are read as words, the lower one first.
 */
interface KeyedTexts {
  readonly places: Uint32Array;
  readonly keys: Float64Array;
  /** The same keys. */
  readonly words: Uint32Array;
  /** The keys of the bytes that follow, which are read with the first ones while they are at hand. */
  readonly nextKeys: Float64Array;
  /** Reads the key of a text that has bytes beyond `depth`, from there on. */
  readonly readKey: (at: number, depth: number) => void;
}

function wordsOf({ buffer, byteOffset, length }: Float64Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, 2 * length);
}

/** Texts from one place in the order to another, whose first `depth` bytes are equal. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** Puts the first `wanted` of `count` texts in order. */
async function sortTexts(texts: KeyedTexts, count: number, wanted: number, signal: AbortSignal): Promise<void> {
  const due = pacer(signal);
  const deal = dealer(texts, count);
  const runs: Run[] = [{ from: 0, to: count, depth: 0 }];
  let work = 0;
  for (let run = runs.pop(); run; run = runs.pop()) {
    const { from, to } = run;
    if (to - from < 2 || from >= wanted) continue;
    work += to - from;
    if (work > WORK_A_STEP) {
      work = 0;
      await due();
    }
    if (to - from <= FEW) insert(texts, from, to, run.depth, runs);
    else if (!deal.begin(run)) pushEqual(texts, run, runs, true);
    else {
      for (let first = from; first < to; first += WORK_A_STEP) {
        if (first > from) await due();
        deal.move(first, Math.min(to, first + WORK_A_STEP));
      }
      deal.pushBuckets(runs);
    }
  }
}

/** Pushes texts whose keys are equal, to be sorted by their next keys, unless they end here. `isWithNext`: nextKeys still stand beside their keys. */
function pushEqual({ words, keys, nextKeys, readKey }: KeyedTexts, run: Run, runs: Run[], isWithNext: boolean): void {
  const { from, to, depth } = run;
  if (((words[2 * from] ?? 0) & COUNT_BITS) !== GOES_ON) return;
  if (isWithNext && depth === 0) keys.set(nextKeys.subarray(from, to), from);
  else for (let at = from; at < to; at++) readKey(at, depth + KEY_BYTES);
  runs.push({ from, to, depth: depth + KEY_BYTES });
}

interface Dealer {
  /** Counts how many texts of a run belong into each bucket. False where all keys are equal. */
  begin(run: Run): boolean;
  move(from: number, to: number): void;
  pushBuckets(runs: Run[]): void;
}

/** Deals a run of texts into buckets by the first bits in which their keys differ. */
function dealer(texts: KeyedTexts, most: number): Dealer {
  const { places, keys, words, nextKeys } = texts;
  const [oldPlaces, oldKeys, oldNextKeys] = [new Uint32Array(most), new Float64Array(most), new Float64Array(most)];
  const digits = new Uint16Array(most);
  const sizes = { few: new Uint32Array(2 ** DIGIT_BITS.few), many: new Uint32Array(2 ** DIGIT_BITS.many) };
  /** Where the next text of each bucket goes: at last, where the bucket ends. */
  let ends = sizes.few;
  let dealt: Run = { from: 0, to: 0, depth: 0 };
  return {
    begin: (run) => {
      const { from, to } = (dealt = run);
      const [lower, upper] = differingBits(words, from, to);
      if (lower === 0 && upper === 0) return false;
      const kind = to - from < MANY ? 'few' : 'many';
      ends = sizes[kind].fill(0);
      const end = upper === 0 ? 32 - Math.clz32(lower) : 64 - Math.clz32(upper);
      countDigits(words, from, to, Math.max(0, end - DIGIT_BITS[kind]), digits, ends);
      // A loop, since there are many short runs, and each subarray would be an object.
      for (let at = from; at < to; at++) {
        oldPlaces[at] = places[at] ?? 0;
        oldKeys[at] = keys[at] ?? 0;
        if (run.depth === 0) oldNextKeys[at] = nextKeys[at] ?? 0;
      }
      let start = from;
      for (let digit = 0; digit < ends.length; digit++) {
        const size = ends[digit] ?? 0;
        ends[digit] = start;
        start += size;
      }
      return true;
    },
    move: (from, to) => {
      const isWithNext = dealt.depth === 0;
      for (let old = from; old < to; old++) {
        const digit = digits[old] ?? 0;
        const at = ends[digit] ?? 0;
        ends[digit] = at + 1;
        places[at] = oldPlaces[old] ?? 0;
        keys[at] = oldKeys[old] ?? 0;
        if (isWithNext) nextKeys[at] = oldNextKeys[old] ?? 0;
      }
    },
    pushBuckets: (runs) => {
      let { from } = dealt;
      for (const to of ends) {
        if (to - from > FEW) runs.push({ from, to, depth: dealt.depth });
        else if (to - from > 1) insert(texts, from, to, dealt.depth, runs);
        from = to;
      }
    },
  };
}

/** The bits, of both words, that are not the same in all keys. */
function differingBits(words: Uint32Array, from: number, to: number): readonly [lower: number, upper: number] {
  const [lower0 = 0, upper0 = 0] = [words[2 * from], words[2 * from + 1]];
  let [lower, upper] = [0, 0];
  for (let at = 2 * from; at < 2 * to; at += 2) {
    lower |= (words[at] ?? 0) ^ lower0;
    upper |= (words[at + 1] ?? 0) ^ upper0;
  }
  return [lower, upper];
}

/** Writes the bits of each key from bit `shift` on as its digit, and counts the keys with each digit. Of negative keys the greater bits come first. */
function countDigits(words: Uint32Array, from: number, to: number, shift: number, digits: Uint16Array, sizes: Uint32Array): void {
  const mask = sizes.length - 1;
  const back = (words[2 * from + 1] ?? 0) >= SIGN ? mask : 0;
  for (let at = from; at < to; at++) {
    const [lower, upper] = [words[2 * at] ?? 0, words[2 * at + 1] ?? 0];
    const bits = shift >= 32 ? upper >>> (shift - 32) : shift === 0 ? lower : (lower >>> shift) | (upper << (32 - shift));
    const digit = (bits & mask) ^ back;
    digits[at] = digit;
    sizes[digit] = (sizes[digit] ?? 0) + 1;
  }
}

/** Sorts a few texts by key. */
function insert(texts: KeyedTexts, from: number, to: number, depth: number, runs: Run[]): void {
  const { places, keys } = texts;
  for (let next = from + 1; next < to; next++) {
    const [place, key] = [places[next] ?? 0, keys[next] ?? 0];
    let at = next;
    for (; at > from && (keys[at - 1] ?? 0) > key; at--) {
      places[at] = places[at - 1] ?? 0;
      keys[at] = keys[at - 1] ?? 0;
    }
    places[at] = place;
    keys[at] = key;
  }
  for (let start = from, end = from; start < to; start = end) {
    while (end < to && keys[end] === keys[start]) end++;
    if (end - start > 1) pushEqual(texts, { from: start, to: end, depth }, runs, false);
  }
}

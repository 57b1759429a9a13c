import { isAscii, isUtf8 } from 'node:buffer';
import type { SpelledPart, TextPart } from '../pin/columnSource';
import { writeNaturalKey } from '../pin/naturalOrder';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { forEachBlock, pacer } from '../base/stepByStep';

/**
 * Sorts names by the bytes of their natural keys (naturalOrder.ts). Many keys are distributed into buckets by the first byte in which they differ. A few
 * thousand are sorted by the engine as 64-bit numbers: the next six bytes, and the previous position of the text. Names with equal keys keep their order.
 */

/**
 * Places in the list of rows, the first `wanted` of them sorted. Equal names keep their order, and rows without a name come last in both directions. Undefined
 * where the bytes aren't enough: they aren't available, or aren't UTF-8 (which is read as U+FFFD), or the metadata contains names.
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
  const count = of?.length ?? columns.rows;
  const texts = await naturalKeys(of, parts, count, signal);
  const { places, named } = texts;
  places.subarray(named).reverse();
  await sortTexts(texts, places.subarray(0, named), descending, wanted, signal);
  return places;
}

/** Whether each single text is UTF-8: all of them together are, and none begins in the middle of a character. */
function isPlain(part: TextPart): part is SpelledPart {
  if ('indices' in part) return false;
  const { rows, bytes, offsets, stride } = part;
  const used = bytes.subarray(offsets[0], offsets[stride * rows]);
  if (isAscii(used)) return true;
  if (!isUtf8(used)) return false;
  for (let row = 1; row < rows; row++) if (((bytes[offsets[stride * row] ?? 0] ?? 0) & 0xc0) === 0x80) return false;
  return true;
}

/** The keys of a list's places, one after the other: the key of place `at` goes from starts[at] to starts[at + 1]. */
interface Texts {
  readonly bytes: DataView;
  readonly starts: Uint32Array;
}

/** Places are separated while the keys are written: those with a name are written from the beginning, those without from the end. */
interface WrittenKeys extends Texts {
  readonly places: Uint32Array;
  named: number;
  nameless: number;
}

/** Keys are written in words of four bytes, and read two words at a time, so that this many bytes past a key may be accessed. */
const WORD = 4;
const MARGIN = 2 * WORD;

/** The natural keys of the names; that of a row without a name is empty. */
async function naturalKeys(of: Rows, parts: readonly SpelledPart[], count: number, signal: AbortSignal): Promise<WrittenKeys> {
  let room = MARGIN;
  for (const { rows, offsets, stride } of parts) room += (offsets[stride * rows] ?? 0) - (offsets[0] ?? 0);
  const texts: WrittenKeys = {
    bytes: new DataView(new ArrayBuffer(room)),
    starts: new Uint32Array(count + 1),
    places: new Uint32Array(count),
    named: 0,
    nameless: count,
  };
  let [index, firstRow, endRow] = [-1, 0, 0];
  await forEachBlock(
    count,
    (from, to) => {
      for (let at = from; at < to;) {
        for (const row = of ? (of[at] ?? 0) : at; row >= endRow; endRow += parts[++index]?.rows ?? Infinity) firstRow = endRow;
        const part = parts[index];
        if (!part) return;
        at = writeKeys(texts, of, part, firstRow, at, to);
      }
    },
    signal,
  );
  return texts;
}

/** Writes the keys of the places from `at` to `to` that are in the part, and returns the first place after them. */
function writeKeys(texts: WrittenKeys, of: Rows, part: SpelledPart, firstRow: number, at: number, to: number): number {
  const { bytes, starts, places } = texts;
  const { offsets, stride, validity, rows } = part;
  const source = new DataView(part.bytes.buffer, part.bytes.byteOffset, part.bytes.length);
  let { named, nameless } = texts;
  let into = starts[at] ?? 0;
  for (; at < to; at++) {
    const row = (of ? (of[at] ?? 0) : at) - firstRow;
    if (row >= rows) break;
    const from = offsets[stride * row] ?? 0;
    const length = (offsets[stride * (row + 1)] ?? 0) - from;
    if (length > 0 && (!validity || ((validity[row >> 3] ?? 0) & (1 << (row & 7))) !== 0)) {
      into = writeNaturalKey(source, from, from + length, bytes, into);
      places[named++] = at;
    } else places[--nameless] = at;
    starts[at + 1] = into;
  }
  texts.named = named;
  texts.nameless = nameless;
  return at;
}

/** A range of places in the order whose texts have the same first `depth` bytes. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/**
 * A key has six bytes of a text; then, in three bits, how many of them are used, or this value if the text continues; then the previous position of the text in
 * its run.
 */
const KEY_BYTES = 6;
const GOES_ON = 7;
const INDEX_BITS = 13;
/** The longest run whose positions fit in a key. */
const MOST_KEYS = 2 ** INDEX_BITS;
const INDEX = MOST_KEYS - 1;
const ALL = 0xffffffff;

interface Sorting extends Texts {
  /** The places that are being sorted. */
  readonly order: Uint32Array;
  /** The places before the current step. */
  readonly old: Uint32Array;
  readonly digits: Uint16Array;
  readonly keys: BigUint64Array;
  /** The bits that are inverted for a descending order. */
  readonly back: number;
  /** The runs that still have to be sorted. */
  readonly runs: Run[];
}

/** Sorts the first `wanted` places. */
async function sortTexts(
  texts: Texts,
  order: Uint32Array,
  descending: boolean,
  wanted: number,
  signal: AbortSignal,
): Promise<void> {
  const sorting: Sorting = {
    ...texts,
    order,
    old: new Uint32Array(order.length),
    digits: new Uint16Array(order.length),
    keys: new BigUint64Array(MOST_KEYS),
    back: descending ? ALL : 0,
    runs: [{ from: 0, to: order.length, depth: 0 }],
  };
  const due = pacer(signal);
  let work = 0;
  for (let run = sorting.runs.pop(); run; run = sorting.runs.pop()) {
    if (run.from >= wanted) continue;
    const size = run.to - run.from;
    if (size > MOST_KEYS) await deal(sorting, run, signal);
    else sortRun(sorting, run);
    work += size;
    if (work <= MOST_KEYS) continue;
    work = 0;
    await due();
  }
}

/** Sorts a short run by its next bytes, and adds a run for the texts that are still equal and continue. */
function sortRun({ bytes, starts, order, old, keys, back, runs }: Sorting, { from, to, depth }: Run): void {
  const size = to - from;
  const words = new Uint32Array(keys.buffer, 0, 2 * size); // the lower word of each key comes first
  for (let at = 0; at < size; at++) {
    const place = (old[at] = order[from + at] ?? 0);
    const start = (starts[place] ?? 0) + depth;
    const left = (starts[place + 1] ?? 0) - start;
    let upper = bytes.getUint32(start);
    let lower = bytes.getUint16(start + WORD);
    if (left < KEY_BYTES) {
      if (left < WORD) upper &= left === 0 ? 0 : ALL << (32 - 8 * left);
      lower &= left <= WORD ? 0 : 0xff00;
    }
    const count = left < GOES_ON ? left : GOES_ON;
    words[2 * at + 1] = upper ^ back;
    words[2 * at] = (((lower << 16) | (count << INDEX_BITS)) ^ (back & ~INDEX)) | at;
  }
  keys.subarray(0, size).sort();
  for (let at = 0, first = 0; at < size; at++) {
    const [lower = 0, upper = 0] = [words[2 * at], words[2 * at + 1]];
    order[from + at] = old[lower & INDEX] ?? 0;
    if (at + 1 < size && words[2 * at + 3] === upper && ((words[2 * at + 2] ?? 0) ^ lower) >>> INDEX_BITS === 0) continue;
    if (at > first && (((lower ^ back) >>> INDEX_BITS) & GOES_ON) === GOES_ON)
      runs.push({ from: from + first, to: from + at + 1, depth: depth + KEY_BYTES });
    first = at + 1;
  }
}

const BYTES = 256;

/** Distributes a long run into buckets by the first byte in which its texts differ. Texts that end before that byte are equal. */
async function deal(sorting: Sorting, { from, to, depth }: Run, signal: AbortSignal): Promise<void> {
  let same = Infinity;
  const ends = new Uint32Array(BYTES + 1);
  await forEachBlock(to - from, (at, end) => (same = sameBytes(sorting, from, from + at, from + end, depth, same)), signal);
  await forEachBlock(to - from, (at, end) => countDigits(sorting, from + at, from + end, same, ends), signal);
  let start = from;
  for (const [digit, size] of ends.entries()) {
    ends[digit] = start;
    start += size;
  }
  await forEachBlock(to - from, (at, end) => move(sorting, from + at, from + end, ends), signal);
  const equal = sorting.back === 0 ? 0 : BYTES;
  start = from;
  for (const [digit, end] of ends.entries()) {
    if (end - start > 1 && digit !== equal) sorting.runs.push({ from: start, to: end, depth: same + 1 });
    start = end;
  }
}

/** How many bytes, at most `same`, all texts from `at` to `to` share with the text at `first`; at least `depth`. */
function sameBytes(
  { bytes, starts, order }: Sorting,
  first: number,
  at: number,
  to: number,
  depth: number,
  same: number,
): number {
  const start = starts[order[first] ?? 0] ?? 0;
  for (; at < to && same > depth; at++) {
    const place = order[at] ?? 0;
    const other = starts[place] ?? 0;
    const most = Math.min(same, (starts[place + 1] ?? 0) - other);
    let [shared, differing] = [depth, 0];
    for (; shared < most && differing === 0; shared += WORD)
      differing = bytes.getInt32(start + shared) ^ bytes.getInt32(other + shared);
    if (differing !== 0) shared -= WORD - (Math.clz32(differing) >>> 3);
    same = Math.min(shared, most);
  }
  return same;
}

/** Records for each text the byte at `depth`, or that the text ends there. */
function countDigits(
  { bytes, starts, order, old, digits, back }: Sorting,
  at: number,
  to: number,
  depth: number,
  sizes: Uint32Array,
): void {
  for (; at < to; at++) {
    const place = (old[at] = order[at] ?? 0);
    const start = (starts[place] ?? 0) + depth;
    let digit = start < (starts[place + 1] ?? 0) ? bytes.getUint8(start) + 1 : 0;
    if (back !== 0) digit = BYTES - digit;
    digits[at] = digit;
    sizes[digit] = (sizes[digit] ?? 0) + 1;
  }
}

function move({ order, old, digits }: Sorting, at: number, to: number, ends: Uint32Array): void {
  for (; at < to; at++) {
    const digit = digits[at] ?? 0;
    const end = ends[digit] ?? 0;
    ends[digit] = end + 1;
    order[end] = old[at] ?? 0;
  }
}

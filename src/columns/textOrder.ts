import { isAscii, isUtf8 } from 'node:buffer';
import type { SpelledPart, TextPart } from '../pin/columnSource';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { numberOrder } from './numberOrder';
import { FOLD } from './textSearch';
import { forEachBlock, pacer } from './stepByStep';

/**
 * The order of names by their UTF-8 bytes, which is that of their code points, ASCII letters folded. Multikey quicksort (Bentley and Sedgewick 1997)
 * with the next bytes of each text kept beside it (Ng and Kakehi 2007), since it is the way to the bytes that takes the time.
 */

/** Bytes of a text in a key, each by one more than it is, 0 past the end: 257^6 is below 2^53. */
const KEY_BYTES = 6;
const BASE = 257;

/** Below this many, each is put in its place among the others. */
const FEW = 12;

/** Keys that are touched between two looks at the clock. */
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

  const firstRows = [0];
  for (const { rows } of parts) firstRows.push((firstRows.at(-1) ?? 0) + rows);
  let [index, firstRow, endRow] = [0, 0, firstRows[1] ?? 0];
  let [part] = parts;
  const goTo = (row: number): void => {
    let [low, high] = [0, parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((firstRows[middle] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    index = low;
    part = parts[index];
    [firstRow, endRow] = [firstRows[index] ?? 0, firstRows[index + 1] ?? 0];
  };
  const sign = descending ? -1 : 1;

  /** The key of the text from byte `depth` on; negative where the order is to be turned round. */
  const keyAt = (place: number, depth: number): number => {
    const row = of ? (of[place] ?? 0) : place;
    if (row < firstRow || row >= endRow) goTo(row);
    if (!part) return 0;
    const { bytes, offsets, stride } = part;
    const local = stride * (row - firstRow);
    const end = offsets[local + stride] ?? 0;
    let at = (offsets[local] ?? 0) + depth;
    let key = 0;
    for (let digit = 0; digit < KEY_BYTES; digit++) key = key * BASE + (at < end ? (FOLD[bytes[at++] ?? 0] ?? 0) + 1 : 0);
    return sign * key;
  };

  const count = of?.length ?? columns.rows;
  const places = new Uint32Array(count);
  const keys = new Float64Array(count);
  let named = 0;
  let nameless = count;
  await forEachBlock(
    count,
    (from, to) => {
      for (let place = from; place < to; place++) {
        const row = of ? (of[place] ?? 0) : place;
        if (row < firstRow || row >= endRow) goTo(row);
        const key = part && isThere(part, row - firstRow) ? keyAt(place, 0) : 0;
        if (key === 0) places[--nameless] = place;
        else {
          places[named] = place;
          keys[named++] = key;
        }
      }
    },
    signal,
  );
  places.subarray(named).reverse();
  await quicksort(places, keys, named, wanted, keyAt, signal);
  return places;
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

/** From this many on, a radix sort of the keys is sooner done than parting them again and again. */
const MANY = 8192;

async function sortByKeys(places: Uint32Array, keys: Float64Array, from: number, to: number, signal: AbortSignal): Promise<void> {
  const [oldPlaces, oldKeys] = [places.slice(from, to), keys.slice(from, to)];
  const order = await numberOrder(oldKeys, false, signal);
  for (let at = 0; at < order.length; at++) {
    const old = order[at] ?? 0;
    places[from + at] = oldPlaces[old] ?? 0;
    keys[from + at] = oldKeys[old] ?? 0;
  }
}

/** What is still equal after these keys is to be told apart by the next ones. Texts that end here stand as they did, and so in order. */
function pushRuns(
  stack: number[],
  places: Uint32Array,
  keys: Float64Array,
  from: number,
  to: number,
  depth: number,
  keyAt: KeyAt,
): void {
  for (let start = from; start < to;) {
    const key = keys[start] ?? 0;
    let end = start + 1;
    while (end < to && keys[end] === key) end++;
    if (end - start > 1 && key % BASE !== 0) {
      for (let at = start; at < end; at++) keys[at] = keyAt(places[at] ?? 0, depth + KEY_BYTES);
      stack.push(start, end, depth + KEY_BYTES);
    }
    start = end;
  }
}

type KeyAt = (place: number, depth: number) => number;

async function quicksort(
  places: Uint32Array,
  keys: Float64Array,
  count: number,
  wanted: number,
  keyAt: KeyAt,
  signal: AbortSignal,
): Promise<void> {
  const due = pacer(signal);
  const stack: number[] = [0, count, 0];
  let work = 0;
  const swap = (a: number, b: number): void => {
    const [place, key] = [places[a] ?? 0, keys[a] ?? 0];
    places[a] = places[b] ?? 0;
    keys[a] = keys[b] ?? 0;
    places[b] = place;
    keys[b] = key;
  };
  while (stack.length > 0) {
    const depth = stack.pop() ?? 0;
    const to = stack.pop() ?? 0;
    const from = stack.pop() ?? 0;
    if (to - from < 2 || from >= wanted) continue;
    work += to - from;
    if (work > WORK_A_STEP) {
      work = 0;
      await due();
    }
    if (to - from <= FEW) {
      insert(places, keys, from, to, depth, keyAt);
      continue;
    }
    if (to - from >= MANY && to <= wanted) {
      await sortByKeys(places, keys, from, to, signal);
      pushRuns(stack, places, keys, from, to, depth, keyAt);
      continue;
    }
    const pivot = middleOf(keys, from, to);
    let [less, at, greater] = [from, from, to];
    while (at < greater) {
      const key = keys[at] ?? 0;
      if (key < pivot) swap(less++, at++);
      else if (key > pivot) swap(at, --greater);
      else at++;
    }
    stack.push(from, less, depth, greater, to, depth);
    if (pivot % BASE === 0)
      places.subarray(less, greater).sort(); // the texts end here, all the same
    else {
      for (let same = less; same < greater; same++) keys[same] = keyAt(places[same] ?? 0, depth + KEY_BYTES);
      stack.push(less, greater, depth + KEY_BYTES);
    }
  }
}

/** Of three at random: what a file holds can't be arranged for it. */
function middleOf(keys: Float64Array, from: number, to: number): number {
  const any = (): number => keys[from + Math.floor(Math.random() * (to - from))] ?? 0;
  const [a, b, c] = [any(), any(), any()];
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function insert(places: Uint32Array, keys: Float64Array, from: number, to: number, depth: number, keyAt: KeyAt): void {
  for (let next = from + 1; next < to; next++) {
    const [place, key] = [places[next] ?? 0, keys[next] ?? 0];
    let at = next;
    for (; at > from; at--) {
      const [otherPlace, otherKey] = [places[at - 1] ?? 0, keys[at - 1] ?? 0];
      if (key > otherKey || (key === otherKey && !isBefore(place, otherPlace, key, depth, keyAt))) break;
      places[at] = otherPlace;
      keys[at] = otherKey;
    }
    places[at] = place;
    keys[at] = key;
  }
}

/** Of two whose keys are the same at this depth. */
function isBefore(place: number, other: number, key: number, depth: number, keyAt: KeyAt): boolean {
  for (let from = depth; key % BASE !== 0;) {
    from += KEY_BYTES;
    key = keyAt(place, from);
    const otherKey = keyAt(other, from);
    if (key !== otherKey) return key < otherKey;
  }
  return place < other;
}

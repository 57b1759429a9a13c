import { IpfsKitError } from '../base/ipfsKitError';
import type { IndexedPart, SpelledPart, TextPart } from '../pin/columnSource';
import { MAX_TEXT } from '../pin/pin';
import { MOST_GROUPS } from '../pin/pinQuery';
import type { Rows } from './pinColumns';
import { forEachBlock } from '../base/stepByStep';
import type { TextTable } from './textTable';
import { hasBytes, textTable } from './textTable';

/** Which rows have the same text, by its bytes, without decoding it. */

/**
 * Gives each place of the list a number, which is the same for the same text (for `byFolder`, the same up to the last slash), and returns one example row per
 * number. Nulls share a number. Undefined where there are more different texts than groups are allowed, or where more collide than chance explains.
 */
export async function sameTexts(
  of: Rows,
  parts: readonly TextPart[],
  byFolder: boolean,
  into: Uint32Array,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const known = knownTexts();
  const { examples } = known;
  const indexed = new Map<object, Int32Array>();
  let [index, start, end] = [-1, 0, 0];
  const isOver = (): boolean => examples.length > MOST_GROUPS;

  const read = (from: number, to: number): void => {
    for (let at = from; at < to && !isOver();) {
      for (const row = of ? (of[at] ?? 0) : at; row >= end; end += parts[++index]?.rows ?? Infinity) start = end;
      const part = parts[index];
      if (!part) return;
      // Up to the end of this part.
      let stop = at + 1;
      if (of) while (stop < to && (of[stop] ?? 0) < end) stop++;
      else stop = Math.min(to, end);
      const places: Places = { of, at, stop, start };
      if ('offsets' in part) readSpelled(known, part, places, byFolder, into);
      else readIndexed(known, part, places, idsOfEntries(indexed, part), into);
      at = stop;
    }
  };
  try {
    await forEachBlock(into.length, read, signal);
  } catch (error) {
    if (IpfsKitError.is(error, 'malformed')) return undefined; // crafted texts: their values are grouped instead
    throw error;
  }
  return isOver() ? undefined : examples;
}

/** Places of the list whose rows are in one part, which begins at row `start`. */
interface Places {
  readonly of: Rows;
  readonly at: number;
  readonly stop: number;
  readonly start: number;
}

function idsOfEntries(indexed: Map<object, Int32Array>, { dictionary, entries }: IndexedPart): Int32Array {
  let ids = indexed.get(dictionary);
  if (!ids) indexed.set(dictionary, (ids = new Int32Array(entries).fill(-1)));
  return ids;
}

function readIndexed(known: KnownTexts, part: IndexedPart, places: Places, ids: Int32Array, into: Uint32Array): void {
  const { indices, validity } = part;
  const { of, stop, start } = places;
  for (let { at } = places; at < stop; at++) {
    const row = (of ? (of[at] ?? 0) : at) - start;
    const entry = indices[row] ?? 0;
    if (isNull(validity, row)) into[at] = idOfNull(known, start + row);
    else {
      if ((ids[entry] ?? 0) < 0) ids[entry] = known.examples.push(start + row) - 1;
      into[at] = ids[entry] ?? 0;
    }
  }
}

function isNull(validity: Uint8Array | undefined, row: number): boolean {
  return validity !== undefined && ((validity[row >> 3] ?? 0) & (1 << (row & 7))) === 0;
}

function idOfNull(known: KnownTexts, row: number): number {
  if (known.none < 0) known.none = known.examples.push(row) - 1;
  return known.none;
}

/** The known texts. Recent ones are found without hashing, by their length and their first and last four bytes; then the bytes in between are compared. */
interface KnownTexts {
  /** An example row for each number. */
  readonly examples: number[];
  /** The number for null; below 0 until there is one. */
  none: number;
  readonly table: TextTable;
  /** The part, start and number of each text of the table. */
  readonly parts: SpelledPart[];
  readonly starts: number[];
  readonly lengths: number[];
  readonly ids: number[];
  /** RECENT_FIELDS values for each mark of a text: its length (below 0 for none), its first and last bytes, its offset, and its number. */
  readonly recent: Int32Array;
  /** The part that contains the recent texts. */
  recentPart: SpelledPart | undefined;
}

const RECENT_BITS = 12;
const RECENT_FIELDS = 5;
const WORD = 4;

function knownTexts(): KnownTexts {
  const [parts, starts, lengths]: [SpelledPart[], number[], number[]] = [[], [], []];
  const isText = (text: number, bytes: Uint8Array, from: number, to: number): boolean => {
    const part = parts[text];
    return part !== undefined && lengths[text] === to - from && hasBytes(part.bytes, starts[text] ?? 0, bytes, from, to);
  };
  return {
    ...{ examples: [], none: -1, table: textTable(isText), parts, starts, lengths, ids: [] },
    recent: new Int32Array(RECENT_FIELDS * 2 ** RECENT_BITS),
    recentPart: undefined,
  };
}

function readSpelled(known: KnownTexts, part: SpelledPart, places: Places, byFolder: boolean, into: Uint32Array): void {
  const { bytes, offsets, stride, validity } = part;
  const { of, stop, start } = places;
  const { recent } = known;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (known.recentPart !== part) recent.fill(-1);
  known.recentPart = part;
  for (let { at } = places; at < stop; at++) {
    at = readRecent(recent, view, offsets, stride, validity, byFolder, of, at, stop, start, into);
    if (at >= stop) return;
    const row = (of ? (of[at] ?? 0) : at) - start;
    const from = offsets[stride * row] ?? 0;
    const end = offsets[stride * (row + 1)] ?? 0;
    // An empty path isn't in a folder, and neither is a missing one.
    if (isNull(validity, row) || (byFolder && from === end)) {
      into[at] = idOfNull(known, start + row);
      continue;
    }
    const to = byFolder ? endOfFolder(view, from, end) : end;
    const id = idOf(known, part, from, to - from, start + row);
    const [first, last] = [firstBytes(view, from, to), lastBytes(view, from, to)];
    recent.set([to - from, first, last, from, id], markOf(first, last, to - from));
    into[at] = id;
  }
}

/**
 * Writes the numbers of texts up to the first that is null or not among the recent ones, and returns its place. The parameters are only arrays and numbers: V8
 * forgets the shapes of objects between two queries, and with them the optimized code of this loop.
 */
function readRecent(
  recent: Int32Array,
  view: DataView,
  offsets: Int32Array,
  stride: number,
  validity: Uint8Array | undefined,
  byFolder: boolean,
  of: Rows,
  at: number,
  stop: number,
  start: number,
  into: Uint32Array,
): number {
  let end = of ? 0 : (offsets[stride * (at - start)] ?? 0);
  for (; at < stop; at++) {
    const row = (of ? (of[at] ?? 0) : at) - start;
    if (isNull(validity, row)) return at;
    const from = of ? (offsets[stride * row] ?? 0) : end; // A text begins where that of the row before it ends.
    let to = (end = offsets[stride * (row + 1)] ?? 0);
    if (byFolder) {
      if (from === to) return at;
      to = endOfFolder(view, from, to);
    }
    const first = firstBytes(view, from, to);
    const last = lastBytes(view, from, to);
    const mark = markOf(first, last, to - from);
    if (recent[mark] !== to - from || recent[mark + 1] !== first || recent[mark + 2] !== last) return at;
    // Word by word, the last of them within the last bytes that are known to be equal.
    const moved = (recent[mark + 3] ?? 0) - from;
    let middle = from + WORD;
    while (middle < to - WORD && view.getInt32(middle, true) === view.getInt32(middle + moved, true)) middle += WORD;
    if (middle < to - WORD) return at;
    into[at] = recent[mark + 4] ?? 0;
  }
  return at;
}

function firstBytes(view: DataView, from: number, to: number): number {
  if (to - from >= WORD) return view.getInt32(from, true);
  let word = 0;
  for (let at = from; at < to; at++) word = (word << 8) | view.getUint8(at);
  return word;
}

function lastBytes(view: DataView, from: number, to: number): number {
  return to - from >= WORD ? view.getInt32(to - WORD, true) : 0;
}

/** The slot of a text among the recent ones. */
function markOf(first: number, last: number, length: number): number {
  return RECENT_FIELDS * (Math.imul(first ^ (last << 1) ^ length, MIX) >>> (32 - RECENT_BITS));
}

/** 2^32 divided by the golden ratio (Knuth, "The Art of Computer Programming", 6.4): its product spreads numbers that lie close together. */
const MIX = 0x9e3779b1;

const SLASH = 0x2f;

/** Where the folder of a path ends. "/x" is in "/", "x" in an empty folder. A path that is too long is cut before it is split, and keeps its own number. */
function endOfFolder(view: DataView, from: number, to: number): number {
  if (to - from > MAX_TEXT) return to;
  let slash = to - 1;
  while (slash >= from && view.getUint8(slash) !== SLASH) slash--;
  return slash > from ? slash : from + Number(slash === from);
}

/** The number of a text. A new text is added. */
function idOf(known: KnownTexts, part: SpelledPart, start: number, length: number, row: number): number {
  const { table, parts, starts, lengths, ids } = known;
  const text = table.find(part.bytes, start, start + length);
  if (text >= 0) return ids[text] ?? 0;
  parts.push(part);
  starts.push(start);
  lengths.push(length);
  const id = known.examples.push(row) - 1;
  table.add(ids.push(id) - 1);
  return id;
}

import type { Column, ColumnSource, SpelledPart } from '../pin/columnSource';
import { SHOWN_BYTES } from '../pin/columnSource';
import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { findText } from './textSearch';

/**
 * Columns to which rows are added while a list is read. Written bytes never change, so a snapshot of a column (`now`) shares its bytes with all later ones,
 * costs almost nothing, and stays valid.
 */
export interface TextBuilder {
  readonly rows: number;
  /** Adds a copy of bytes[from … to), which must be UTF-8. An empty text counts as no text. */
  add(bytes: Uint8Array, from: number, to: number): void;
  addText(text: string | undefined): void;
  now(): Column;
  /** The added rows in parts, each with ROWS_A_PART rows except the last. */
  parts(): readonly SpelledPart[];
}

export const PART_BITS = 16;
export const ROWS_A_PART = 2 ** PART_BITS;
export const IN_PART = ROWS_A_PART - 1;
export const FIRST_ROWS = 256;
const FIRST_BYTES = 16_384;
/** Up to this many bytes, a loop copies faster than a call. */
const FEW_BYTES = 96;

/** The most bytes of all text columns of one list. Offsets into them are signed 32-bit integers. */
const MOST_TEXT_BYTES = 2 ** 29;
/** The most bytes that are allocated for a part before its rows need more, regardless of the size of the previous part. */
const MOST_FIRST_BYTES = 2 ** 24;

/**
 * Called with the number of bytes that a column is about to keep; all columns of a list share one. Throws `too-large` past `mostBytes`, which is at most 2^31 -
 * 1.
 */
export type TextBudget = (bytes: number) => void;

export function textBudget(mostBytes = MOST_TEXT_BYTES): TextBudget {
  let left = mostBytes;
  return (bytes) => {
    if (bytes > left) throw new IpfsKitError('too-large', `The list contains more than ${withCommas(mostBytes)} bytes of text.`);
    left -= bytes;
  };
}

/** The rows of one part so far. Buffers that become too small are replaced; earlier snapshots keep the old ones. */
interface TextPartNow {
  rows: number;
  bytes: Buffer;
  offsets: Int32Array;
  /** Created with the first row that has no text. */
  validity: Uint8Array | undefined;
  /** The bytes of the part before; undefined for the first one. */
  readonly usual: number | undefined;
}

/** Of a part without any text, which takes no memory. Nothing is ever written to them. */
const NO_OFFSETS = new Int32Array(ROWS_A_PART + 1);
const NO_TEXTS = new Uint8Array(ROWS_A_PART / 8);
const NO_BYTES = Buffer.alloc(0);

/**
 * Once the budget is used up, `add` and `addText` throw and add nothing. That row is then missing from this column, and therefore from the rows of sourceOf.
 */
export function textBuilder(budget: TextBudget = textBudget()): TextBuilder {
  const whole: SpelledPart[] = [];
  let part = newPart();
  let gaps = 0;

  /** Makes room for one more row of this many bytes, and returns their offset. */
  const room = (bytes: number): number => {
    if (part.rows === ROWS_A_PART) {
      whole.push(frozen(part));
      part = newPart(part.offsets[part.rows]);
    }
    if (bytes === 0 && part.offsets === NO_OFFSETS) return 0;
    if (part.offsets === NO_OFFSETS) {
      const isFirst = part.usual === undefined;
      part.offsets = new Int32Array((isFirst ? Math.max(FIRST_ROWS, 2 * part.rows) : ROWS_A_PART) + 1);
      part.bytes = Buffer.allocUnsafeSlow(Math.min((part.usual ?? 0) + FIRST_BYTES, MOST_FIRST_BYTES));
      if (part.rows > 0) part.validity = Uint8Array.from({ length: ROWS_A_PART / 8 }, (_, at) => validBits(at, part.rows));
    }
    const { rows } = part;
    if (rows + 1 >= part.offsets.length) part.offsets = larger(part.offsets, new Int32Array(2 * part.offsets.length));
    const at = part.offsets[rows] ?? 0;
    if (at + bytes > part.bytes.length) {
      const more = Buffer.allocUnsafeSlow(Math.max(at + bytes, 2 * part.bytes.length));
      part.bytes.copy(more, 0, 0, at);
      part.bytes = more;
    }
    return at;
  };
  const close = (end: number, isThere: boolean): void => {
    const row = part.rows++;
    if (!isThere) gaps++;
    if (part.offsets === NO_OFFSETS) return;
    part.offsets[row + 1] = end;
    if (isThere) return;
    part.validity ??= new Uint8Array(ROWS_A_PART / 8).fill(0xff);
    part.validity[row >> 3] = (part.validity[row >> 3] ?? 0) & ~(1 << (row & 7));
  };
  const parts = (): SpelledPart[] => (part.rows === 0 ? [...whole] : [...whole, frozen(part)]);

  return {
    get rows() {
      return whole.length * ROWS_A_PART + part.rows;
    },
    add: (bytes, from, to) => {
      const length = to - from;
      budget(length);
      let at = room(length);
      const into = part.bytes;
      if (length > FEW_BYTES) into.set(bytes.subarray(from, to), at);
      else for (let place = at, byte = from; byte < to; byte++) into[place++] = bytes[byte] ?? 0;
      at += length;
      close(at, length > 0);
    },
    addText: (text = '') => {
      const length = Buffer.byteLength(text);
      budget(length);
      const at = room(length);
      part.bytes.write(text, at);
      close(at + length, text !== '');
    },
    now: () => textColumn(parts(), gaps === 0),
    parts,
  };
}

function newPart(usual?: number): TextPartNow {
  return { rows: 0, bytes: NO_BYTES, offsets: NO_OFFSETS, validity: undefined, usual };
}

/** Byte `at` of a bitmap in which the first `gaps` rows have no text, and the others have one. */
export function validBits(at: number, gaps: number): number {
  return 0xff & (0xff << Math.min(8, Math.max(0, gaps - 8 * at)));
}

export function larger<T extends Int32Array | Float64Array>(old: T, into: T): T {
  into.set(old);
  return into;
}

function frozen({ rows, bytes, offsets, validity = offsets === NO_OFFSETS ? NO_TEXTS : undefined }: TextPartNow): SpelledPart {
  return { rows, bytes, offsets, stride: 1, ...(validity && { validity }) };
}

function textColumn(texts: readonly SpelledPart[], hasTextInEveryRow: boolean): Column {
  const read = (row: number, maxBytes: number): string | null => {
    const part = texts[row >>> PART_BITS];
    const local = row & IN_PART;
    const [start, end] = [part?.offsets[local] ?? 0, part?.offsets[local + 1] ?? 0];
    return part && end > start ? part.bytes.toString('utf8', start, Math.min(end, start + maxBytes)) : null;
  };
  return {
    rows: rowsOf(texts),
    hasTextInEveryRow,
    value: (row) => read(row, SHOWN_BYTES),
    uncutValue: (row) => read(row, Infinity),
    texts,
    *search(needle, hits, { from, to } = { from: 0, to: Infinity, dictionaryHits: new Map() }) {
      for (const [index, { rows, bytes, offsets }] of texts.entries()) {
        const base = index << PART_BITS;
        const [first, end] = [Math.max(0, from - base), Math.min(rows, to - base)];
        if (first >= end) continue;
        yield* findText({ length: end - first, bytes, startOf: (row) => offsets[first + row] ?? 0 }, needle, (row) => {
          hits[base + first + row] = 1;
        });
      }
    },
  };
}

function rowsOf(texts: readonly SpelledPart[]): number {
  return texts.reduce((sum, { rows }) => sum + rows, 0);
}

/** A column in which no row has a text. */
export function noTexts(rows: number): Column {
  const parts: SpelledPart[] = [];
  for (let from = 0; from < rows; from += ROWS_A_PART)
    parts.push(frozen({ ...newPart(), rows: Math.min(rows - from, ROWS_A_PART) }));
  return textColumn(parts, rows === 0);
}

/** Makes a source of pins from columns with the same number of rows. */
export function sourceOf(columns: Readonly<Record<string, Column>>): ColumnSource {
  const byName = new Map(Object.entries(columns));
  return {
    rows: Math.min(...Object.values(columns).map(({ rows }) => rows)),
    names: [...byName.keys()],
    value: (column, row) => byName.get(column)?.value(row),
    uncutValue: (column, row) => byName.get(column)?.uncutValue(row),
    hasTextInEveryRow: (column) => byName.get(column)?.hasTextInEveryRow === true,
    search: (column, needle, hits, part) => byName.get(column)?.search?.(needle, hits, part),
    numbers: (column) => byName.get(column)?.numbers,
    texts: (column) => byName.get(column)?.texts,
  };
}

import type { Column, IndexedPart } from '../pin/columnSource';
import { FIRST_ROWS, IN_PART, larger, PART_BITS, ROWS_A_PART, validBits } from './columnBuilders';

/** A column of texts that repeat, such as types and lists of peers: each is kept once. A row takes 4 bytes, and none while all rows of its part are equal. */
export interface RepeatedTextBuilder {
  /** An empty text counts as no text. So does a new one once the column has MOST_TEXTS or MOST_CHARACTERS. */
  addText(text: string | undefined): void;
  now(): Column;
}

const MOST_TEXTS = 65_536;
const MOST_CHARACTERS = 2 ** 24;
/** The index of a row without a text. */
const NONE = -1;

/** The rows of one part so far. */
interface Part {
  rows: number;
  /** The index of all its rows, as long as they are equal. */
  first: number;
  /** Buffers that become too small are replaced; earlier snapshots keep the old ones. */
  indices: Int32Array | undefined;
  /** Created with the second index, where one of both is NONE. */
  validity: Uint8Array | undefined;
}

/** For parts in which all rows are equal. Nothing is ever written to them. */
const FIRST_TEXT = new Int32Array(ROWS_A_PART);
const NO_TEXT = new Uint8Array(ROWS_A_PART / 8);

export function repeatedTextBuilder(): RepeatedTextBuilder {
  const texts: string[] = [];
  const known = new Map<string, number>();
  const whole: Part[] = [];
  let part: Part = { rows: 0, first: NONE, indices: undefined, validity: undefined };
  let [characters, gaps] = [0, 0];

  const indexOf = (text: string): number => {
    const index = known.get(text);
    if (index !== undefined) return index;
    if (text === '' || texts.length === MOST_TEXTS || characters + text.length > MOST_CHARACTERS) return NONE;
    characters += text.length;
    known.set(text, texts.length);
    return texts.push(text) - 1;
  };
  return {
    addText: (text = '') => {
      const index = indexOf(text);
      if (index === NONE) gaps++;
      if (part.rows === ROWS_A_PART) {
        whole.push(part);
        part = { rows: 0, first: NONE, indices: undefined, validity: undefined };
      }
      addTo(part, index);
    },
    now: () => {
      const parts = (part.rows === 0 ? whole : [...whole, part]).map((each): IndexedPart => frozen(each, texts));
      const rows = whole.length * ROWS_A_PART + part.rows;
      const value = (row: number): string | null => {
        const { indices, validity } = parts[row >>> PART_BITS] ?? {};
        const at = row & IN_PART;
        const isThere = indices !== undefined && row < rows && (!validity || ((validity[at >> 3] ?? 0) & (1 << (at & 7))) !== 0);
        return isThere ? (texts[indices[at] ?? NONE] ?? null) : null;
      };
      return { rows, hasTextInEveryRow: gaps === 0, value, uncutValue: value, texts: parts };
    },
  };
}

function addTo(part: Part, index: number): void {
  const row = part.rows++;
  if (row === 0) part.first = index;
  if (!part.indices) {
    if (index === part.first) return;
    part.indices = new Int32Array(roomFor(row)).fill(part.first, 0, row);
    if (part.first === NONE) part.validity = Uint8Array.from({ length: ROWS_A_PART / 8 }, (_, at) => validBits(at, row));
  } else if (row === part.indices.length) part.indices = larger(part.indices, new Int32Array(2 * row));
  part.indices[row] = index;
  if (index !== NONE) return;
  part.validity ??= new Uint8Array(ROWS_A_PART / 8).fill(0xff);
  part.validity[row >> 3] = (part.validity[row >> 3] ?? 0) & ~(1 << (row & 7));
}

function roomFor(row: number): number {
  let room = FIRST_ROWS;
  while (room <= row) room *= 2;
  return room;
}

function frozen({ rows, first, indices, validity }: Part, texts: readonly string[]): IndexedPart {
  const indexed = { rows, dictionary: texts, entries: texts.length };
  if (indices) return { ...indexed, indices, ...(validity && { validity }) };
  if (first === NONE) return { ...indexed, indices: FIRST_TEXT, validity: NO_TEXT };
  return { ...indexed, indices: first === 0 ? FIRST_TEXT : new Int32Array(rows).fill(first) };
}

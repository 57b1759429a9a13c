import type { Pin } from './pin';

/** All pins of a query, one stretch at a time. */
export interface PinWalk {
  /** The next pins; none at the end. Rejects with `busy` where the data has changed since the first: then it wouldn't be a list of one moment. */
  next(signal: AbortSignal): Promise<readonly Pin[]>;
  /** A second call does nothing. */
  close(): void;
}

/** The pins of a stretch; a few milliseconds of work. */
export const STRETCH = 2000;
/** A stretch also ends with the pin that brings its texts to this many characters: each may have a dozen texts of MAX_TEXT, and two threads hold it. */
const STRETCH_CHARACTERS = 2 ** 20;

/** The characters of a text, or of those in a list or by key. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  return Object.entries(value).reduce((sum, [key, text]) => sum + key.length + String(text).length, 0);
}

/** Collects the rows of a stretch; `add` returns whether another one has room. `pinOf`: the pin of a row. */
export function createStretch<Row extends object>(
  pinOf: (row: Row) => object = (row) => row,
): {
  readonly rows: readonly Row[];
  readonly add: (row: Row) => boolean;
} {
  const rows: Row[] = [];
  let characters = 0;
  const add = (row: Row): boolean => {
    rows.push(row);
    for (const value of Object.values(pinOf(row)) as unknown[]) characters += lengthOf(value);
    return rows.length < STRETCH && characters < STRETCH_CHARACTERS;
  };
  return { rows, add };
}

import type { SearchRange } from '../pin/columnSource';
import { foldAscii } from '../pin/pinQuery';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows, SearchedField } from './pinColumns';
import { SEARCHED } from './pinColumns';
import { rowBuilder } from './rowBuilder';
import { pacer, VALUES_A_STEP } from '../base/stepByStep';
import { needleBytes } from './textSearch';

/** Searches for matching rows only as far as requested, and continues from there with the next call. Only one caller at a time may use it. */
export interface RowFinder {
  /** The first matching rows, in order: at least `count`, or all there are. */
  first(count: number, signal: AbortSignal): Promise<Uint32Array>;
}

/** The rows of the first and of the largest block: the first hits come soon, and many blocks take little longer than one. */
const FIRST_BLOCK = 4096;
const LARGEST_BLOCK = 131_072;

/**
 * Searches for texts, one of which a row must contain; they are folded already, and none is empty. Bytes are searched where they are available, and the rest
 * row by row. `isOther` finds further rows by their CID.
 */
export function findRows(
  of: Rows,
  columns: PinColumns,
  needles: readonly string[],
  isOther?: (row: number) => boolean,
): RowFinder {
  const { source, shape } = columns;
  const wanted = needles.map(needleBytes);
  const byBytes: {
    readonly column: string;
    readonly bytes: Uint8Array;
    readonly dictionaryHits: SearchRange['dictionaryHits'];
  }[] = [];
  const byValue: SearchedField[] = [];
  for (const field of SEARCHED) {
    const column = shape.columns.get(field);
    const searches = wanted.flatMap((bytes) =>
      column !== undefined && bytes && source.search?.(column, bytes, NONE, { from: 0, to: 0, dictionaryHits: new Map() })
        ? { column, bytes, dictionaryHits: new Map<unknown, Uint8Array>() }
        : [],
    );
    if (searches.length === needles.length) byBytes.push(...searches);
    else if (column !== undefined || field === 'name') byValue.push(field);
  }
  const hits = new Uint8Array(byBytes.length > 0 ? source.rows : 0);
  const has = (row: number, field: SearchedField): boolean => {
    const text = foldAscii(columns.text(field, row) ?? '');
    return needles.some((needle) => text.includes(needle));
  };

  const found = rowBuilder();
  const total = of?.length ?? source.rows;
  let block = FIRST_BLOCK;
  let next = 0;
  let all: Uint32Array | undefined;

  /** Adds the matching rows of `next` … `end`. If it is canceled, it has added none, and the marks that it has made remain correct. */
  const take = async (end: number, signal: AbortSignal): Promise<void> => {
    const due = pacer(signal);
    const [from, to] = of ? [of[next] ?? 0, (of[end - 1] ?? 0) + 1] : [next, end];
    for (const { column, bytes, dictionaryHits } of byBytes) {
      const steps = source.search?.(column, bytes, hits, { from, to, dictionaryHits });
      if (steps) while (steps.next().done !== true) await due();
    }
    // The metadata may contain a name where the name column has none.
    const isKnown = byValue.includes('name') || source.hasTextInEveryRow?.(shape.columns.get('name') ?? '') === true;
    const mayBeNamed = isKnown ? undefined : await rowsWithMetadata(columns, 'name', signal, to);
    const ours = rowBuilder();
    for (let at = next; at < end; at++) {
      const row = of ? (of[at] ?? 0) : at;
      if (hits[row] === 1) ours.add(row);
      else if (byValue.length > 0 || mayBeNamed || isOther) {
        if (at % VALUES_A_STEP === 0) await due();
        if (
          byValue.some((field) => has(row, field)) ||
          (mayBeNamed?.(row) === true && has(row, 'name')) ||
          isOther?.(row) === true
        )
          ours.add(row);
      }
    }
    found.addAll(ours.rows());
    next = end;
  };

  return {
    async first(count, signal) {
      if (all) return all;
      const due = pacer(signal);
      while (next < total && found.count() < count) {
        await take(Math.min(total, next + block), signal);
        await due();
        block = Math.min(LARGEST_BLOCK, 2 * block);
      }
      return next < total ? found.rows() : (all = found.rows().slice());
    },
  };
}

const NONE = new Uint8Array(0);

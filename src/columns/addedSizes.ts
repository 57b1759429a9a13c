import type { ColumnSource, NumberColumn } from '../pin/columnSource';

/** Sizes of the rows of a list that doesn't contain them. They are added as they become known. */
export interface AddedSizes {
  /** Grows with each addition, so that what was ordered or added up before is recognized as old. */
  readonly version: number;
  readonly isAsked: (row: number) => boolean;
  /** Adds sizes in bytes by row; undefined where the daemon was asked and knows none. */
  readonly add: (sizes: ReadonlyMap<number, number | undefined>) => void;
}

const NAME = 'size_bytes';
/** In place of a size that the daemon doesn't know. No pin has it: 0 stands for an unknown size in every list. */
const NONE = 0;

/** The same columns with one more for sizes, which takes no memory before the first is added. */
export function withAddedSizes(source: ColumnSource): { readonly source: ColumnSource; readonly sizes: AddedSizes } {
  let bytes: Float64Array | undefined;
  let version = 0;
  const value = (row: number): number | null => {
    const size = bytes?.[row] ?? NaN;
    return size > NONE ? size : null;
  };
  const numbers: NumberColumn = {
    kind: 'number',
    fill: (into, from) => {
      if (bytes) into.set(bytes.subarray(from, from + into.length));
      else into.fill(NaN);
    },
  };
  const isAdded = (name: string): boolean => name === NAME;
  return {
    source: {
      ...source,
      names: [...source.names, NAME],
      value: (name, row) => (isAdded(name) ? value(row) : source.value(name, row)),
      uncutValue: (name, row) => (isAdded(name) ? value(row) : (source.uncutValue ?? source.value)(name, row)),
      numbers: (name) => (isAdded(name) ? numbers : source.numbers?.(name)),
      all: (row) => {
        const size = value(row);
        const listed = source.names.map((name) => [name, source.value(name, row)] as const);
        return size === null ? listed : [...listed, [NAME, size]];
      },
    },
    sizes: {
      get version() {
        return version;
      },
      isAsked: (row) => !Number.isNaN(bytes?.[row] ?? NaN),
      add: (sizes) => {
        if (sizes.size === 0) return;
        bytes ??= new Float64Array(source.rows).fill(NaN);
        for (const [row, size = NONE] of sizes) bytes[row] = size;
        version++;
      },
    },
  };
}

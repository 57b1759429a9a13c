/** Columns as they arrived. Values are built only when a query asks for them. */
export interface ColumnSource {
  readonly rows: number;
  readonly names: readonly string[];
  /** Text, number, bigint, boolean, null, or a Date where the source has a real time type. Of a very long text, its beginning suffices. */
  value(column: string, row: number): unknown;
  /** As value, with the whole text, for comparisons. Where it is absent, value returns the whole text. */
  whole?(column: string, row: number): unknown;
  /** True where every row of the column is known to hold text that isn't empty. */
  isFull?(column: string): boolean;
  /** All columns of a row, including those that pins aren't made of. Where it is absent, `names` are all. */
  all?(row: number): readonly (readonly [column: string, value: unknown])[];
  /**
   * Marks (1) the rows whose text contains the needle, which is UTF-8 in ASCII lower case, one step at a time. Undefined where the bytes of the column aren't
   * available: then it is searched value by value.
   */
  search?(column: string, needle: Uint8Array, hits: Uint8Array, part?: SearchPart): SearchSteps | undefined;
  /** The numbers of a column in bulk; undefined where it holds any other type. */
  numbers?(column: string): NumberColumn | undefined;
  /** The bytes of a text column; undefined where they aren't laid out as in TextPart. */
  texts?(column: string): readonly TextPart[] | undefined;
}

/** Work that is done one step at a time, so that it can be stopped between two of them. */
export type SearchSteps = Generator<undefined, void, undefined>;

/** The rows to search, instead of all, and what a search of other parts for the same needle has found out. */
export interface SearchPart {
  readonly from: number;
  readonly to: number;
  readonly memory: Map<unknown, Uint8Array>;
  /** Matches only the needle's own case; else its ASCII letters match in either case. */
  readonly exactly?: boolean;
}

export interface NumberColumn {
  /** `number`: what Number() gives for the value. `time`: the milliseconds of its Date, also where they are more than a Date can hold. */
  readonly kind: 'number' | 'time';
  /** Fills `into` with the rows from `from` on, NaN for null. */
  readonly fill: (into: Float64Array, from: number) => void;
}

/** Some rows of a text column. */
export type TextPart = SpelledPart | IndexedPart;

/** UTF-8 texts that lie one after the other. */
export interface SpelledPart {
  readonly rows: number;
  readonly bytes: Buffer;
  /** Text `at` goes from offsets[stride * at] to offsets[stride * (at + 1)]. */
  readonly offsets: Int32Array;
  readonly stride: number;
  /** A bit a row, 0 for null. Absent where no row is null. */
  readonly validity?: Uint8Array;
}

/** Each row is an entry of a dictionary, which is identified by object identity only. */
export interface IndexedPart {
  readonly rows: number;
  readonly dictionary: object;
  readonly entries: number;
  /** The index of a null may be any number. */
  readonly indices: Int32Array;
  readonly validity?: Uint8Array;
}

/** Columns as they were received. Only the values that a query needs are built from them. Members that take a column's name are those of Column. */
export interface ColumnSource {
  readonly rows: number;
  readonly names: readonly string[];
  value(column: string, row: number): unknown;
  /** Where it is absent, `value` gives the same. */
  uncutValue?(column: string, row: number): unknown;
  hasTextInEveryRow?(column: string): boolean;
  /** All columns of a row, also those that no pin is made of. Where it is absent, `names` are all. */
  all?(row: number): readonly (readonly [column: string, value: unknown])[];
  search?(column: string, needle: Uint8Array, hits: Uint8Array, range?: SearchRange): SearchSteps | undefined;
  numbers?(column: string): NumberColumn | undefined;
  texts?(column: string): readonly TextPart[] | undefined;
}

/** One column of a source. It never changes. */
export interface Column {
  readonly rows: number;
  /** True where every row is known to hold text that is not empty. */
  readonly hasTextInEveryRow: boolean;
  /** Text, number, bigint, boolean, null, or a Date where the source has a real time type. A text longer than SHOWN_BYTES may be cut. */
  readonly value: (row: number) => unknown;
  /** As `value`, with the text that rows are compared by: all of it, or as much as the source can hold as one string. */
  readonly uncutValue: (row: number) => unknown;
  /**
   * Sets `hits` to 1 for the rows whose text contains the needle, which is UTF-8 in ASCII lower case, a step at a time. Absent where the column isn't text, or
   * its bytes aren't available: then it is searched value by value.
   */
  readonly search?: ((needle: Uint8Array, hits: Uint8Array, range?: SearchRange) => SearchSteps) | undefined;
  /** The numbers of the column in bulk; absent where it holds anything else. */
  readonly numbers?: NumberColumn | undefined;
  /** The bytes of a text column; absent where they aren't laid out as TextPart says. */
  readonly texts?: readonly TextPart[] | undefined;
}

/** More than any reader of one row looks at: 65,536 units of JSON metadata, at up to four bytes each, and one character more, which tells that there was more. */
export const SHOWN_BYTES = 4 * 65_536 + 4;

/** Work that is done a step at a time, so that it can be abandoned between two steps. */
export type SearchSteps = Generator<undefined, void, undefined>;

/** Which rows to search, and how. */
export interface SearchRange {
  /** The first row, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** For each dictionary, which of its entries match. Searches for the same needle share it, so each dictionary is searched once for all ranges. */
  readonly dictionaryHits: Map<unknown, Uint8Array>;
  /** If true, case counts. Otherwise ASCII letters match in either case. */
  readonly exactly?: boolean | undefined;
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
  /** Text number `at` goes from offsets[stride * at] to offsets[stride * (at + 1)]. */
  readonly offsets: Int32Array;
  readonly stride: number;
  /** One bit per row, 0 for null. Absent where no row is null. */
  readonly validity?: Uint8Array | undefined;
}

/** Each row is an entry of a dictionary, which is identified by object identity only. */
export interface IndexedPart {
  readonly rows: number;
  readonly dictionary: object;
  readonly entries: number;
  /** The index of a null may be any number. */
  readonly indices: Int32Array;
  readonly validity?: Uint8Array | undefined;
}

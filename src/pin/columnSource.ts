/** Columns as they came; nothing is built from them but what a query asks for. */
export interface ColumnSource {
  readonly rows: number;
  readonly names: readonly string[];
  /** Text, number, bigint, boolean, null, or a Date where the source has a real time type. Of a very long text its beginning will do. */
  value(column: string, row: number): unknown;
  /** As value, with the whole text; for comparing. Where it is absent, value gives the whole text. */
  whole?(column: string, row: number): unknown;
  /** True where every row of the column is known to hold text that is not empty. */
  isFull?(column: string): boolean;
  /**
   * Marks (1) the rows whose text contains the needle, which is UTF-8 in ASCII lower case, a step at a time.
   * Undefined where the bytes of the column are not at hand: then it is searched value by value.
   */
  search?(column: string, needle: Uint8Array, hits: Uint8Array): SearchSteps | undefined;
}

/** Work that is done a step at a time, so that it can be left between two of them. */
export type SearchSteps = Generator<undefined, void, undefined>;

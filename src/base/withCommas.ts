/**
 * A whole number with a comma after every third digit from the right: 1,204.
 * Not toLocaleString: its first call loads ICU's tables and holds up the editor's thread for 15 ms and more (docs/benchmarks.md).
 */
export function withCommas(value: number | bigint | string): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

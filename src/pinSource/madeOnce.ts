import type { PinSource } from './pinSource';

/** The addresses that were asked for last. More are never set at once. */
const MOST_MADE = 32;

/** Makes one source for each address: a setting that changes gives another source, with a list of its own, and one that changes back the first. */
export function madeOnce(): (address: string, make: () => PinSource) => PinSource {
  const made = new Map<string, PinSource>();
  return (address, make) => {
    const source = made.get(address) ?? make();
    made.delete(address); // to the end: it was asked for last
    made.set(address, source);
    for (const [oldest] of made) {
      if (made.size <= MOST_MADE) break;
      made.delete(oldest);
    }
    return source;
  };
}

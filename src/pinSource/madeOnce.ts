import type { PinSource } from './pinSource';

/** How many sources are remembered, those that were used last. Settings never name more at once. */
const MOST_MADE = 32;

/** Makes one source per address, so that a changed setting gives a new source with its own list, and changing it back gives the first one again. */
export function madeOnce(): (address: string, make: () => PinSource) => PinSource {
  const made = new Map<string, PinSource>();
  return (address, make) => {
    const source = made.get(address) ?? make();
    made.delete(address); // moves it to the end, the one that was used last
    made.set(address, source);
    for (const [oldest] of made) {
      if (made.size <= MOST_MADE) break;
      made.delete(oldest);
    }
    return source;
  };
}

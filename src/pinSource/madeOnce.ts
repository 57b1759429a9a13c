import { lastUsed } from '../base/lastUsed';
import type { PinSource } from './pinSource';

/** How many sources are remembered, those that were used last. Settings never name more at once. */
const MOST_MADE = 32;

/** Makes one source per address, so that a changed setting gives a new source with its own list, and changing it back gives the first one again. */
export function madeOnce(): (address: string, make: () => PinSource) => PinSource {
  return lastUsed(MOST_MADE);
}

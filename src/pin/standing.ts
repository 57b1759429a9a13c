import { foldAscii } from './pinQuery';

/**
 * What a pin means for its content: a copy, none (the pin failed, or waits), or unknown. The greatest of several pins of one content counts, as numbers that
 * SQL can hand over.
 */
export const STANDING = { none: 0, unknown: 1, copy: 2 } as const;
export type Standing = (typeof STANDING)[keyof typeof STANDING];

/** The statuses of the Pinning Service API, into which those of a cluster are translated, and what pin databases have besides. Any other is unknown. */
export const STANDING_OF_STATUS: Readonly<Record<string, Standing>> = {
  pinned: STANDING.copy,
  failed: STANDING.none,
  error: STANDING.none,
  queued: STANDING.none,
  pending: STANDING.none,
  pinning: STANDING.none,
  unpinning: STANDING.none,
  unpinned: STANDING.none,
};

/** `without`: what a pin without a status is. */
export function standingOf(status: string | undefined, without: Standing): Standing {
  if (status === undefined) return without;
  const word = foldAscii(status);
  return Object.hasOwn(STANDING_OF_STATUS, word) ? (STANDING_OF_STATUS[word] ?? STANDING.unknown) : STANDING.unknown;
}

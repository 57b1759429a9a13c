import type { Pin } from './pin';

/** All pins of a query, one stretch at a time. */
export interface PinWalk {
  /** The next pins; none at the end. Rejects with `busy` where the data has changed since the first: then it wouldn't be a list of one moment. */
  next(signal: AbortSignal): Promise<readonly Pin[]>;
  /** A second call does nothing. */
  close(): void;
}

/** The pins of a stretch; a few milliseconds of work. */
export const STRETCH = 2000;

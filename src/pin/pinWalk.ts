import type { Pin } from './pin';

/** All pins of a query, a stretch at a time. */
export interface PinWalk {
  /** The next ones; none at the end. Rejects with `busy` where the data has changed since the first: then it is no list of one moment. */
  next(signal: AbortSignal): Promise<readonly Pin[]>;
  /** A second call does nothing. */
  close(): void;
}

/** Of so many pins; a few milliseconds of work. */
export const STRETCH = 2000;

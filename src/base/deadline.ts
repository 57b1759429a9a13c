/** The parts in which the time is counted. */
const TICKS = 10;

export interface Deadline {
  /** Counts from the start again. */
  readonly refresh: () => void;
  readonly end: () => void;
}

/**
 * Calls `late` once `ms` have passed, unless it is ended before. The time is counted in ticks, of which a thread that is busy misses most: a timer that was due
 * meanwhile runs before what has arrived is read, and would call a server late that responded at once. An idle thread waits `ms`, a busy one longer.
 */
export function startDeadline(ms: number, late: () => void): Deadline {
  let left = TICKS;
  const timer = setInterval(
    () => {
      if (--left > 0) return;
      clearInterval(timer);
      late();
    },
    Math.ceil(ms / TICKS),
  );
  return {
    refresh: () => {
      left = TICKS;
      timer.refresh();
    },
    end: () => clearInterval(timer),
  };
}

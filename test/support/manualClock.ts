import type { Clock } from '../../src/pinTree/list/refreshOnHint';

export interface ManualClock extends Clock {
  /** The number of timers that are set. */
  readonly waiting: () => number;
  /** Lets time pass, in ms: `settled` is awaited after each timer, for the requests that it has begun. */
  readonly pass: (ms: number, settled: () => Promise<void>) => Promise<void>;
}

/** A clock that stands still until a test moves it. */
export function manualClock(): ManualClock {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = 0;
  return {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return { dispose: () => void timers.delete(timer) };
    },
    waiting: () => timers.size,
    pass: async (ms, settled) => {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].sort((one, other) => one.at - other.at);
        if (!next || next.at > end) break;
        now = Math.max(now, next.at);
        timers.delete(next);
        next.run();
        await settled();
      }
      now = end;
    },
  };
}

import { startDeadline } from '../base/deadline';
import { IpfsKitError } from '../base/ipfsKitError';

/** How long to wait, in ms. `renewed`: counted from the last piece that arrived. */
export interface Patience {
  readonly ms: number;
  readonly renewed?: boolean;
}

export interface RunningPatience {
  /** Starts the work, and waits for it until the time is up; then, or if it is already up, rejects with `timeout`. The work itself continues. */
  of<T>(work: () => Promise<T>): Promise<T>;
  isOver(): boolean;
  end(): void;
}

/** One deadline for everything that is waited for together. Starting a thousand requests may take longer than that (see startDeadline). */
export function startPatience({ ms, renewed = false }: Patience): RunningPatience {
  let isOver = false;
  const hasEnded = (): boolean => isOver;
  const waiting = new Set<(why: IpfsKitError) => void>();
  const late = (): IpfsKitError => new IpfsKitError('timeout', `No source sent it within ${ms / 1000} s. Try again later.`);
  const deadline = startDeadline(ms, () => {
    isOver = true;
    for (const giveUp of waiting) giveUp(late());
  });
  return {
    of: async (work) => {
      if (hasEnded()) throw late();
      let giveUp: (why: IpfsKitError) => void = () => undefined;
      const over = new Promise<never>((_resolve, reject) => (giveUp = reject));
      waiting.add(giveUp);
      try {
        const done = await Promise.race([work(), over]);
        if (renewed) deadline.refresh();
        return done;
      } finally {
        waiting.delete(giveUp);
      }
    },
    isOver: hasEnded,
    end: deadline.end,
  };
}

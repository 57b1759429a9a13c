import { cancelled } from './ipfsKitError';

/** Lets a number of tasks run at once; the others wait, the urgent ones first, else in the order they came, or until they are canceled. */
interface Semaphore {
  /** `isUrgent`, always by default, may change while the task waits. Rejects as the task does, or with `cancelled` where it had not begun. */
  run<Result>(task: () => Promise<Result>, signal: AbortSignal, isUrgent?: () => boolean): Promise<Result>;
  /** A task that waits may be urgent now. */
  readonly hurry: () => void;
}

interface Waiting {
  readonly isUrgent: () => boolean;
  readonly begin: () => void;
}

/** `most`: how many run at once, which may change. `forUrgent`: how many of these, half at most, are kept free for urgent tasks. */
export function createSemaphore(most: () => number, forUrgent = 0): Semaphore {
  const waiting = new Set<Waiting>();
  let running = 0;

  const beginUpTo = (limit: number, isNext: (task: Waiting) => boolean): void => {
    for (const task of waiting) {
      if (running >= limit) return;
      if (!isNext(task)) continue;
      waiting.delete(task);
      running++;
      task.begin();
    }
  };
  const next = (): void => {
    beginUpTo(most(), ({ isUrgent }) => isUrgent());
    beginUpTo(most() - Math.min(forUrgent, Math.floor(most() / 2)), () => true);
  };
  const turn = (isUrgent: () => boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled());
      const cancel = (): void => {
        waiting.delete(task);
        reject(cancelled());
      };
      const begin = (): void => {
        signal.removeEventListener('abort', cancel);
        resolve();
      };
      const task = { isUrgent, begin };
      waiting.add(task);
      signal.addEventListener('abort', cancel, { once: true });
      next();
    });

  return {
    run: async (task, signal, isUrgent = () => true) => {
      await turn(isUrgent, signal);
      try {
        return await task();
      } finally {
        running--;
        next();
      }
    },
    hurry: next,
  };
}

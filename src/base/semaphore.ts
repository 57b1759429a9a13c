import { canceled } from './ipfsKitError';

/** Lets a number of tasks run at once. The others wait, urgent ones first, else in the order they came, until they run or are canceled. */
interface Semaphore {
  /** `isUrgent`, always true by default, may change while the task waits. Rejects as the task does, or with `cancelled` where it hadn't started. */
  run<Result>(task: () => Promise<Result>, signal: AbortSignal, isUrgent?: () => boolean): Promise<Result>;
  /** Call this when a waiting task may have become urgent. */
  readonly hurry: () => void;
}

interface Waiting {
  readonly isUrgent: () => boolean;
  readonly begin: () => void;
}

/** `most`: how many tasks run at once, which may change. `forUrgent`: how many of these, at most half, are reserved for urgent tasks. */
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
      if (signal.aborted) return reject(canceled());
      const cancel = (): void => {
        waiting.delete(task);
        reject(canceled());
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

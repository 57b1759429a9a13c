import { IpfsKitError } from './ipfsKitError';

/** Lets so many through at once; the others wait in the order they came, or until they are cancelled. */
interface Semaphore {
  run<Result>(task: () => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export function createSemaphore(atOnce: number): Semaphore {
  const waiting = new Set<() => void>();
  let running = 0;

  const enter = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(cancelled());
      if (running < atOnce) {
        running++;
        return resolve();
      }
      const cancel = (): void => {
        waiting.delete(go);
        reject(cancelled());
      };
      const go = (): void => {
        signal.removeEventListener('abort', cancel);
        resolve(); // takes the place of the one that left
      };
      waiting.add(go);
      signal.addEventListener('abort', cancel, { once: true });
    });
  const leave = (): void => {
    const [next] = waiting;
    if (next) {
      waiting.delete(next);
      next();
    } else running--;
  };

  return {
    run: async (task, signal) => {
      await enter(signal);
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}

function cancelled(): IpfsKitError {
  return new IpfsKitError('cancelled', 'Cancelled.');
}

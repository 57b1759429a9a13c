import { AsyncLocalStorage, createHook } from 'node:async_hooks';

/**
 * Notes in shared memory the number of the request that the thread is working on, for the handle of a thread that has stopped responding (threadHandle.ts).
 * Work that hangs can't report itself, so the note is made before each callback and each continuation of a promise: Node knows which request began it.
 */
export function noteExecuting(executing: Int32Array): (id: number, handle: () => void) => void {
  const requests = new AsyncLocalStorage<number>();
  createHook({ before: () => void Atomics.store(executing, 0, requests.getStore() ?? 0) }).enable();
  return (id, handle) => {
    Atomics.store(executing, 0, id);
    requests.run(id, handle);
  };
}

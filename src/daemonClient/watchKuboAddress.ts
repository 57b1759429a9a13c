import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';

/** Kubo writes its address before it has said all it has to say, and takes it away as one of the last things it does (ms). */
const SETTLE_MS = 500;

/** Tells when the daemon of a repository has written or taken away its file `api`. Where the system gives no events, it does not. */
export function watchKuboAddress(repository: string, changed: () => void): { dispose(): void } {
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    watcher = watch(repository, { persistent: false }, (_event, name) => {
      if (name !== 'api' && name !== null) return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // no repository is there yet; Refresh finds it
  }
  return {
    dispose: () => {
      clearTimeout(timer);
      watcher?.close();
    },
  };
}

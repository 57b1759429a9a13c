import type { FSWatcher } from 'node:fs';
import { unwatchFile, watch, watchFile } from 'node:fs';
import path from 'node:path';
import { watchedByPolling } from '../../base/watchedByPolling';

/** Kubo writes its address before it has said all it has to say, and takes it away as one of the last things it does (ms). */
const SETTLE_MS = 500;
/** Where the system gives no events (ms). */
const POLL_MS = 5000;

/**
 * Tells when the daemon of a repository has written or taken away its file `api`. Where the system gives no
 * events, that file is looked at every few seconds, which `note` hears once. A repository that isn't there yet is found by Refresh.
 */
export function watchKuboAddress(
  repository: string,
  changed: () => void,
  {
    note = () => undefined,
    pollMs = POLL_MS,
  }: { readonly note?: ((line: string) => void) | undefined; readonly pollMs?: number } = {},
): { dispose(): void } {
  const file = path.join(repository, 'api');
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  };
  const pollInstead = (error: unknown): void => {
    watcher?.close();
    watchFile(file, { persistent: false, interval: pollMs }, soon);
    note(watchedByPolling(repository, error, pollMs));
  };
  try {
    watcher = watch(repository, { persistent: false }, (_event, name) => {
      if (name === 'api' || name === null) soon();
    });
    watcher.on('error', pollInstead);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) pollInstead(error);
  }
  return {
    dispose: () => {
      clearTimeout(timer);
      watcher?.close();
      unwatchFile(file, soon);
    },
  };
}

import type { FSWatcher, Stats } from 'node:fs';
import { unwatchFile, watchFile } from 'node:fs';
import path from 'node:path';
import { pollingNote } from '../../base/pollingNote';
import { watchFolder } from '../../base/watchFolder';

/** Kubo writes its address before its start is complete, and removes it as one of the last steps of its exit (ms). */
const SETTLE_MS = 500;
/** The interval of checks where the system reports no events (ms). */
const POLL_MS = 5000;

/**
 * Calls back when the daemon of a repository has written or removed its file `api`. Where the system reports no events, the file is checked every few seconds,
 * which `note` is called with once. A repository that doesn't exist, or no more, is checked in the same way.
 */
export function watchKuboAddress(
  repository: string,
  changed: () => void,
  {
    note = () => undefined,
    pollMs = POLL_MS,
  }: { readonly note?: ((line: string) => void) | undefined; readonly pollMs?: number } = {},
): { dispose(): void } {
  const files = ['api', 'config'].map((name) => path.join(repository, name));
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, SETTLE_MS);
  };
  const ifChanged = (now: Stats, before: Stats): void => {
    if (now.mtimeMs !== before.mtimeMs) soon(); // Node also calls once for a file that doesn't exist.
  };
  const poll = (): void => {
    for (const file of files) watchFile(file, { persistent: false, interval: pollMs }, ifChanged);
  };
  const pollInstead = (error: unknown): void => {
    poll();
    note(pollingNote(repository, error, pollMs));
  };
  try {
    watcher = watchFolder(repository, {
      changed: (name) => {
        if (name === 'api' || name === null) soon();
      },
      ended: (error) => {
        if (error !== undefined) return pollInstead(error);
        poll();
        soon();
      },
    });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') poll();
    else pollInstead(error);
  }
  return {
    dispose: () => {
      clearTimeout(timer);
      watcher?.close();
      for (const file of files) unwatchFile(file, ifChanged);
    },
  };
}

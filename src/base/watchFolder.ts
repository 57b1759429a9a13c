import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import path from 'node:path';

export interface FolderEvents {
  /** An entry of the folder has changed; null where the system doesn't name it. */
  readonly changed: (name: string | null) => void;
  /** There are no more events: the folder is gone or has another place (undefined), or the system has ended the watch. The watcher is closed. */
  readonly ended: (error: unknown) => void;
}

/**
 * Watches a folder without keeping the process running.
 * On Linux a watch belongs to the folder's inode, and says with the folder's own name that this is removed or moved. After that it is silent, even when a
 * folder of the same path is there again, which often has the same inode number (ext4 gives the number of the removed one).
 * @throws where the folder can't be watched: ENOENT, ENOSPC or EMFILE for too many watches
 */
export function watchFolder(of: string, { changed, ended }: FolderEvents): FSWatcher {
  const folder = path.resolve(of); // With a slash at its end, the system would name it ''.
  const end = (error?: unknown): void => {
    watcher.close();
    ended(error);
  };
  const watcher = watch(folder, { persistent: false }, (event, name) => {
    if (event === 'rename' && name === path.basename(folder)) end();
    else changed(name);
  });
  watcher.on('error', end);
  return watcher;
}

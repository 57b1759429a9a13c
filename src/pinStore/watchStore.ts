import type { FSWatcher } from 'node:fs';
import { statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pollingNote } from '../base/pollingNote';
import { watchFolder } from '../base/watchFolder';
import { isStoreName, storeFolders } from './locate';
import { isIgnored, isSetFolder } from './parquet/parquetSet';

export interface StoreWatchOptions {
  /** File or folder, absolute. */
  readonly databasePath: () => string;
  /** The daemon's PID file. */
  readonly pidFile: () => string | undefined;
  /** Called when the files of the stores have changed; the next call waits until this one is done. */
  readonly onStores: () => Promise<unknown>;
  readonly onPidFile: () => void;
  /** Called once where the system reports no events, with the reason and what happens instead. */
  readonly note: (line: string) => void;
  /** ms; default 300, 1,000 and 5,000. */
  readonly debounceMs?: number | undefined;
  readonly leastBetweenMs?: number | undefined;
  readonly pollMs?: number | undefined;
}

export interface StoreWatch {
  /** Watches only while active. When it becomes active, one comparison shows what has changed meanwhile. */
  setActive(active: boolean): void;
  dispose(): void;
}

const DEBOUNCE_MS = 300;
const LEAST_BETWEEN_MS = 1_000;
const POLL_MS = 5_000;
/** A list that takes long to read is read again less often. */
const SHARE_OF_TIME = 5;
/** Of one folder. */
const MOST_FILES = 1000;
/** Of Parquet sets, each watched by itself. */
const MOST_SET_FOLDERS = 200;

/**
 * Reports changes of pin stores on disk, by the events of their folders, compared with the earlier state of the files. Where the system reports no events (too
 * many watches, a network file system without them), the files are checked every few seconds.
 */
export function watchStore(options: StoreWatchOptions): StoreWatch {
  const { databasePath, pidFile, onStores, onPidFile, note } = options;
  const { debounceMs = DEBOUNCE_MS, leastBetweenMs = LEAST_BETWEEN_MS, pollMs = POLL_MS } = options;
  const watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: bigint }>();
  let active = false;
  let seen: string | undefined;
  let seenPid: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;
  let notBefore = 0;
  let isChecking = false;
  let isWanted = false;

  const detach = (): void => {
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
    clearInterval(poll);
    poll = undefined;
  };

  let isNoted = false;
  const pollInstead = (folder: string, error: unknown): void => {
    if (active) poll ??= setInterval(soon, pollMs);
    if (!isNoted) note(pollingNote(folder, error, pollMs));
    isNoted = true;
  };

  /** Watches the folders that exist now, since folders come and go. */
  const attach = (folders: readonly string[]): void => {
    const wanted = new Map(foldersToWatch(folders, databasePath(), pidFile()).map((folder) => [folder, inodeOf(folder)]));
    for (const [folder, { watcher, inode }] of watchers)
      if (wanted.get(folder) !== inode) {
        watcher.close(); // A folder that was removed and created again is another one.
        watchers.delete(folder);
      }
    for (const [folder, inode] of wanted) {
      if (inode === undefined || watchers.has(folder)) continue; // A new folder shows itself in its parent.
      try {
        const watcher = watchFolder(folder, {
          changed: (name) => {
            if (isOfInterest(folder, name)) soon();
          },
          ended: (error) => {
            watchers.delete(folder);
            if (error === undefined) soon();
            else pollInstead(folder, error);
          },
        });
        watchers.set(folder, { watcher, inode });
      } catch (error) {
        pollInstead(folder, error);
      }
    }
  };

  /** Temporary folders have many events of other files. */
  const isOfInterest = (folder: string, name: string | null): boolean => {
    if (name === null || isStoreName(name)) return true;
    const whole = path.join(folder, name);
    return whole === pidFile() || isWithin(whole, databasePath()) || isWithin(databasePath(), whole);
  };

  const soon = (): void => {
    if (!active || timer) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        void check();
      },
      Math.max(debounceMs, notBefore - performance.now()),
    );
  };

  const isIdle = (): boolean => !active;

  const check = async (): Promise<void> => {
    if (isChecking) return void (isWanted = true);
    isChecking = true;
    try {
      const folders = await withSets(storeFolders(databasePath()));
      if (isIdle()) return;
      attach(folders);
      const [stores, pid] = await Promise.all([stampOfStores(folders), stampOf(pidFile())]);
      if (isIdle()) return;
      if (seenPid !== undefined && pid !== seenPid) onPidFile();
      seenPid = pid;
      const before = seen;
      seen = stores;
      if (before === undefined || before === stores) return;
      const started = performance.now();
      await onStores();
      const ended = performance.now();
      notBefore = ended + Math.max(leastBetweenMs, SHARE_OF_TIME * (ended - started));
    } catch {
      // A status that can't be read now is read at the next event.
    } finally {
      isChecking = false;
      if (isWanted) {
        isWanted = false;
        soon();
      }
    }
  };

  return {
    setActive: (next) => {
      if (active === next) return;
      active = next;
      if (active) void check();
      else {
        clearTimeout(timer);
        timer = undefined;
        detach();
      }
    },
    dispose: () => {
      active = false;
      clearTimeout(timer);
      detach();
    },
  };
}

function inodeOf(folder: string): bigint | undefined {
  try {
    return statSync(folder, { bigint: true, throwIfNoEntry: false })?.ino;
  } catch {
    return undefined;
  }
}

/** The existing folders, and the nearest existing parent of the path itself. */
function foldersToWatch(stores: readonly string[], databasePath: string, pidFile: string | undefined): string[] {
  const folders = [...stores, path.join(databasePath, 'backends')];
  return [...new Set([...folders, path.dirname(databasePath), ...(pidFile === undefined ? [] : [path.dirname(pidFile)])])];
}

/** Adds the folders of the Parquet sets in them. */
async function withSets(folders: readonly string[]): Promise<string[]> {
  const all = [...folders];
  for (let at = 0; at < all.length && all.length < folders.length + MOST_SET_FOLDERS; at++) {
    const folder = all[at] ?? '';
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const isSet = at >= folders.length || isSetFolder(path.basename(folder));
    const inner = entries.filter((entry) => entry.isDirectory() && (isSet ? !isIgnored(entry.name) : isSetFolder(entry.name)));
    all.push(...inner.map(({ name }) => path.join(folder, name)));
  }
  return all.slice(0, folders.length + MOST_SET_FOLDERS);
}

function isWithin(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Identity, size and time of every file that may hold pins. */
async function stampOfStores(folders: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      const files = names.filter(isStoreName).sort().slice(0, MOST_FILES);
      return Promise.all(files.map((name) => stampOf(path.join(folder, name))));
    }),
  );
  return parts.flat().join('|');
}

async function stampOf(file: string | undefined): Promise<string> {
  if (file === undefined) return '';
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  return status ? `${file}:${status.ino}.${status.size}.${status.mtimeNs}` : '-';
}

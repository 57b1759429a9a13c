import { createHash, webcrypto } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { chmod, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { statusOf, writtenMs } from '../base/regularFile';
import { replaceFile } from '../base/replacedFile';

/** The last list of each daemon, as it was received, for when no better source is available. */
export interface LastListing {
  /** Base URL of the daemon. */
  readonly url: string;
  readonly kind: 'arrow' | 'json';
  readonly path: string;
  /** ms since 1970. */
  readonly receivedMs: number;
}

const ENDINGS = { arrow: '.arrow', json: '.json' } as const;
const KINDS = ['arrow', 'json'] as const;
/** The limit for one list, enough for two million pins as Arrow. */
const MOST_BYTES = 2 ** 29;
const MOST_IN_ALL = 2 ** 30;
const MOST_FILES = 8;
/** A list of this size isn't written repeatedly within a short time. */
const LARGE_BYTES = 16 * 2 ** 20;
const LARGE_EVERY_MS = 60_000;
/** A younger file may be one that another window is writing right now. */
const YOUNG_MS = 600_000;

export interface ListingKeeper {
  /** Atomic: a reader sees the old list or the new one. Never rejects; false where the list wasn't stored. */
  keep(url: string, kind: LastListing['kind'], body: Uint8Array): Promise<boolean>;
}

/** Stores lists in the extension's folder, which is created when it is first needed, and readable by its user only. */
export function listingKeeper(folder: string): ListingKeeper {
  const kept = new Map<string, { readonly digest: string; readonly atMs: number }>();
  let last: Promise<unknown> = Promise.resolve();

  const write = async (url: string, kind: LastListing['kind'], body: Uint8Array): Promise<boolean> => {
    if (body.length > MOST_BYTES) return false;
    const file = fileOf(folder, url, kind);
    const before = kept.get(file);
    const now = Date.now();
    if (before && body.length > LARGE_BYTES && now - before.atMs < LARGE_EVERY_MS) return false;
    const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', body)).toString('hex');
    if (before?.digest === digest && (await isThere(file, body.length))) {
      await utimes(file, now / 1000, now / 1000); // The same list was received again.
    } else {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await chmod(folder, 0o700);
      const fill = async (handle: FileHandle): Promise<void> => {
        await handle.writeFile(body);
        await handle.utimes(now / 1000, now / 1000);
        await handle.sync();
      };
      await replaceFile(file, undefined, fill, 0o600);
      for (const other of KINDS) if (other !== kind) await rm(fileOf(folder, url, other), { force: true });
      await prune(folder);
    }
    kept.set(file, { digest, atMs: now });
    return true;
  };

  return {
    keep: (url, kind, body) => {
      const kept = last.then(() => write(url, kind, body)).catch(() => false); // A full disk must not make the list itself fail.
      last = kept;
      return kept;
    },
  };
}

/** The newest of the lists from these daemons. A missing file never makes it throw. */
export function findLastListing(folder: string, urls: readonly string[]): LastListing | undefined {
  let newest: LastListing | undefined;
  for (const url of urls)
    for (const kind of KINDS) {
      const file = fileOf(folder, url, kind);
      const status = statusOf(file);
      if (!status?.isFile() || status.size > MOST_BYTES) continue;
      const receivedMs = writtenMs(status);
      if (!newest || receivedMs > newest.receivedMs) newest = { url, kind, path: file, receivedMs };
    }
  return newest;
}

function fileOf(folder: string, url: string, kind: LastListing['kind']): string {
  return path.join(folder, createHash('sha256').update(url).digest('hex').slice(0, 32) + ENDINGS[kind]);
}

async function isThere(file: string, size: number): Promise<boolean> {
  const status = await stat(file).catch(() => undefined);
  return status?.size === size;
}

/** Removes old lists: those of daemons that are no longer asked, and those of windows that closed while they wrote. */
async function prune(folder: string): Promise<void> {
  const now = Date.now();
  const files = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const status = await stat(file).catch(() => undefined);
    if (!status?.isFile()) continue;
    if (!name.endsWith('.tmp')) files.push({ file, size: status.size, atMs: status.mtimeMs });
    else if (now - status.mtimeMs > YOUNG_MS) await rm(file, { force: true });
  }
  let bytes = 0;
  for (const [index, { file, size }] of files.sort((a, b) => b.atMs - a.atMs).entries()) {
    bytes += size;
    if (index > 0 && (index >= MOST_FILES || bytes > MOST_IN_ALL)) await rm(file, { force: true });
  }
}

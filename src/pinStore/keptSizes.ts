import { createHash } from 'node:crypto';
import { chmod, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readRegularFile } from '../base/regularFile';
import { replaceFile } from '../base/replacedFile';

/**
 * The sizes of content that one daemon has given, in the extension's folder: a size never changes. Each daemon has a separate file, because a size is what
 * that daemon says: a wrong one doesn't reach the lists of another. Those of a daemon that hasn't proven its identity stay in memory. Several windows may use a file at once.
 */
export interface KeptSizes {
  get(cid: string): number | undefined;
  add(cid: string, bytes: number): void;
  /** Adds the new sizes to the file, which may have grown meanwhile. Never rejects: sizes that can't be written are asked for again. */
  save(): Promise<void>;
}

/** A record: the beginning of the SHA-256 of a CID, and the size as a double. The file ends with the SHA-256 of all records. */
const KEY_BYTES = 16;
const RECORD_BYTES = KEY_BYTES + 8;
const DIGEST_BYTES = 32;
const MOST_SIZES = 200_000;
const MOST_BYTES = MOST_SIZES * RECORD_BYTES + DIGEST_BYTES;
const MOST_FILES = 8;
const ENDING = '.sizes';

/** How often and how long another window's lock is waited for, and the age in ms at which a lock was left behind. */
const ATTEMPTS = 40;
const ATTEMPT_MS = 50;
const STALE_MS = 30_000;

/** `daemon`: what identifies it. `most`: sizes in the file; with more, any of them are dropped. Without a folder, sizes are kept only in memory. */
export function keptSizes(folder: string | undefined, daemon: string, most = MOST_SIZES): KeptSizes {
  const file = folder === undefined ? undefined : path.join(folder, digestOf(daemon).toString('hex').slice(0, 32) + ENDING);
  let known = read(file);
  let added = new Map<string, number>();

  const write = async (inFolder: string, into: string): Promise<void> => {
    await mkdir(inFolder, { recursive: true, mode: 0o700 });
    await chmod(inFolder, 0o700);
    const release = await lock(`${into}.lock`);
    if (!release) return;
    const written = added;
    added = new Map();
    try {
      const all = new Map([...read(into), ...written]);
      dropSome(all, all.size - most);
      await replaceFile(into, undefined, (handle) => handle.writeFile(bytesOf(all)), 0o600);
      known = all;
      await prune(inFolder, into);
    } catch {
      added = new Map([...written, ...added]);
    } finally {
      await release();
    }
  };
  return {
    get: (cid) => {
      const key = keyOf(cid);
      return added.get(key) ?? known.get(key);
    },
    add: (cid, bytes) => {
      added.set(keyOf(cid), bytes);
      dropSome(added, added.size - most); // without a folder, or where it can't be written
    },
    save: async () => {
      if (folder !== undefined && file !== undefined && added.size > 0) await write(folder, file).catch(() => undefined);
    },
  };
}

function keyOf(cid: string): string {
  return digestOf(cid).toString('latin1', 0, KEY_BYTES);
}

function digestOf(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}

function bytesOf(sizes: ReadonlyMap<string, number>): Buffer {
  const bytes = Buffer.alloc(sizes.size * RECORD_BYTES + DIGEST_BYTES);
  let at = 0;
  for (const [key, size] of sizes) {
    bytes.write(key, at, 'latin1');
    bytes.writeDoubleLE(size, at + KEY_BYTES);
    at += RECORD_BYTES;
  }
  digestOf(bytes.subarray(0, at)).copy(bytes, at);
  return bytes;
}

/** The sizes in a file; none where it is missing or damaged. */
function read(file: string | undefined): Map<string, number> {
  const sizes = new Map<string, number>();
  if (file === undefined) return sizes;
  try {
    const bytes = readRegularFile(file, MOST_BYTES);
    const end = bytes.length - DIGEST_BYTES;
    if (end < 0 || end % RECORD_BYTES !== 0 || !digestOf(bytes.subarray(0, end)).equals(bytes.subarray(end))) return sizes;
    for (let at = 0; at < end; at += RECORD_BYTES) {
      const size = bytes.readDoubleLE(at + KEY_BYTES);
      if (Number.isSafeInteger(size) && size > 0) sizes.set(bytes.toString('latin1', at, at + KEY_BYTES), size);
    }
  } catch {
    // Without the file, the daemon is asked again.
  }
  return sizes;
}

/** Drops `excess` sizes, any of them: if the oldest went, a list longer than the file would drop each size before it is needed again. */
function dropSome(sizes: Map<string, number>, excess: number): void {
  let left = sizes.size;
  for (const key of sizes.keys()) {
    if (excess <= 0) return;
    if (Math.random() * left-- >= excess) continue;
    sizes.delete(key);
    excess--;
  }
}

/** Waits until no other window writes the file. Gives what ends the wait of the others; undefined where it took too long. */
async function lock(file: string): Promise<(() => Promise<void>) | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const handle = await open(file, 'wx', 0o600).catch(() => undefined);
    if (handle) {
      await handle.close();
      return () => rm(file, { force: true });
    }
    const before = await stat(file).catch(() => undefined);
    if (before && Date.now() - before.mtimeMs > STALE_MS) await rm(file, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS));
  }
  return undefined;
}

/** Removes the files of daemons that haven't been used for the longest time. */
async function prune(folder: string, used: string): Promise<void> {
  const files = [];
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    if (!name.endsWith(ENDING) || file === used) continue;
    const status = await stat(file).catch(() => undefined);
    if (status) files.push({ file, atMs: status.mtimeMs });
  }
  for (const { file } of files.sort((a, b) => b.atMs - a.atMs).slice(MOST_FILES - 1)) await rm(file, { force: true });
}

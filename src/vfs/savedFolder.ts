import type { Stats } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { IpfsKitError } from '../base/ipfsKitError';
import { replaceFile, writeWhole } from '../base/replacedFile';
import type { TakeName } from './diskName';
import { createDiskNames, usualNames } from './diskName';
import type { IpfsFiles } from './ipfsFiles';
import type { IpfsPath } from './ipfsPath';
import { MOST_NAMES } from './ipfsPath';
import { isObeyedName } from './obeyedNames';

/** The most entries of a folder that is saved, with those of the folders in it: a DAG of a few kilobytes may have more than any disk holds. */
const MOST_ENTRIES = 100_000;
const PAGE = 1000;
/** How long the types of a page's entries are looked for (ms). */
const PATIENCE = { ms: 20_000 };
/** The files that are read at once: one waits for a source while another one is written. */
const AT_ONCE = 4;
const MOST_NAMED = 5;
const MOST_FAILURES = 50;

/** What saving a folder would write, as its blocks state it. */
export interface SavePlan {
  readonly plain: SavedAmount;
  /** Files and folders that an editor acts on (obeyedNames.ts), with everything below them. */
  readonly obeyed: SavedAmount & { readonly named: readonly string[] };
  /** Symbolic links, which are left out: what they lead to may be anywhere. */
  readonly links: number;
  /** Names that can't be kept on a disk as this system usually has. The disk isn't known yet, and may have or lack more of them: SaveReport is exact. */
  readonly renamed: number;
  /** Folders, parts of folders and entries of unknown type that can't be read, and why the first can't. */
  readonly unreadable: number;
  readonly why?: string;
}

export interface SavedAmount {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  /** Files that don't state their size. */
  readonly unsized: number;
}

export interface SaveReport {
  /** Files that were written, and their bytes. Each block was compared with its CID. */
  readonly files: number;
  readonly bytes: number;
  /** Files that were there already. */
  readonly kept: number;
  /** Files and folders that are there under another name than in the folder on IPFS. */
  readonly renamed: number;
  readonly failed: number;
  /** The first of them: what, and why. */
  readonly failures: readonly string[];
  readonly isCanceled: boolean;
  /** Why saving stopped before the end. */
  readonly stopped?: string;
}

export interface FolderToSave {
  /** Where the entries of the folder are written; the folder above it exists. */
  readonly folder: string;
  /** Whether files that are there already are replaced. */
  readonly isReplacing: boolean;
  /** Whether what an editor acts on is saved, too. */
  readonly withObeyed: boolean;
}

/** A file or folder on IPFS, and its names on disk below the folder. */
interface Item {
  readonly at: IpfsPath;
  readonly names: readonly string[];
  readonly isFolder: boolean;
  readonly isObeyed: boolean;
  readonly isRenamed: boolean;
  readonly sizeBytes?: number | undefined;
}

type Step = Item | { readonly isLink: true } | { readonly names: readonly string[]; readonly why: string };

export interface FolderOnIpfs {
  readonly files: IpfsFiles;
  readonly at: IpfsPath;
  /** Its name on disk, which may be that of a pin. */
  readonly name: string;
  /** Whether an editor acts on the folder because of its path. */
  readonly isObeyed: boolean;
  readonly platform: NodeJS.Platform;
}

/** Takes the names of the entries of this folder; undefined where its entries aren't wanted. */
type Enter = (folder: Item) => TakeName | Promise<TakeName | undefined>;

/**
 * Everything below a folder, each folder before its entries. Entries are read by their own CIDs, so no name leads anywhere. Rejects with IpfsKitError if the
 * folder itself can't be listed, and `too-large` beyond MOST_ENTRIES.
 */
async function* walk(
  { files, at, name, isObeyed, platform }: FolderOnIpfs,
  enter: Enter,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const root: Item = { at, names: [], isFolder: true, isObeyed: isObeyed || isObeyedName(name), isRenamed: false };
  const folders = [root];
  let entries = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const { names } = folder;
    if (names.length > 0) yield folder;
    const take = await enter(folder);
    if (!take) continue;
    const nameOf = createDiskNames(platform, take);
    const below: Item[] = [];
    const missing: string[] = [];
    for (let offset = 0, more = true; more; offset += PAGE) {
      const page = { offset, limit: PAGE, without: missing, patience: PATIENCE };
      let listed;
      try {
        listed = await files.list(folder.at, page, signal);
      } catch (error) {
        if (folder === root && offset === 0) throw error;
        signal.throwIfAborted();
        yield { names, why: IpfsKitError.from(error).message };
        break;
      }
      more = listed.more;
      for (const part of listed.missing) {
        missing.push(part.cid);
        yield { names, why: part.message };
      }
      for (const { name, type, cid, sizeBytes, problem } of listed.entries) {
        if (++entries > MOST_ENTRIES) throw tooMany();
        const own = await nameOf(name);
        const item = {
          at: { cid, path: [] },
          names: [...names, own],
          isFolder: type === 'directory',
          isObeyed: folder.isObeyed || isObeyedName(name) || isObeyedName(own),
          isRenamed: own !== name,
          sizeBytes,
        };
        if (type === 'symlink') yield { isLink: true };
        else if (type === 'unknown') yield { names: item.names, why: problem?.message ?? 'Its type is unknown.' };
        else if (!item.isFolder) yield item;
        else if (item.names.length < MOST_NAMES) below.push(item);
        else throw tooMany();
      }
    }
    folders.push(...below.reverse());
  }
}

function tooMany(): IpfsKitError {
  return new IpfsKitError(
    'too-large',
    `The folder has more than ${MOST_ENTRIES} entries, or folders more than ${MOST_NAMES} levels deep. Save the folders in it one by one.`,
  );
}

/** Adds up what saving the folder would write; `onFound` gets the number of files found so far. */
export async function planFolder(folder: FolderOnIpfs, signal: AbortSignal, onFound: (files: number) => void): Promise<SavePlan> {
  const none = { files: 0, folders: 0, bytes: 0, unsized: 0 };
  const amounts = { plain: { ...none }, obeyed: { ...none } };
  const named: string[] = [];
  let [links, renamed, unreadable] = [0, 0, 0];
  let why: string | undefined;
  for await (const step of walk(folder, () => usualNames(folder.platform), signal)) {
    onFound(amounts.plain.files + amounts.obeyed.files);
    if ('isLink' in step) links++;
    else if ('why' in step) {
      unreadable++;
      why ??= step.why;
    } else {
      const amount = amounts[step.isObeyed ? 'obeyed' : 'plain'];
      if (step.isRenamed) renamed++;
      if (step.isObeyed && named.length < MOST_NAMED) named.push(step.names.join('/'));
      if (step.isFolder) amount.folders++;
      else {
        amount.files++;
        amount.bytes += step.sizeBytes ?? 0;
        if (step.sizeBytes === undefined) amount.unsized++;
      }
    }
  }
  return {
    plain: amounts.plain,
    obeyed: { ...amounts.obeyed, named },
    links,
    renamed,
    unreadable,
    ...(why !== undefined && { why }),
  };
}

const REPLACED = 'A folder above it has been replaced or removed.';

/** After these errors of the disk, no other file can be written either. */
const ENDS_ALL = ['ENOSPC', 'EDQUOT', 'EROFS'];

/**
 * Saves everything below a folder. Nothing is written outside `to.folder`, and nothing through a symbolic link that is there already or takes the place of a
 * folder meanwhile. Each file appears when it is complete, so that a second run that keeps the existing files continues the first. What fails is counted, and
 * the rest is saved. Resolves also when it was canceled. `onWritten` gets what has been written so far.
 */
export async function saveFolder(
  source: FolderOnIpfs,
  to: FolderToSave,
  signal: AbortSignal,
  onWritten: (files: number, bytes: number) => void,
): Promise<SaveReport> {
  const failures: string[] = [];
  let [saved, bytes, kept, renamed, failed] = [0, 0, 0, 0, 0];
  let stopped: string | undefined;
  const fail = (names: readonly string[], why: string): void => {
    failed++;
    if (failures.length < MOST_FAILURES) failures.push(`${names.join('/') || path.basename(to.folder)}: ${why}`);
  };
  const placeOf = (names: readonly string[]): string => path.join(to.folder, ...names);

  /** Whether the folders above are folders still: a symbolic link may have taken the place of one. */
  const isBelowFolders = async (names: readonly string[]): Promise<boolean> => {
    const above = await Promise.all(names.map((_, depth) => statusOf(placeOf(names.slice(0, depth)))));
    return above.every((status) => status?.isDirectory() === true);
  };

  /** The empty files by which names are taken. */
  const marks: string[] = [];
  /** Asks the file system which names are the same: one on Linux may take `A` for `a`, too. */
  const takeIn = (names: readonly string[]): TakeName => {
    const mark = `.${randomBytes(6).toString('hex')}.`;
    return async (name) => {
      if (!(await isBelowFolders([...names, name]))) return true; // saving it says so
      const file = placeOf([...names, mark + name]);
      try {
        await (await open(file, 'wx')).close();
        marks.push(file);
        return true;
      } catch (error) {
        return codeOf(error) !== 'EEXIST';
      }
    };
  };

  const enter = async ({ names, isObeyed, isRenamed }: Item): Promise<TakeName | undefined> => {
    if (isObeyed && !to.withObeyed) return undefined;
    const why = (await isBelowFolders(names)) ? await makeFolder(placeOf(names)) : REPLACED;
    if (why === undefined) {
      if (isRenamed) renamed++;
      return takeIn(names);
    }
    fail(names, why);
    return undefined;
  };

  const save = async ({ at, names, isRenamed, sizeBytes }: Item): Promise<void> => {
    const file = placeOf(names);
    if (!(await isBelowFolders(names))) return fail(names, REPLACED);
    const there = await statusOf(file);
    if (there && !there.isFile()) return fail(names, 'A folder, a link or a special file has this name already.');
    if (there && !to.isReplacing) {
      kept++;
      if (isRenamed) renamed++;
      return;
    }
    let isTaken = false as boolean;
    await replaceFile(file, signal, async (handle) => {
      let written = 0;
      for await (const piece of source.files.read(at, {}, signal)) {
        // Without this, a few blocks that state little could fill the disk.
        if (written + piece.length > (sizeBytes ?? Infinity)) throw otherSize();
        await writeWhole(file, handle, piece, written);
        written += piece.length;
        onWritten(saved, bytes + written);
      }
      if (written < (sizeBytes ?? 0)) throw otherSize();
      // Reading may take minutes, in which another program may have made the file.
      isTaken = !to.isReplacing && (await statusOf(file)) !== undefined;
      if (isTaken) throw new IpfsKitError('cancelled', 'The file has appeared meanwhile.');
      bytes += written;
    }).catch((error: unknown) => {
      if (!isTaken) throw error;
    });
    if (isTaken) kept++;
    else saved++;
    if (isRenamed) renamed++;
    onWritten(saved, bytes);
  };

  const steps = walk(source, enter, signal);
  const isOver = (): boolean => signal.aborted || stopped !== undefined;
  const work = async (): Promise<void> => {
    for (let next = await steps.next(); !next.done && !isOver(); next = await steps.next()) {
      const step = next.value;
      onWritten(saved, bytes);
      if ('isLink' in step) continue;
      if ('why' in step) fail(step.names, step.why);
      else if (!step.isFolder && (to.withObeyed || !step.isObeyed))
        await save(step).catch((error: unknown) => {
          if (signal.aborted) return;
          if (isEndOfAll(error)) stopped ??= IpfsKitError.from(error).message;
          fail(step.names, IpfsKitError.from(error).message);
        });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const file of marks) await rm(file, { force: true }).catch(() => undefined);
  const end = ends.find(({ status }) => status === 'rejected');
  if (end?.status === 'rejected' && !signal.aborted) throw IpfsKitError.from(end.reason);
  return {
    files: saved,
    bytes,
    kept,
    renamed,
    failed,
    failures,
    isCanceled: signal.aborted,
    ...(stopped !== undefined && { stopped }),
  };
}

function otherSize(): IpfsKitError {
  return new IpfsKitError('malformed', "It doesn't have as many bytes as it states. Save it by itself.");
}

/** Why there is no real folder at this place; undefined once there is one. */
async function makeFolder(place: string): Promise<string | undefined> {
  try {
    await mkdir(place);
    return undefined;
  } catch (error) {
    const there = await statusOf(place);
    if (there?.isDirectory() === true) return undefined;
    return there ? 'A file or a link has this name already.' : `The folder can't be made: ${IpfsKitError.from(error).message}`;
  }
}

/** What is at this place, without following a symbolic link. */
function statusOf(place: string): Promise<Stats | undefined> {
  return lstat(place).catch(() => undefined);
}

function isEndOfAll(error: unknown): boolean {
  return error instanceof Error && ENDS_ALL.includes(codeOf(error.cause));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

import { setMaxListeners } from 'node:events';
import * as dagCbor from '@ipld/dag-cbor';
import * as dagPb from '@ipld/dag-pb';
import type { UnixFS } from 'ipfs-unixfs';
import { walkPath } from 'ipfs-unixfs-exporter';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { contentOf, dataValue } from './dataAsJson';
import type { IpfsPath } from './ipfsPath';
import { formatIpfsPath, parseCid } from './ipfsPath';
import type { Patience, RunningPatience } from './patience';
import { startPatience } from './patience';
import type { TellSizes, UnixfsNode } from './unixfsFile';
import { fileSizes, malformed, readUnixfsFile, saysFile, unixfsNode } from './unixfsFile';
import type { FolderEntry, MissingPart } from './unixfsFolder';
import { listUnixfsFolder, prefixLength } from './unixfsFolder';
import type { VerifiedBlocks } from './verifiedBlocks';

/** `data`: neither file nor folder, for example dag-cbor, as text or bytes. `unknown`: its block couldn't be read, or not yet. */
export type IpfsType = 'file' | 'directory' | 'symlink' | 'data' | 'unknown';

export interface IpfsEntry {
  readonly name: string;
  readonly type: IpfsType;
  /** Absent for folders, for unknown types, and for files whose root doesn't state it. */
  readonly sizeBytes?: number | undefined;
  /** For a folder in a folder: the bytes of all blocks below it, as the outer folder states them. They haven't been compared with the content. */
  readonly statedTotal?: number | undefined;
  readonly cid: string;
  /** The target of a symbolic link. Links aren't followed here (openablePath.ts). */
  readonly target?: string | undefined;
  /** Why the type is unknown. With `timeout`, the block may still arrive. */
  readonly problem?: PlainError;
}

export interface IpfsStat extends IpfsEntry {
  /** For a file: the bytes that its root states, which haven't been compared with the content. */
  readonly statedBytes?: number | undefined;
  readonly modifiedMs?: number | undefined;
  /** For data that is returned as the bytes of its block: why, as a sentence. */
  readonly whyBytes?: string | undefined;
}

export interface Page {
  readonly offset: number;
  readonly limit: number;
  /** The CIDs of the parts that the previous pages lack (`Listed.missing`). They are left out here, too, so that `offset` continues where those pages end. */
  readonly without?: readonly string[];
  /** How long to wait for blocks that no prompt source has; default 5 s. */
  readonly patience?: Patience;
}

/** The entries and parts of a folder that are known when the time is up. */
export interface Listed {
  readonly entries: readonly IpfsEntry[];
  /** True if there are more entries after these. */
  readonly more: boolean;
  /** The parts of a sharded folder, before or among these entries, whose names aren't known. */
  readonly missing: readonly MissingPart[];
}

export interface Range {
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
  /** Gets a sentence if the file states wrong sizes. */
  readonly tellSizes?: TellSizes;
}

/**
 * Reads what is below CIDs. All methods reject with IpfsKitError: `no-entry`, `malformed`, and the reasons of blocks such as `missing` and `mismatch`
 * (verifiedBlocks.ts).
 */
export interface IpfsFiles {
  stat(path: IpfsPath, signal?: AbortSignal): Promise<IpfsStat>;
  /** The entries in the order of the folder. Known names don't wait for unknown ones, nor for the types of entries. `not-a-folder`. */
  list(path: IpfsPath, page: Page, signal?: AbortSignal): Promise<Listed>;
  /**
   * The bytes of a file; dag-cbor and dag-json as JSON text where JSON can express all of it; of anything else the block. `not-a-file` for folders and links.
   */
  read(path: IpfsPath, range?: Range, signal?: AbortSignal): AsyncGenerator<Uint8Array>;
}

const LONGEST_TARGET = 4096;
/** A folder with this many links stays decoded. */
const LARGE = 500;
/** The entries that are examined at the same time: none waits for another one, however long a page is. */
const AT_ONCE = 1000;
const PATIENCE: Patience = { ms: 5000 };
/** How long blocks are looked for after a page without them was returned, so that the page has them when it is requested again soon (ms). */
const LOOKED_FOR_MS = 15_000;
/** The most missing shards of one folder; with more, the folder itself counts as missing. */
const MOST_MISSING = 2000;

/** An object that has been read. */
interface Node {
  readonly cid: CID;
  readonly block: Uint8Array;
  readonly type: IpfsType;
  readonly size?: number | undefined;
  /** For a file: the size that its root states. */
  readonly stated?: number | undefined;
  readonly unixfs?: UnixFS;
  readonly links?: dagPb.PBNode['Links'];
  /** For data: the bytes to return, and why. */
  readonly content?: Uint8Array;
  readonly whyBytes?: string | undefined;
}

export function createIpfsFiles(blocks: VerifiedBlocks): IpfsFiles {
  /** The last large folder: its pages are requested one after the other, and decoding it takes longer than a page does. */
  let large: Node | undefined;
  const nodeAt = async (cid: CID, signal?: AbortSignal): Promise<Node> => {
    if (large?.cid.equals(cid)) return large;
    const node = nodeOf(cid, await blocks.get(cid, signal));
    if (node.type === 'directory' && (node.links?.length ?? 0) > LARGE) large = node;
    return node;
  };

  const resolve = async ({ cid, path }: IpfsPath, signal?: AbortSignal): Promise<Node> => {
    let node = await nodeAt(parseCid(cid), signal);
    for (let at = 0; at < path.length;) {
      const here = formatIpfsPath({ cid, path: path.slice(0, at) });
      const step = await childOf(node, path.slice(at), here, blocks, signal);
      if (step.names === 0) throw notThere(path[at] ?? '', here);
      node = await nodeAt(step.cid, signal);
      at += step.names;
    }
    return node;
  };

  /** Describes an entry, as far as it is known when the time is up. */
  const entryOf = async (
    { name, cid, size }: FolderEntry,
    signal: AbortSignal,
    patience: RunningPatience,
  ): Promise<IpfsEntry> => {
    const known = { name, cid: cid.toString() };
    if (cid.code === raw.code) {
      // The type comes from the entry's block where that is local, else from the folder, which states the file's own size. Some writers leave that size at 0;
      // then the block is read.
      const sizeBytes = blocks.sizeHere(cid) ?? size ?? 0;
      if (sizeBytes > 0) return { ...known, type: 'file', sizeBytes };
    }
    try {
      const here = blocks.get(cid, signal, 'local');
      const block = await here.catch(() => patience.of(() => blocks.get(cid, signal, 'background')));
      const node = nodeOf(cid, block);
      const target = node.type === 'symlink' ? targetIn(node.unixfs) : undefined;
      return {
        ...known,
        type: node.type,
        sizeBytes: node.size,
        ...(node.type === 'directory' && (size ?? 0) > 0 && { statedTotal: size }),
        target,
      };
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled')) throw error;
      return { ...known, type: cid.code === raw.code ? 'file' : 'unknown', problem: toPlainError(error) };
    }
  };

  return {
    stat: async (path, signal) => {
      const { cid, type, size, stated = size, unixfs, whyBytes } = await resolve(path, signal);
      const target = type === 'symlink' ? targetIn(unixfs) : undefined;
      const { mtime } = unixfs ?? {};
      const modifiedMs = mtime && Number(mtime.secs) * 1000 + Math.floor((mtime.nsecs ?? 0) / 1e6);
      return {
        name: path.path.at(-1) ?? path.cid,
        type,
        cid: cid.toString(),
        sizeBytes: size,
        statedBytes: type === 'file' ? stated : undefined,
        target,
        whyBytes,
        modifiedMs: Number.isSafeInteger(modifiedMs) ? modifiedMs : undefined,
      };
    },
    list: async (path, { offset, limit, without = [], patience: wanted = PATIENCE }, signal) => {
      const node = await resolve(path, signal);
      if (node.type !== 'directory' || !node.links)
        throw new IpfsKitError(
          'not-a-folder',
          `${formatIpfsPath(path)} is a ${wordFor(node.type)}, not a folder. Open it instead.`,
        );
      const looking = new AbortController();
      const stop = signal ? AbortSignal.any([signal, looking.signal]) : looking.signal;
      setMaxListeners(0, stop); // Each entry that is examined adds a listener.
      const patience = startPatience(wanted);
      const leftOut = new Set(without);
      const readShard = async (cid: CID): Promise<Uint8Array> => {
        if (leftOut.has(cid.toString())) throw new IpfsKitError('left-out', 'It was missing before.');
        try {
          return await patience.of(() => blocks.get(cid, stop));
        } catch (error) {
          if (!patience.isOver()) throw error;
          return blocks.get(cid, stop, 'promptly');
        }
      };
      const found: FolderEntry[] = [];
      const missing: MissingPart[] = [];
      try {
        let more = false;
        // Where every link is an entry, those of the previous pages can be skipped.
        const links = node.unixfs?.type === 'directory' ? node.links.slice(offset) : node.links;
        let at = node.links.length - links.length;
        for await (const part of listUnixfsFolder({ ...node, links }, readShard)) {
          if (at >= offset + limit) {
            more = true;
            break;
          }
          if (!('reason' in part)) {
            if (at++ >= offset) found.push(part);
          } else if (!leftOut.has(part.cid)) missing.push(part);
          if (missing.length > MOST_MISSING) throw tooMuchMissing(path, missing);
        }
        const entries: IpfsEntry[] = [];
        for (let from = 0; from < found.length; from += AT_ONCE)
          entries.push(...(await Promise.all(found.slice(from, from + AT_ONCE).map((entry) => entryOf(entry, stop, patience)))));
        return { entries, more, missing };
      } finally {
        patience.end();
        const stopLooking = (): void => looking.abort();
        if (patience.isOver()) setTimeout(stopLooking, LOOKED_FOR_MS).unref();
        else stopLooking();
      }
    },
    read: async function* (path, { offset = 0, length, tellSizes } = {}, signal) {
      const node = await resolve(path, signal);
      if (node.type === 'directory') throw new IpfsKitError('not-a-file', `${formatIpfsPath(path)} is a folder, not a file.`);
      if (node.type === 'symlink')
        throw new IpfsKitError(
          'not-a-file',
          `${formatIpfsPath(path)} is a symbolic link to “${targetOf(node.cid, node.unixfs)}”, which can't be followed below ${path.cid}.`,
        );
      if (offset < 0 || (length !== undefined && length < 0))
        throw new IpfsKitError('invalid-argument', 'Offset and length are 0 or more.');
      const end = length === undefined ? Infinity : offset + length;
      const whole = node.content ?? node.block;
      if (node.unixfs) yield* readUnixfsFile(node.cid, blocks, { offset, end }, tellSizes, signal);
      else if (offset < Math.min(end, whole.length)) yield whole.subarray(offset, end);
    },
  };
}

function nodeOf(cid: CID, block: Uint8Array): Node {
  if (cid.code === raw.code) return { cid, block, type: 'file', size: block.length };
  if (cid.code !== dagPb.code) {
    const shown = contentOf(cid, block);
    return { cid, block, type: 'data', size: shown.content.length, ...shown };
  }
  let node: UnixfsNode;
  try {
    node = unixfsNode(cid, block);
  } catch (error) {
    // Not every dag-pb block is UnixFS: then its bytes are correct, regardless of their meaning. But they aren't those of the file that the block claims to be.
    if (IpfsKitError.is(error, 'malformed') && !saysFile(block))
      return { cid, block, type: 'data', size: block.length, whyBytes: 'It is dag-pb without readable UnixFS data.' };
    throw error;
  }
  const { unixfs, links } = node;
  switch (unixfs.type) {
    case 'file':
    case 'raw':
      return { cid, block, type: 'file', ...fileSizes(node), unixfs, links };
    case 'directory':
    case 'hamt-sharded-directory':
      return { cid, block, type: 'directory', unixfs, links };
    case 'symlink':
      return { cid, block, type: 'symlink', size: unixfs.data?.length ?? 0, unixfs, links };
    default:
      return { cid, block, type: 'data', size: block.length };
  }
}

/** The object that the next names lead to, and the number of names used: a path within one dag-cbor object takes several. */
async function childOf(
  node: Node,
  names: readonly string[],
  here: string,
  blocks: VerifiedBlocks,
  signal?: AbortSignal,
): Promise<{ readonly cid: CID; readonly names: number }> {
  const [name = ''] = names;
  if (node.type === 'data') return linkWithin(node, names, here);
  if (node.type !== 'directory' || !node.links)
    throw new IpfsKitError('not-a-folder', `${here} is a ${wordFor(node.type)}, so nothing is below it.`);
  if (node.unixfs?.type === 'directory') {
    const link = node.links.find(({ Name }) => Name === name);
    if (!link) throw notThere(name, here);
    return { cid: link.Hash, names: 1 };
  }
  if (node.unixfs) prefixLength(node.cid, node.unixfs); // The library makes tables as wide as the folder claims.
  const get = async function* (cid: CID): AsyncGenerator<Uint8Array> {
    yield await blocks.get(cid, signal);
  };
  try {
    // Reads only the shards that the hash of the name leads through.
    for await (const entry of walkPath(`/ipfs/${node.cid.toString()}/${name}`, { get }))
      if (entry.remainder.length === 0 && entry.name === name && entry.roots.length > 1) return { cid: entry.cid, names: 1 };
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    if (error instanceof Error && error.name === 'NotFoundError') throw notThere(name, here);
    throw malformed(node.cid, "can't be read as a sharded folder", error);
  }
  throw notThere(name, here);
}

/** The first link on a path through the keys of an object. */
function linkWithin(node: Node, names: readonly string[], here: string): { readonly cid: CID; readonly names: number } {
  const { cid, block } = node;
  const isCbor = cid.code === dagCbor.code;
  let value = dataValue(cid, block);
  for (const [at, name] of names.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) break;
    value = (value as Readonly<Record<string, unknown>>)[name];
    // asCID isn't used for any value: it takes a map with certain keys for a link.
    const link = isCbor ? (value instanceof CID ? (value as CID) : undefined) : linkInJson(cid, value);
    if (link) return { cid: link, names: at + 1 };
  }
  throw notThere(names[0] ?? '', here);
}

/** `{"/": CID}`. The text may be no longer than a CID's: decoding a block of a megabyte in base58 takes hours. */
function linkInJson(cid: CID, value: unknown): CID | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)['/'];
  if (typeof text !== 'string') return undefined;
  try {
    return parseCid(text);
  } catch (error) {
    throw malformed(cid, "has a link that isn't a CID", error);
  }
}

function targetIn({ data }: Partial<UnixFS> = {}): string | undefined {
  return data && data.length <= LONGEST_TARGET ? Buffer.from(data).toString('utf8') : undefined;
}

function targetOf(cid: CID, unixfs: UnixFS | undefined): string {
  const target = targetIn(unixfs);
  if (target === undefined) throw malformed(cid, 'is a symbolic link without a valid target');
  return target;
}

function wordFor(type: IpfsType): string {
  return type === 'directory' ? 'folder' : type === 'symlink' ? 'symbolic link' : type;
}

function tooMuchMissing(path: IpfsPath, missing: readonly MissingPart[]): IpfsKitError {
  const [first] = missing;
  const why = first ? ` ${first.message}` : '';
  return new IpfsKitError(first?.reason ?? 'missing', `${formatIpfsPath(path)} lacks more than ${MOST_MISSING} parts.${why}`);
}

function notThere(name: string, here: string): IpfsKitError {
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  return new IpfsKitError('no-entry', `There is no “${shown}” in ${here}.`);
}

import { decode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { IpfsKitError } from '../ipfsKitError';
import { protobufFields } from './protobufFields';
import type { VerifiedBlocks } from './verifiedBlocks';

/** Levels of a file's tree: 174 links a node, as importers make them, hold an exabyte in eight. */
const DEEPEST = 32;
/** Blocks that are fetched before they are wanted. */
const AHEAD = 8;
/** Of one node: the decoder takes some hundred bytes for each, however small. With CIDs of 36 bytes, the largest block holds fewer. */
const MOST_LINKS = 2 ** 17;
/** Nodes in a row that hold no byte of the file: those of a file are no more than its levels. */
const MOST_WITHOUT_BYTES = 10_000;

/** A part of the file, in the order of its bytes. */
interface Part {
  readonly cid: CID;
  /** What its parent says of its size; undefined where the parent says nothing, and for the root. */
  readonly size: number | undefined;
  readonly depth: number;
  block?: Promise<Uint8Array>;
}

/** Where a part ends by what its parent says, for a part that doesn't tell its own size. */
interface End {
  readonly cid: CID;
  readonly endsAt: number;
}

/**
 * The bytes from `offset` to before `end`, piece by piece. A part is passed over only by the size that its parent gives, and that size is compared with
 * the part whenever the part is read. Where a node doesn't give one size for each link, its parts are read in order from the first, as Kubo does
 * (boxo, ipld/unixfs/io/dagreader.go): a range then costs all that is before it.
 * Not the exporter of ipfs-unixfs-exporter: it reads everything ahead, and a missing block below the second level ends its process (docs/decisions.md).
 * Rejects with IpfsKitError: what the blocks say, `malformed` where a node's size is not what its parent says of it.
 */
export async function* readUnixfsFile(
  root: CID,
  blocks: VerifiedBlocks,
  { offset, end }: { readonly offset: number; readonly end: number },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // The next part is the last of the array.
  const parts: (Part | End)[] = [{ cid: root, size: undefined, depth: 0 }];
  const stopped = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
  /** Bytes of the file before the next part. */
  let at = 0;
  let withoutBytes = 0;
  try {
    for (let part = parts.at(-1); part && at < end; part = parts.at(-1)) {
      if ('endsAt' in part) {
        if (at !== part.endsAt) throw malformed(part.cid, `ends at byte ${at} where the node above it says ${part.endsAt}`);
        parts.pop();
        continue;
      }
      for (const next of parts.slice(-AHEAD)) {
        if ('endsAt' in next) continue;
        next.block ??= blocks.get(next.cid, stop);
        next.block.catch(() => undefined); // told when it is its turn
      }
      const block = await part.block;
      parts.pop();
      if (!block) continue;
      const { cid, size, depth } = part;
      const node = fileNode(cid, block);
      if (size !== undefined && node.size === undefined) parts.push({ cid, endsAt: at + size });
      else if (size !== undefined && size !== node.size)
        throw malformed(cid, `holds ${node.size} bytes where the node above it says ${size}`);
      withoutBytes = node.data.length > 0 ? 0 : withoutBytes + 1;
      if (withoutBytes > MOST_WITHOUT_BYTES) throw malformed(root, `has more than ${MOST_WITHOUT_BYTES} parts without a byte`);
      const data = node.data.subarray(Math.max(0, offset - at), Math.max(0, end - at));
      if (data.length > 0) yield data;
      at += node.data.length;
      const children: Part[] = [];
      let start = at;
      for (const [index, link] of node.links.entries()) {
        const each = node.sizes?.[index];
        if (each !== undefined && start < offset && start + each <= offset) at = start + each;
        else if (start < end) children.push({ cid: link, size: each, depth: depth + 1 });
        start += each ?? 0;
      }
      if (children.length > 0 && depth >= DEEPEST) throw malformed(cid, `lies more than ${DEEPEST} levels deep`);
      for (const child of children.reverse()) parts.push(child);
    }
  } finally {
    stopped.abort();
  }
}

interface FileNode {
  /** Bytes in all, of the node and below it; undefined where the node doesn't say. */
  readonly size: number | undefined;
  readonly data: Uint8Array;
  readonly links: readonly CID[];
  /** Of what each link leads to, in bytes; undefined where there isn't one for each. */
  readonly sizes: readonly number[] | undefined;
}

const NO_BYTES = new Uint8Array();

function fileNode(cid: CID, block: Uint8Array): FileNode {
  if (cid.code === raw.code) return { size: block.length, data: block, links: [], sizes: [] };
  if (cid.code !== dagPb.code) throw malformed(cid, 'is part of a file, and in a format that files do not have');
  const node = unixfsNode(cid, block);
  const { unixfs, links } = node;
  if (unixfs.type !== 'file' && unixfs.type !== 'raw') throw malformed(cid, `is part of a file, and is a ${unixfs.type}`);
  const size = addedSize(cid, node);
  const sizes = size === undefined ? undefined : unixfs.blockSizes.map((each) => safeSize(cid, each));
  return { size, data: unixfs.data ?? NO_BYTES, links: links.map(({ Hash }) => Hash), sizes };
}

/** The data of a node and the sizes that it gives of its parts, added up, in bytes; undefined where it doesn't give one for each. Throws malformed. */
function addedSize(cid: CID, { unixfs, links }: UnixfsNode): number | undefined {
  if (links.length === 0) return unixfs.data?.length ?? 0;
  return unixfs.blockSizes.length === links.length ? safeSize(cid, unixfs.fileSize()) : undefined;
}

export interface FileSizes {
  /** Bytes of the file, as far as its root tells before anything else is read. 0 beside links isn't taken for a size. */
  readonly size?: number;
  /** Bytes that the root states: what has been read can be compared with it. */
  readonly stated?: number;
}

/** What the root of a file says of its size. Throws malformed for a size past 2^53. */
export function fileSizes(cid: CID, node: UnixfsNode): FileSizes {
  const added = addedSize(cid, node);
  const stated = node.filesize === undefined ? added : safeSize(cid, node.filesize);
  const size = added ?? stated;
  return {
    ...(size !== undefined && (size > 0 || node.links.length === 0) && { size }),
    ...(stated !== undefined && { stated }),
  };
}

export interface UnixfsNode {
  readonly unixfs: UnixFS;
  readonly links: dagPb.PBNode['Links'];
  /** The field of that name, which need not be there; the library leaves it out. */
  readonly filesize: bigint | undefined;
}

/** A dag-pb node with UnixFS in it. Throws malformed. */
export function unixfsNode(cid: CID, block: Uint8Array): UnixfsNode {
  checkLinks(cid, block);
  try {
    const { Data, Links } = decode(block);
    if (Data) return { unixfs: UnixFS.unmarshal(Data), links: Links, filesize: filesizeIn(Data) };
  } catch (error) {
    throw malformed(cid, 'cannot be decoded', error);
  }
  throw malformed(cid, 'holds no UnixFS');
}

/** Of a UnixFS message (https://specs.ipfs.tech/unixfs/), and of a dag-pb node (https://ipld.io/specs/codecs/dag-pb/spec/). */
const [FILESIZE, LINK] = [3, 2] as const;

function filesizeIn(message: Uint8Array): bigint | undefined {
  let filesize: bigint | undefined;
  for (const { number, value } of protobufFields(message)) if (number === FILESIZE) filesize = value ?? filesize;
  return filesize;
}

function checkLinks(cid: CID, block: Uint8Array): void {
  let links = 0;
  for (const { number } of protobufFields(block)) if (number === LINK) links++;
  if (links > MOST_LINKS) throw malformed(cid, `has ${links} links, and ${MOST_LINKS} are read at most`);
}

function safeSize(cid: CID, size: bigint): number {
  if (size >= 0n && size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
  throw malformed(cid, `says that it is ${size} bytes long`);
}

export function malformed(cid: CID, what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `${cid.toString()} ${what}. It cannot be shown.`, { cause });
}

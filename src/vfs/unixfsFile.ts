import { decode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { IpfsKitError } from '../ipfsKitError';
import type { VerifiedBlocks } from './verifiedBlocks';

/** Levels of a file's tree: 174 links a node, as importers make them, hold an exabyte in eight. */
const DEEPEST = 32;
/** Blocks that are fetched before they are wanted. */
const AHEAD = 8;

/** A part of the file, in the order of its bytes. */
interface Segment {
  readonly cid: CID;
  /** Where its first byte is. */
  readonly start: number;
  /** What its parent says of its size; undefined for the root. */
  readonly size: number | undefined;
  readonly depth: number;
  block?: Promise<Uint8Array>;
}

/**
 * The bytes from `offset` to before `end`, piece by piece; only the blocks that hold them, and those above them, are read.
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
  const parts: Segment[] = [{ cid: root, start: 0, size: undefined, depth: 0 }];
  const stopped = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
  try {
    for (let part = parts.at(-1); part; part = parts.at(-1)) {
      for (const next of parts.slice(-AHEAD)) {
        next.block ??= blocks.get(next.cid, stop);
        next.block.catch(() => undefined); // told when it is its turn
      }
      const block = await part.block;
      parts.pop();
      if (!block) continue;
      const node = fileNode(part.cid, block);
      if (part.size !== undefined && part.size !== node.size)
        throw malformed(part.cid, `holds ${node.size} bytes where the node above it says ${part.size}`);
      const data = node.data.subarray(Math.max(0, offset - part.start), Math.max(0, end - part.start));
      if (data.length > 0) yield data;
      const children: Segment[] = [];
      let start = part.start + node.data.length;
      for (const [at, cid] of node.links.entries()) {
        const each = node.sizes[at] ?? 0;
        if (start < end && start + each > offset && each > 0) children.push({ cid, start, size: each, depth: part.depth + 1 });
        start += each;
      }
      if (children.length > 0 && part.depth >= DEEPEST) throw malformed(part.cid, `lies more than ${DEEPEST} levels deep`);
      for (const child of children.reverse()) parts.push(child);
    }
  } finally {
    stopped.abort();
  }
}

interface FileNode {
  /** Bytes in all, of the node and below it. */
  readonly size: number;
  readonly data: Uint8Array;
  readonly links: readonly CID[];
  /** Of what each link leads to, in bytes. */
  readonly sizes: readonly number[];
}

const NO_BYTES = new Uint8Array();

function fileNode(cid: CID, block: Uint8Array): FileNode {
  if (cid.code === raw.code) return { size: block.length, data: block, links: [], sizes: [] };
  if (cid.code !== dagPb.code) throw malformed(cid, 'is part of a file, and in a format that files do not have');
  const { unixfs, links } = unixfsNode(cid, block);
  if (unixfs.type !== 'file' && unixfs.type !== 'raw') throw malformed(cid, `is part of a file, and is a ${unixfs.type}`);
  const sizes = unixfs.blockSizes.map((size) => safeSize(cid, size));
  if (sizes.length !== links.length) throw malformed(cid, 'has another number of parts than of sizes');
  return { size: safeSize(cid, unixfs.fileSize()), data: unixfs.data ?? NO_BYTES, links: links.map(({ Hash }) => Hash), sizes };
}

/** A dag-pb node with UnixFS in it. Throws malformed. */
export function unixfsNode(cid: CID, block: Uint8Array): { readonly unixfs: UnixFS; readonly links: dagPb.PBNode['Links'] } {
  try {
    const { Data, Links } = decode(block);
    if (Data) return { unixfs: UnixFS.unmarshal(Data), links: Links };
  } catch (error) {
    throw malformed(cid, 'cannot be decoded', error);
  }
  throw malformed(cid, 'holds no UnixFS');
}

export function safeSize(cid: CID, size: bigint): number {
  if (size >= 0n && size <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(size);
  throw malformed(cid, `says that it is ${size} bytes long`);
}

export function malformed(cid: CID, what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `${cid.toString()} ${what}. It cannot be shown.`, { cause });
}

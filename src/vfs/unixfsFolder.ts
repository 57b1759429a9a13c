import type { PBNode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import type { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { malformed, unixfsNode } from './unixfsFile';
import type { VerifiedBlocks } from './verifiedBlocks';

export interface FolderEntry {
  readonly name: string;
  readonly cid: CID;
  /** What the folder says of its size, of blocks too: of a raw leaf it is the size of the file. */
  readonly size: number | undefined;
}

/** Levels of a sharded folder: a hash of 64 bits has no more than eight levels of 256. */
const DEEPEST = 16;
const WIDEST = 1024;
/** Of one folder, in one walk: ten million names need fewer. */
const MOST_SHARDS = 200_000;

interface Folder {
  readonly cid: CID;
  readonly unixfs?: UnixFS;
  readonly links: PBNode['Links'];
}

/**
 * The entries of a folder, sharded or not, in the order of its links; a shard is read when its turn comes.
 * Not the exporter of ipfs-unixfs-exporter 16.2.2: its offset into sharded folders passes over what it should give (docs/decisions.md).
 * Rejects with IpfsKitError: what the blocks say, `malformed`.
 */
export async function* listUnixfsFolder(
  folder: Folder,
  blocks: VerifiedBlocks,
  signal?: AbortSignal,
  walked: { readonly depth: number; readonly shards: Set<string> } = { depth: 0, shards: new Set() },
): AsyncGenerator<FolderEntry> {
  const { depth, shards } = walked;
  const prefix = folder.unixfs?.type === 'hamt-sharded-directory' ? prefixLength(folder.cid, folder.unixfs) : 0;
  if (depth > DEEPEST) throw malformed(folder.cid, `lies more than ${DEEPEST} shards deep`);
  for (const { Hash: cid, Name: linkName = '', Tsize } of folder.links) {
    if (linkName.length < prefix) throw malformed(folder.cid, 'is a shard with a link that has no place in it');
    const isShard = prefix > 0 && linkName.length === prefix;
    if (!isShard) yield { name: linkName.slice(prefix), cid, size: sizeOf(Tsize) };
    else if (cid.code !== dagPb.code) throw malformed(cid, 'is a shard, and in a format that shards do not have');
    else {
      // Names differ, and so do the shards that hold them: one that comes twice is there to make the walk endless.
      const id = cid.toString();
      if (shards.has(id) || shards.size === MOST_SHARDS)
        throw malformed(folder.cid, 'leads to the same shard twice, or to too many');
      shards.add(id);
      yield* listUnixfsFolder(await shardAt(cid, blocks, signal), blocks, signal, { depth: depth + 1, shards });
    }
  }
}

async function shardAt(cid: CID, blocks: VerifiedBlocks, signal: AbortSignal | undefined): Promise<Folder> {
  const { unixfs, links } = unixfsNode(cid, await blocks.get(cid, signal));
  if (unixfs.type !== 'hamt-sharded-directory') throw malformed(cid, `is where a shard should be, and is a ${unixfs.type}`);
  return { cid, unixfs, links };
}

/** Hexadecimal digits before each name (https://specs.ipfs.tech/unixfs/#hamt-structure-and-parameters). */
export function prefixLength(cid: CID, { fanout }: UnixFS): number {
  const width = Number(fanout ?? 0n);
  if (width < 8 || width > WIDEST || (width & (width - 1)) !== 0)
    throw malformed(cid, `is sharded ${width} ways, which is not allowed`);
  return (width - 1).toString(16).length;
}

function sizeOf(size: number | undefined): number | undefined {
  return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

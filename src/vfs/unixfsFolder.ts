import type { PBLink, PBNode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import type { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { malformed, unixfsNode } from './unixfsFile';

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

/** A shard whose names can't be told: its block, or what came in its place, and why. */
export interface MissingPart extends PlainError {
  /** Of the shard; where that has been read in another place, the shard above and the name of the link. */
  readonly cid: string;
}

/** Reads the block of a shard. */
type ReadShard = (cid: CID) => Promise<Uint8Array>;

/** Shards that are read before it is their turn; fewer at first, since the first page may need only one. */
const MOST_AHEAD = 16;

/**
 * The entries of a folder, sharded or not, in the order of its links; a shard is read when its turn comes, or shortly before. One that can't be had, that
 * is no shard, or that stands in a second place or too deep is a MissingPart, and what comes after it is listed.
 * Not the exporter of ipfs-unixfs-exporter 16.2.2: its offset into sharded folders passes over what it should give (docs/decisions.md).
 * Rejects with IpfsKitError: `malformed` where the folder itself is, `cancelled`.
 */
export async function* listUnixfsFolder(
  folder: Folder,
  read: ReadShard,
  walked: { readonly depth: number; readonly shards: Set<string> } = { depth: 0, shards: new Set() },
): AsyncGenerator<FolderEntry | MissingPart> {
  const { depth, shards } = walked;
  const prefix = checkedPrefix(folder);
  const isShard = ({ Name = '' }: PBLink): boolean => prefix > 0 && Name.length === prefix;
  const wanted = folder.links.filter(isShard).map(({ Hash }) => Hash);
  const coming = new Map<string, Promise<Uint8Array>>();
  for (const link of folder.links) {
    const { Hash: cid, Name: linkName = '', Tsize } = link;
    if (!isShard(link)) {
      yield { name: linkName.slice(prefix), cid, size: sizeOf(Tsize) };
      continue;
    }
    const id = cid.toString();
    // Names differ, and so do the shards that hold them: one that comes twice is there to make the walk endless.
    if (shards.has(id) || shards.size === MOST_SHARDS || depth === DEEPEST) {
      const why = malformed(cid, 'is a shard that comes twice, lies too deep, or is one of too many');
      yield { cid: `${folder.cid.toString()}/${linkName}`, ...toPlainError(why) };
      continue;
    }
    for (const next of wanted.splice(0, Math.min(MOST_AHEAD, shards.size + 1) - coming.size)) {
      const block = shards.has(next.toString()) ? undefined : read(next);
      block?.catch(() => undefined); // told when it is its turn
      if (block) coming.set(next.toString(), block);
    }
    shards.add(id);
    const shard = await shardOf(cid, coming.get(id) ?? read(cid));
    coming.delete(id);
    if ('reason' in shard) yield shard;
    else yield* listUnixfsFolder(shard, read, { depth: depth + 1, shards });
  }
}

async function shardOf(cid: CID, block: Promise<Uint8Array>): Promise<Folder | MissingPart> {
  try {
    const bytes = await block;
    if (cid.code !== dagPb.code) throw malformed(cid, 'is a shard, but in a format that shards never have');
    const { unixfs, links } = unixfsNode(cid, bytes);
    if (unixfs.type !== 'hamt-sharded-directory') throw malformed(cid, `is where a shard should be, and is a ${unixfs.type}`);
    checkedPrefix({ cid, unixfs, links });
    return { cid, unixfs, links };
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    return { cid: cid.toString(), ...toPlainError(error) };
  }
}

/** Hexadecimal digits before each name; none in a folder that isn't sharded. Throws malformed, also where a link has no place in a shard. */
function checkedPrefix({ cid, unixfs, links }: Folder): number {
  if (unixfs?.type !== 'hamt-sharded-directory') return 0;
  const prefix = prefixLength(cid, unixfs);
  if (links.some(({ Name = '' }) => Name.length < prefix)) throw malformed(cid, 'is a shard with a link that has no place in it');
  return prefix;
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

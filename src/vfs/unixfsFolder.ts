import type { PBLink, PBNode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import type { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';
import { malformed, unixfsNode } from './unixfsFile';

export interface FolderEntry {
  readonly name: string;
  readonly cid: CID;
  /** The size that the folder states, which includes blocks; for a raw leaf it is the size of the file. */
  readonly size: number | undefined;
}

/** The most levels of a sharded folder: a hash of 64 bits has at most eight levels of 256. */
const DEEPEST = 16;
const WIDEST = 1024;
/** The most shards of one folder in one walk: ten million names need fewer. */
const MOST_SHARDS = 200_000;
/** The most bytes of the CID of a shard, which is kept until the walk ends: one with its content inside has at most 128 of that. */
const MOST_SHARD_BYTES = 256;

interface Folder {
  readonly cid: CID;
  readonly unixfs?: UnixFS;
  readonly links: PBNode['Links'];
}

/** A shard whose names aren't known: its block, or what came in its place, and why. */
export interface MissingPart extends PlainError {
  /** The CID of the shard. Where that shard has already been read in another position, the shard above and the name of the link. */
  readonly cid: string;
}

/** Reads the block of a shard. */
type ReadShard = (cid: CID) => Promise<Uint8Array>;

/** The shards that are read ahead. Fewer at first, since the first page may need only one. */
const MOST_AHEAD = 16;

/**
 * The entries of a folder, sharded or not, in the order of its links. A shard is read when its turn comes, or shortly before. A shard that can't be read, that
 * isn't one, or that occurs twice or too deep becomes a MissingPart, and the entries after it are listed. This replaces the exporter of ipfs-unixfs-exporter
 * 16.2.2, whose offset into sharded folders skips entries (docs/decisions.md).
 * Rejects with IpfsKitError: `malformed` where the folder itself is, `cancelled`.
 */
export async function* listUnixfsFolder(folder: Folder, read: ReadShard): AsyncGenerator<FolderEntry | MissingPart> {
  const shards = new Set<string>();
  // The shards from the folder down to the one whose links are listed. A generator for each would pass every entry through all of them.
  const levels = [levelOf(folder)];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const { prefix, wanted, coming } = level;
    const link = level.links[level.at++];
    if (!link) {
      levels.pop();
      continue;
    }
    const { Hash: cid, Name: linkName = '', Tsize } = link;
    if (!isShard(link, prefix)) {
      yield { name: linkName.slice(prefix), cid, size: sizeOf(Tsize) };
      continue;
    }
    if (cid.bytes.length > MOST_SHARD_BYTES) {
      const why = `${level.cid.toString()} has a shard with a CID of ${withCommas(cid.bytes.length)} bytes, which is not allowed. It can't be shown.`;
      yield { cid: `${level.cid.toString()}/${linkName}`, ...toPlainError(new IpfsKitError('malformed', why)) };
      continue;
    }
    const id = cid.toString();
    // Names are unique, and so are the shards that hold them: one that occurs twice is meant to make the walk endless.
    if (shards.has(id) || shards.size === MOST_SHARDS || levels.length > DEEPEST) {
      const why = malformed(cid, 'is a shard that occurs twice, is nested too deeply, or exceeds the limit');
      yield { cid: `${level.cid.toString()}/${linkName}`, ...toPlainError(why) };
      continue;
    }
    for (const next of wanted.splice(0, Math.min(MOST_AHEAD, shards.size + 1) - coming.size)) {
      const block = shards.has(next.toString()) ? undefined : read(next);
      block?.catch(() => undefined); // The error is reported when its turn comes.
      if (block) coming.set(next.toString(), block);
    }
    shards.add(id);
    const shard = await shardOf(cid, coming.get(id) ?? read(cid));
    coming.delete(id);
    if ('reason' in shard) yield shard;
    else levels.push(levelOf(shard));
  }
}

/** A folder or shard whose links are being listed. */
interface Level extends Folder {
  readonly prefix: number;
  /** The index of the next link. */
  at: number;
  /** The shards that haven't been read ahead, and those that have. */
  readonly wanted: CID[];
  readonly coming: Map<string, Promise<Uint8Array>>;
}

function levelOf(folder: Folder): Level {
  const prefix = checkedPrefix(folder);
  const wanted = folder.links.flatMap((link) =>
    isShard(link, prefix) && link.Hash.bytes.length <= MOST_SHARD_BYTES ? [link.Hash] : [],
  );
  return { ...folder, prefix, at: 0, wanted, coming: new Map() };
}

function isShard({ Name = '' }: PBLink, prefix: number): boolean {
  return prefix > 0 && Name.length === prefix;
}

async function shardOf(cid: CID, block: Promise<Uint8Array>): Promise<Folder | MissingPart> {
  try {
    const bytes = await block;
    if (cid.code !== dagPb.code) throw malformed(cid, 'is a shard, but in a format that shards never have');
    const { unixfs, links } = unixfsNode(cid, bytes);
    if (unixfs.type !== 'hamt-sharded-directory') throw malformed(cid, `should be a shard but is a ${unixfs.type}`);
    checkedPrefix({ cid, unixfs, links });
    return { cid, unixfs, links };
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    return { cid: cid.toString(), ...toPlainError(error) };
  }
}

/** The number of hexadecimal digits before each name; 0 in a folder that isn't sharded. Throws malformed, also where a link doesn't belong in a shard. */
function checkedPrefix({ cid, unixfs, links }: Folder): number {
  if (unixfs?.type !== 'hamt-sharded-directory') return 0;
  const prefix = prefixLength(cid, unixfs);
  if (links.some(({ Name = '' }) => Name.length < prefix)) throw malformed(cid, 'is a shard with an invalid link');
  return prefix;
}

/** The number of hexadecimal digits before each name (https://specs.ipfs.tech/unixfs/#hamt-structure-and-parameters). */
export function prefixLength(cid: CID, { fanout }: UnixFS): number {
  const width = Number(fanout ?? 0n);
  if (width < 8 || width > WIDEST || (width & (width - 1)) !== 0)
    throw malformed(cid, `is sharded ${width} ways, which is not allowed`);
  return (width - 1).toString(16).length;
}

function sizeOf(size: number | undefined): number | undefined {
  return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

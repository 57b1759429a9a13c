import { createHash } from 'node:crypto';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { create as multihash } from 'multiformats/hashes/digest';
import type { Blocks } from './ipfsTree';

const SHA2_256 = 0x12;
const FANOUT = 256;
const MURMUR3_X64_64 = 0x22n;

interface Placed {
  readonly link: dagPb.PBLink;
  /** The hash of the name, which chooses its place on each level. */
  readonly hash: Buffer;
}

/**
 * The blocks of a sharded folder with this many files of ten bytes, whose own blocks are left out, as Kubo lays it out. The
 * importer of `importTree` would hash a million files one by one. Names are placed by SHA-256 in place of murmur3: listing a folder hashes no names.
 */
export function folderOfMany(count: number): { readonly root: CID; readonly blocks: Blocks } {
  const blocks: Blocks = new Map();
  const put = (at: readonly Placed[], level: number): { readonly cid: CID; readonly size: number } => {
    const places: Placed[][] = Array.from({ length: FANOUT }, () => []);
    for (const each of at) places[each.hash[level] ?? 0]?.push(each);
    const links: dagPb.PBLink[] = [];
    const taken = Buffer.alloc(FANOUT / 8);
    for (const [place, those] of places.entries()) {
      const [only] = those;
      if (!only) continue;
      const prefix = place.toString(16).toUpperCase().padStart(2, '0');
      taken.writeUInt8(taken.readUInt8(FANOUT / 8 - 1 - (place >> 3)) | (1 << (place & 7)), FANOUT / 8 - 1 - (place >> 3));
      if (those.length === 1) links.push({ ...only.link, Name: `${prefix}${only.link.Name ?? ''}` });
      else {
        const { cid, size } = put(those, level + 1);
        links.push({ Name: prefix, Hash: cid, Tsize: size });
      }
    }
    const first = taken.findIndex((byte) => byte > 0);
    const data = taken.subarray(first < 0 ? taken.length : first);
    const shard = new UnixFS({ type: 'hamt-sharded-directory', data, fanout: BigInt(FANOUT), hashType: MURMUR3_X64_64 });
    const bytes = dagPb.encode({ Data: shard.marshal(), Links: links });
    const cid = CID.createV1(dagPb.code, multihash(SHA2_256, createHash('sha256').update(bytes).digest()));
    blocks.set(cid.toString(), { cid, bytes });
    return { cid, size: links.reduce((sum, { Tsize = 0 }) => sum + Tsize, bytes.length) };
  };
  const entries = Array.from({ length: count }, (_, at): Placed => {
    const name = `file-${at}.txt`;
    const hash = createHash('sha256').update(name).digest();
    return { hash, link: { Name: name, Hash: CID.createV1(raw.code, multihash(SHA2_256, hash)), Tsize: 10 } };
  });
  return { root: put(entries, 0).cid, blocks };
}

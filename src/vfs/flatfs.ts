import path from 'node:path';
import { base32upper } from 'multiformats/bases/base32';
import type { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';
import { statusOf } from '../base/regularFile';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';
import { folderOf, mountOf, readIfThere } from './datastoreSpec';

/**
 * Kubo's blocks on disk, one file each (https://github.com/ipfs/go-ds-flatfs). Blocks never change, so a running daemon does no harm. Nothing is locked or
 * written. Rejects with `missing` where the repository doesn't exist, `unreadable` where it or its folder of blocks can't be read, `unsupported` where its
 * blocks are stored in another way.
 */
export function flatfsSource(repository: string): BlockSource {
  let layout: Layout | undefined;
  const fileOf = ({ multihash }: CID): string => {
    layout ??= readLayout(repository);
    const key = base32upper.baseEncode(multihash.bytes);
    return path.join(layout.folder, layout.shardOf(key), `${key}.data`);
  };
  return {
    name: repository,
    isLocal: true,
    sizeHere: (cid) => {
      try {
        const status = statusOf(fileOf(cid));
        return status?.isFile() ? status.size : undefined;
      } catch {
        return undefined; // The error is reported when a block is read.
      }
    },
    // It is read at once, which takes less time than a turn of the thread.
    get: (cid) => new Promise((resolve) => resolve(readIfThere(fileOf(cid), MOST_BLOCK_BYTES))),
  };
}

interface Layout {
  readonly folder: string;
  readonly shardOf: (key: string) => string;
}

function readLayout(repository: string): Layout {
  const mount = mountOf(repository, '/blocks', 'the blocks');
  const unsupported = (why: string): IpfsKitError =>
    new IpfsKitError('unsupported', `The repository ${repository} ${why}; only flatfs can be read without a daemon.`);
  if (mount.members['type'] !== 'flatfs') throw unsupported(`stores its blocks in ${mount.kind}`);
  const shard = /^\/repo\/flatfs\/shard\/v1\/next-to-last\/([1-9])$/.exec(String(mount.members['shardFunc']));
  if (!shard) throw unsupported('stores its blocks in an unknown folder layout');
  // There, as in Kubo, a block is read by its own name and compared with its hash.
  const folder = folderOf(repository, mount, 'its blocks', unsupported);
  const length = Number(shard[1]);
  // Blocks are sharded by the letters before the last one; short keys are padded with underscores.
  const shardOf = (key: string): string => key.padStart(length + 1, '_').slice(-length - 1, -1);
  return { folder, shardOf };
}

import path from 'node:path';
import { base32upper } from 'multiformats/bases/base32';
import type { CID } from 'multiformats/cid';
import { nameOf } from '../base/settingOrOption';
import { repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { objectIn } from '../pin/looseJson';
import { IpfsKitError } from '../base/ipfsKitError';
import { readRegularFile, statusOf } from '../base/regularFile';
import { safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { BlockSource } from './blockSource';
import { MOST_BLOCK_BYTES } from './blockSource';

const MOST_SPEC_BYTES = 64 * 1024;

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
  const file = path.join(repository, 'datastore_spec');
  const bytes = readIfThere(file, MOST_SPEC_BYTES);
  if (!bytes)
    throw (
      repositoryProblem(repository, '') ??
      new IpfsKitError('missing', `${file} doesn't exist, so the location of the blocks is unknown.`)
    );
  const mount = blocksMount(file, bytes.toString('utf8'));
  if (mount['type'] !== 'flatfs')
    throw unsupported(repository, `stores its blocks in ${typeof mount['type'] === 'string' ? mount['type'] : 'an unknown way'}`);
  const shard = /^\/repo\/flatfs\/shard\/v1\/next-to-last\/([1-9])$/.exec(String(mount['shardFunc']));
  const folder = mount['path'];
  if (!shard || typeof folder !== 'string' || folder === '')
    throw unsupported(repository, 'stores its blocks in an unknown folder layout');
  // As in Kubo, an absolute path is used as it is, and any other is relative to the repository. There, too, a block is read by its own name and compared with
  // its hash; but Windows would sign in at a network address.
  const blocks = path.resolve(repository, folder);
  if (!path.isAbsolute(folder) && folder.split(/[/\\]/).includes('..'))
    throw unsupported(repository, `stores its blocks outside the repository, at ${safeText(folder, 100)}`);
  if (/^[/\\]{2}/.test(folder)) throw unsupported(repository, `stores its blocks at the network path ${safeText(folder, 100)}`);
  if (statusOf(blocks)?.isDirectory() !== true)
    throw new IpfsKitError(
      'unreadable',
      `${blocks}, where ${file} says that the blocks are, isn't a folder. Mount or restore it.`,
    );
  const length = Number(shard[1]);
  // Blocks are sharded by the letters before the last one; short keys are padded with underscores.
  const shardOf = (key: string): string => key.padStart(length + 1, '_').slice(-length - 1, -1);
  return { folder: blocks, shardOf };
}

/** What the description of the repository says about `/blocks`. */
function blocksMount(file: string, text: string): Readonly<Record<string, unknown>> {
  let spec: unknown;
  try {
    spec = JSON.parse(text);
  } catch (error) {
    throw new IpfsKitError('malformed', `${file} isn't JSON. ${step()}`, { cause: error });
  }
  const listed = objectIn(spec)?.['mounts'];
  const mounts = Array.isArray(listed) ? (listed as readonly unknown[]) : [spec];
  const mount = mounts
    .map(objectIn)
    .find((candidate) => candidate && (mounts.length === 1 || candidate['mountpoint'] === '/blocks'));
  if (!mount) throw new IpfsKitError('malformed', `${file} doesn't say where the blocks are. ${step()}`);
  return mount;
}

function readIfThere(file: string, most: number): Buffer | undefined {
  try {
    return readRegularFile(file, most);
  } catch (error) {
    if (IpfsKitError.is(error, 'missing')) return undefined;
    if (IpfsKitError.is(error, 'too-large'))
      throw new IpfsKitError('too-large', `${file} has more than ${withCommas(most)} bytes, which is more than IPFS Kit reads.`, {
        cause: error,
      });
    throw error;
  }
}

/** The next step for a folder that looks like a repository. */
function step(): string {
  return `Set ${nameOf('blocks')} to a Kubo repository.`;
}

function unsupported(repository: string, why: string): IpfsKitError {
  return new IpfsKitError('unsupported', `The repository ${repository} ${why}; only flatfs can be read without a daemon.`);
}

import path from 'node:path';
import { CID } from 'multiformats/cid';
import { IpfsKitError } from '../base/ipfsKitError';
import { folderOf, mountOf } from './datastoreSpec';
import { getFromLevelDb } from './leveldb/levelDb';

/** The key of the root folder of Files in Kubo's datastore (FilesRootDatastoreKey in Kubo's core/node/core.go); its value is the bytes of a CID. */
const ROOT_KEY = '/local/filesroot';
/** The most bytes of a CID; one with 32 bytes of SHA-256 has 36. */
const MOST_CID_BYTES = 1000;

/** `root`: undefined where Kubo has written none yet. `writtenMs`: when the datastore was written to last, in ms since 1970. */
export interface FilesRootOnDisk {
  readonly root: CID | undefined;
  readonly writtenMs: number;
}

/**
 * The root folder of Files as Kubo left it in its datastore, which must be LevelDB inside the repository, as it is by default; else rejects with `unsupported`.
 * Also rejects as getFromLevelDb and mountOf do, and with `corrupt` where the value is no CID. Nothing is locked or written.
 */
export async function filesRootOnDisk(repository: string, signal: AbortSignal): Promise<FilesRootOnDisk> {
  const unsupported = (why: string): IpfsKitError =>
    new IpfsKitError(
      'unsupported',
      `The repository ${repository} ${why}; only LevelDB in the repository can be read without Kubo.`,
    );
  const mount = mountOf(repository, ROOT_KEY, 'the metadata');
  if (mount.members['type'] !== 'levelds') throw unsupported(`stores its metadata in ${mount.kind}`);
  const folder = folderOf(repository, mount, 'its metadata', unsupported);
  if (path.relative(repository, folder).startsWith('..') || path.isAbsolute(path.relative(repository, folder)))
    throw unsupported(`stores its metadata outside it, at ${folder}`);
  const { value, writtenMs } = await getFromLevelDb(folder, Buffer.from(ROOT_KEY), signal);
  return { root: value && rootIn(value, folder), writtenMs };
}

function rootIn(value: Uint8Array, folder: string): CID {
  try {
    if (value.length > MOST_CID_BYTES) throw new RangeError(`It has ${value.length} bytes.`);
    return CID.decode(value);
  } catch (error) {
    throw new IpfsKitError('corrupt', `The root folder of Files in ${folder} isn't a CID.`, { cause: error });
  }
}

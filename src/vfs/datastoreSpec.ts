import path from 'node:path';
import { IpfsKitError } from '../base/ipfsKitError';
import { readRegularFile, statusOf } from '../base/regularFile';
import { safeText } from '../base/safeText';
import { nameOf } from '../base/settingOrOption';
import { withCommas } from '../base/withCommas';
import { repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { objectIn } from '../pin/looseJson';

const MOST_SPEC_BYTES = 64 * 1024;

/** What a Kubo repository says about one of its datastores: `type` is `flatfs`, `levelds`, `pebbleds`; the other members depend on it. */
export interface DatastoreMount {
  /** The file that says so. */
  readonly file: string;
  /** `type` for messages. */
  readonly kind: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * The datastore in which a repository keeps a key, such as `/blocks`, as its file `datastore_spec` says. `what` names what is there, for messages: `the blocks`.
 * Throws `missing` where the repository doesn't exist, `malformed`, `unreadable`, `not-a-file`, `too-large`, `busy`.
 */
export function mountOf(repository: string, key: string, what: string): DatastoreMount {
  const file = path.join(repository, 'datastore_spec');
  const bytes = readIfThere(file, MOST_SPEC_BYTES);
  if (!bytes)
    throw (
      repositoryProblem(repository, '') ??
      new IpfsKitError('missing', `${file} doesn't exist, so the location of ${what} is unknown.`)
    );
  let spec: unknown;
  try {
    spec = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new IpfsKitError('malformed', `${file} isn't JSON. ${step()}`, { cause: error });
  }
  const listed = objectIn(spec)?.['mounts'];
  const mounts = (Array.isArray(listed) ? (listed as readonly unknown[]) : [spec])
    .map(objectIn)
    .filter((mount) => mount !== undefined);
  const isFor = (point: unknown): boolean =>
    typeof point === 'string' && (point === '/' || point === key || key.startsWith(`${point}/`));
  const lengthOf = ({ mountpoint }: Readonly<Record<string, unknown>>): number =>
    typeof mountpoint === 'string' ? mountpoint.length : 0;
  const members =
    mounts.length === 1
      ? mounts[0]
      : mounts.filter(({ mountpoint }) => isFor(mountpoint)).sort((one, other) => lengthOf(other) - lengthOf(one))[0];
  if (!members) throw new IpfsKitError('malformed', `${file} doesn't say where ${what} are. ${step()}`);
  return { file, kind: typeof members['type'] === 'string' ? safeText(members['type'], 50) : 'an unknown way', members };
}

/**
 * The folder of a datastore. As in Kubo, an absolute path is used as it is, and any other is relative to the repository. Throws what `unsupported` makes for one
 * that is outside it or on the network, since Windows would sign in there, and `unreadable` where it isn't a folder.
 */
export function folderOf(
  repository: string,
  { file, members }: DatastoreMount,
  what: string,
  unsupported: (why: string) => IpfsKitError,
): string {
  const named = members['path'];
  if (typeof named !== 'string' || named === '') throw unsupported(`stores ${what} in an unknown folder layout`);
  const folder = path.resolve(repository, named);
  if (!path.isAbsolute(named) && named.split(/[/\\]/).includes('..'))
    throw unsupported(`stores ${what} outside the repository, at ${safeText(named, 100)}`);
  if (/^[/\\]{2}/.test(named)) throw unsupported(`stores ${what} at the network path ${safeText(named, 100)}`);
  if (statusOf(folder)?.isDirectory() !== true)
    throw new IpfsKitError('unreadable', `${folder}, where ${file} says that ${what} are, isn't a folder. Mount or restore it.`);
  return folder;
}

/** Undefined where the file doesn't exist. Otherwise as readRegularFile. */
export function readIfThere(file: string, most: number): Buffer | undefined {
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

import { IpfsKitError } from '../base/ipfsKitError';
import type { IpfsFiles, IpfsStat } from './ipfsFiles';
import type { IpfsPath } from './ipfsPath';
import { MOST_NAMES } from './ipfsPath';
import { hasObeyedName } from './obeyedNames';

const MOST_LINKS = 16;

export interface Found {
  readonly at: IpfsPath;
  readonly stat: IpfsStat;
  /** True if an editor would act on the file (obeyedNames.ts), by a name of the requested path or of a path that a symbolic link led to. */
  readonly isObeyed: boolean;
}

/**
 * Finds what an editor means by a path: the content there, except that the CID of a file may be followed by a name (`CID/readme.md`), whose ending shows the
 * type, and the CID of data by a name that ends in `.json`.
 */
export async function findForEditor(files: IpfsFiles, at: IpfsPath, signal?: AbortSignal): Promise<Found> {
  try {
    return await findContent(files, at, signal);
  } catch (error) {
    const [name = '', ...below] = at.path;
    if (below.length > 0 || !IpfsKitError.is(error, 'not-a-folder', 'no-entry')) throw error;
    const root = { cid: at.cid, path: [] };
    const stat = await files.stat(root, signal);
    if (stat.type !== 'file' && (stat.type !== 'data' || !name.endsWith('.json'))) throw error;
    return { at: root, stat, isObeyed: hasObeyedName(at.path) };
  }
}

/** The content at a path. Symbolic links that stay below the CID are followed; any other link is returned itself. */
export async function findContent(files: IpfsFiles, at: IpfsPath, signal?: AbortSignal): Promise<Found> {
  let here = at;
  let isObeyed = hasObeyedName(at.path);
  for (let links = 0; ; links++) {
    const found = { ...(await statOrLinkBefore(files, here, signal)), isObeyed };
    const next = found.stat.type === 'symlink' && links < MOST_LINKS ? linked(found, here) : undefined;
    if (!next) {
      if (found.at.path.length < here.path.length && found.stat.type === 'symlink')
        throw new IpfsKitError(
          'no-entry',
          `${here.path.join('/')} leads through a symbolic link that can't be followed below ${here.cid}.`,
        );
      return found;
    }
    here = next;
    isObeyed ||= hasObeyedName(next.path);
  }
}

/** The object at the path, or the first symbolic link on the way to it. */
async function statOrLinkBefore(files: IpfsFiles, at: IpfsPath, signal?: AbortSignal): Promise<Omit<Found, 'isObeyed'>> {
  try {
    return { at, stat: await files.stat(at, signal) };
  } catch (error) {
    if (!IpfsKitError.is(error, 'not-a-folder', 'no-entry')) throw error;
    for (let length = 0; length < at.path.length; length++) {
      const before = { cid: at.cid, path: at.path.slice(0, length) };
      const stat = await files.stat(before, signal);
      if (stat.type === 'symlink') return { at: before, stat };
      if (stat.type !== 'directory') break;
    }
    throw error;
  }
}

/** The path that a link leads to, with the rest of the requested path; undefined where that is outside the tree, or too long. */
function linked({ at, stat }: Omit<Found, 'isObeyed'>, whole: IpfsPath): IpfsPath | undefined {
  const target = stat.target ?? '';
  if (target === '' || target.startsWith('/')) return undefined;
  const path = at.path.slice(0, -1);
  for (const name of target.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') path.push(name);
    else if (path.pop() === undefined) return undefined;
  }
  path.push(...whole.path.slice(at.path.length));
  return path.length > MOST_NAMES ? undefined : { cid: whole.cid, path };
}

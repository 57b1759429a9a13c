import type { Reason } from '../../base/ipfsKitError';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import { checkedCid, looksLikeCid } from '../../pin/cid';
import { isPathName } from '../../pin/fileName';
import type { RpcAccess } from '../rpcAccess';
import { askObject, askWhole, textIn } from '../rpcJson';
import { refusal, rpcRequest } from '../rpcRequest';
import { serverText } from '../serverMessages';
import { command, duration } from './kuboRpc';

/**
 * Kubo's Files (MFS): folders below `/`, each change of which gives every folder above another CID. Kubo has no request that changes an entry only if it is still
 * the expected one, so the callers compare before and after (filesEntries.ts). Every request leaves `flush` on, so that the change is on disk once Kubo responds.
 */

/** The time for requests that read and write a few blocks, and for those that may have to fetch one (ms). */
const QUICK_MS = 10_000;
const FETCH_MS = 60_000;
/** The longest name in a path, in UTF-16 units; longer ones may have been cut by the list. */
const LONGEST_NAME = 1000;

interface FilesOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The names that lead to an entry from the root folder, outermost first. */
export type FilesPath = readonly string[];

/** Kubo has only words for a missing entry (`os.ErrNotExist`, and boxo, mfs/ops.go). */
const OF_AN_ENTRY = {
  method: 'POST',
  reasonOf: (words: string): Reason | undefined =>
    /\bfile does not exist\b|\bnot a directory\b/i.test(words) ? 'no-entry' : undefined,
} as const;

/**
 * A path as Kubo takes it. Kubo cleans paths as a file system does, and sends back no bytes that aren't UTF-8. Throws `invalid-argument` for a name that a path
 * can't contain: such a path would lead to another entry.
 */
export function filesPath(path: FilesPath): string {
  const wrong = path.find((name) => !isPathName(name) || name.length > LONGEST_NAME || /\ufffd|\p{Cs}/u.test(name));
  if (wrong === undefined) return `/${path.join('/')}`;
  const what = wrong === '' ? safe`Without a name, an entry` : safe`“${safeText(wrong, 80)}”`;
  throw new IpfsKitError(
    'invalid-argument',
    `${what} can't be reached by a path in Kubo's Files. Nothing was changed. Rename or remove it with another program.`,
  );
}

/**
 * The CID of the root folder, which is another one after each change below it. Rejects with `not-a-folder` where the root is none, `foreign` where the response
 * has no CID.
 */
export async function filesRoot(access: RpcAccess, options: FilesOptions = {}): Promise<string> {
  const { cid, isFolder } = await statOf(access, '/', options);
  if (isFolder) return cid;
  throw new IpfsKitError('not-a-folder', `${access.url} says that the root of Files, ${cid}, is no folder.`);
}

export interface FilesEntry {
  readonly cid: string;
  readonly isFolder: boolean;
}

/** What is at a path now; undefined where there is nothing. */
export async function entryAt(access: RpcAccess, path: FilesPath, options: FilesOptions = {}): Promise<FilesEntry | undefined> {
  try {
    return await statOf(access, filesPath(path), options);
  } catch (error) {
    if (IpfsKitError.is(error, 'no-entry')) return undefined;
    throw error;
  }
}

async function statOf(access: RpcAccess, path: string, { signal }: FilesOptions): Promise<FilesEntry> {
  const route = command('files/stat', path, { offline: true, timeout: duration(QUICK_MS) });
  const answer = await askObject(access, route, { ...OF_AN_ENTRY, totalMs: QUICK_MS, signal });
  const cid = textIn(answer['Hash']);
  if (looksLikeCid(cid)) return { cid, isFolder: answer['Type'] === 'directory' };
  throw new IpfsKitError(
    'foreign',
    path === '/'
      ? `${access.url} responded without the CID of the root folder of Files.`
      : `${access.url} responded without the CID of ${safeText(path, 200)}.`,
  );
}

/** Removes an entry with everything below it. Kubo responds with 200 also where it removed nothing; its words are the body then (core/commands/files.go). */
export async function removeEntry(access: RpcAccess, path: FilesPath, { signal }: FilesOptions = {}): Promise<void> {
  const route = command('files/rm', filesPath(path), { recursive: true, timeout: duration(QUICK_MS) });
  const request = { method: 'POST', headersMs: QUICK_MS, totalMs: QUICK_MS, maxBytes: MOST_WORDS, signal } as const;
  const { status, body } = await rpcRequest(access, route, { ...request, accept: 'application/json' });
  if (status < 200 || status > 299) throw refusal(access, route, status, body, OF_AN_ENTRY.reasonOf);
  const words = serverText(Buffer.from(body).toString('utf8').trim(), access);
  if (words !== '') throw new IpfsKitError(OF_AN_ENTRY.reasonOf(words) ?? 'http-status', `Kubo at ${access.url} says: ${words}`);
}

const MOST_WORDS = 2 ** 16;

/** Puts content at a path where nothing is; Kubo refuses one that is taken (`http-status`), and makes no folders above (`no-entry`). */
export async function copyEntry(access: RpcAccess, cid: string, path: FilesPath, { signal }: FilesOptions = {}): Promise<void> {
  await change(access, 'files/cp', [`/ipfs/${checkedCid(cid)}`, filesPath(path)], { totalMs: FETCH_MS, signal });
}

/** Moves an entry. Kubo overwrites a file at `to`, moves into a folder there, and loses a folder that is moved below itself: the caller excludes all three. */
export async function moveEntry(access: RpcAccess, from: FilesPath, to: FilesPath, { signal }: FilesOptions = {}): Promise<void> {
  await change(access, 'files/mv', [filesPath(from), filesPath(to)], { totalMs: QUICK_MS, signal });
}

/** Makes an empty folder where nothing is; Kubo refuses a path that is taken, and makes no folders above. */
export async function makeFolder(access: RpcAccess, path: FilesPath, { signal }: FilesOptions = {}): Promise<void> {
  await change(access, 'files/mkdir', [filesPath(path)], { totalMs: QUICK_MS, signal });
}

async function change(
  access: RpcAccess,
  name: string,
  [first, ...others]: readonly [string, ...string[]],
  { totalMs, signal }: FilesOptions & { readonly totalMs: number },
): Promise<void> {
  const more = others.map((arg) => `&${new URLSearchParams({ arg }).toString()}`).join('');
  const route = `${command(name, first, { timeout: duration(totalMs) })}${more}`;
  await askWhole(access, route, { ...OF_AN_ENTRY, totalMs, signal });
}

import { sentences } from '../base/causes';
import { IpfsKitError } from '../base/ipfsKitError';
import type { SafeText } from '../base/safeText';
import { safe, safeText } from '../base/safeText';
import { tryAgain } from '../base/settingOrOption';
import type { FilesEntry } from '../daemonClient/kubo/kuboFiles';
import { copyEntry, entryAt, filesPath, filesRoot, makeFolder, moveEntry, removeEntry } from '../daemonClient/kubo/kuboFiles';
import { isStored } from '../daemonClient/kubo/kuboRpc';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { failAs } from '../daemonClient/rpcJson';
import { isSameCid, shortCid } from '../pin/cid';
import type { KuboAccess } from './kuboAccess';
import type { Entry, EntryActions } from './pinSource';

interface FilesEntries {
  readonly kubo: KuboAccess;
  /** The daemon of the last list; undefined before the first. */
  readonly listed: () => { readonly peerId: string | undefined } | undefined;
}

const NOTHING_CHANGED = 'Nothing was changed.';

/** The acts on entries of Kubo's Files. An entry is compared right before an act, since Kubo itself compares nothing, and read again after it. */
export function filesEntries({ kubo, listed }: FilesEntries): EntryActions {
  /** Runs an act at the Kubo that was listed; `peerId`: another one that the act belongs to. */
  const at = <Result>(
    what: string,
    signal: AbortSignal,
    act: (access: RpcAccess, peerId: string | undefined) => Promise<Result>,
    of = listed(),
  ): Promise<Result> =>
    kubo.proven(
      async (access, peerId) => {
        if (of && of.peerId !== peerId) {
          const why = 'another Kubo responds now than the one that was listed.';
          throw new IpfsKitError('foreign', `${what}: ${why} ${NOTHING_CHANGED} ${tryAgain()}.`);
        }
        return act(access, peerId).catch((error: unknown) => failAs(error, what));
      },
      "It isn't known whether Kubo has done it.",
      signal,
    );

  return {
    remove: async (entry, signal) => {
      filesPath(entry.path);
      const name = shown(entry.path);
      const peerId = await at(`Removing ${name} from Files failed`, signal, async (access, from) => {
        await same(access, entry, signal);
        const isGone = async (): Promise<boolean> => (await entryAt(access, entry.path, { signal })) === undefined;
        await checked(removeEntry(access, entry.path, { signal }), isGone, 'but it is still there');
        return from;
      });
      return (again) => at(`Putting ${name} back failed`, again, (access) => putBack(access, entry, again), { peerId });
    },
    copyHere: async (cid, path, signal) => {
      filesPath(path);
      await at(`Copying ${shortCid(cid)} to ${shown(path)} failed`, signal, (access) => copied(access, cid, path, signal));
    },
    move: async (entry, to, signal) => {
      for (const path of [entry.path, to]) filesPath(path);
      await at(`Moving ${shown(entry.path)} to ${shown(to)} failed`, signal, async (access) => {
        if (isBelow(to, entry.path))
          throw new IpfsKitError('invalid-argument', `A folder can't be moved into itself. ${NOTHING_CHANGED}`);
        await same(access, entry, signal);
        await free(access, to, signal);
        const hasMoved = async (): Promise<boolean> =>
          (await has(access, entry.cid, to, signal)) && (await entryAt(access, entry.path, { signal })) === undefined;
        await checked(moveEntry(access, entry.path, to, { signal }), hasMoved, "but it isn't there, or also where it was");
      });
    },
    makeFolder: async (path, signal) => {
      filesPath(path);
      await at(`Making the folder ${shown(path)} failed`, signal, async (access) => {
        await free(access, path, signal);
        const isMade = async (): Promise<boolean> => (await entryAt(access, path, { signal }))?.isFolder === true;
        await checked(makeFolder(access, path, { signal }), isMade, 'but there is no such folder');
      });
    },
    folder: (path, signal) =>
      at(`Reading ${shown(path)} failed`, signal, async (access) => {
        if (path.length === 0) return filesRoot(access, { signal });
        const now = await entryAt(access, path, { signal });
        if (now?.isFolder) return now.cid;
        throw new IpfsKitError('no-entry', 'This folder is no longer there.');
      }),
  };
}

/** Checks that an entry is still the one of its row. Rejects with `no-entry` or `mismatch` where it isn't. */
async function same(access: RpcAccess, { path, cid }: Entry, signal: AbortSignal): Promise<void> {
  const now = await entryAt(access, path, { signal });
  if (!now) throw new IpfsKitError('no-entry', `It is no longer in Files. ${NOTHING_CHANGED}`);
  if (!isSameCid(now.cid, cid))
    throw new IpfsKitError(
      'mismatch',
      `It has changed since it was listed: it was ${shortCid(cid)}, and is ${shortCid(now.cid)} now. ${NOTHING_CHANGED} ${tryAgain()}.`,
    );
}

/** Checks that nothing is at a path, in a folder that exists: Kubo would replace a file, and put into a folder. */
async function free(access: RpcAccess, path: readonly string[], signal: AbortSignal): Promise<void> {
  const above = path.slice(0, -1);
  const folder: FilesEntry | undefined = above.length === 0 ? undefined : await entryAt(access, above, { signal });
  if (above.length > 0 && !folder?.isFolder)
    throw new IpfsKitError('no-entry', `There is no folder ${shown(above)} any more. ${NOTHING_CHANGED}`);
  if (await entryAt(access, path, { signal }))
    throw new IpfsKitError('invalid-argument', `Files already has ${shown(path)}. ${NOTHING_CHANGED} Choose another name.`);
}

async function copied(access: RpcAccess, cid: string, path: readonly string[], signal: AbortSignal): Promise<void> {
  await free(access, path, signal);
  await checked(copyEntry(access, cid, path, { signal }), () => has(access, cid, path, signal), "but it isn't there");
}

async function has(access: RpcAccess, cid: string, path: readonly string[], signal: AbortSignal): Promise<boolean> {
  const now = await entryAt(access, path, { signal });
  return now !== undefined && isSameCid(now.cid, cid);
}

/** Waits for a change, and reads whether Kubo has made it, which it may have where its response was lost. `otherwise`: what is wrong where it confirmed it. */
async function checked(change: Promise<void>, hasHappened: () => Promise<boolean>, otherwise: string): Promise<void> {
  const failure = await change.then(
    () => undefined,
    (error: unknown) => IpfsKitError.from(error),
  );
  if (failure?.reason === 'cancelled') throw failure;
  if (await hasHappened()) return;
  throw failure ?? new IpfsKitError('foreign', `Kubo confirmed it, ${otherwise}.`);
}

/** Puts a removed entry back. Its blocks are still stored, unless garbage has been collected meanwhile. */
async function putBack(access: RpcAccess, { cid, path }: Entry, signal: AbortSignal): Promise<void> {
  await free(access, path, signal);
  if (!(await isStored(access, cid, { signal })))
    throw new IpfsKitError('missing', sentences('Kubo has deleted its content', `Copy ${cid} into Files to fetch it again`));
  await copied(access, cid, path, signal);
}

/** Whether a path leads below another one, or is the same. */
function isBelow(path: readonly string[], above: readonly string[]): boolean {
  return above.length <= path.length && above.every((name, at) => name === path[at]);
}

/** A path for people: `“photos/one.jpg”`. */
function shown(path: readonly string[]): SafeText {
  return path.length === 0 ? safe`The root folder` : safe`“${safeText(path.join('/'), 120)}”`;
}

/** Reads the root folder of Kubo's Files (MFS) from its blocks. Loaded with the first such list. */
import { setMaxListeners } from 'node:events';
import * as dagPb from '@ipld/dag-pb';
import type { CID } from 'multiformats/cid';
import type { RpcAccess } from '../../daemonClient/rpcAccess';
import { because } from '../../base/causes';
import { counted } from '../../base/counted';
import type { PlainError } from '../../base/ipfsKitError';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import { sourceOf, textBudget, textBuilder } from '../../columns/columnBuilders';
import { numberBuilder } from '../../columns/numberBuilder';
import { pacer } from '../../base/stepByStep';
import { toBase32 } from '../../pin/multibase';
import { filesRootOnDisk } from '../../vfs/filesRootOnDisk';
import { flatfsSource } from '../../vfs/flatfs';
import { parseCid } from '../../vfs/ipfsPath';
import { kuboRpcSource } from '../../vfs/kuboBlocks';
import { isBlockOf } from '../../vfs/multihash';
import type { UnixfsNode } from '../../vfs/unixfsFile';
import { unixfsNode } from '../../vfs/unixfsFile';
import { listUnixfsFolder } from '../../vfs/unixfsFolder';
import { BLOCK_LIMITS, createVerifiedBlocks } from '../../vfs/verifiedBlocks';
import { keptTextIn, LONGEST_CID } from './jsonLine';
import type { StreamedList, StreamedListOptions } from './streamedList';
import { leftOut, showAsItComes } from './streamedList';

/** Files of a Kubo that runs, or as it left them on this disk. */
export type FilesQuery = FilesOfDaemon | FilesOnDisk;

interface FilesOfDaemon {
  readonly access: RpcAccess;
  /** The CID of the root folder. */
  readonly root: string;
  /** The repository of the daemon, absolute; its blocks are read from disk where that is possible. Undefined where it isn't known. */
  readonly repository?: string | undefined;
}

interface FilesOnDisk {
  /** The repository, absolute; no daemon is asked. */
  readonly repository: string;
}

/** No block is read twice, so none is kept. */
const LIMITS = { ...BLOCK_LIMITS, cacheBytes: 0, nextStep: '' };
/** The most parts that may be missing; with more, the rest isn't read. */
const MOST_MISSING = 2000;

/**
 * Lists the entries of the root folder, sharded or not, with the sizes that the folder states. Each block is compared with its hash. If parts of the folder can't
 * be read, the result has the entries of the others and `incomplete`. Rejects with an IpfsKitError where no entry could be read: `not-a-folder`, `corrupt` where
 * Kubo doesn't have the block of that root; without a daemon, also as filesRootOnDisk does.
 */
export async function readFiles(
  query: FilesQuery,
  { signal, mostTextBytes, onReceived, onSoFar }: StreamedListOptions,
): Promise<StreamedList> {
  const { root, asOfMs } = await rootOf(query, signal);
  const detail = root ? `root folder ${root.toString()}` : 'no root folder yet';
  const budget = textBudget(mostTextBytes);
  const [cids, names, sizes] = [textBuilder(budget), textBuilder(budget), numberBuilder('number')];
  const columns = () => sourceOf({ cid: cids.now(), name: names.now(), size_bytes: sizes.now() });
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  setMaxListeners(0, stop); // Each block that is read ahead adds one.
  const disk = query.repository === undefined ? undefined : flatfsSource(query.repository);
  const daemon = 'access' in query ? [kuboRpcSource(query.access)] : [];
  const blocks = createVerifiedBlocks([...(disk ? [disk] : []), ...daemon], LIMITS);
  let received = 0;
  const read = async (cid: CID): Promise<Uint8Array> => {
    // A million entries have 65,000 blocks. Asking the sources one after the other, each with its time limits, takes ten times as long as reading the disk.
    const here = await disk?.get(cid, stop).catch(() => undefined);
    const block = here && isBlockOf(cid, here) ? here : await blocks.get(cid, stop);
    onReceived((received += block.length));
    return block;
  };
  const showing = showAsItComes(() => onSoFar(columns(), detail, asOfMs));
  const missing: PlainError[] = [];
  let tooLong = 0;
  let failure: IpfsKitError | undefined;
  try {
    const due = pacer(signal);
    const parts = root ? listUnixfsFolder(await rootFolder(root, read), read) : [];
    for await (const part of parts) {
      if ('reason' in part) {
        if (missing.push(part) > MOST_MISSING) break;
        continue;
      }
      const cid = part.cid.version === 0 ? part.cid.toString() : toBase32(part.cid.bytes); // toString() caches each text
      if (cid.length > LONGEST_CID) tooLong++;
      else {
        cids.addText(cid);
        names.addText(keptTextIn(part.name));
        sizes.add(part.size ?? NaN);
        showing.look(cids.rows);
      }
      const rest = due();
      if (rest) await rest;
    }
  } catch (error) {
    failure = IpfsKitError.from(error);
  } finally {
    showing.stop();
    ended.abort();
  }
  if (signal.aborted) throw canceled();
  const incomplete = failure ?? lacking(missing);
  if (incomplete && cids.rows === 0) throw incomplete;
  return {
    columns: columns(),
    detail,
    asOfMs,
    incomplete,
    ...leftOut({ [`with a CID of more than ${LONGEST_CID} characters`]: tooLong }),
  };
}

/** The CID of the root folder; undefined where there is none yet. `asOfMs`: only where it was read from disk. */
async function rootOf(
  query: FilesQuery,
  signal: AbortSignal,
): Promise<{ readonly root: CID | undefined; readonly asOfMs?: number | undefined }> {
  if ('access' in query) return { root: parseCid(query.root) };
  const { root, writtenMs } = await filesRootOnDisk(query.repository, signal);
  return { root, asOfMs: writtenMs };
}

/** The root folder with its links. */
async function rootFolder(cid: CID, read: (cid: CID) => Promise<Uint8Array>): Promise<UnixfsNode & { readonly cid: CID }> {
  const notAFolder = (what: string): IpfsKitError =>
    new IpfsKitError('not-a-folder', `Kubo says that ${cid.toString()} is the root folder of Files, but it is ${what}.`);
  if (cid.code !== dagPb.code) throw notAFolder('in a format that folders never have');
  const block = await read(cid).catch((error: unknown) => {
    if (!IpfsKitError.is(error, 'missing')) throw error;
    throw new IpfsKitError('corrupt', because('The root folder of Files is lost', error.message), { cause: error });
  });
  const node = unixfsNode(cid, block);
  const { type } = node.unixfs;
  if (type !== 'directory' && type !== 'hamt-sharded-directory') throw notAFolder(`a ${type}`);
  return { ...node, cid };
}

/** The error of a folder that lacks parts; undefined where none is missing. */
function lacking(missing: readonly PlainError[]): IpfsKitError | undefined {
  const [first] = missing;
  if (!first) return undefined;
  const most = missing.length > MOST_MISSING ? 'more than ' : '';
  const parts = `${most}${counted(Math.min(missing.length, MOST_MISSING), 'part')}`;
  const reason = first.reason === 'missing' ? 'corrupt' : first.reason;
  return new IpfsKitError(reason, because(`Entries are missing: ${parts} of the folder couldn't be read`, first.message));
}

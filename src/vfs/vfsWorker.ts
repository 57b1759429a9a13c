/**
 * The thread of the VFS bridge. It is the only thread that sees blocks, whichever source sent them, and every result has been compared with its CID. The thread
 * may hang, so its handle ends it after a deadline.
 */
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { replaceFile, stopIfCanceled, writeWhole } from '../base/replacedFile';
import { withCommas } from '../base/withCommas';
import type { FromThread } from '../base/threadHandle';
import { endingOf, TELLING_BYTES } from './fileEnding';
import type { IpfsFiles, Range } from './ipfsFiles';
import { createIpfsFiles } from './ipfsFiles';
import type { IpfsPath } from './ipfsPath';
import { cidForms, formatIpfsPath } from './ipfsPath';
import { hasObeyedName, isObeyedName } from './obeyedNames';
import type { Found } from './openablePath';
import { isPlainName } from './plainNames';
import { findForEditor } from './openablePath';
import type { KindHere, Target, VfsOperation, VfsOperations, VfsSign } from './protocol';
import type { ContentSources } from './blockSources';
import { MOST_BLOCK_BYTES } from './blockSource';
import { blocksOnDisk, blockSources } from './blockSources';
import type { FolderOnIpfs } from './savedFolder';
import { planFolder, saveFolder } from './savedFolder';
import { BLOCK_LIMITS, createVerifiedBlocks } from './verifiedBlocks';

type Answer<Op extends VfsOperation> = Promise<VfsOperations[Op]['result']>;
type Handlers = { [Op in VfsOperation]: (params: VfsOperations[Op]['params'], signal: AbortSignal, id: number) => Answer<Op> };

const QUESTION_MS = 30_000;
const SIGN_EVERY_MS = 200;
/** The largest file whose size is counted, in bytes: the editor opens as much without a question. */
const MOST_COUNTED = 10 * 2 ** 20;
const COUNTED_MS = 5000;

const running = new Map<number, AbortController>();
/** Other sources mean other files, and a new block cache. */
let current: { readonly key: string; readonly files: IpfsFiles } | undefined;

/** The same with the blocks on this disk only. */
let onDisk: typeof current;
/** The bytes of blocks in memory: for the root and the first leaf of a file. */
const CACHED_ON_DISK = 2 * MOST_BLOCK_BYTES;

function filesAt(sources: ContentSources): IpfsFiles {
  const key = JSON.stringify(sources);
  if (current?.key !== key)
    current = {
      key,
      files: createIpfsFiles(createVerifiedBlocks(blockSources(sources), BLOCK_LIMITS, (note) => post({ note }))),
    };
  return current.files;
}

function filesOnDisk(sources: ContentSources): IpfsFiles {
  const key = JSON.stringify([sources.sample, sources.repository]);
  if (onDisk?.key !== key) {
    const blocks = createVerifiedBlocks(blocksOnDisk(sources), { ...BLOCK_LIMITS, cacheBytes: CACHED_ON_DISK });
    onDisk = { key, files: createIpfsFiles(blocks) };
  }
  return onDisk.files;
}

/** A request that isn't answered in time ends. Reads and saves continue as long as blocks arrive. */
async function question<T>(signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = AbortSignal.timeout(QUESTION_MS);
  try {
    return await ask(AbortSignal.any([signal, deadline]));
  } catch (error) {
    if (deadline.aborted && !signal.aborted)
      throw new IpfsKitError(
        'timeout',
        `The blocks didn't arrive within ${QUESTION_MS / 1000} s. Try again, or use another gateway.`,
      );
    throw error;
  }
}

const handlers: Handlers = {
  stat: (target, signal) =>
    question(signal, async (stop) => {
      const { at, stat, isObeyed } = await find(target, stop);
      const counted = stat.type === 'file' && stat.sizeBytes === undefined ? await countedBytes(target, at, stop) : undefined;
      return {
        ...stat,
        sizeBytes: counted ?? stat.sizeBytes,
        name: target.at.path.at(-1) ?? stat.name,
        isObeyed,
      };
    }),
  list: ({ sources, at, withoutObeyed = false, ...page }, signal) =>
    question(signal, async (stop) => {
      const found = await find({ sources, at, withoutObeyed }, stop);
      const listed = await filesAt(sources).list(found.at, page, stop);
      const { entries } = listed;
      return withoutObeyed
        ? { ...listed, entries: entries.filter(({ name }) => isPlainName(name) && !isObeyedName(name)) }
        : listed;
    }),
  read: async (target, signal, id) => {
    const { offset, length, most } = target;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for await (const piece of bytesOf(target, signal, { offset, length })) {
      bytes += piece.length;
      if (bytes > most)
        throw new IpfsKitError('too-large', `The file has more than ${withCommas(most)} bytes. Save it to disk instead.`);
      pieces.push(piece);
      sign(id, bytes);
    }
    return new Uint8Array(Buffer.concat(pieces, bytes));
  },
  ending: (target, signal) => question(signal, (stop) => endingIn(bytesOf(target, stop, TELLING))),
  kindsHere: ({ sources, cids }, signal) =>
    question(signal, async (stop) => {
      const kinds = new Map<string, KindHere>();
      for (const cid of cids) {
        const kind = await kindHere(filesOnDisk(sources), { cid, path: [] }, stop).catch(() => undefined);
        if (kind) kinds.set(cid, kind);
      }
      return kinds;
    }),
  save: (target, signal, id) =>
    replaceFile(target.file, signal, async (handle) => {
      let bytes = 0;
      for await (const piece of bytesOf(target, signal)) {
        stopIfCanceled(signal);
        await writeWhole(target.file, handle, piece, bytes);
        bytes += piece.length;
        sign(id, bytes);
      }
      await handle.sync();
      return bytes;
    }),
  planFolder: async ({ name, ...target }, signal, id) =>
    planFolder(await folderOf(target, name, signal), signal, (files) => sign(id, 0, files)),
  saveFolder: async ({ to, ...target }, signal, id) =>
    saveFolder(await folderOf(target, path.basename(to.folder), signal), to, signal, (files, bytes) => sign(id, bytes, files)),
  forms: ({ cid }) => Promise.resolve(cidForms(cid)),
  inspect: () => Promise.resolve({ loaded: Object.keys(require.cache) }),
};

const TELLING: Range = { length: TELLING_BYTES + 1 };

/** The name ending that the first bytes of a file show. */
async function endingIn(start: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  for await (const piece of start) pieces.push(piece);
  const head = Buffer.concat(pieces);
  return endingOf(head, head.length <= TELLING_BYTES);
}

/** Undefined for what is neither a file nor a folder. */
async function kindHere(files: IpfsFiles, at: IpfsPath, signal: AbortSignal): Promise<KindHere | undefined> {
  const { type } = await files.stat(at, signal);
  if (type === 'directory') return { isFile: false, ending: undefined };
  return type === 'file' ? { isFile: true, ending: await endingIn(files.read(at, TELLING, signal)) } : undefined;
}

/** A folder to save. Each page of its entries is a request with a deadline. */
async function folderOf(target: Target, name: string, signal: AbortSignal): Promise<FolderOnIpfs> {
  const files = filesAt(target.sources);
  const { at, isObeyed } = await question(signal, (stop) => find(target, stop));
  const list: IpfsFiles['list'] = (path, page, canceled = signal) => question(canceled, (stop) => files.list(path, page, stop));
  return { files: { ...files, list }, at, name, isObeyed, platform: process.platform };
}

/** Counts the bytes of a file whose root doesn't state its size; undefined where there are many, or they don't arrive soon. */
async function countedBytes({ sources }: Target, at: IpfsPath, signal: AbortSignal): Promise<number | undefined> {
  const soon = AbortSignal.timeout(COUNTED_MS);
  let bytes = 0;
  try {
    for await (const piece of filesAt(sources).read(at, { length: MOST_COUNTED + 1 }, AbortSignal.any([signal, soon])))
      bytes += piece.length;
    return bytes > MOST_COUNTED ? undefined : bytes;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined; // An error of the file is reported when the file is read.
  }
}

/** As findForEditor. For a target without obeyed names, such a path rejects with `no-entry`, before any lookup where its own names show it. */
async function find({ sources, at, withoutObeyed = false }: Target, signal: AbortSignal): Promise<Found> {
  const isLeftOut = withoutObeyed && (hasObeyedName(at.path) || !at.path.every(isPlainName));
  const found = isLeftOut ? undefined : await findForEditor(filesAt(sources), at, signal);
  if (found && !(withoutObeyed && found.isObeyed)) return found;
  throw new IpfsKitError('no-entry', `${formatIpfsPath(at)} is hidden from editors. Open it in the Pins view.`);
}

async function* bytesOf(target: Target, signal: AbortSignal, range: Range = {}): AsyncGenerator<Uint8Array> {
  const { at } = await find(target, signal);
  yield* filesAt(target.sources).read(at, { ...range, tellSizes: (note) => post({ note }) }, signal);
}

let lastSign = 0;
function sign(id: number, bytes: number, files?: number): void {
  const now = Date.now();
  if (now - lastSign < SIGN_EVERY_MS) return;
  lastSign = now;
  post({ id, bytes, files });
}

function post(message: FromThread<VfsSign>, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

async function handle<Op extends VfsOperation>(id: number, operation: Op, params: VfsOperations[Op]['params']): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const result = await handlers[operation](params, controller.signal, id);
    post({ id, result }, result instanceof Uint8Array && result.buffer instanceof ArrayBuffer ? [result.buffer] : []);
  } catch (error) {
    post({ id, error: toPlainError(error) });
  } finally {
    running.delete(id);
  }
}

type Asked = {
  [Op in VfsOperation]: { readonly id: number; readonly operation: Op; readonly params: VfsOperations[Op]['params'] };
}[VfsOperation];

parentPort?.on('message', (message: Asked | { readonly cancel: number }) => {
  if ('cancel' in message) running.get(message.cancel)?.abort();
  else void handle(message.id, message.operation, message.params);
});

import { decode } from '@ipld/dag-pb';
import * as dagPb from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import * as raw from 'multiformats/codecs/raw';
import { IpfsKitError } from '../base/ipfsKitError';
import { protobufFields, varints } from './protobufFields';
import type { VerifiedBlocks } from './verifiedBlocks';

/** The most levels of a file's tree: with 174 links per node, as importers make them, eight levels hold an exabyte. */
const DEEPEST = 32;
/** The blocks that are fetched ahead. */
const AHEAD = 8;
/** The most links of one node: the decoder takes some hundred bytes for each, however small. With CIDs of 36 bytes, the largest block holds fewer. */
const MOST_LINKS = 2 ** 17;
/** The most nodes in a row that hold no byte of the file: a file has no more than its levels. */
const MOST_WITHOUT_BYTES = 10_000;

/** Up to here, the bytes before a range are read and counted; further on, parts are skipped by the sizes that nodes state. */
const MOST_COUNTED = 2 ** 20;

/** A part of the file, in the order of its bytes. */
interface Part {
  readonly cid: CID;
  /** The size that the parent states; undefined where it states none, and for the root. */
  readonly size: number | undefined;
  /** The offset by those sizes. What lies behind the range isn't fetched ahead. */
  readonly startsAt: number;
  readonly depth: number;
  block?: Promise<Uint8Array>;
}

/** Follows a part that doesn't state its own size. */
interface End {
  readonly cid: CID;
  /** The size that the parent states. */
  readonly size: number;
  /** Bytes of the file before it. */
  readonly from: number;
}

interface ByteRange {
  readonly offset: number;
  readonly end: number;
}

/** Gets a sentence if the file states wrong sizes. */
export type TellSizes = (what: string) => void;

/**
 * The bytes from `offset` to before `end`, piece by piece, as all parts in order have them, as Kubo reads them (boxo, ipld/unixfs/io/dagreader.go):
 * a size that a node states decides nothing, and `tell` is called once where one is wrong. But before a range that begins further on than MOST_COUNTED
 * bytes, parts are passed over by their sizes. Those of the parts that are read are compared: where one is wrong, all is counted from the first byte.
 * Not the exporter of ipfs-unixfs-exporter: it reads everything ahead, and a missing block below the second level ends its process (docs/decisions.md).
 * Rejects with IpfsKitError: what the blocks say, `malformed` where what a part holds can't be told, or where bytes of a range were given already when a
 * size turned out to be wrong.
 */
export async function* readUnixfsFile(
  root: CID,
  blocks: VerifiedBlocks,
  range: ByteRange,
  tell: TellSizes = () => undefined,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (range.offset >= range.end) return;
  let hasReported = false;
  const reportOnce = (what: string): void => {
    if (!hasReported) tell(what);
    hasReported = true;
  };
  if (range.offset > MOST_COUNTED) {
    let isWrong = false;
    let given = 0;
    const isNowWrong = (): boolean => isWrong;
    const onWrong = (what: string, hasPassed: boolean): void => {
      isWrong ||= hasPassed;
      reportOnce(what);
    };
    for await (const piece of walk(root, blocks, range, { passesOver: true, onWrong }, signal)) {
      if (isNowWrong()) break;
      given += piece.length;
      yield piece;
    }
    if (!isNowWrong()) return;
    if (given > 0) throw malformed(root, 'states wrong sizes, so a range of it would begin at the wrong byte');
  }
  yield* walk(root, blocks, range, { passesOver: false, onWrong: reportOnce }, signal);
}

async function* walk(
  root: CID,
  blocks: VerifiedBlocks,
  { offset, end }: ByteRange,
  { passesOver, onWrong }: { readonly passesOver: boolean; readonly onWrong: (what: string, hasPassed: boolean) => void },
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // The next part is the last of the array.
  const parts: (Part | End)[] = [{ cid: root, size: undefined, startsAt: 0, depth: 0 }];
  const stopped = new AbortController();
  const stop = signal ? AbortSignal.any([signal, stopped.signal]) : stopped.signal;
  /** Bytes of the file before the next part. */
  let at = 0;
  let withoutBytes = 0;
  /** The size of the whole file that the root states. */
  let stated: number | undefined;
  let areWrong = false;
  const trusts = (): boolean => passesOver && !areWrong;
  let hasPassed = false;
  const compare = (cid: CID, size: number | undefined, is: number | undefined): void => {
    if (size === undefined || is === undefined || size === is) return;
    areWrong = true;
    onWrong(
      `The file states wrong sizes: ${cid.toString()} holds ${is} bytes where ${size} are stated. All were counted.`,
      hasPassed,
    );
  };
  try {
    for (let part = parts.at(-1); part && at < end; part = parts.at(-1)) {
      if ('from' in part) {
        compare(part.cid, part.size, at - part.from);
        parts.pop();
        continue;
      }
      for (const next of parts.slice(-AHEAD)) {
        if ('from' in next || (next !== part && next.startsAt >= end)) continue;
        next.block ??= blocks.get(next.cid, stop);
        next.block.catch(() => undefined); // The error is reported when its turn comes.
      }
      const block = await part.block;
      parts.pop();
      if (!block) continue;
      const { cid, size, depth } = part;
      const node = fileNode(cid, block);
      if (depth === 0) stated = node.stated;
      if (size !== undefined && node.size === undefined) parts.push({ cid, size, from: at });
      compare(cid, size, node.size);
      withoutBytes = node.data.length > 0 ? 0 : withoutBytes + 1;
      if (withoutBytes > MOST_WITHOUT_BYTES) throw malformed(root, `has more than ${MOST_WITHOUT_BYTES} parts without a byte`);
      const data = node.data.subarray(Math.max(0, offset - at), Math.max(0, end - at));
      if (data.length > 0) yield data;
      at += node.data.length;
      const children: Part[] = [];
      let startsAt = at;
      for (const [index, link] of node.links.entries()) {
        const each = node.sizes?.[index];
        // A part whose stated size is 0 is read all the same, so that a wrong size leaves out nothing.
        const isPassed = trusts() && children.length === 0 && each !== undefined && each > 0 && at + each <= offset;
        if (isPassed) {
          at += each;
          hasPassed = true;
        } else children.push({ cid: link, size: each, startsAt, depth: depth + 1 });
        startsAt += each ?? 0;
      }
      if (children.length > 0 && depth >= DEEPEST) throw malformed(cid, `lies more than ${DEEPEST} levels deep`);
      for (const child of children.reverse()) parts.push(child);
    }
    hasPassed = false; // The root only states it.
    if (parts.length === 0) compare(root, stated, at);
  } finally {
    stopped.abort();
  }
}

interface FileNode {
  /** The bytes of the node and everything below it; undefined where the node doesn't state them. */
  readonly size: number | undefined;
  /** The length that the node states, which doesn't decide what is read. */
  readonly stated?: number | undefined;
  readonly data: Uint8Array;
  readonly links: readonly CID[];
  /** The bytes below each link; undefined where the node doesn't state one size for each. */
  readonly sizes: readonly number[] | undefined;
}

const NO_BYTES = new Uint8Array();

function fileNode(cid: CID, block: Uint8Array): FileNode {
  if (cid.code === raw.code) return { size: block.length, data: block, links: [], sizes: [] };
  if (cid.code !== dagPb.code) throw malformed(cid, 'is part of a file, but in a format that files never have');
  const node = unixfsNode(cid, block);
  const { unixfs, links } = node;
  if (unixfs.type !== 'file' && unixfs.type !== 'raw') throw malformed(cid, `is part of a file but is a ${unixfs.type}`);
  const size = addedSize(node);
  const sizes = size === undefined ? undefined : node.blockSizes.map(Number);
  const { stated } = fileSizes(node);
  return { size, stated, data: unixfs.data ?? NO_BYTES, links: links.map(({ Hash }) => Hash), sizes };
}

/** The data of a node plus the sizes that it states of its parts, in bytes; undefined where it doesn't state one for each, or they are impossible. */
function addedSize({ unixfs, links, blockSizes }: UnixfsNode): number | undefined {
  const own = unixfs.data?.length ?? 0;
  if (links.length === 0) return own;
  return blockSizes.length === links.length ? safeSize(blockSizes.reduce((sum, each) => sum + each, BigInt(own))) : undefined;
}

interface FileSizes {
  /** The bytes of the file, as far as its root states them before anything else is read. A 0 beside links doesn't count as a size. */
  readonly size?: number | undefined;
  /** The bytes that the root states, to compare with what has been read. */
  readonly stated?: number | undefined;
}

/** What the root of a file says about its size. A size past 2^53 is left out. */
export function fileSizes(node: UnixfsNode): FileSizes {
  const added = addedSize(node);
  const stated = node.filesize === undefined ? added : safeSize(node.filesize);
  const size = [added, stated].find((each) => each !== undefined && (each > 0 || node.links.length === 0));
  return { size, stated };
}

export interface UnixfsNode {
  readonly unixfs: UnixFS;
  readonly links: dagPb.PBNode['Links'];
  /** The field `filesize`, which may be absent; the library leaves it out. */
  readonly filesize: bigint | undefined;
  /** As `unixfs.blockSizes`, packed ones included. */
  readonly blockSizes: readonly bigint[];
}

/** A dag-pb node with UnixFS in it. Throws malformed. */
export function unixfsNode(cid: CID, block: Uint8Array): UnixfsNode {
  checkLinks(cid, block);
  try {
    const { Data, Links } = decode(block);
    if (!Data) throw new Error('It has no data.');
    const { blockSizes, rest } = blockSizesIn(Data);
    return { unixfs: UnixFS.unmarshal(rest), links: Links, filesize: filesizeIn(Data), blockSizes };
  } catch (error) {
    throw malformed(cid, "can't be decoded as UnixFS", error);
  }
}

/** Field numbers of a dag-pb node (https://ipld.io/specs/codecs/dag-pb/spec/) and of a UnixFS message (https://specs.ipfs.tech/unixfs/). */
const [DATA, LINK] = [1, 2] as const;
const [TYPE, FILESIZE, BLOCK_SIZES] = [1, 3, 4] as const;
const FILE_TYPES: readonly (bigint | undefined)[] = [0n, 2n];

/** Whether a dag-pb node, readable or not, claims to be a UnixFS file: then its bytes aren't returned as data. */
export function saysFile(block: Uint8Array): boolean {
  for (const { number, bytes } of protobufFields(block))
    if (number === DATA && bytes)
      for (const { number: field, value } of protobufFields(bytes)) if (field === TYPE) return FILE_TYPES.includes(value);
  return false;
}

/**
 * The size of each part in the message, in separate fields or packed into one, since a decoder must accept both
 * (https://protobuf.dev/programming-guides/encoding/#packed); and the message without the packed ones, at which the library fails. Sizes beyond the possible
 * number of links are cut.
 */
function blockSizesIn(message: Uint8Array): { readonly blockSizes: readonly bigint[]; readonly rest: Uint8Array } {
  const blockSizes: bigint[] = [];
  const rest: Uint8Array[] = [];
  let from = 0;
  for (const { number, value, bytes, at, end } of protobufFields(message)) {
    if (number !== BLOCK_SIZES) continue;
    for (const size of bytes ? varints(bytes) : [value]) if (blockSizes.length <= MOST_LINKS) blockSizes.push(size ?? 0n);
    if (!bytes) continue;
    rest.push(message.subarray(from, at));
    from = end;
  }
  return { blockSizes, rest: from === 0 ? message : Buffer.concat([...rest, message.subarray(from)]) };
}

function filesizeIn(message: Uint8Array): bigint | undefined {
  let filesize: bigint | undefined;
  for (const { number, value } of protobufFields(message)) if (number === FILESIZE) filesize = value ?? filesize;
  return filesize;
}

function checkLinks(cid: CID, block: Uint8Array): void {
  let links = 0;
  for (const { number } of protobufFields(block)) if (number === LINK) links++;
  if (links > MOST_LINKS) throw malformed(cid, `has ${links} links, and at most ${MOST_LINKS} are read`);
}

function safeSize(size: bigint): number | undefined {
  return size >= 0n && size <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(size) : undefined;
}

export function malformed(cid: CID, what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `${cid.toString()} ${what}. It can't be shown.`, { cause });
}

import { IpfsKitError } from '../base/ipfsKitError';
import type { Field } from './schema';
import { buffersOf, isNested, isView, TYPE } from './columnTypes';
import type { FlatTable } from './flatbuffers';

/**
 * The header of a record batch or a dictionary batch: the counts and buffers of all its columns, which `columnsOf` assigns to the columns. Tables: Message.fbs.
 */
export interface BatchHeader {
  readonly rows: number;
  readonly nodes: readonly Node[];
  readonly buffers: readonly Region[];
  /** The number of text buffers of each column of views. */
  readonly viewBuffers: readonly number[];
  /** Absent where the buffers aren't compressed. */
  readonly codec?: Codec;
  /** The declared bytes of all buffers after decompression; absent where `codec` is. */
  readonly unpackedBytes?: number;
}

/** FieldNode of Message.fbs. */
interface Node {
  readonly length: number;
  readonly nulls: number;
}

/** The position of a buffer in the body of its message, in bytes. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** The part of one column in a batch. */
export interface ColumnBuffers extends Node {
  /** The nodes of the column, followed by those of its children, in the order of the schema. */
  readonly buffers: readonly Region[];
}

/** BodyCompression of Message.fbs: the codecs by number. Each compressed buffer begins with its decompressed length, in LENGTH_BYTES. */
const CODECS = ['LZ4_FRAME', 'ZSTD'] as const;
export type Codec = (typeof CODECS)[number];
export const LENGTH_BYTES = 8;
export const NOT_COMPRESSED = -1;

/** Field numbers of Message.fbs. */
const BATCH = { rows: 0, nodes: 1, buffers: 2, compression: 3, variadicCounts: 4 } as const;
const COMPRESSION = { codec: 0, method: 1 } as const;
const BY_BUFFER = 0;

const NODE_BYTES = 16;
const BUFFER_BYTES = 16;

/** Reads the header `batch`, whose buffers must be inside `body`, the body of the message. Throws `malformed`, and `unsupported` for an unknown compression. */
export function readBatchHeader(batch: FlatTable, body: Uint8Array): BatchHeader {
  const rows = batch.i64(BATCH.rows);
  if (rows < 0) throw malformed('a batch has a negative number of rows');
  const nodes = batch.structs(BATCH.nodes, NODE_BYTES).map((at) => {
    const [length, nulls] = [batch.i64At(at), batch.i64At(at + 8)];
    if (length < 0 || nulls < 0 || nulls > length) throw malformed('a column has impossible counts');
    return { length, nulls };
  });
  const buffers = batch.structs(BATCH.buffers, BUFFER_BYTES).map((at) => {
    const [offset, length] = [batch.i64At(at), batch.i64At(at + 8)];
    if (offset < 0 || length < 0 || offset + length > body.length) throw malformed('a buffer lies outside its message');
    if (offset % 8 !== 0) throw malformed("a buffer isn't aligned");
    return { offset, length };
  });
  const viewBuffers = batch.i64s(BATCH.variadicCounts);
  let all = 0;
  for (const count of viewBuffers) {
    all += count;
    if (count < 0 || all > buffers.length) throw malformed('a column has more buffers than its batch');
  }
  const compression = batch.table(BATCH.compression);
  return { rows, nodes, buffers, viewBuffers, ...(compression && compressionOf(compression, buffers, body)) };
}

function compressionOf(
  compression: FlatTable,
  buffers: readonly Region[],
  body: Uint8Array,
): Pick<BatchHeader, 'codec' | 'unpackedBytes'> {
  const codec = CODECS[compression.u8(COMPRESSION.codec)];
  if (!codec || compression.u8(COMPRESSION.method) !== BY_BUFFER)
    throw new IpfsKitError('unsupported', 'The Arrow body is compressed in a way other than LZ4 and ZSTD.');
  // Each buffer is decompressed separately: if many shared the same bytes, this would take far longer than the length of the body suggests.
  if (buffers.reduce((sum, { length }) => sum + length, 0) > body.length) throw malformed('its compressed buffers overlap');
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let unpackedBytes = 0;
  for (const { offset, length } of buffers) {
    if (length === 0) continue;
    if (length < LENGTH_BYTES) throw malformed('a compressed buffer is shorter than its header');
    const declared = Number(view.getBigInt64(offset, true));
    if (declared < NOT_COMPRESSED) throw malformed('a compressed buffer has a negative length');
    unpackedBytes += declared === NOT_COMPRESSED ? length - LENGTH_BYTES : declared;
  }
  return { codec, unpackedBytes };
}

/**
 * Assigns the counts and buffers to the columns, in their order. `isOld`: the message has metadata version 4. Throws `malformed` where the batch has fewer of
 * them than the columns need.
 */
export function columnsOf(columns: readonly Field[], batch: BatchHeader, isOld: boolean): readonly ColumnBuffers[] {
  const next: Next = { node: 0, buffer: 0, viewBuffer: 0 };
  return columns.map((column) => {
    const { node, buffer } = next;
    skipColumn(column, batch, isOld, next);
    const { length, nulls } = batch.nodes[node] ?? NOTHING;
    return { length, nulls, buffers: batch.buffers.slice(buffer, next.buffer) };
  });
}

const NOTHING: Node = { length: 0, nulls: 0 };

/** The next index in each of the three lists of a header. */
interface Next {
  node: number;
  buffer: number;
  viewBuffer: number;
}

/** Advances past everything that belongs to a column and its children. */
function skipColumn({ type, of, children, dictionary }: Field, batch: BatchHeader, isOld: boolean, next: Next): void {
  const node = batch.nodes[next.node++];
  if (!node) throw malformed('a batch has fewer columns than the schema');
  if (dictionary) next.buffer += buffersOf(TYPE.int, dictionary.index, isOld);
  else {
    if (isOld && type === TYPE.union && node.nulls > 0) throw malformed('a union of version 4 has nulls');
    next.buffer += buffersOf(type, of, isOld);
    if (isView(type)) {
      const count = batch.viewBuffers[next.viewBuffer++];
      if (count === undefined) throw malformed("a batch doesn't say how many buffers a column has");
      next.buffer += count;
    }
  }
  if (next.buffer > batch.buffers.length) throw malformed('a batch has fewer buffers than its columns need');
  if (!dictionary && isNested(type)) for (const child of children) skipColumn(child, batch, isOld, next);
}

export function malformed(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `The body isn't valid Arrow IPC data: ${what}.`, { cause });
}

import { IpfsKitError } from '../base/ipfsKitError';
import type { Field } from './schema';
import { buffersOf, isNested, isView, TYPE } from './columnTypes';
import type { FlatTable } from './flatbuffers';

/** Reads the header of a batch of rows, or of the entries of a dictionary: which of its buffers belong to which column. Tables: Message.fbs. */
export interface Batch {
  readonly rows: number;
  readonly nodes: readonly Node[];
  readonly buffers: readonly Region[];
  /** How many of the buffers belong to each column of views. */
  readonly viewBuffers: readonly number[];
  /** Where it is compressed. */
  readonly codec?: Codec;
  /** As codec; bytes. */
  readonly unpacked?: number;
}

interface Node {
  readonly length: number;
  readonly nulls: number;
}

/** In the body of its message; bytes. */
export interface Region {
  readonly offset: number;
  readonly length: number;
}

/** What a batch holds of a column. */
export interface Part extends Node {
  /** Of a nested column also those of its children, in their order. */
  readonly buffers: readonly Region[];
}

/** BodyCompression: the codecs by their numbers; each buffer begins with its unpacked length. */
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

/** `body`: that of the message. */
export function readBatch(batch: FlatTable, body: Uint8Array): Batch {
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
    if (offset % 8 !== 0) throw malformed('a buffer is not aligned');
    return { offset, length };
  });
  const viewBuffers = batch.i64s(BATCH.variadicCounts);
  let all = 0;
  for (const count of viewBuffers) {
    all += count;
    if (count < 0 || all > buffers.length) throw malformed('a column has more buffers than its batch');
  }
  const compression = batch.table(BATCH.compression);
  return { rows, nodes, buffers, viewBuffers, ...(compression && packing(compression, buffers, body)) };
}

function packing(compression: FlatTable, buffers: readonly Region[], body: Uint8Array): Pick<Batch, 'codec' | 'unpacked'> {
  const codec = CODECS[compression.u8(COMPRESSION.codec)];
  if (!codec || compression.u8(COMPRESSION.method) !== BY_BUFFER)
    throw new IpfsKitError('unsupported', 'The Arrow body is compressed in a way other than LZ4 and ZSTD.');
  // Each is unpacked by itself: many that share one place would take a time that is no longer that of the body.
  if (buffers.reduce((sum, { length }) => sum + length, 0) > body.length) throw malformed('its compressed buffers overlap');
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let unpacked = 0;
  for (const { offset, length } of buffers) {
    if (length === 0) continue;
    if (length < LENGTH_BYTES) throw malformed('a compressed buffer is shorter than its header');
    const declared = Number(view.getBigInt64(offset, true));
    if (declared < NOT_COMPRESSED) throw malformed('a compressed buffer has a negative length');
    unpacked += declared === NOT_COMPRESSED ? length - LENGTH_BYTES : declared;
  }
  return { codec, unpacked };
}

/** In the order of the columns. `isOld`: of metadata version 4. Throws `malformed` where the batch has less than they need. */
export function partsOf(columns: readonly Field[], batch: Batch, isOld: boolean): readonly Part[] {
  const at: Place = { node: 0, buffer: 0, view: 0 };
  return columns.map((column) => {
    const { node, buffer } = at;
    pass(column, batch, isOld, at);
    const { length, nulls } = batch.nodes[node] ?? NOTHING;
    return { length, nulls, buffers: batch.buffers.slice(buffer, at.buffer) };
  });
}

const NOTHING: Node = { length: 0, nulls: 0 };

interface Place {
  node: number;
  buffer: number;
  view: number;
}

function pass({ type, of, children, dictionary }: Field, batch: Batch, isOld: boolean, at: Place): void {
  const node = batch.nodes[at.node++];
  if (!node) throw malformed('a batch has fewer columns than the schema');
  if (dictionary) at.buffer += buffersOf(TYPE.int, dictionary.index, isOld);
  else {
    if (isOld && type === TYPE.union && node.nulls > 0) throw malformed('a union of version 4 has nulls');
    at.buffer += buffersOf(type, of, isOld);
    if (isView(type)) {
      const count = batch.viewBuffers[at.view++];
      if (count === undefined) throw malformed('a batch does not say how many buffers a column has');
      at.buffer += count;
    }
  }
  if (at.buffer > batch.buffers.length) throw malformed('a batch has fewer buffers than its columns need');
  if (!dictionary && isNested(type)) for (const child of children) pass(child, batch, isOld, at);
}

export function malformed(what: string, cause?: unknown): IpfsKitError {
  return new IpfsKitError('malformed', `The body isn't valid Arrow IPC data: ${what}.`, { cause });
}

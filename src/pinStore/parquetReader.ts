/** The one file that loads hyparquet; a bundle of its own, loaded when a Parquet file was found. */
import { closeSync, fstatSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { AsyncBuffer, ColumnMetaData, CompressionCodec, Compressors, FileMetaData, RowGroup } from 'hyparquet';
import { parquetMetadata, parquetRead, parquetSchema } from 'hyparquet';
import type { Unpack } from '../codecs';
import { IpfsKitError } from '../ipfsKitError';
import type { ColumnSource } from '../pin/columnSource';
import { shapeOf } from '../pin/pinRecord';
import { checkPages } from './parquetPages';
import { openRegularFile, readBytes, statusOf } from './regularFile';

export interface ParquetOptions {
  readonly signal?: AbortSignal;
  /** Of all columns and groups together; default 1 GiB. */
  readonly mostUnpackedBytes?: number;
}

export interface ParquetPins {
  readonly source: ColumnSource;
  /** What was read, for people. */
  readonly detail: string;
}

const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const MAX_GROUPS = 10_000;
/** Every value is one of JavaScript's; 5 million pins of 12 columns fill a heap. */
const MAX_ROWS = 5_000_000;
const MAX_CHUNK_BYTES = 2 ** 29;
const MAX_UNPACKED_BYTES = 2 ** 30;
/** More than is ever shown or read as JSON of a single text. */
const MAX_TEXT_BYTES = 2 ** 20;
const TRIES = 5;
const WAIT_MS = 20;

/**
 * The columns of a Parquet file that pins are made of, decoded. Nothing is written; the file must hold still meanwhile.
 * Rejects with IpfsKitError: missing, not-a-file, unreadable, corrupt, unsupported (a codec, encryption), too-large, no-pins-table, busy, cancelled.
 */
export async function readParquet(file: string, options: ParquetOptions): Promise<ParquetPins> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await sleep(WAIT_MS);
    const before = stamp(file);
    try {
      const pins = await readOnce(file, options);
      if (stamp(file) === before) return pins;
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled') || stamp(file) === before) throw error;
    }
  }
  throw new IpfsKitError('busy', `${file} is being written all the time. Refresh when the writer is done.`);
}

function stamp(file: string): string {
  const status = statusOf(file);
  return status ? `${status.dev}.${status.ino}.${status.size}.${status.mtimeMs}.${status.ctimeMs}` : '-';
}

async function readOnce(file: string, options: ParquetOptions): Promise<ParquetPins> {
  const descriptor = openRegularFile(file);
  try {
    const size = fstatSync(descriptor).size;
    const slice = (start: number, end = size): ArrayBuffer => {
      if (!(start >= 0 && start <= end && end <= size)) throw new RangeError(`bytes ${start} to ${end} of ${size}`);
      const bytes = readBytes(file, descriptor, start, end - start);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    };
    const metadata = decoded(file, () => readFooter(file, size, slice));
    const names = leafNames(file, metadata);
    const shape = shapeOf(names);
    if (!shape)
      throw new IpfsKitError(
        'no-pins-table',
        `${file} is a Parquet file without a "cid" column. Set ipfsKit.database.path to the pin database.`,
      );
    const wanted = new Set(shape.columns.values());
    if (shape.metadata !== undefined) wanted.add(shape.metadata);
    const columns = await readColumns({ file, size, slice, metadata }, [...wanted], options);
    const backend = shape.columns.has('backend') ? undefined : backendOf(file);
    return {
      source: {
        rows: Number(metadata.num_rows),
        names: [...columns.keys(), ...(backend === undefined ? [] : ['backend'])],
        value: (column, row) => {
          const values = columns.get(column);
          return values ? values[row] : column === 'backend' ? backend : undefined;
        },
      },
      detail: `Parquet, ${names.length} columns, ${count(metadata.row_groups.length, 'row group')}`,
    };
  } finally {
    closeSync(descriptor);
  }
}

interface Open {
  readonly file: string;
  readonly size: number;
  readonly slice: (start: number, end?: number) => ArrayBuffer;
  readonly metadata: FileMetaData;
}

/** Thrift of the last bytes. */
function readFooter(file: string, size: number, slice: Open['slice']): FileMetaData {
  const end = Buffer.from(slice(size - 8));
  const length = end.readUInt32LE(0);
  if (end.toString('latin1', 4) !== 'PAR1' || length > size - 8) throw new RangeError('it does not end in a footer');
  if (length > MAX_FOOTER_BYTES) throw new IpfsKitError('too-large', `${file} has a footer of ${length} bytes.`);
  const metadata = parquetMetadata(slice(size - 8 - length), { geoparquet: false });
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (!(Number(metadata.num_rows) === rows && rows >= 0 && metadata.row_groups.every(({ num_rows }) => num_rows >= 0)))
    throw new RangeError('the rows of its groups are not those of the file');
  if (rows > MAX_ROWS || metadata.row_groups.length > MAX_GROUPS)
    throw new IpfsKitError(
      'too-large',
      `${file} has ${rows} rows in ${count(metadata.row_groups.length, 'row group')}; ${MAX_ROWS} in ${MAX_GROUPS} are read at most. Start the daemon to list its pins.`,
    );
  return metadata;
}

/** Columns with one value a row; lists and structs are no part of a pin. */
function leafNames(file: string, metadata: FileMetaData): string[] {
  return decoded(file, () => {
    const { children } = parquetSchema(metadata);
    return children
      .filter(({ children: below, element }) => below.length === 0 && element.repetition_type !== 'REPEATED')
      .map(({ element: { name } }: { readonly element: { readonly name: unknown } }) => {
        if (typeof name === 'string') return name;
        throw new RangeError('a column has no name');
      });
  });
}

async function readColumns(
  open: Open,
  names: readonly string[],
  { signal, mostUnpackedBytes = MAX_UNPACKED_BYTES }: ParquetOptions,
): Promise<Map<string, unknown[]>> {
  const { file, metadata } = open;
  const columns = new Map<string, unknown[]>();
  let unpacked = 0;
  for (const name of names) {
    const values: unknown[] = [];
    for (const group of metadata.row_groups) {
      if (signal?.aborted) throw new IpfsKitError('cancelled', 'Cancelled.');
      await nextTurn(); // a cancel could never arrive otherwise
      unpacked += await readChunk(open, group, name, mostUnpackedBytes - unpacked, values);
    }
    if (values.length !== Number(metadata.num_rows))
      throw new IpfsKitError(
        'corrupt',
        `${file} is damaged: its column "${name.slice(0, 100)}" ends early. Restore it from a copy.`,
      );
    columns.set(name, values);
  }
  return columns;
}

/** Adds the values of one column in one row group; gives what its pages unpacked to. */
async function readChunk(open: Open, group: RowGroup, name: string, budget: number, into: unknown[]): Promise<number> {
  const { file, size, slice, metadata } = open;
  const rows = Number(group.num_rows);
  if (rows === 0) return 0;
  const column = group.columns.find(({ meta_data }) => meta_data?.path_in_schema.join('.') === name)?.meta_data;
  if (!column)
    throw new IpfsKitError(
      'unsupported',
      `${file} does not say where its column "${name.slice(0, 100)}" is: it may be encrypted. Start the daemon to list its pins.`,
    );
  const compressors = await compressorFor(file, column.codec);
  const [start, end] = rangeOf(column);
  if (end - start > MAX_CHUNK_BYTES)
    throw new IpfsKitError(
      'too-large',
      `${file} has ${end - start} bytes in one piece; ${MAX_CHUNK_BYTES} are read at most. Start the daemon to list its pins.`,
    );
  const chunk = decoded(file, () => slice(start, end));
  const unpackedBytes = Math.max(0, budget);
  const unpacked = decoded(file, () => checkPages(file, name, chunk, { values: rows, unpackedBytes }));
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: (from, to = size) => (from >= start && to <= end ? chunk.slice(from - start, to - start) : slice(from, to)),
  };
  const parts: { readonly at: number; readonly data: ArrayLike<unknown> }[] = [];
  try {
    await parquetRead({
      file: buffer,
      metadata: { ...metadata, num_rows: group.num_rows, row_groups: [group] },
      columns: [name],
      compressors,
      parsers: { stringFromBytes: textOf, jsonFromBytes: textOf },
      onChunk: ({ columnData, rowStart }) => parts.push({ at: rowStart, data: columnData }),
    });
  } catch (error) {
    throw damaged(file, error);
  }
  let filled = 0;
  for (const { at, data } of parts.sort((a, b) => a.at - b.at)) {
    if (at !== filled || filled + data.length > rows) throw damaged(file, new RangeError('its pages do not follow each other'));
    for (const value of Array.from(data)) into.push(value);
    filled += data.length;
  }
  if (filled !== rows) throw damaged(file, new RangeError(`${filled} values for ${rows} rows`));
  return unpacked;
}

/** As hyparquet takes it: the dictionary comes first, where there is one. */
function rangeOf({ dictionary_page_offset, data_page_offset, total_compressed_size }: ColumnMetaData): [number, number] {
  const start = Number(dictionary_page_offset ?? 0n) || Number(data_page_offset);
  return [start, start + Number(total_compressed_size)];
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && decoder.decode(bytes.length > MAX_TEXT_BYTES ? bytes.subarray(0, MAX_TEXT_BYTES) : bytes);
}

/** Beside its own SNAPPY those that Node has, and those of a bundle that is loaded here. */
async function compressorFor(file: string, codec: CompressionCodec): Promise<Compressors> {
  if (codec === 'UNCOMPRESSED' || codec === 'SNAPPY') return {};
  const unpack = await unpackerOf(codec);
  if (!unpack)
    throw new IpfsKitError(
      'unsupported',
      `${file} is compressed by ${codec}, which is not read here. Start the daemon to list its pins.`,
    );
  return { [codec]: unpack };
}

async function unpackerOf(codec: CompressionCodec): Promise<Unpack | undefined> {
  if (codec === 'GZIP') return (packed, length) => gunzipSync(packed, atMost(length));
  if (codec === 'BROTLI') return (packed, length) => brotliDecompressSync(packed, atMost(length));
  if (codec !== 'ZSTD' && codec !== 'LZ4' && codec !== 'LZ4_RAW') return undefined;
  const { zstd, lz4Hadoop, lz4Raw } = await import('../codecs');
  return codec === 'ZSTD' ? zstd() : codec === 'LZ4' ? lz4Hadoop : lz4Raw;
}

function atMost(length: number): { readonly maxOutputLength: number } {
  return { maxOutputLength: Math.max(1, length) };
}

function decoded<T>(file: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw damaged(file, error);
  }
}

/** hyparquet tells what it can't read by Error, TypeError and RangeError from deep inside. */
function damaged(file: string, error: unknown): IpfsKitError {
  if (IpfsKitError.is(error)) return error;
  const said = error instanceof Error ? error.message.slice(0, 200) : 'unknown error';
  return new IpfsKitError(
    'corrupt',
    `${file} is damaged (Parquet: ${said}). Restore it from a copy, or let ipfs_kit_py write it anew.`,
    {
      cause: error,
    },
  );
}

/** ipfs_kit_py keeps a list for each backend, in a folder of its name: `backends/ipfs_local/pin_mappings.parquet`. */
function backendOf(file: string): string | undefined {
  const folder = path.dirname(file);
  return path.basename(path.dirname(folder)) === 'backends' ? path.basename(folder) : undefined;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

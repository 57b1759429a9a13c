/** The one file that loads hyparquet, with its parts beside it. It is its own bundle, loaded when a Parquet file was found. */
import { closeSync, fstatSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { snappyUncompress } from 'hyparquet/src/snappy.js';
import { nameOf, refresh } from '../../base/settingOrOption';
import type { Unpack } from '../../base/codecs';
import { canceled, IpfsKitError } from '../../base/ipfsKitError';
import type { ColumnSource } from '../../pin/columnSource';
import type { ColumnRole } from '../../pin/columnNames';
import { fieldOfColumn, shapeOf } from '../../pin/columnNames';
import type { Chunk, LeafColumn, ParquetFooter } from './parquetFooter';
import { parseFooter } from './parquetFooter';
import type { Page } from './parquetPages';
import { ENCODING, pageReader, TooLargePage } from './parquetPages';
import type { ParquetPart, ParquetSet } from './parquetSet';
import { parquetSet } from './parquetSet';
import type { Values } from './parquetValues';
import { readValues, runs } from './parquetValues';
import { openRegularFile, readBytes, statusOf } from '../../base/regularFile';

interface ParquetOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called from time to time with the bytes that have been decompressed. */
  readonly onReceived?: ((bytes: number) => void) | undefined;
  readonly limits?: Partial<ParquetLimits> | undefined;
}

interface ParquetLimits {
  /** The limit for all columns and groups together, in bytes; default 1 GiB. */
  readonly unpackedBytes: number;
  /** The most heap memory that the values may take, in bytes; default 1.25 GiB of the worker's 2. */
  readonly heapBytes: number;
}

interface ParquetPins {
  readonly source: ColumnSource;
  /** What was read, for people. */
  readonly detail: string;
  /** Why pins are missing: parts of a set that were left out. */
  readonly incomplete?: IpfsKitError;
}

const MAX_FOOTER_BYTES = 64 * 2 ** 20;
const MAX_GROUPS = 10_000;
const MAX_ROWS = 5_000_000;
const LIMITS: ParquetLimits = { unpackedBytes: 2 ** 30, heapBytes: 1.25 * 2 ** 30 };
/** The limit for a page, compressed and decompressed, because a page is decompressed in one call. pyarrow writes pages of 1 MiB, DuckDB of up to 100 MB. */
const MAX_PAGE_BYTES = 128 * 2 ** 20;
/** Heap memory for the slot of a value in its column. */
const PLACE_BYTES = 8;
const SIGN_EVERY_MS = 1000;
const TRIES = 5;
const WAIT_MS = 20;

/**
 * The columns of a Parquet file, or of the set in a folder, that pins are made of, decoded. Nothing is written. If a file changes while it is read, this
 * rejects with busy. If a part can't be read, the others are still read, and `incomplete` says so. Rejects with IpfsKitError: missing, not-a-file, unreadable,
 * corrupt, unsupported (a codec, encryption), too-large, no-pins-table, busy, cancelled.
 */
export async function readParquet(location: string, options: ParquetOptions): Promise<ParquetPins> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await sleep(WAIT_MS);
    const set = setAt(location);
    const before = stamp(set);
    try {
      const pins = await readOnce(location, set, options);
      if (stamp(setAt(location)) === before) return pins;
    } catch (error) {
      if (IpfsKitError.is(error, 'cancelled') || stamp(setAt(location)) === before) throw error;
    }
  }
  throw new IpfsKitError(
    'busy',
    `${location} is being written to continuously, so it can't be read consistently. ${refresh()} when the writer has finished.`,
  );
}

/** A file is a set of one part. */
function setAt(location: string): ParquetSet {
  const single = { parts: [{ file: location, keys: new Map<string, string>() }], isWhole: false, aside: [], nextStep: '' };
  return (statusOf(location)?.isDirectory() === true ? parquetSet(location) : undefined) ?? single;
}

function stamp({ parts, aside }: ParquetSet): string {
  const stamps = parts.map(({ file }) => {
    const status = statusOf(file);
    return status ? `${file}:${status.dev}.${status.ino}.${status.size}.${status.mtimeMs}.${status.ctimeMs}` : '-';
  });
  return [...stamps, ...aside].join('|');
}

async function readOnce(location: string, { parts, aside, nextStep }: ParquetSet, options: ParquetOptions): Promise<ParquetPins> {
  const budget = budgetOf(location, options);
  const read: ReadPart[] = [];
  const failures: IpfsKitError[] = [];
  for (const part of parts) {
    try {
      read.push(await readPart(part, budget, parts.length === 1));
    } catch (error) {
      // An error that ends the whole reading, or that of the only part, is the result.
      if (parts.length === 1 || !IpfsKitError.is(error, ...OF_ONE_PART)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (read.length === 0 && first) throw first;
  const columns = new Set(read.flatMap(({ names }) => names)).size;
  const groups = count(
    read.reduce((sum, each) => sum + each.groups, 0),
    'row group',
  );
  const left = [...(failures.length > 0 ? [`${failures.length} of ${count(parts.length, 'part')}`] : []), ...aside];
  return {
    source: joinedSource(read),
    detail: ['Parquet', ...(parts.length > 1 ? [count(read.length, 'part')] : []), count(columns, 'column'), groups].join(', '),
    ...(left.length > 0 && {
      incomplete: new IpfsKitError(
        first?.reason ?? 'left-out',
        `${location} is only partly listed: ${left.join(' and ')} left out. ${[...(first ? [first.message] : []), nextStep].join(' ').trimEnd()}`,
      ),
    }),
  };
}

const OF_ONE_PART = ['missing', 'not-a-file', 'unreadable', 'corrupt', 'unsupported', 'no-pins-table'] as const;

interface ReadPart {
  readonly rows: number;
  readonly groups: number;
  /** The names of all its columns. */
  readonly names: readonly string[];
  /** Which column holds which field, and its values: one per row, or one for all rows. */
  readonly fields: ReadonlyMap<ColumnRole, readonly [name: string, values: readonly unknown[] | string | null]>;
}

async function readPart({ file, keys }: ParquetPart, budget: Budget, isOnlyPart: boolean): Promise<ReadPart> {
  const descriptor = openRegularFile(file);
  try {
    const size = fstatSync(descriptor).size;
    const read = (start: number, end: number): Buffer => {
      if (!(start >= 0 && start <= end && end <= size)) throw new RangeError(`bytes ${start} to ${end} of ${size}`);
      return readBytes(file, descriptor, start, end - start);
    };
    const footer = decoded(file, () => readFooter(file, size, read));
    budget.rows(footer.rows);
    const names = footer.columns.map(({ name }) => name);
    const shape = shapeOf([...keys.keys(), ...names]);
    if (!shape)
      throw new IpfsKitError(
        'no-pins-table',
        `${file} is a Parquet file without a cid column. ${isOnlyPart ? `Set ${nameOf('database')} to the pin database.` : "If it isn't part of the list, move it to another folder."}`,
      );
    const wanted = new Set(shape.columns.values());
    if (shape.metadata !== undefined) wanted.add(shape.metadata);
    const fields = new Map<ColumnRole, readonly [string, readonly unknown[] | string | null]>();
    for (const [name, values] of await readColumns({ file, read, footer, budget }, wanted)) {
      const { field } = fieldOfColumn(name) ?? {};
      if (field) fields.set(field, [name, values]);
    }
    const backend = backendOf(file);
    for (const [key, value] of [...keys, ...(backend === undefined ? [] : [['backend', backend] as const])]) {
      const { field } = fieldOfColumn(key) ?? {};
      if (field && !fields.has(field)) fields.set(field, [key, value]); // The file's own error is more precise.
    }
    return { rows: footer.rows, groups: footer.groups.length, names, fields };
  } finally {
    closeSync(descriptor);
  }
}

/** The rows of the parts, one part after the other. The column of a field may have a different name in each part: the first name is used for all. */
function joinedSource(parts: readonly ReadPart[]): ColumnSource {
  const named = new Map<ColumnRole, string>();
  for (const { fields } of parts) for (const [field, [name]] of fields) if (!named.has(field)) named.set(field, name);
  const fieldOf = new Map([...named].map(([field, name]) => [name, field]));
  const starts = [0];
  for (const { rows } of parts) starts.push((starts.at(-1) ?? 0) + rows);
  let at = 0;
  /** Rows are mostly requested in order, so the part of the previous one is tried first. */
  const partOf = (row: number): number => {
    if (row >= (starts[at] ?? 0) && row < (starts[at + 1] ?? 0)) return at;
    let [low, high] = [0, parts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= row) low = middle;
      else high = middle;
    }
    return (at = low);
  };
  return {
    rows: starts.at(-1) ?? 0,
    names: [...fieldOf.keys()],
    value: (column, row) => {
      const field = fieldOf.get(column);
      const part = partOf(row);
      const values = field && parts[part]?.fields.get(field)?.[1];
      return Array.isArray(values) ? (values as readonly unknown[])[row - (starts[part] ?? 0)] : values;
    },
  };
}

interface Open {
  readonly file: string;
  /** Throws RangeError. */
  readonly read: (start: number, end: number) => Buffer;
  readonly footer: ParquetFooter;
  readonly budget: Budget;
}

/** Counts down what may still be read from all parts together. Each function throws too-large. */
interface Budget {
  readonly rows: (rows: number) => void;
  readonly unpack: (bytes: number) => void;
  readonly charge: (heapBytes: number) => void;
  /** Handles waiting messages. Throws cancelled. */
  readonly pause: () => Promise<void>;
}

function budgetOf(file: string, { signal, onReceived, limits }: ParquetOptions): Budget {
  const { unpackedBytes, heapBytes } = { ...LIMITS, ...limits };
  let [rows, unpacked, heap, lastSign] = [0, 0, 0, performance.now()];
  const tooLarge = (what: string): IpfsKitError =>
    new IpfsKitError('too-large', `${file} ${what}. Start the ipfs_kit_py daemon to list its pins.`);
  return {
    rows: (more) => {
      rows += more;
      if (rows > MAX_ROWS) throw tooLarge(`has more than ${MAX_ROWS} rows`);
    },
    unpack: (bytes) => {
      unpacked += bytes;
      if (unpacked > unpackedBytes) throw tooLarge(`decompresses to more than ${unpackedBytes} bytes`);
    },
    charge: (bytes) => {
      heap += bytes;
      if (heap > heapBytes) throw tooLarge(`takes more than ${heapBytes} bytes of memory for its pins`);
    },
    pause: async () => {
      if (signal?.aborted) throw canceled();
      await nextTurn(); // Otherwise a cancellation could never arrive.
      if (performance.now() - lastSign < SIGN_EVERY_MS) return;
      lastSign = performance.now();
      onReceived?.(unpacked);
    },
  };
}

/** The Thrift metadata in the last bytes of the file. */
function readFooter(file: string, size: number, read: Open['read']): ParquetFooter {
  const end = read(size - 8, size);
  const length = end.readUInt32LE(0);
  if (end.toString('latin1', 4) !== 'PAR1' || length > size - 8) throw new RangeError('it has no footer at its end');
  if (length > MAX_FOOTER_BYTES) throw new IpfsKitError('too-large', `${file} has a footer of ${length} bytes.`);
  const footer = parseFooter(read(size - 8 - length, size - 8));
  const { rows, groups } = footer;
  if (rows > MAX_ROWS || groups.length > MAX_GROUPS)
    throw new IpfsKitError(
      'too-large',
      `${file} has ${rows} rows in ${count(groups.length, 'row group')}; ${MAX_ROWS} in at most ${MAX_GROUPS} are read. Start the ipfs_kit_py daemon to list its pins.`,
    );
  return footer;
}

async function readColumns(open: Open, wanted: ReadonlySet<string>): Promise<Map<string, unknown[]>> {
  const { file, footer, budget } = open;
  const columns = new Map<string, unknown[]>();
  for (const column of footer.columns) {
    if (!wanted.has(column.name) || columns.has(column.name)) continue;
    // Allocated at once: an array that grows beyond the remaining heap would end the process, not only the thread.
    budget.charge(PLACE_BYTES * footer.rows);
    const values = new Array<unknown>(footer.rows);
    columns.set(column.name, values);
    let row = 0;
    for (const group of footer.groups) {
      if (group.rows === 0) continue;
      const chunk = group.chunks.get(column.name);
      if (!chunk)
        throw new IpfsKitError(
          'unsupported',
          `${file} doesn't say where its column "${column.name.slice(0, 100)}" is: it may be encrypted. Start the ipfs_kit_py daemon to list its pins.`,
        );
      await readChunk(open, column, chunk, values, row, row + group.rows);
      row += group.rows;
    }
  }
  return columns;
}

/** Fills the rows of a column from `row` to before `end`, page by page. */
async function readChunk(
  open: Open,
  { name, element }: LeafColumn,
  chunk: Chunk,
  into: unknown[],
  row: number,
  end: number,
): Promise<void> {
  const { file, read, budget } = open;
  const unpack = await unpackerOf(file, chunk.codec);
  const next = pageReader(read, chunk.start, chunk.start + chunk.length);
  const isOptional = element.repetition_type !== 'REQUIRED';
  let dictionary: ArrayLike<unknown> | undefined;
  while (row < end) {
    await budget.pause();
    try {
      const page = next(MAX_PAGE_BYTES);
      budget.unpack(page.unpackedBytes);
      const from = { bytes: unpackedPage(page, unpack), at: 0, charge: budget.charge };
      if (page.kind === 'dictionary') {
        if (page.values > page.unpackedBytes) throw new RangeError('a dictionary is longer than its bytes');
        dictionary = readValues(from, element, ENCODING.plain, page.values, undefined);
        continue;
      }
      if (page.values > end - row) throw new RangeError('a page holds more values than there are rows');
      const present = isOptional ? presence(from, page) : undefined;
      if (page.kind === 'dataV2') from.at = page.levelBytes.repetition + page.levelBytes.definition;
      const filled = present ? present.reduce((sum, is) => sum + is, 0) : page.values;
      const values = readValues(from, element, page.encoding, filled, dictionary);
      for (let at = 0, value = 0; at < page.values; at++, row++) {
        into[row] = !present || present[at] === 1 ? values[value++] : null;
      }
    } catch (error) {
      if (!(error instanceof TooLargePage)) throw damaged(file, error);
      throw new IpfsKitError(
        'too-large',
        `${file} has a page of more than ${MAX_PAGE_BYTES} bytes in its column "${name.slice(0, 100)}". Start the ipfs_kit_py daemon to list its pins.`,
      );
    }
  }
}

/** 1 for each row that has a value. A column that is not nested has two levels. */
function presence(from: Values, { kind, values, levelBytes }: Page): Uint32Array {
  if (kind === 'dataV2') return runs({ ...from, at: levelBytes.repetition }, 1, values);
  const length = from.bytes.readUInt32LE(0);
  const levels = runs({ ...from, at: 4 }, 1, values);
  from.at = 4 + length;
  if (from.at > from.bytes.length) throw new RangeError('the levels of a page extend beyond it');
  return levels;
}

/** In version 2, levels come before the compressed bytes. */
function unpackedPage({ bytes, isPacked, unpackedBytes, levelBytes }: Page, unpack: Unpack | undefined): Buffer {
  const levels = levelBytes.repetition + levelBytes.definition;
  if (levels > bytes.length || levels > unpackedBytes) throw new RangeError('the levels of a page extend beyond it');
  const packed = bytes.subarray(levels);
  const length = unpackedBytes - levels;
  const values = unpack && isPacked ? unpack(packed, length) : packed;
  if (values.length !== length) throw new RangeError(`a page of ${values.length} bytes declares ${length}`);
  return levels === 0
    ? Buffer.from(values.buffer, values.byteOffset, values.length)
    : Buffer.concat([bytes.subarray(0, levels), values]);
}

/** The codecs of Node and of the library, and those of a bundle that is loaded here. Undefined where nothing is compressed. */
async function unpackerOf(file: string, codec: CompressionCodec | undefined): Promise<Unpack | undefined> {
  switch (codec) {
    case 'UNCOMPRESSED':
      return undefined;
    case 'SNAPPY':
      return (packed, length) => {
        const unpacked = new Uint8Array(length);
        snappyUncompress(packed, unpacked);
        return unpacked;
      };
    // Both process their input in pieces, so a thread that is terminated does end.
    case 'GZIP':
      return (packed, length) => gunzipSync(packed, atMost(length));
    case 'BROTLI':
      return (packed, length) => brotliDecompressSync(packed, atMost(length));
    case 'ZSTD':
      return (await import('../../base/codecs')).zstd();
    case 'LZ4':
      return (await import('../../base/codecs')).lz4Hadoop;
    case 'LZ4_RAW':
      return (await import('../../base/codecs')).lz4Raw;
    case 'LZO':
    case undefined:
      throw new IpfsKitError(
        'unsupported',
        `${file} is compressed by ${codec ?? 'an unknown codec'}, which isn't supported. Start the ipfs_kit_py daemon to list its pins.`,
      );
  }
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

/** hyparquet reports what it can't read as Error, TypeError or RangeError. */
function damaged(file: string, error: unknown): IpfsKitError {
  if (IpfsKitError.is(error)) return error;
  const said = error instanceof Error ? error.message.slice(0, 200) : 'unknown error';
  return new IpfsKitError(
    'corrupt',
    `${file} is damaged (Parquet: ${said}). Restore it from a copy, or let ipfs_kit_py write it again.`,
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

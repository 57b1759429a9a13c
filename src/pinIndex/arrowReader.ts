/** The one file that loads apache-arrow; a bundle of its own, loaded when an Arrow body has arrived. */
import type { Table } from 'apache-arrow';
import { CompressionType, DataType, compressionRegistry, tableFromIPC } from 'apache-arrow';
import type { Unpack } from '../codecs';
import { IpfsKitError } from '../ipfsKitError';
import { shapeOf } from '../pin/pinRecord';
import type { PinTable } from '../pin/pinTable';
import type { ArrowColumn } from './arrowColumns';
import { arrowColumn } from './arrowColumns';
import type { Codec, Framing, WalkOptions } from './arrowFraming';
import { ARROW_LIMITS, walkFraming } from './arrowFraming';
import { columnarTable } from './columnarTable';

/** Rejects with IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export async function readArrow(body: Uint8Array, limits: Partial<WalkOptions> = {}): Promise<PinTable> {
  const { form, decodable, batches, rows, nulls, codecs } = walkFraming(body, { ...ARROW_LIMITS, ...limits });
  const unpackers = codecs.size === 0 ? undefined : await unpackersOf(codecs);
  const { table, names, columns } = decoded(() =>
    columnsOf(unpackers ? unpacked(decodable, unpackers) : tableFromIPC(decodable), { rows, nulls }),
  );
  const extras = extraColumns(table, columns, nulls);
  return columnarTable(
    {
      rows,
      names: [...columns.keys()],
      value: (column, row) => columns.get(column)?.value(row),
      whole: (column, row) => columns.get(column)?.whole(row),
      isFull: (column) => columns.get(column)?.full === true,
      search: (column, needle, hits, part) => columns.get(column)?.search?.(needle, hits, part),
      numbers: (column) => columns.get(column)?.numbers,
      texts: (column) => columns.get(column)?.texts,
      all: (row) => names.map((name, at) => [name, columns.has(name) ? columns.get(name)?.value(row) : extras(at, row)]),
    },
    `Arrow ${form}, ${names.length} columns, ${batches} record batches`,
  );
}

type Unpackers = ReadonlyMap<Codec, Unpack>;

async function unpackersOf(codecs: ReadonlySet<Codec>): Promise<Unpackers> {
  const { lz4Frames, zstd } = await import('../codecs');
  const unpackers = new Map<Codec, Unpack>();
  if (codecs.has('LZ4_FRAME')) unpackers.set('LZ4_FRAME', await lz4Frames());
  if (codecs.has('ZSTD')) unpackers.set('ZSTD', await zstd());
  return unpackers;
}

/** apache-arrow takes its codecs from a registry of its own. They stand in it for the time of one call, so that their memory goes afterwards. */
function unpacked(body: Uint8Array, unpackers: Unpackers): Table {
  try {
    for (const [codec, unpack] of unpackers)
      compressionRegistry.set(CompressionType[codec], { decode: (packed) => unpackBuffer(packed, unpack) });
    return tableFromIPC(body);
  } finally {
    for (const codec of unpackers.keys()) compressionRegistry.set(CompressionType[codec], {});
  }
}

/** The bytes before it say its length, which walkFraming has looked at. Java writes a buffer of nothing as a length of 0 alone. */
function unpackBuffer(packed: Uint8Array, unpack: Unpack): Uint8Array {
  const length = Number(new DataView(packed.buffer, packed.byteOffset - LENGTH_BYTES, LENGTH_BYTES).getBigInt64(0, true));
  if (length > 0) return unpack(packed, length);
  if (packed.length > 0) throw new RangeError('a compressed buffer of nothing holds something');
  return packed;
}

const LENGTH_BYTES = 8;

interface Decoded {
  readonly table: Table;
  /** Of all columns. */
  readonly names: readonly string[];
  /** Those that pins are made of. */
  readonly columns: ReadonlyMap<string, ArrowColumn>;
}

function columnsOf(table: Table, { rows, nulls }: Pick<Framing, 'rows' | 'nulls'>): Decoded {
  if (table.numRows !== rows)
    throw new IpfsKitError('malformed', `The Arrow body declares ${rows} rows, but holds ${table.numRows}.`);
  const names = table.schema.fields.map(({ name }) => name);
  const shape = shapeOf(names);
  const ours = new Set(shape?.columns.values());
  const columns = new Map<string, ArrowColumn>();
  for (const [index, { name, type }] of table.schema.fields.entries()) {
    const isMetadata = name === shape?.metadata;
    if ((!ours.has(name) && !isMetadata) || columns.has(name)) continue;
    if (!isReadable(type as DataType)) {
      if (isMetadata) continue; // read as JSON text alone; structs and maps of that name are an extra column
      throw new IpfsKitError(
        'unsupported',
        `The Arrow column "${name.slice(0, 100)}" has the type ${String(type).slice(0, 100)}, which is not read for a pin.`,
      );
    }
    const column = table.getChildAt(index);
    if (column) columns.set(name, arrowColumn(name, column, nulls[index] ?? 0));
  }
  return { table, names, columns };
}

/** Values of the other columns, each of which is checked when it is asked for. */
function extraColumns(
  table: Table,
  columns: ReadonlyMap<string, ArrowColumn>,
  nulls: readonly number[],
): (column: number, row: number) => unknown {
  const read = new Map<number, ArrowColumn | string>();
  const columnAt = (at: number): ArrowColumn | string => {
    const field = table.schema.fields[at];
    const column = table.getChildAt(at);
    if (!field || !column || columns.has(field.name)) return '';
    if (!isReadable(field.type as DataType)) return `(${String(field.type).slice(0, 100)}, which is not shown)`;
    try {
      return decoded(() => arrowColumn(field.name, column, nulls[at] ?? 0));
    } catch (error) {
      return `(${IpfsKitError.from(error).message})`; // it is none of ours: the pin is sound without it
    }
  };
  return (at, row) => {
    const column = read.get(at) ?? columnAt(at);
    read.set(at, column);
    return typeof column === 'string' ? column : column.value(row);
  };
}

/** apache-arrow tells what it can't read by TypeError, RangeError and Error from deep inside. */
function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (IpfsKitError.is(error)) throw error;
    throw new IpfsKitError(
      'malformed',
      `The Arrow body can't be decoded: ${error instanceof Error ? error.message.slice(0, 200) : 'unknown error'}.`,
      { cause: error },
    );
  }
}

function isReadable(type: DataType): boolean {
  if (DataType.isDictionary(type)) return isText(type.dictionary as DataType);
  return (
    isText(type) ||
    DataType.isInt(type) ||
    DataType.isFloat(type) ||
    DataType.isBool(type) ||
    DataType.isTimestamp(type) ||
    DataType.isNull(type)
  );
}

function isText(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);
}

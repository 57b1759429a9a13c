/** Reads an Arrow body as a table of pins. With vectors.ts, it is the part that loads apache-arrow; its bundle is loaded when an Arrow body has arrived. */
import type { Vector } from 'apache-arrow';
import type { Unpack } from '../base/codecs';
import { IpfsKitError } from '../base/ipfsKitError';
import { shapeOf } from '../pin/columnNames';
import type { Column } from '../pin/columnSource';
import type { PinTable } from '../pin/pinTable';
import type { Codec } from './recordBatch';
import { arrowColumn } from './arrowColumn';
import type { IpcBody, WalkOptions } from './ipcBody';
import { ARROW_LIMITS, readIpcBody } from './ipcBody';
import type { Field } from './schema';
import { nameOfType } from './columnTypes';
import type { Unpackers } from './vectors';
import { vectorsOf } from './vectors';
import { sourceOf } from '../columns/columnBuilders';
import { columnarTable } from '../columns/columnarTable';

/** Rejects with IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export async function readArrow(body: Uint8Array, limits: Partial<WalkOptions> = {}): Promise<PinTable> {
  const ipc = readIpcBody(body, { ...ARROW_LIMITS, ...limits });
  const { columns, extraValue, names } = decodedColumns(ipc, await unpackersOf(ipc.codecs));
  return columnarTable(
    {
      ...sourceOf(Object.fromEntries(columns)),
      rows: ipc.rows,
      all: (row) => names.map((name, at) => [name, columns.has(name) ? columns.get(name)?.value(row) : extraValue(at, row)]),
    },
    `Arrow ${ipc.form}, ${names.length} columns, ${ipc.recordBatches} record batches`,
  );
}

async function unpackersOf(codecs: ReadonlySet<Codec>): Promise<Unpackers> {
  const unpackers = new Map<Codec, Unpack>();
  if (codecs.size === 0) return unpackers;
  const { lz4Frames, zstd } = await import('../base/codecs');
  if (codecs.has('LZ4_FRAME')) unpackers.set('LZ4_FRAME', await lz4Frames());
  if (codecs.has('ZSTD')) unpackers.set('ZSTD', await zstd());
  return unpackers;
}

interface DecodedColumns {
  /** The columns that pins are made of, by name. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The value of any other column, by its index in `names`. */
  readonly extraValue: (column: number, row: number) => unknown;
  /** The names of all columns, in the order of the schema. */
  readonly names: readonly string[];
}

/** This isn't part of readArrow, so that the table doesn't keep the messages and the compressed buffers in memory. */
function decodedColumns(ipc: IpcBody, unpackers: Unpackers): DecodedColumns {
  const vectors = decoded(() => vectorsOf(ipc, unpackers));
  return {
    columns: decoded(() => columnsOf(ipc, vectors)),
    extraValue: extraColumns(ipc, vectors),
    names: ipc.columns.map(({ name }) => name),
  };
}

type Vectors = readonly (Vector | undefined)[];

function columnsOf({ columns: all, nulls }: IpcBody, vectors: Vectors): ReadonlyMap<string, Column> {
  const shape = shapeOf(all.map(({ name }) => name));
  const ours = new Set(shape?.columns.values());
  const columns = new Map<string, Column>();
  for (const [index, column] of all.entries()) {
    const { name } = column;
    const isMetadata = name === shape?.metadata;
    if ((!ours.has(name) && !isMetadata) || columns.has(name)) continue;
    const vector = vectors[index];
    if (vector) columns.set(name, arrowColumn(name, vector, nulls[index] ?? 0));
    else if (!isMetadata)
      // metadata is read from JSON text only; a struct or map of that name is an extra column
      throw new IpfsKitError(
        'unsupported',
        `The Arrow column "${name.slice(0, 100)}" has the type ${typeName(column)}, which isn't supported for pins.`,
      );
  }
  return columns;
}

/** Reads values of columns that aren't part of a pin, by index. Each column is checked when its first value is asked for. */
function extraColumns({ columns, nulls }: IpcBody, vectors: Vectors): (column: number, row: number) => unknown {
  const read = new Map<number, Column | string>();
  const columnAt = (at: number): Column | string => {
    const column = columns[at];
    const vector = vectors[at];
    if (!column) return '';
    if (!vector) return `(${typeName(column)}, not shown)`;
    try {
      return decoded(() => arrowColumn(column.name, vector, nulls[at] ?? 0));
    } catch (error) {
      return `(${IpfsKitError.from(error).message})`; // the pin is complete without this column
    }
  };
  return (at, row) => {
    const column = read.get(at) ?? columnAt(at);
    read.set(at, column);
    return typeof column === 'string' ? column : column.value(row);
  };
}

function typeName({ type, dictionary }: Field): string {
  return dictionary ? `Dictionary<${nameOfType(type)}>` : nameOfType(type);
}

/** apache-arrow reports what it can't read as TypeError, RangeError or Error. */
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

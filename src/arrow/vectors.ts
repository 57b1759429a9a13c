import type { Data } from 'apache-arrow';
import {
  Bool,
  DataType,
  Dictionary,
  Float,
  Int,
  LargeUtf8,
  makeData,
  Null,
  Precision,
  Timestamp,
  TimeUnit,
  Utf8,
  Utf8View,
  Vector,
} from 'apache-arrow';
import type { Unpack } from '../base/codecs';
import type { Codec, ColumnBuffers, Region } from './recordBatch';
import { LENGTH_BYTES, NOT_COMPRESSED } from './recordBatch';
import type { Batch, IpcBody } from './ipcBody';
import type { Field } from './schema';
import { DICTIONARY, isSigned, TYPE } from './columnTypes';

/**
 * Makes vectors of the columns that can be shown, over the received bytes. Other columns are skipped: apache-arrow's own reader reads a body completely or not
 * at all, and doesn't know all types. Compressed buffers are always decompressed, since they may be damaged.
 */
export type Unpackers = ReadonlyMap<Codec, Unpack>;

/** The vectors in the order of the schema; undefined for a column whose type isn't supported. */
export function vectorsOf({ columns, dictionaries, batches }: IpcBody, unpackers: Unpackers): readonly (Vector | undefined)[] {
  const types = columns.map(typeOf);
  const data = types.map((): Data[] => []);
  const entries = new Map<number, Vector>();
  for (const batch of batches) {
    const bytesOf = bytesIn(batch, unpackers);
    if (batch.dictionary) {
      const { id, isDelta } = batch.dictionary;
      const values = dictionaries.get(id);
      const [made] = batch.columns.map((column) => dataOf(values && typeOf(values), column, bytesOf, entries));
      if (!made) continue;
      const before = isDelta ? entries.get(id) : undefined;
      const added = new Vector([made]);
      entries.set(id, before ? before.concat(added) : added);
    } else
      for (const [at, column] of batch.columns.entries()) {
        const made = dataOf(types[at], column, bytesOf, entries);
        if (made) data[at]?.push(made);
      }
  }
  return types.map((type, at) => {
    const ofColumn = data[at] ?? [];
    if (!type) return undefined;
    return new Vector(ofColumn.length > 0 ? ofColumn : [makeData({ type: new Null(), length: 0 }) as Data]);
  });
}

/** Undefined for a type that is not shown. */
function typeOf(column: Field): DataType | undefined {
  const { type, of, dictionary } = column;
  if (dictionary) {
    const values = isText(type) ? plainType(type, of) : undefined;
    const { id, index } = dictionary;
    return values && new Dictionary(values, new Int(isSigned(index), bitsOf(index)) as never, id);
  }
  return plainType(type, of);
}

function isText(type: number): boolean {
  return type === TYPE.utf8 || type === TYPE.largeUtf8 || type === TYPE.utf8View;
}

function plainType(type: number, of: Field['of']): DataType | undefined {
  switch (type) {
    case TYPE.null:
      return new Null();
    case TYPE.int:
      return new Int(isSigned(of), bitsOf(of));
    case TYPE.float:
      return new Float(PRECISIONS[of.i16(0)] ?? Precision.DOUBLE);
    case TYPE.bool:
      return new Bool();
    case TYPE.timestamp:
      return new Timestamp(UNITS[of.i16(0)] ?? TimeUnit.SECOND);
    case TYPE.utf8:
      return new Utf8();
    case TYPE.largeUtf8:
      return new LargeUtf8();
    case TYPE.utf8View:
      return new Utf8View();
    default:
      return undefined;
  }
}

/** The units by number; Arrow's C++ library treats any other number as the unit after `??`. */
const PRECISIONS = [Precision.HALF, Precision.SINGLE];
const UNITS = [TimeUnit.SECOND, TimeUnit.MILLISECOND, TimeUnit.MICROSECOND, TimeUnit.NANOSECOND];

function bitsOf(int: Field['of']): 8 | 16 | 32 | 64 {
  return int.i32(0) as 8 | 16 | 32 | 64; // checked with the schema
}

type BytesOf = (region: Region | undefined) => Uint8Array;

const EMPTY = new Uint8Array(0);

function bytesIn({ body, codec }: Batch, unpackers: Unpackers): BytesOf {
  const slice: BytesOf = (region) => (region ? body.subarray(region.offset, region.offset + region.length) : EMPTY);
  if (!codec) return slice;
  const unpack = unpackers.get(codec);
  if (!unpack) throw new Error(`the codec ${codec} is missing`);
  return (region) => {
    const packed = slice(region);
    return packed.length === 0 ? EMPTY : unpacked(packed, unpack);
  };
}

/** Java writes an empty buffer as only a length of 0. */
function unpacked(packed: Uint8Array, unpack: Unpack): Uint8Array {
  const length = Number(new DataView(packed.buffer, packed.byteOffset, LENGTH_BYTES).getBigInt64(0, true));
  const rest = packed.subarray(LENGTH_BYTES);
  if (length === NOT_COMPRESSED) return rest;
  if (length > 0) return unpack(rest, length);
  if (rest.length > 0) throw new RangeError("a compressed buffer that should be empty isn't");
  return rest;
}

function dataOf(
  type: DataType | undefined,
  { length, nulls: nullCount, buffers }: ColumnBuffers,
  bytesOf: BytesOf,
  entries: ReadonlyMap<number, Vector>,
): Data | undefined {
  const [validity = EMPTY, first = EMPTY, ...others] = buffers.map(bytesOf);
  if (!type) return undefined;
  const common = { type: type as never, length, nullCount, nullBitmap: nullCount > 0 ? validity : EMPTY };
  const typeId: number = type.typeId;
  switch (typeId) {
    case TYPE.null:
      return makeData({ type: new Null(), length });
    case TYPE.utf8:
    case TYPE.largeUtf8:
      return makeData({ ...common, valueOffsets: first as never, data: others[0] ?? EMPTY });
    case TYPE.utf8View:
      return makeData({ ...common, views: first, variadicBuffers: others });
    case DICTIONARY: {
      const dictionary = DataType.isDictionary(type) ? entries.get(type.id) : undefined;
      if (!dictionary) throw new Error('a dictionary is missing');
      return makeData({ ...common, data: first as never, dictionary: dictionary as never });
    }
    default:
      return makeData({ ...common, data: first as never });
  }
}

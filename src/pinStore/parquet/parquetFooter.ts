import type { CompressionCodec, LogicalType, ParquetType, SchemaElement } from 'hyparquet';
import { CompressionCodecs, ConvertedTypes, FieldRepetitionTypes, ParquetTypes } from 'hyparquet/src/constants.js';
import type { ThriftStruct, ThriftValue } from './thrift';
import { readStruct } from './thrift';

/** The parts of a Parquet footer that are needed to read its columns. Structs and field numbers: parquet.thrift. */
export interface ParquetFooter {
  readonly rows: number;
  readonly groups: readonly Group[];
  /** Columns with one value per row; lists and structs aren't part of a pin. */
  readonly columns: readonly LeafColumn[];
}

export interface LeafColumn {
  readonly name: string;
  readonly element: SchemaElement;
}

interface Group {
  readonly rows: number;
  /** By the name of the column; an encrypted column is left out. */
  readonly chunks: ReadonlyMap<string, Chunk>;
}

/** The pages of a column in a group. */
export interface Chunk {
  readonly codec: CompressionCodec | undefined;
  /** Offset in the file, in bytes. */
  readonly start: number;
  readonly length: number;
}

const LOGICAL = {
  5: { 1: 'number', 2: 'number' },
  8: { 2: { 1: {}, 2: {}, 3: {} } },
  10: { 1: 'number', 2: 'boolean' },
  14: {},
  15: {},
} as const;
const ELEMENT = {
  1: 'number',
  2: 'number',
  3: 'number',
  4: 'bytes',
  5: 'number',
  6: 'number',
  7: 'number',
  8: 'number',
  10: LOGICAL,
} as const;
const COLUMN = { 3: { 3: ['bytes'], 4: 'number', 7: 'number', 9: 'number', 11: 'number' } } as const;
const GROUP = { 1: [COLUMN], 3: 'number' } as const;
const FOOTER = { 2: [ELEMENT], 3: 'number', 4: [GROUP] } as const;
/** The most columns of all groups, plus elements of the schema; each takes some hundred bytes. Enough for 10,000 groups of 50 columns. */
const MAX_ITEMS = 2 ** 20;

/** Throws RangeError. */
export function parseFooter(bytes: Uint8Array): ParquetFooter {
  const footer = readStruct({ bytes, at: 0, itemsLeft: MAX_ITEMS }, FOOTER);
  const groups = structs(footer[4]).map((group) => ({
    rows: whole(group[3]),
    chunks: new Map(structs(group[1]).flatMap(chunkOf)),
  }));
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  if (whole(footer[3]) !== rows) throw new RangeError("the rows of its groups don't add up to those of the file");
  return { rows, groups, columns: leaves(structs(footer[2])) };
}

function chunkOf(column: ThriftStruct): readonly (readonly [string, Chunk])[] {
  const meta = struct(column[3]);
  const [name, ...below] = meta ? list(meta[3]) : [];
  if (!meta || name === undefined || below.length > 0) return [];
  // The dictionary comes first, if there is one.
  const start = (meta[11] === undefined ? 0 : whole(meta[11])) || whole(meta[9]);
  return [[text(name), { codec: CompressionCodecs[whole(meta[4])], start, length: whole(meta[7]) }]];
}

/** The elements of the schema follow each other as the tree of columns is walked, each with the number of its children. */
function leaves(elements: readonly ThriftStruct[]): LeafColumn[] {
  const columns: LeafColumn[] = [];
  for (let at = 1, left = childrenOf(elements[0]); left > 0; left--) {
    const element = elements[at];
    if (!element) throw new RangeError('its schema ends early');
    const isLeaf = childrenOf(element) === 0;
    if (isLeaf && element[3] !== REPEATED) columns.push({ name: text(element[4]), element: elementOf(element) });
    for (let below = 1; below > 0; below--) below += childrenOf(elements[at++]);
  }
  return columns;
}

const REPEATED = 2;

/** The number of children; 0 for a missing element, so that the schema is reported as ending early. */
function childrenOf(element: ThriftStruct | undefined): number {
  return element?.[5] === undefined ? 0 : whole(element[5]);
}

function elementOf(element: ThriftStruct): SchemaElement {
  const of = <T>(names: readonly T[], value: ThriftValue | undefined): T | undefined =>
    typeof value === 'number' ? names[value] : undefined;
  const known = {
    type: of<ParquetType>(ParquetTypes, element[1]),
    type_length: element[2],
    repetition_type: of(FieldRepetitionTypes, element[3]),
    name: text(element[4]),
    converted_type: of(ConvertedTypes, element[6]),
    scale: element[7],
    precision: element[8],
    logical_type: logicalType(struct(element[10])),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as unknown as SchemaElement;
}

/** The logical types that change what a value means, beyond the older converted type. */
function logicalType(type: ThriftStruct | undefined): LogicalType | undefined {
  const [time, whole] = [struct(type?.[8]), struct(type?.[10])];
  const unit = struct(time?.[2]);
  if (time) return { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: unit?.[3] ? 'NANOS' : unit?.[2] ? 'MICROS' : 'MILLIS' };
  if (whole) return { type: 'INTEGER', bitWidth: Number(whole[1] ?? 0), isSigned: whole[2] === true };
  if (type?.[14]) return { type: 'UUID' };
  return type?.[15] ? { type: 'FLOAT16' } : undefined;
}

function struct(value: ThriftValue | undefined): ThriftStruct | undefined {
  return typeof value === 'object' && !(value instanceof Uint8Array) && !Array.isArray(value) ? value : undefined;
}

function list(value: ThriftValue | undefined): readonly ThriftValue[] {
  if (!Array.isArray(value)) throw new RangeError('a list in its metadata is missing');
  return value as readonly ThriftValue[];
}

function structs(value: ThriftValue | undefined): ThriftStruct[] {
  return list(value).map((item) => struct(item) ?? {});
}

function whole(value: ThriftValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError('a number in its metadata is missing or negative');
}

function text(value: ThriftValue | undefined): string {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, LONGEST_NAME)).toString('utf8');
  throw new RangeError('a column has no name');
}

/** The longest column name; longer ones aren't read for pins. */
const LONGEST_NAME = 4096;

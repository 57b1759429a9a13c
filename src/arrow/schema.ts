import { IpfsKitError } from '../base/ipfsKitError';
import { isExtension } from './extensionTypes';
import type { ChildType } from './columnTypes';
import { checkType, isNested, TYPE } from './columnTypes';
import type { FlatTable } from './flatbuffers';

/** Reads a Schema message: columns of every type, so that those that aren't part of a pin can be skipped. Tables: Schema.fbs of the Arrow format. */

const MAX_FIELDS = 4096;
const MAX_DEPTH = 32;

/** Field numbers of Schema.fbs. */
const SCHEMA = { endianness: 0, fields: 1 } as const;
const FIELD = { name: 0, nullable: 1, type: 2, typeTable: 3, dictionary: 4, children: 5, metadata: 6 } as const;
const DICTIONARY = { id: 0, indexType: 1 } as const;

export interface Field extends ChildType {
  readonly name: string;
  /** The type of its values, by its number in TYPE. */
  readonly type: number;
  readonly children: readonly Field[];
  /** Set for a column with a dictionary, of which a batch contains only the indices. `index` is the table of their type. */
  readonly dictionary?: { readonly id: number; readonly index: FlatTable };
}

export interface SchemaLayout {
  readonly columns: readonly Field[];
  /** Where each column begins in the list of nodes of a batch. */
  readonly columnNodes: readonly number[];
  readonly nodes: number;
  /** For each dictionary, by its number, a column with the values. */
  readonly dictionaries: ReadonlyMap<number, Field>;
}

/** Throws IpfsKitError `unsupported`, and RangeError where something points outside the message or a column has an unknown type. */
export function schemaLayout(schema: FlatTable): SchemaLayout {
  if (schema.i16(SCHEMA.endianness) !== 0)
    throw new IpfsKitError('unsupported', "The Arrow body is big-endian, which isn't supported.");
  // Tables may share children, so a few bytes could declare billions of fields.
  const seen: Seen = { fieldsLeft: MAX_FIELDS, dictionaries: new Map() };
  const columns = schema.tables(SCHEMA.fields).map((field) => columnOf(field, 1, seen));
  const columnNodes: number[] = [];
  let nodes = 0;
  for (const column of columns) {
    columnNodes.push(nodes);
    nodes += nodesOf(column);
  }
  return { columns, columnNodes, nodes, dictionaries: seen.dictionaries };
}

interface Seen {
  fieldsLeft: number;
  readonly dictionaries: Map<number, Field>;
}

function columnOf(field: FlatTable, depth: number, seen: Seen): Field {
  if (--seen.fieldsLeft < 0 || depth > MAX_DEPTH)
    throw new IpfsKitError('unsupported', 'The Arrow schema has too many columns, or they are nested too deeply.');
  const type = field.u8(FIELD.type);
  const children = field.tables(FIELD.children).map((child) => columnOf(child, depth + 1, seen));
  const of = field.table(FIELD.typeTable);
  if (!of) throw new RangeError('A column has no type.');
  checkType(type, of, children);
  const encoding = field.table(FIELD.dictionary);
  const stored = encoding ? TYPE.none : type;
  const kind = isExtension(field.tables(FIELD.metadata), stored, of) ? TYPE.none : stored;
  const values = { name: field.text(FIELD.name) ?? '', type, of, children, kind, nullable: field.u8(FIELD.nullable) !== 0 };
  if (!encoding) return values;
  const index = encoding.table(DICTIONARY.indexType);
  if (!index) throw new RangeError('A dictionary has no index type.');
  checkType(TYPE.int, index, []);
  const id = encoding.i64(DICTIONARY.id);
  if (id === NO_ID || !Number.isSafeInteger(id)) throw new RangeError('A dictionary has an impossible number.');
  const known = seen.dictionaries.get(id);
  if (known && !isSameType(known, values)) throw new RangeError('Two columns share a dictionary of two types.');
  seen.dictionaries.set(id, values);
  return { ...values, dictionary: { id, index } };
}

/** The value with which Arrow's C++ library means that there is none. */
const NO_ID = -1;

/** For other types, only the column's own dictionary is used. */
const KNOWN_BY_NUMBER: ReadonlySet<number> = new Set([TYPE.utf8, TYPE.largeUtf8, TYPE.utf8View]);

function isSameType(one: Field, other: Field): boolean {
  if (one.type !== other.type) return false;
  if (KNOWN_BY_NUMBER.has(one.type)) return true;
  if (one.type === TYPE.int) return one.of.i32(0) === other.of.i32(0) && one.of.u8(1) === other.of.u8(1);
  throw new IpfsKitError('unsupported', 'Columns of the Arrow body share a dictionary that holds neither text nor integers.');
}

/** A column has its own node and those of its children; a column with a dictionary has only that of its indices. */
function nodesOf({ type, children, dictionary }: Field): number {
  return dictionary || !isNested(type) ? 1 : children.reduce((sum, child) => sum + nodesOf(child), 1);
}

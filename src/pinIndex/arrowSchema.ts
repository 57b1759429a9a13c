import { IpfsKitError } from '../ipfsKitError';
import type { ChildType } from './arrowTypes';
import { checkType, TYPE } from './arrowTypes';
import type { FlatTable } from './flatTable';

/**
 * Reads a Schema message far enough to know how many field nodes each column takes in a batch. Tables: Schema.fbs of the Arrow format.
 */

const MAX_FIELDS = 4096;
const MAX_DEPTH = 32;

/** Field numbers of Schema.fbs. */
const SCHEMA = { endianness: 0, fields: 1 } as const;
const FIELD = { nullable: 1, type: 2, typeTable: 3, dictionary: 4, children: 5 } as const;
const DICTIONARY = { id: 0 } as const;

/** Types by which apache-arrow fails, though no pin has such a column: it reads a table as a whole or not at all. */
const UNREAD: Readonly<Record<number, string>> = { 22: 'RunEndEncoded', 25: 'ListView', 26: 'LargeListView' };

export interface SchemaLayout {
  /** Where in a batch's list of nodes each column begins. */
  readonly columnNodes: readonly number[];
  readonly nodes: number;
  /** Columns of views in a batch: each has a number of buffers that the batch tells. */
  readonly views: number;
  /** By the number of each dictionary, the same of its entries. */
  readonly dictionaryViews: ReadonlyMap<number, number>;
  readonly hasUnions: boolean;
}

/** Throws IpfsKitError `unsupported`, and RangeError where something leads out of the message or a column has no type that there is. */
export function schemaLayout(schema: FlatTable): SchemaLayout {
  if (schema.i16(SCHEMA.endianness) !== 0)
    throw new IpfsKitError('unsupported', 'The Arrow body is big-endian, which is not read.');
  const columnNodes: number[] = [];
  // Tables may share children: a few bytes could stand for billions of fields.
  const seen: Seen = { fieldsLeft: MAX_FIELDS, dictionaryViews: new Map(), dictionaryTypes: new Map(), hasUnions: false };
  let [nodes, views] = [0, 0];
  for (const field of schema.tables(SCHEMA.fields)) {
    columnNodes.push(nodes);
    const parts = partsOf(field, 1, seen);
    nodes += parts.nodes;
    views += parts.views;
  }
  return { columnNodes, nodes, views, dictionaryViews: seen.dictionaryViews, hasUnions: seen.hasUnions };
}

interface Seen {
  fieldsLeft: number;
  readonly dictionaryViews: Map<number, number>;
  readonly dictionaryTypes: Map<number, number>;
  hasUnions: boolean;
}

interface Parts extends ChildType {
  readonly nodes: number;
  readonly views: number;
}

/** A field has a node of its own and those of its children; one with a dictionary has its indices alone. */
function partsOf(field: FlatTable, depth: number, seen: Seen): Parts {
  if (--seen.fieldsLeft < 0 || depth > MAX_DEPTH)
    throw new IpfsKitError('unsupported', 'The Arrow schema has too many columns, or nests them too deep.');
  const type = field.u8(FIELD.type);
  const unread = UNREAD[type];
  if (unread !== undefined)
    throw new IpfsKitError('unsupported', `The Arrow body has a column of the type ${unread}, which is not read.`);
  const children = field.tables(FIELD.children).map((child) => partsOf(child, depth + 1, seen));
  const typeTable = field.table(FIELD.typeTable);
  if (!typeTable) throw new RangeError('A column has no type.');
  checkType(type, typeTable, children);
  if (type === TYPE.union) seen.hasUnions = true;
  const itself = { type, nullable: field.u8(FIELD.nullable) !== 0, children };
  const views = sum(children, 'views') + Number(type === TYPE.binaryView || type === TYPE.utf8View);
  const dictionary = field.table(FIELD.dictionary);
  if (!dictionary) return { ...itself, nodes: 1 + sum(children, 'nodes'), views };
  const id = dictionary.i64(DICTIONARY.id);
  if ((seen.dictionaryTypes.get(id) ?? type) !== type) throw new RangeError('Two columns share a dictionary of two types.');
  seen.dictionaryTypes.set(id, type);
  seen.dictionaryViews.set(id, views);
  return { ...itself, nodes: 1, views: 0 };
}

function sum(parts: readonly Parts[], what: 'nodes' | 'views'): number {
  return parts.reduce((before, part) => before + part[what], 0);
}

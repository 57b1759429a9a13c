import { IpfsKitError } from '../ipfsKitError';
import type { FlatTable } from './flatTable';

/**
 * Reads a Schema message far enough to know how many field nodes each column takes in a batch. Tables: Schema.fbs of the Arrow format.
 */

const MAX_FIELDS = 4096;
const MAX_DEPTH = 32;

/** Field numbers of Schema.fbs. */
const SCHEMA = { endianness: 0, fields: 1 } as const;
const FIELD = { type: 2, dictionary: 4, children: 5 } as const;

/** Types by which apache-arrow fails, though no pin has such a column: it reads a table as a whole or not at all. */
const UNREAD: Readonly<Record<number, string>> = { 22: 'RunEndEncoded', 25: 'ListView', 26: 'LargeListView' };

export interface SchemaLayout {
  /** Where in a batch's list of nodes each column begins. */
  readonly columnNodes: readonly number[];
  readonly nodes: number;
}

/** Throws IpfsKitError `unsupported`, and RangeError where something leads out of the message. */
export function schemaLayout(schema: FlatTable): SchemaLayout {
  if (schema.i16(SCHEMA.endianness) !== 0)
    throw new IpfsKitError('unsupported', 'The Arrow body is big-endian, which is not read.');
  const columnNodes: number[] = [];
  const budget = { fields: MAX_FIELDS }; // tables may share children: a few bytes could stand for billions of fields
  let nodes = 0;
  for (const field of schema.tables(SCHEMA.fields)) {
    columnNodes.push(nodes);
    nodes += nodesOf(field, 1, budget);
  }
  return { columnNodes, nodes };
}

/** A field has a node of its own and those of its children; one with a dictionary has its indices alone. */
function nodesOf(field: FlatTable, depth: number, budget: { fields: number }): number {
  if (--budget.fields < 0 || depth > MAX_DEPTH)
    throw new IpfsKitError('unsupported', 'The Arrow schema has too many columns, or nests them too deep.');
  const unread = UNREAD[field.u8(FIELD.type)];
  if (unread !== undefined)
    throw new IpfsKitError('unsupported', `The Arrow body has a column of the type ${unread}, which is not read.`);
  let nodes = 1;
  for (const child of field.tables(FIELD.children)) nodes += nodesOf(child, depth + 1, budget);
  return field.table(FIELD.dictionary) ? 1 : nodes;
}

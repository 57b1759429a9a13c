/** The one file that loads apache-arrow; a bundle of its own, loaded when an Arrow body has arrived. */
import type { Table } from 'apache-arrow';
import { DataType, tableFromIPC } from 'apache-arrow';
import { IpfsKitError } from '../ipfsKitError';
import { shapeOf } from '../pin/pinRecord';
import type { PinTable } from '../pin/pinTable';
import type { ArrowColumn } from './arrowColumns';
import { arrowColumn } from './arrowColumns';
import type { WalkOptions } from './arrowFraming';
import { ARROW_LIMITS, walkFraming } from './arrowFraming';
import { columnarTable } from './columnarTable';

/** Throws IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export function readArrow(body: Uint8Array, limits: Partial<WalkOptions> = {}): PinTable {
  const { form, decodable, batches, rows, compressed } = walkFraming(body, { ...ARROW_LIMITS, ...limits });
  if (compressed) throw new IpfsKitError('unsupported', 'The Arrow body is compressed, which this version does not read.');
  const { table, names, columns } = decoded(() => columnsOf(tableFromIPC(decodable), rows));
  const extras = extraColumns(table, columns);
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

interface Decoded {
  readonly table: Table;
  /** Of all columns. */
  readonly names: readonly string[];
  /** Those that pins are made of. */
  readonly columns: ReadonlyMap<string, ArrowColumn>;
}

function columnsOf(table: Table, rows: number): Decoded {
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
    if (column) columns.set(name, arrowColumn(name, column));
  }
  return { table, names, columns };
}

/** Values of the other columns, each of which is checked when it is asked for. */
function extraColumns(table: Table, columns: ReadonlyMap<string, ArrowColumn>): (column: number, row: number) => unknown {
  const read = new Map<number, ArrowColumn | string>();
  const columnAt = (at: number): ArrowColumn | string => {
    const field = table.schema.fields[at];
    const column = table.getChildAt(at);
    if (!field || !column || columns.has(field.name)) return '';
    if (!isReadable(field.type as DataType)) return `(${String(field.type).slice(0, 100)}, which is not shown)`;
    try {
      return decoded(() => arrowColumn(field.name, column));
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

/** The one file that loads apache-arrow; a bundle of its own, loaded when an Arrow body has arrived. */
import type { Table, Vector } from 'apache-arrow';
import { DataType, tableFromIPC } from 'apache-arrow';
import { IpfsKitError } from '../ipfsKitError';
import { shapeOf } from '../pin/pinRecord';
import type { PinTable } from '../pin/pinTable';
import { checkColumn } from './arrowColumns';
import type { ArrowLimits } from './arrowFraming';
import { ARROW_LIMITS, walkFraming } from './arrowFraming';
import { columnarTable } from './columnarTable';

/** Throws IpfsKitError: empty, malformed, truncated, unsupported, too-large. */
export function readArrow(body: Uint8Array, limits: Partial<ArrowLimits> = {}): PinTable {
  const { form, stream, batches, rows, compression } = walkFraming(body, { ...ARROW_LIMITS, ...limits });
  if (compression !== undefined)
    throw new IpfsKitError(
      'unsupported',
      `The Arrow body is compressed (${compression === 0 ? 'LZ4' : 'ZSTD'}), which this version does not read.`,
    );
  const table = decode(stream);
  const names = table.schema.fields.map(({ name }) => name);
  const shape = shapeOf(names);
  const ours = new Set([...(shape?.columns.values() ?? []), ...(shape?.metadata === undefined ? [] : [shape.metadata])]);
  const columns = new Map<string, Vector>();
  const full = new Set<string>();
  for (const [index, { name, type }] of table.schema.fields.entries()) {
    if (!ours.has(name) || columns.has(name)) continue;
    if (!isReadable(type as DataType))
      throw new IpfsKitError(
        'unsupported',
        `The Arrow column "${name.slice(0, 100)}" has the type ${String(type).slice(0, 100)}, which is not read for a pin.`,
      );
    const column = table.getChildAt(index);
    if (!column) continue;
    if (column.length !== rows)
      throw new IpfsKitError('malformed', `The Arrow column "${name.slice(0, 100)}" has ${column.length} rows of ${rows}.`);
    if (checkColumn(name, column).full) full.add(name);
    columns.set(name, column);
  }
  return columnarTable(
    {
      rows,
      names: [...columns.keys()],
      value: (column, row) => valueAt(columns.get(column), row),
      isFull: (column) => full.has(column),
    },
    `Arrow ${form}, ${names.length} columns, ${batches} record batches`,
  );
}

function decode(stream: Uint8Array): Table {
  try {
    return tableFromIPC(stream);
  } catch (error) {
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
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type);
}

function valueAt(column: Vector | undefined, row: number): unknown {
  if (!column) return undefined;
  try {
    const value: unknown = column.get(row);
    // apache-arrow gives timestamps of every unit as milliseconds.
    return typeof value === 'number' && DataType.isTimestamp(column.type as DataType) ? new Date(value) : value;
  } catch {
    return undefined; // a time so far off that it is no safe number: not a reason to lose the other pins
  }
}

import { IpfsKitError } from '../base/ipfsKitError';
import type { FlatTable } from './flatbuffers';
import { rootTable } from './flatbuffers';

/**
 * Verifies the flatbuffers of Arrow before they are read, as strictly as Arrow's own C++ library: every reachable table, list and text is inside the buffer and
 * aligned, texts end with NUL, and required fields are present. A reader that looks only at single fields may take a damaged buffer for a valid one. Tables:
 * Schema.fbs, Message.fbs and File.fbs; rules: flatbuffers.dev, "FlatBuffers internals".
 */
type Field =
  | { readonly scalar: 1 | 2 | 4 | 8 }
  | { readonly text: true; readonly needed?: true }
  | { readonly list: number }
  | { readonly table: () => Table; readonly needed?: true }
  | { readonly tables: () => Table }
  | { readonly union: Readonly<Record<number, Table>>; readonly type: number; readonly needed: true };

/** The fields by number. */
type Table = readonly Field[];

const BYTE: Field = { scalar: 1 };
const SHORT: Field = { scalar: 2 };
const INT: Field = { scalar: 4 };
const LONG: Field = { scalar: 8 };
const TEXT: Field = { text: true };

const KEY_VALUE: Table = [
  { text: true, needed: true },
  { text: true, needed: true },
];
const METADATA: Field = { tables: () => KEY_VALUE };

const INT_TYPE: Table = [INT, BYTE];
/** The fields of each type, by its number in the union Type; types that are not listed have none. */
const TYPES: Readonly<Record<number, Table>> = {
  2: INT_TYPE,
  3: [SHORT], // FloatingPoint
  7: [INT, INT, INT], // Decimal
  8: [SHORT], // Date
  9: [SHORT, INT], // Time
  10: [SHORT, TEXT], // Timestamp
  11: [SHORT], // Interval
  14: [SHORT, { list: 4 }], // Union
  15: [INT], // FixedSizeBinary
  16: [INT], // FixedSizeList
  17: [BYTE], // Map
  18: [SHORT], // Duration
};

const DICTIONARY: Table = [LONG, { table: () => INT_TYPE, needed: true }, BYTE, SHORT];
const FIELD: Table = [
  TEXT,
  BYTE,
  BYTE,
  { union: TYPES, type: 2, needed: true },
  { table: () => DICTIONARY },
  { tables: () => FIELD },
  METADATA,
];
const SCHEMA: Table = [SHORT, { tables: () => FIELD }, METADATA, { list: 8 }];

const COMPRESSION: Table = [BYTE, BYTE];
const RECORD_BATCH: Table = [LONG, { list: 16 }, { list: 16 }, { table: () => COMPRESSION }, { list: 8 }];
const DICTIONARY_BATCH: Table = [LONG, { table: () => RECORD_BATCH, needed: true }, BYTE];
const HEADERS: Readonly<Record<number, Table>> = { 1: SCHEMA, 2: DICTIONARY_BATCH, 3: RECORD_BATCH };
const MESSAGE: Table = [SHORT, BYTE, { union: HEADERS, type: 1, needed: true }, LONG, METADATA];
const FOOTER: Table = [SHORT, { table: () => SCHEMA, needed: true }, { list: 24 }, { list: 24 }, METADATA];

/** The most tables and texts: they may be shared, so a few bytes could declare billions. */
const MAX_TABLES = 2 ** 17;
/** The most items in lists of numbers and structs in one message: each is read into an object. A footer lists each batch. */
const MAX_ITEMS = 2 ** 20;
const MAX_TEXT_BYTES = 2 ** 26;
const MAX_DEPTH = 128;

/** Throws RangeError where the message isn't valid, and IpfsKitError `unsupported` where it is too large. */
export function messageOf(bytes: Uint8Array): FlatTable {
  return verified(bytes, MESSAGE);
}

/** Like messageOf. */
export function footerOf(bytes: Uint8Array): FlatTable {
  return verified(bytes, FOOTER);
}

interface Buffer {
  readonly view: DataView;
  tables: number;
  items: number;
  textBytes: number;
}

function verified(bytes: Uint8Array, root: Table): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  checkTable({ view, tables: MAX_TABLES, items: MAX_ITEMS, textBytes: MAX_TEXT_BYTES }, view.getUint32(0, true), root, 0);
  return rootTable(bytes);
}

function checkTable(buffer: Buffer, at: number, fields: Table, depth: number): void {
  const { view } = buffer;
  if (--buffer.tables < 0 || depth > MAX_DEPTH)
    throw new IpfsKitError('unsupported', 'The metadata of the Arrow body has too many columns, or they are nested too deeply.');
  aligned(at, 4);
  const vtable = at - view.getInt32(at, true);
  aligned(vtable, 2);
  const size = view.getUint16(vtable, true);
  aligned(size, 2);
  if (size < 4 || vtable + size > view.byteLength) throw new RangeError('A table is larger than its bytes.');
  const place = (number: number): number => {
    const entry = 4 + 2 * number;
    const offset = entry < size ? view.getUint16(vtable + entry, true) : 0;
    return offset === 0 ? 0 : at + offset;
  };
  for (const [number, field] of fields.entries()) {
    const where = place(number);
    if (where === 0) {
      if ('needed' in field) throw new RangeError(`Field ${number} is absent.`);
      continue;
    }
    if ('scalar' in field) {
      aligned(where, field.scalar);
      if (where + field.scalar > view.byteLength) throw new RangeError('A number is outside the message.');
      continue;
    }
    const target = targetOf(view, where);
    if ('text' in field) checkText(buffer, target);
    else if ('list' in field) {
      buffer.items -= checkList(view, target, field.list);
      if (buffer.items < 0) throw new IpfsKitError('too-large', 'A message of the Arrow body has too many columns or buffers.');
    } else if ('table' in field) checkTable(buffer, target, field.table(), depth + 1);
    else if ('union' in field) {
      const type = place(field.type);
      const kind = type === 0 ? 0 : view.getUint8(type);
      checkTable(buffer, target, field.union[kind] ?? [], depth + 1);
    } else {
      const count = checkList(view, target, 4);
      for (let item = target + 4; item < target + 4 + 4 * count; item += 4)
        checkTable(buffer, targetOf(view, item), field.tables(), depth + 1);
    }
  }
}

function targetOf(view: DataView, where: number): number {
  aligned(where, 4);
  const offset = view.getUint32(where, true);
  if (offset === 0 || offset >= 2 ** 31) throw new RangeError('An offset points outside the message.');
  aligned(offset + where, 4);
  return where + offset;
}

/** Returns the number of items. */
function checkList(view: DataView, at: number, itemBytes: number): number {
  const count = view.getUint32(at, true);
  if (at + 4 + itemBytes * count > view.byteLength) throw new RangeError('A list is longer than the bytes that hold it.');
  return count;
}

function checkText(buffer: Buffer, at: number): void {
  const length = checkList(buffer.view, at, 1);
  buffer.textBytes -= length;
  if (buffer.textBytes < 0) throw new RangeError('Its strings are too long.');
  if (buffer.view.getUint8(at + 4 + length) !== 0) throw new RangeError('A string has no end.');
}

function aligned(at: number, bytes: number): void {
  if (at % bytes !== 0) throw new RangeError("A value isn't aligned.");
}

import type { FlatTable } from './flatbuffers';

/** The types of columns, as strict as Arrow's own C++ library, which rejects a whole body with an invalid type. Tables: Schema.fbs of the Arrow format. */

/** The types by their number in the union Type. */
export const TYPE = {
  none: 0,
  null: 1,
  int: 2,
  float: 3,
  utf8: 5,
  bool: 6,
  decimal: 7,
  time: 9,
  timestamp: 10,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  largeUtf8: 20,
  largeList: 21,
  runEndEncoded: 22,
  binaryView: 23,
  utf8View: 24,
  listView: 25,
  largeListView: 26,
} as const;

/** The number that apache-arrow gives to a column with a dictionary; in the schema, its type is that of its values. */
export const DICTIONARY = -1;

/** The name of a type, and the number of its buffers in a batch, including validity. */
const TYPES: readonly (readonly [name: string, buffers: number])[] = [
  ['None', 0],
  ['Null', 0],
  ['Int', 2],
  ['Float', 2],
  ['Binary', 3],
  ['Utf8', 3],
  ['Bool', 2],
  ['Decimal', 2],
  ['Date', 2],
  ['Time', 2],
  ['Timestamp', 2],
  ['Interval', 2],
  ['List', 2],
  ['Struct', 1],
  ['Union', 1],
  ['FixedSizeBinary', 2],
  ['FixedSizeList', 1],
  ['Map', 2],
  ['Duration', 2],
  ['LargeBinary', 3],
  ['LargeUtf8', 3],
  ['LargeList', 2],
  ['RunEndEncoded', 0],
  ['BinaryView', 2],
  ['Utf8View', 2],
  ['ListView', 3],
  ['LargeListView', 3],
];

const NESTED: ReadonlySet<number> = new Set([
  TYPE.list,
  TYPE.struct,
  TYPE.union,
  TYPE.fixedSizeList,
  TYPE.map,
  TYPE.largeList,
  TYPE.runEndEncoded,
  TYPE.listView,
  TYPE.largeListView,
]);
/** These types have no validity buffer, but had one up to metadata version 4. */
const VALID_ONCE: ReadonlySet<number> = new Set([TYPE.union, TYPE.runEndEncoded]);

/** The children of other types aren't part of a batch, regardless of the schema. */
export function isNested(type: number): boolean {
  return NESTED.has(type);
}

/** In addition, each has as many data buffers as the batch states. */
export function isView(type: number): boolean {
  return type === TYPE.binaryView || type === TYPE.utf8View;
}

export function nameOfType(type: number): string {
  return `${TYPES[type]?.[0] ?? type}${isNested(type) ? '<…>' : ''}`;
}

/** `of`: the table with the details of the type; `isOld`: metadata version 4. */
export function buffersOf(type: number, of: FlatTable, isOld: boolean): number {
  const offsets = type === TYPE.union && of.i16(0) !== SPARSE ? 1 : 0;
  return (TYPES[type]?.[1] ?? 0) + offsets + Number(isOld && VALID_ONCE.has(type));
}

/** True for a column inside another column. */
export interface ChildType {
  /** Undefined where the column has a dictionary or a known extension type, which are treated as separate types. */
  readonly kind: number;
  readonly nullable: boolean;
  readonly of: FlatTable;
  readonly children: readonly ChildType[];
}

const SPARSE = 0;
const BITS_OF_INT = [8, 16, 32, 64];
const BITS_OF_RUN_ENDS = [16, 32, 64];
/** The most digits of a decimal, by its bits. */
const DIGITS: Readonly<Record<number, number>> = { 32: 9, 64: 18, 128: 38, 256: 76 };
const USUAL_DECIMAL_BITS = 128;
const MILLISECOND = 1;
const FINE_UNITS = [2, 3];
const USUAL_TIME_BITS = 32;
const LAST_INTERVAL = 2;
const LAST_UNION_ID = 127;
const INT32_BYTES = 4;

/** Throws RangeError for an unknown type. `of`: the table with the details of the type. */
export function checkType(type: number, of: FlatTable, children: readonly ChildType[]): void {
  if (!TYPES[type] || !isType(type, of, children)) throw new RangeError(`A column has an unknown kind of type ${type}.`);
}

function isType(type: number, of: FlatTable, children: readonly ChildType[]): boolean {
  switch (type) {
    case TYPE.none:
      return false;
    case TYPE.int:
      return BITS_OF_INT.includes(of.i32(0));
    case TYPE.decimal: {
      const digits = of.i32(0);
      return digits >= 1 && digits <= (DIGITS[of.i32(2, USUAL_DECIMAL_BITS)] ?? 0);
    }
    case TYPE.time: {
      const isFine = FINE_UNITS.includes(of.i16(0, MILLISECOND));
      return of.i32(1, USUAL_TIME_BITS) === (isFine ? 64 : 32);
    }
    case TYPE.interval:
      return of.i16(0) >= 0 && of.i16(0) <= LAST_INTERVAL;
    case TYPE.list:
    case TYPE.largeList:
    case TYPE.listView:
    case TYPE.largeListView:
      return children.length === 1;
    case TYPE.fixedSizeList:
      return children.length === 1 && of.i32(0) >= 0;
    case TYPE.fixedSizeBinary:
      return of.i32(0) >= 0;
    case TYPE.map: {
      const [entries, ...others] = children;
      const isPairs = entries?.kind === TYPE.struct && !entries.nullable && entries.children.length === 2;
      return isPairs && others.length === 0 && entries.children[0]?.nullable === false;
    }
    case TYPE.runEndEncoded: {
      const [ends, ...others] = children;
      if (ends?.kind !== TYPE.int || ends.nullable || others.length !== 1) return false;
      return isSigned(ends.of) && BITS_OF_RUN_ENDS.includes(ends.of.i32(0));
    }
    case TYPE.union: {
      const ids = of.structs(1, INT32_BYTES).map((at) => of.i32At(at));
      if (ids.length === 0) return children.length <= LAST_UNION_ID + 1;
      return ids.length === children.length && ids.every((id) => id >= 0 && id <= LAST_UNION_ID);
    }
    default:
      return true;
  }
}

/** The field numbers in the table of an Int. */
export function isSigned(int: FlatTable): boolean {
  return int.u8(1) !== 0;
}

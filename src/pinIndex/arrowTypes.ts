import type { FlatTable } from './flatTable';

/**
 * The types of columns, as strictly as Arrow's own C++ takes them: one that is none is refused there with all that stands beside it,
 * and apache-arrow reads the rest. Tables: Schema.fbs of the Arrow format.
 */

/** By the numbers of the union Type. */
export const TYPE = {
  none: 0,
  int: 2,
  decimal: 7,
  time: 9,
  interval: 11,
  list: 12,
  struct: 13,
  union: 14,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  map: 17,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
} as const;

/** Of a column within another. */
export interface ChildType {
  readonly type: number;
  readonly nullable: boolean;
  readonly children: readonly ChildType[];
}

const BITS_OF_INT = [8, 16, 32, 64];
/** The most digits, by bits. */
const DIGITS: Readonly<Record<number, number>> = { 32: 9, 64: 18, 128: 38, 256: 76 };
const USUAL_DECIMAL_BITS = 128;
const MILLISECOND = 1;
const FINE_UNITS = [2, 3];
const USUAL_TIME_BITS = 32;
const LAST_INTERVAL = 2;
const LAST_UNION_ID = 127;
const INT32_BYTES = 4;

/** Throws RangeError where there is no such type. `of`: the table that says more of it. */
export function checkType(type: number, of: FlatTable, children: readonly ChildType[]): void {
  if (!isType(type, of, children)) throw new RangeError(`A column is of no known kind of type ${type}.`);
}

function isType(type: number, of: FlatTable, children: readonly ChildType[]): boolean {
  switch (type) {
    case TYPE.none: // apache-arrow takes it for a column of nulls
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
      return children.length === 1;
    case TYPE.fixedSizeList:
      return children.length === 1 && of.i32(0) >= 0;
    case TYPE.fixedSizeBinary:
      return of.i32(0) >= 0;
    case TYPE.map: {
      const [entries, ...others] = children;
      const isPairs = entries?.type === TYPE.struct && !entries.nullable && entries.children.length === 2;
      return isPairs && others.length === 0 && entries.children[0]?.nullable === false;
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

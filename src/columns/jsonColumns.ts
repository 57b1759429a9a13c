import type { ColumnSource } from '../pin/columnSource';
import { parseJson } from '../pin/looseJson';
import type { ColumnRole } from '../pin/columnNames';
import { fieldOfColumn } from '../pin/columnNames';
import type { Column } from '../pin/columnSource';
import { sourceOf, textBudget } from './columnBuilders';
import { rowBuilder } from './rowBuilder';
import type { FieldColumn } from './jsonFields';
import { fieldColumn } from './jsonFields';
import type { RowTaker } from '../daemonClient/jsonList';
import type { JsonScan } from '../daemonClient/jsonScan';
import { CLOSE_OBJECT, COLON, COMMA, QUOTE, stringAt } from '../daemonClient/jsonScan';

/** Rows of JSON as columns outside of the heap: one for each field of a pin that some row has. Everything else is read from the text on demand. */
export interface JsonColumns extends RowTaker {
  source(): ColumnSource;
}

/** The most names of columns that the details of a pin show, and the most bytes of a name. */
const MOST_NAMES = 200;
const LONGEST_NAME = 1000;
/** How many keys of a row are compared with those at the same place in the previous row. */
const MOST_EXPECTED = 256;

/** The meaning of a key of a row. */
interface Key {
  readonly name: string;
  readonly bytes: Buffer;
  /** The slot of its field; -1 if it holds none. */
  readonly slot: number;
  /** Its rank among the keys that may hold that field. */
  readonly rank: number;
}

/** A field, and the key that holds it: the one with the lowest rank in any row. */
interface Slot {
  readonly field: ColumnRole;
  readonly rank: number;
  readonly column: FieldColumn;
}

const NO_KEY: Key = { name: '', bytes: Buffer.alloc(0), slot: -1, rank: 0 };
/** More slots than there are fields. */
const SLOTS = 32;

export function jsonColumns(scan: JsonScan): JsonColumns {
  const { bytes, blanks, fault } = scan;
  const budget = textBudget();
  const names: string[] = [];
  const known = new Map<string, Key>();
  const expected: Key[] = [];
  const slots: Slot[] = [];
  /** Where the value of each slot begins (0 for none) and ends, in the row that was read last. */
  const [froms, ends] = [new Int32Array(SLOTS), new Int32Array(SLOTS)];
  const starts = rowBuilder();

  /** Makes a slot for the field of a key, unless a key with a better rank already has it. */
  const makeSlot = ({ field, rank }: Pick<Slot, 'field' | 'rank'>, name: string): number => {
    const at = slots.findIndex((slot) => slot.field === field);
    const slot = at < 0 ? slots.length : at;
    if ((slots[slot]?.rank ?? Infinity) <= rank) return slot;
    const column = fieldColumn(field, name, scan, budget);
    for (let row = starts.count(); row > 0; row--) column.none();
    slots[slot] = { field, rank, column };
    froms[slot] = 0;
    return slot;
  };

  /** Finds a key that isn't the expected one. */
  const keyAt = (from: number, end: number): Key => {
    if ((end < 0 ? ~end : end) - from > LONGEST_NAME) return NO_KEY;
    const name = stringAt(scan, from, end);
    const before = known.get(name);
    if (before) return before;
    const found = fieldOfColumn(name);
    const slotsBefore = [...slots];
    const key = { name, bytes: Buffer.from(name), slot: found ? makeSlot(found, name) : -1, rank: found?.rank ?? 0 };
    const isNeeded = key.slot >= 0 && slots[key.slot] !== slotsBefore[key.slot];
    if (names.length < MOST_NAMES || isNeeded) {
      names.push(name);
      known.set(name, key);
    }
    return key;
  };

  return {
    end: (from) => {
      froms.fill(0);
      let at = blanks(from + 1);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      for (let nth = 0; ; nth++) {
        if (bytes[at] !== QUOTE) throw fault(at);
        let key = expected[nth];
        let behind = at + 1;
        if (key) {
          const { length } = key.bytes;
          let same = 0;
          while (same < length && bytes[behind + same] === key.bytes[same]) same++;
          behind += same;
          if (same < length || bytes[behind] !== QUOTE) key = undefined;
        }
        if (!key) {
          const end = scan.string(at);
          key = keyAt(at, end);
          behind = end < 0 ? ~end : end;
          if (end >= 0 && nth < MOST_EXPECTED && key !== NO_KEY) expected[nth] = key;
        }
        at = blanks(behind + 1);
        if (bytes[at] !== COLON) throw fault(at);
        at = blanks(at + 1);
        const start = at;
        let end: number;
        if (bytes[at] === QUOTE) {
          end = scan.string(at);
          at = (end < 0 ? ~end : end) + 1;
        } else end = at = scan.value(at);
        const { slot } = key;
        if (slot >= 0 && slots[slot]?.rank === key.rank) {
          froms[slot] = start;
          ends[slot] = end;
        }
        at = blanks(at);
        if (bytes[at] === CLOSE_OBJECT) return at + 1;
        if (bytes[at] !== COMMA) throw fault(at);
        at = blanks(at + 1);
      }
    },
    take: (from) => {
      starts.add(from);
      for (let slot = 0; slot < slots.length; slot++) {
        const start = froms[slot] ?? 0;
        if (start === 0) slots[slot]?.column.none();
        else slots[slot]?.column.add(start, ends[slot] ?? 0);
      }
    },
    source: () => {
      const rows = starts.rows();
      const rowAt = (row: number): Readonly<Record<string, unknown>> => {
        const from = rows[row] ?? 0;
        return parseJson(bytes.toString('utf8', from, scan.value(from))) as Readonly<Record<string, unknown>>;
      };
      const columns: Record<string, Column> = {};
      for (const { name, slot, rank } of known.values()) {
        const held = slots[slot];
        if (held?.rank === rank) columns[name] = held.column.now();
      }
      const own = (of: Readonly<Record<string, unknown>>, name: string): unknown =>
        Object.hasOwn(of, name) ? of[name] : undefined;
      return {
        ...sourceOf(columns),
        rows: rows.length,
        names: rows.length === 0 ? ['cid'] : names,
        all: (row) => {
          const values = rowAt(row);
          return names.map((name) => [name, own(values, name)] as const);
        },
      };
    },
  };
}

import type { ColumnRole } from '../pin/columnNames';
import { isFlag } from '../pin/columnNames';
import { countOf, FLAG_WORDS, sizeOf, timeMsOf, wantedCountOf } from '../pin/pinRecord';
import type { Column } from '../pin/columnSource';
import type { TextBudget } from './columnBuilders';
import { numberBuilder, textBuilder } from './columnBuilders';
import { rowBuilder } from './rowBuilder';
import type { JsonScan } from '../daemonClient/jsonScan';
import { FALSE, MINUS, NINE, OPEN_LIST, OPEN_OBJECT, QUOTE, stringAt, TRUE, ZERO } from '../daemonClient/jsonScan';

/** The values of one field, one per row. A pin reads the same from them as from the values in the text. */
export interface FieldColumn {
  /** Adds the value from `from` to `end`; for a string, `end` is the result of JsonScan.string. */
  add(from: number, end: number): void;
  none(): void;
  now(): Column;
}

/** Longer texts are neither times nor numbers. */
const LONGEST_NUMBER = 400;

/** Makes the column of a field, which keeps its text in comparable form, or a number. `column` is the key that holds it. */
export function fieldColumn(field: ColumnRole, column: string, scan: JsonScan, budget: TextBudget): FieldColumn {
  switch (field) {
    case 'pinnedAt':
    case 'lastAccessed':
      return numberColumn(scan, 'time', (value) => timeMsOf(value) ?? NaN);
    case 'sizeBytes':
      return numberColumn(scan, 'number', (value) => (typeof value === 'number' ? value : Number(sizeOf(value) ?? NaN)));
    case 'replicas':
    case 'replicasPinned':
      return numberColumn(scan, 'number', (value) => countOf(value) ?? NaN);
    case 'replicasMin':
    case 'replicasMax':
      return numberColumn(scan, 'number', (value) => wantedCountOf(value) ?? NaN);
    case 'type':
    case 'integrity':
      return textColumn(scan, budget, { words: FLAG_WORDS[field], isFlag: isFlag(column) });
    case 'record':
    case 'metadata':
      return textColumn(scan, budget, { isNested: true });
    case 'cid':
    case 'name':
    case 'status':
    case 'vfsPath':
    case 'mountPoint':
    case 'tier':
    case 'backend':
    case 'expiresAt':
      return textColumn(scan, budget, {});
  }
}

function numberColumn(scan: JsonScan, kind: 'number' | 'time', numberOf: (value: number | string) => number): FieldColumn {
  const numbers = numberBuilder(kind);
  let rows = 0;
  const [roundedRows, places] = [rowBuilder(), rowBuilder()];
  const add = (number: number): void => {
    numbers.add(number);
    rows++;
  };
  return {
    add: (from, end) => {
      const { bytes } = scan;
      if (isNumber(bytes[from])) return add(numberOf(numberAt(bytes, from, end)));
      const isText = bytes[from] === QUOTE && (end < 0 ? ~end : end) - from <= LONGEST_NUMBER;
      const number = isText ? numberOf(stringAt(scan, from, end)) : NaN;
      if (kind === 'number' && number >= 2 ** 53) {
        roundedRows.add(rows);
        places.add(from);
      }
      add(number);
    },
    none: () => add(NaN),
    now: () => exactColumn(numbers.now(), roundedRows.rows(), places.rows(), scan),
  };
}

/** Sizes past 2^53 that are written as text are exact only in that text: `places` are the offsets of the texts of `rows`, which must ascend. */
function exactColumn(column: Column, rows: Uint32Array, places: Uint32Array, scan: JsonScan): Column {
  if (rows.length === 0) return column;
  const value = (row: number): unknown => {
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] ?? 0) < row) low = middle + 1;
      else high = middle;
    }
    const from = places[low] ?? 0;
    return rows[low] === row ? stringAt(scan, from, scan.string(from)) : column.value(row);
  };
  return { ...column, value, uncutValue: value };
}

interface TextKind {
  /** The words for a field that may hold yes or no. */
  readonly words?: (typeof FLAG_WORDS)[keyof typeof FLAG_WORDS];
  /** True where a number in the field means yes or no. */
  readonly isFlag?: boolean;
  /** True where nested values are kept as they are written. */
  readonly isNested?: boolean;
}

function textColumn(scan: JsonScan, budget: TextBudget, { words, isFlag = false, isNested = false }: TextKind): FieldColumn {
  const texts = textBuilder(budget);
  const { bytes } = scan;
  return {
    add: (from, end) => {
      const first = bytes[from];
      if (first === QUOTE) {
        if (end < 0) texts.addText(stringAt(scan, from, end));
        else texts.add(bytes, from + 1, end);
      } else if (isNumber(first)) {
        const number = numberAt(bytes, from, end);
        texts.addText(
          Number.isNaN(number) ? '' : words && isFlag ? words[number === 0 ? 'no' : 'yes'] : isNested ? '' : String(number),
        );
      } else if (isNested && (first === OPEN_OBJECT || first === OPEN_LIST)) texts.add(bytes, from, end);
      else texts.addText(first === TRUE ? words?.yes : first === FALSE ? words?.no : '');
    },
    none: () => texts.add(bytes, 0, 0),
    now: () => texts.now(),
  };
}

function isNumber(first: number | undefined): boolean {
  return first !== undefined && ((first >= ZERO && first <= NINE) || first === MINUS);
}

/** Numbers with up to this many digits are exact. */
const EXACT_DIGITS = 15;
const LETTER_Y = 0x79;

function numberAt(bytes: Buffer, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end && end - from <= EXACT_DIGITS; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = 10 * number + digit;
    if (at === end - 1) return number;
  }
  const exact = Number(bytes.toString('latin1', from, end));
  return bytes[end - 1] === LETTER_Y ? NaN : exact; // the end of -Infinity, whose meaning isn't known
}

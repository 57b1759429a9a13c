import type { Column, NumberColumn } from '../pin/columnSource';
import { NEVER_EXPIRES } from '../pin/pinRecord';
import { FIRST_ROWS, IN_PART, larger, PART_BITS, ROWS_A_PART } from './columnBuilders';

/** A column of numbers, to which rows are added as to a TextBuilder. */
export interface NumberBuilder {
  /** NaN for none. */
  add(value: number): void;
  now(): Column;
}

/** The numbers of a part; a single one as long as all its rows have it, which takes no memory. */
type NumberPart = Float64Array | number;

/** `time`: milliseconds since 1970, which are returned as Dates; Infinity, which is no time of a pin, as `never`. */
export function numberBuilder(kind: NumberColumn['kind']): NumberBuilder {
  const whole: NumberPart[] = [];
  let part: NumberPart = NaN;
  let rows = 0;
  return {
    add: (value) => {
      if (rows === ROWS_A_PART) {
        whole.push(part);
        rows = 0;
      }
      if (rows === 0) part = value;
      else if (typeof part !== 'number') {
        if (rows === part.length) part = larger(part, new Float64Array(Math.min(ROWS_A_PART, 2 * rows)));
        part[rows] = value;
      } else if (!Object.is(part, value)) {
        part = new Float64Array(whole.length > 0 ? ROWS_A_PART : Math.min(ROWS_A_PART, Math.max(FIRST_ROWS, 2 * rows))).fill(
          part,
          0,
          rows,
        );
        part[rows] = value;
      }
      rows++;
    },
    now: () => numberColumn([...whole, part], whole.length * ROWS_A_PART + rows, kind),
  };
}

function numberColumn(parts: readonly NumberPart[], rows: number, kind: NumberColumn['kind']): Column {
  const value = (row: number): unknown => {
    const part = parts[row >>> PART_BITS] ?? NaN;
    const number = typeof part === 'number' ? (row < rows ? part : NaN) : (part[row & IN_PART] ?? NaN);
    if (Number.isNaN(number)) return null;
    return kind === 'number' ? number : number === Infinity ? NEVER_EXPIRES : new Date(number);
  };
  return {
    rows,
    hasTextInEveryRow: false,
    value,
    uncutValue: value,
    numbers: {
      kind,
      fill: (into, from) => {
        for (let done = 0; done < into.length;) {
          const row = from + done;
          const part = parts[row >>> PART_BITS] ?? NaN;
          const first = row & IN_PART;
          const end = Math.min(into.length, done + ROWS_A_PART - first);
          if (typeof part === 'number') into.fill(part, done, end);
          else into.set(part.subarray(first, first + end - done), done);
          done = end;
        }
      },
    },
  };
}

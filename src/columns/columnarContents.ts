import type { SpelledPart, TextPart } from '../pin/columnSource';
import type { ContentVisitor, ContentWalk } from '../pin/joinedContents';
import type { Standing } from '../pin/standing';
import { standingOf } from '../pin/standing';
import { groupRows } from './columnarGroups';
import type { PinColumns } from './pinColumns';
import { rowRanges } from './rowRanges';
import { forEachBlock, VALUES_A_STEP } from '../base/stepByStep';

/** How many rows are read before other queries of the table have their turn: some ten milliseconds of work. */
const ROWS_A_TURN = 65_536;
/** How many rows are read before the clock is checked. */
const ROWS_A_LOOK = 4096;

/** Reads the CIDs of all rows, by their bytes where these are available. `without`: what a pin without a status is. */
export function columnarContents(columns: PinColumns, without: Standing): ContentWalk {
  const { source, shape, rows } = columns;
  const parts = source.texts?.(shape.columns.get('cid') ?? '');
  let standings: ((row: number) => Standing) | undefined;
  let next = 0;
  return {
    next: async (visitor, signal) => {
      const standing = (standings ??= await standingsOf(columns, without, signal));
      const [first, end] = [next, Math.min(rows, next + ROWS_A_TURN)];
      const isSpelled = parts !== undefined && areSpelled(parts);
      const read = isSpelled ? spelledReader(parts, visitor, standing) : valueReader(columns, visitor, standing);
      await forEachBlock(
        end - first,
        (from, to) => read(first + from, first + to),
        signal,
        isSpelled ? ROWS_A_LOOK : VALUES_A_STEP,
      );
      next = end;
      return end < rows;
    },
    close: () => (next = rows),
  };
}

function areSpelled(parts: readonly TextPart[]): parts is readonly SpelledPart[] {
  return parts.every((part) => 'offsets' in part);
}

/** What the pin of each row is. Statuses are read once for each different text. */
async function standingsOf(columns: PinColumns, without: Standing, signal: AbortSignal): Promise<(row: number) => Standing> {
  if (!columns.shape.columns.has('status')) return () => without;
  const { keys, numbers, ranks } = await groupRows(undefined, columns, 'status', signal);
  const ofKey = keys.map((key) => standingOf(key, without));
  const ofNumber = Array.from(ranks, (rank) => ofKey[rank] ?? without);
  return (row) => ofNumber[numbers[row] ?? 0] ?? without;
}

type ReadRows = (from: number, to: number) => void;

function spelledReader(parts: readonly SpelledPart[], visitor: ContentVisitor, standing: (row: number) => Standing): ReadRows {
  const ranges = rowRanges(parts);
  return (from, to) => {
    for (let row = from; row < to;) {
      const index = ranges.indexOf(row);
      const part = parts[index];
      const start = ranges.starts[index] ?? 0;
      const end = Math.min(to, ranges.starts[index + 1] ?? to);
      if (!part || end <= row) return;
      const { bytes, offsets, stride, validity } = part;
      for (; row < end; row++) {
        const at = row - start;
        const first = offsets[stride * at] ?? 0;
        const last = offsets[stride * (at + 1)] ?? 0;
        const isNull = validity !== undefined && ((validity[at >> 3] ?? 0) & (1 << (at & 7))) === 0;
        if (isNull || first === last) visitor.none();
        else visitor.pin(bytes, first, last, standing(row));
      }
    }
  };
}

function valueReader(columns: PinColumns, visitor: ContentVisitor, standing: (row: number) => Standing): ReadRows {
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const text = columns.text('cid', row);
      const bytes = text === undefined ? undefined : Buffer.from(text);
      if (bytes) visitor.pin(bytes, 0, bytes.length, standing(row));
      else visitor.none();
    }
  };
}

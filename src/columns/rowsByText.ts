import type { SpelledPart } from '../pin/columnSource';
import { ROWS_A_PART } from './columnBuilders';
import { forEachBlock } from '../base/stepByStep';
import { hasBytes, textTable } from './textTable';

export interface RowsByText {
  /** The first row with the text bytes[from … to); -1 where there is none. */
  rowOf(bytes: Uint8Array, from: number, to: number): number;
}

/** Finds rows `first` … `end` - 1 by their text. Throws `malformed` where more texts collide than chance explains. */
export async function rowsByText(
  parts: readonly SpelledPart[],
  first: number,
  end: number,
  signal: AbortSignal,
): Promise<RowsByText> {
  const table = textTable((row, bytes, from, to) => {
    const part = parts[Math.floor(row / ROWS_A_PART)];
    if (!part) return false;
    const [start, stop] = [part.offsets[row % ROWS_A_PART] ?? 0, part.offsets[(row % ROWS_A_PART) + 1] ?? 0];
    return stop - start === to - from && hasBytes(part.bytes, start, bytes, from, to);
  });
  await forEachBlock(
    end - first,
    (from, to) => {
      for (let row = first + from; row < first + to; row++) {
        const part = parts[Math.floor(row / ROWS_A_PART)];
        const local = row % ROWS_A_PART;
        if (part && table.find(part.bytes, part.offsets[local] ?? 0, part.offsets[local + 1] ?? 0) < 0) table.add(row);
      }
    },
    signal,
  );
  return { rowOf: (bytes, from, to) => table.find(bytes, from, to) };
}

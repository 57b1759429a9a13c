import { pacer } from '../base/stepByStep';
import type { CountedRows, RowBuffer, StatusWords } from './countedRows';
import { countedRows, writeKey } from './countedRows';
import type { ChangedRow, HistoryRow, ListChanges, Part } from './historyContract';

export interface PairedChanges {
  readonly changes: ListChanges;
  /** The pins that are gone and whose content isn't among `removed`, and which of those are gone. */
  readonly lost: Part;
  readonly removed: readonly string[];
}

interface Options {
  readonly words: StatusWords;
  readonly row: RowBuffer;
  /** The most rows of each kind. */
  readonly limit: number;
  /** CIDs. */
  readonly removed?: readonly string[];
}

/** Rows between two looks at the clock. */
const ROWS_AT_ONCE = 1024;

/**
 * What rows that are gone (their count is negative) and that were added mean. One with the same content and name has another status. Of one content, a single
 * row that is gone and a single one that was added are one pin with another name. Where a status isn't known, it hasn't changed.
 */
export async function pairedChanges(
  rows: CountedRows,
  { words, row, limit, removed = [] }: Options,
  signal: AbortSignal,
): Promise<PairedChanges> {
  const due = pacer(signal);
  const left = new Int32Array(rows.size);
  for (let at = 0; at < rows.size; at++) left[at] = rows.count(at);
  const [status, renamed] = [collector<ChangedRow>(limit), collector<ChangedRow>(limit)];

  for (let at = 0; at < rows.size; at++) {
    if (at % ROWS_AT_ONCE === 0) await due();
    if (rows.next(at) < 0) continue;
    rows.read(at, row);
    if (rows.find(row) !== at) continue; // not the first of them
    for (const [was, is, count] of statusPairs(rows, at, left, words)) {
      left[was] = (left[was] ?? 0) + count;
      left[is] = (left[is] ?? 0) - count;
      if (rows.status(was) === 0 || rows.status(is) === 0) continue;
      status.add(count, () => ({ ...rows.row(is, words), was: words.texts[rows.status(was)] }));
    }
  }

  const contents = countedRows();
  const [gones, news] = [new Int32Array(rows.size), new Int32Array(rows.size)];
  const [goneRow, newRow] = [new Int32Array(rows.size), new Int32Array(rows.size)];
  for (let at = 0; at < rows.size; at++) {
    if (at % ROWS_AT_ONCE === 0) await due();
    const count = left[at] ?? 0;
    if (count === 0) continue;
    const content = contentOf(rows, at, contents, row);
    const [sums, last] = count < 0 ? [gones, goneRow] : [news, newRow];
    sums[content] = (sums[content] ?? 0) + Math.abs(count);
    last[content] = at;
  }
  for (let content = 0; content < contents.size; content++) {
    if (gones[content] !== 1 || news[content] !== 1) continue;
    const [was, is] = [goneRow[content] ?? 0, newRow[content] ?? 0];
    left[was] = left[is] = 0;
    renamed.add(1, () => ({ ...rows.row(is, words), was: rows.row(was, words).name }));
  }

  const [added, gone, lost] = [collector(limit), collector(limit), collector(limit)];
  const cidsByContent = new Map<number, string>();
  for (const cid of removed) {
    writeKey(row, cid);
    const content = contents.find(row);
    if (content >= 0) cidsByContent.set(content, cid);
  }
  const removedHere = new Set<string>();
  for (let at = 0; at < rows.size; at++) {
    if (at % ROWS_AT_ONCE === 0) await due();
    const count = left[at] ?? 0;
    if (count > 0) added.add(count, () => rows.row(at, words));
    if (count >= 0) continue;
    gone.add(-count, () => rows.row(at, words));
    const cid = cidsByContent.size === 0 ? undefined : cidsByContent.get(contentOf(rows, at, contents, row));
    if (cid === undefined) lost.add(-count, () => rows.row(at, words));
    else removedHere.add(cid);
  }
  return {
    changes: { added: added.part, gone: gone.part, renamed: renamed.part, status: status.part },
    lost: lost.part,
    removed: [...removedHere],
  };
}

/** The pairs of rows that are gone and were added with the same content and name, in the order of their statuses, and how often. */
function* statusPairs(
  rows: CountedRows,
  first: number,
  left: Int32Array,
  { texts }: StatusWords,
): Generator<readonly [was: number, is: number, count: number]> {
  const chain: number[] = [];
  for (let at = first; at >= 0; at = rows.next(at)) chain.push(at);
  const word = (at: number): string => texts[rows.status(at)] ?? '';
  chain.sort((a, b) => (word(a) < word(b) ? -1 : 1));
  for (const was of chain)
    for (const is of chain) {
      const count = Math.min(-(left[was] ?? 0), left[is] ?? 0);
      if (count > 0) yield [was, is, count];
    }
}

/** The number of the content of a row. */
function contentOf(rows: CountedRows, at: number, contents: CountedRows, row: RowBuffer): number {
  rows.read(at, row);
  row.length = row.keyLength;
  row.status = 0;
  return contents.add(row, 0);
}

function collector<Row extends HistoryRow = HistoryRow>(
  limit: number,
): { readonly part: Part<Row>; readonly add: (count: number, row: () => Row) => void } {
  const rows: Row[] = [];
  let count = 0;
  return {
    get part() {
      return { count, rows };
    },
    add: (more, row) => {
      count += more;
      if (rows.length < limit) rows.push(row());
    },
  };
}

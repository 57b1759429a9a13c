import { createHash } from 'node:crypto';
import type { HistoryRow, KeptHistory, ListChanges, Part, SinceChanges } from '../../../src/history/historyContract';
import { changesSince } from '../../../src/history/askHistory';
import { keepHistory } from '../../../src/history/keepHistory';
import type { HistoryBounds } from '../../../src/history/keptRecords';
import { decodeCid } from '../../../src/pin/cid';
import { toBase32, toBase58 } from '../../../src/pin/multibase';
import type { Pin } from '../../../src/pin/pin';

export const DAY = 86_400_000;
/** Noon, so that whole days later are other days in every zone. */
export const FIRST = Date.UTC(2026, 0, 1, 12);
export const never = new AbortController().signal;

const sha256 = (of: number): Buffer => createHash('sha256').update(String(of)).digest();
export const rawCid = (of: number): string => toBase32(Buffer.from([1, 0x55, 0x12, 32, ...sha256(of)]));
export const v0Cid = (of: number): string => toBase58(Buffer.from([0x12, 32, ...sha256(of)]));
/** The same content as v0Cid. */
export const v1Cid = (of: number): string => toBase32(Buffer.from([1, 0x70, 0x12, 32, ...sha256(of)]));

export interface Keeping {
  readonly withStatuses?: boolean;
  readonly removed?: readonly string[];
  readonly bounds?: HistoryBounds;
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export function keep(
  folder: string,
  pins: readonly HistoryRow[],
  day: number,
  { withStatuses = true, removed = [], bounds, limit = 1000, signal = never }: Keeping = {},
): Promise<KeptHistory> {
  const stretches: (readonly Pin[])[] = [];
  for (let at = 0; at < pins.length; at += 300) stretches.push(pins.slice(at, at + 300) as readonly Pin[]);
  const query = { folder, source: 'source', atMs: FIRST + day * DAY, withStatuses, removed, limit };
  return keepHistory(query, () => Promise.resolve(stretches.shift() ?? []), signal, bounds);
}

export function since(folder: string, day: number, limit = 1000): Promise<SinceChanges> {
  return changesSince({ folder, source: 'source', sinceMs: FIRST + day * DAY, limit }, never);
}

const contentOf = (cid: string): string => {
  const decoded = decodeCid(cid);
  return decoded ? Buffer.from(decoded.bytes).toString('hex') : `text ${cid}`;
};

/** What a part says, with contents in place of CIDs, in a fixed order. */
export type Said = readonly string[];
export const said = ({ rows }: Part): Said =>
  rows
    .map(({ cid, ...row }) =>
      JSON.stringify([contentOf(cid), row.name ?? null, row.status ?? null, 'was' in row ? (row.was ?? null) : 0]),
    )
    .toSorted();
export const saidOf = ({ added, gone, renamed, status }: ListChanges): readonly Said[] =>
  [added, gone, renamed, status].map(said);

/** The plainest comparison of two lists, by Maps. */
export function plainChanges(before: readonly HistoryRow[], after: readonly HistoryRow[]): readonly Said[] {
  const parts: [HistoryRow[], HistoryRow[], HistoryRow[], HistoryRow[]] = [[], [], [], []];
  const [added, gone, renamed, status] = parts;
  const byContent = (rows: readonly HistoryRow[]): ReadonlyMap<string, readonly HistoryRow[]> => {
    const groups = new Map<string, HistoryRow[]>();
    for (const row of rows) groups.set(contentOf(row.cid), [...(groups.get(contentOf(row.cid)) ?? []), row]);
    return groups;
  };
  const [left, right] = [byContent(before), byContent(after)];
  for (const content of new Set([...left.keys(), ...right.keys()])) {
    const olds = [...(left.get(content) ?? [])];
    const news = [...(right.get(content) ?? [])];
    const take = (
      isPair: (one: HistoryRow, other: HistoryRow) => boolean,
      found?: (one: HistoryRow, other: HistoryRow) => void,
    ): void => {
      for (const one of [...olds]) {
        const other = news.find((each) => isPair(one, each));
        if (!other) continue;
        olds.splice(olds.indexOf(one), 1);
        news.splice(news.indexOf(other), 1);
        found?.(one, other);
      }
    };
    const byStatus = (a: HistoryRow, b: HistoryRow): number => ((a.status ?? '') < (b.status ?? '') ? -1 : 1);
    take((one, other) => one.name === other.name && one.status === other.status);
    olds.sort(byStatus);
    news.sort(byStatus);
    take(
      (one, other) => one.name === other.name,
      (one, other) => {
        if (one.status !== undefined && other.status !== undefined) status.push({ ...other, was: one.status } as HistoryRow);
      },
    );
    const [old, is] = [olds[0], news[0]];
    if (old && is && olds.length === 1 && news.length === 1) renamed.push({ ...is, was: old.name } as HistoryRow);
    else {
      gone.push(...olds);
      added.push(...news);
    }
  }
  // Equal rows are given once.
  return parts.map((rows) => [...new Set(said({ count: 0, rows }))]);
}

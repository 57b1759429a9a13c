import { open } from 'node:fs/promises';
import { replaceFile, writeWhole } from '../base/replacedFile';
import { FRAME, frameOf, startOf } from './frames';
import type { HistoryLog } from './historyLog';

/** How much is kept of one source. */
export interface HistoryBounds {
  readonly bytes: number;
  readonly records: number;
  readonly days: number;
}

/** 365 days of a million pins of which 1 % change each day take less, with the list itself. */
export const BOUNDS: HistoryBounds = { bytes: 160 * 2 ** 20, records: 20_000, days: 400 };

/** So much stays when records are dropped, so that it isn't done with each list. */
const STAYS = 0.9;
const DAY_MS = 86_400_000;
const CHUNK = 2 ** 20;
/** Records that are never too old: the clock may be wrong. */
const LEAST_RECORDS = 100;

/**
 * Drops the oldest records where there are too many: the others replace the file. Those with numbers above `listNumber` stay, because the last list is made from
 * them. To be called with the lock.
 */
export async function dropRecords(
  { file, marker, end, records }: HistoryLog,
  listNumber: number,
  nowMs: number,
  bounds: HistoryBounds,
): Promise<void> {
  const oldest = records.find(({ is }) => is !== 'dropped');
  const isOver = (share: number, from: number, count: number): boolean =>
    end - from > share * bounds.bytes || count > share * bounds.records;
  const isOld = (days: number, atMs: number, count: number): boolean => count > LEAST_RECORDS && nowMs - atMs > days * DAY_MS;
  if (!marker || !oldest) return;
  if (!isOver(1, oldest.from, records.length) && !isOld(bounds.days / STAYS, oldest.atMs, records.length)) return;
  const first = records.findIndex(({ from, atMs, number }, at) => {
    const count = records.length - at;
    return count === 1 || number > listNumber || (!isOver(STAYS, from, count) && !isOld(bounds.days, atMs, count));
  });
  const [dropped, kept] = [records[first - 1], records[first]];
  if (!dropped || !kept) return;
  const { number, atMs } = dropped;
  const mark = frameOf(marker, { type: FRAME.dropped, isLast: true, part: 0, number, atMs, changes: 0 });
  const old = await open(file, 'r');
  try {
    await replaceFile(
      file,
      undefined,
      async (handle) => {
        const start = Buffer.concat([startOf(marker), mark]);
        await writeWhole(file, handle, start, 0);
        const chunk = Buffer.alloc(CHUNK);
        for (let at = kept.from; at < end;) {
          const { bytesRead } = await old.read(chunk, 0, Math.min(CHUNK, end - at), at);
          if (bytesRead === 0) break;
          await writeWhole(file, handle, chunk.subarray(0, bytesRead), start.length + at - kept.from);
          at += bytesRead;
        }
        await handle.sync();
      },
      0o600,
    );
  } finally {
    await old.close();
  }
}

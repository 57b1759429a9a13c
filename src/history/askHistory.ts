import { IpfsKitError } from '../base/ipfsKitError';
import { pacer } from '../base/stepByStep';
import { countedRows, rowBuffer, statusWords } from './countedRows';
import type { ChangesQuery, HistoryDays, HistoryPlace, LostTime, SinceChanges } from './historyContract';
import { filesOf } from './historyFiles';
import { addChanges, lostIn, readLog, withFile } from './historyLog';
import { pairedChanges } from './pairedChanges';

/** When lists came, and how much each changed. Empty where no history is kept. Rejects with IpfsKitError: unreadable, not-a-file, cancelled. */
export async function historyDays(place: HistoryPlace, signal: AbortSignal): Promise<HistoryDays> {
  const { records } = await readLog(filesOf(place).changes, signal);
  return {
    atMs: records.map(({ atMs }) => atMs),
    changes: records.map(({ changes }) => changes),
    lost: lostIn(records),
  };
}

/**
 * What has changed since the last list that came until `sinceMs`, or since the first one: the two lists are compared, whatever happened between them. Rejects with
 * IpfsKitError: missing where no history is kept, too-large, and as historyDays does.
 */
export async function changesSince(query: ChangesQuery, signal: AbortSignal): Promise<SinceChanges> {
  const { changes: file } = filesOf(query);
  const log = await readLog(file, signal);
  const { records } = log;
  const later = records.findIndex(({ atMs }) => atMs > query.sinceMs);
  const from = Math.max(0, (later < 0 ? records.length : later) - 1);
  const [first, last] = [records[from], records.at(-1)];
  if (!first || !last) throw new IpfsKitError('missing', 'No history is kept of this list yet.');
  const [words, row, due] = [statusWords(), rowBuffer(), pacer(signal)];
  const rows = countedRows();
  const damaged: LostTime[] = [];
  await withFile(file, undefined, async (descriptor) => {
    for (let at = from + 1; at < records.length; at++) {
      const [before, record] = [records[at - 1], records[at]];
      if (!before || record?.is !== 'changes') continue;
      await due();
      try {
        await addChanges(descriptor, log, record, { rows, words, row });
      } catch (error) {
        if (!IpfsKitError.is(error, 'corrupt')) throw error;
        damaged.push({ fromMs: before.atMs, toMs: record.atMs });
      }
    }
  });
  const { changes } = await pairedChanges(rows, { words, row, limit: query.limit }, signal);
  // What was before the first of these records doesn't matter, unless it is the first of all.
  const lost = lostIn(records.slice(from)).filter(({ fromMs }) => fromMs !== undefined || from === 0);
  return { ...changes, fromMs: first.atMs, toMs: last.atMs, lost: [...lost, ...damaged].sort((a, b) => a.toMs - b.toMs) };
}

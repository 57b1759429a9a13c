import type { FileHandle } from 'node:fs/promises';
import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { IpfsKitError } from '../base/ipfsKitError';
import { replaceFile, unwritable, writeWhole } from '../base/replacedFile';
import { pacer } from '../base/stepByStep';
import type { Pin } from '../pin/pin';
import type { CountedRows, RowBuffer, StatusWords } from './countedRows';
import { countedRows, rowBuffer, statusWords, writeRow } from './countedRows';
import type { FrameFacts } from './frames';
import { FRAME, frameOf, newMarker, startOf } from './frames';
import type { KeepQuery, KeptHistory } from './historyContract';
import type { HistoryFiles } from './historyFiles';
import { dropOldest, filesOf, locked } from './historyFiles';
import type { HistoryLog, LastList } from './historyLog';
import { lastList, readLog } from './historyLog';
import type { HistoryBounds } from './keptRecords';
import { BOUNDS, dropRecords } from './keptRecords';
import { pairedChanges } from './pairedChanges';
import { blocksOf } from './rowBlocks';

/** Pins between two looks at the clock. */
const PINS_AT_ONCE = 256;
/** The list is written in full again once the changes since take more than this share of it and more than this many bytes, or are more than that. */
const SHARE = 0.25;
const LEAST_BYTES = 2 ** 20;
const MOST_CHANGES = 500;

interface Reading {
  readonly words: StatusWords;
  readonly row: RowBuffer;
  readonly signal: AbortSignal;
}

/** What is read before anything is written. */
interface Before {
  readonly files: HistoryFiles;
  readonly log: HistoryLog;
  readonly last: LastList | undefined;
  /** Identifies the file with the last list. */
  readonly listId: string | undefined;
}

/**
 * Keeps a list: what has changed since the last one of its source, or the whole list where there is none. `next` gives its pins, a stretch at a time, and none at
 * the end. Nothing is written where another window has written meanwhile, or is doing so: its list is as new. Rejects with IpfsKitError, as `next` does.
 */
export async function keepHistory(
  query: KeepQuery,
  next: (signal: AbortSignal) => Promise<readonly Pin[]>,
  signal: AbortSignal,
  bounds: HistoryBounds = BOUNDS,
): Promise<KeptHistory> {
  const reading = { words: statusWords(), row: rowBuffer(), signal };
  const files = filesOf(query);
  const listId = await idOf(files.list);
  const log = await readLog(files.changes, signal);
  const last = await lastList(files.list, log, reading.words, reading.row, signal);
  const before = { files, log, last, listId };
  const rows = await differenceFrom(last, next, query, reading);
  const nothing = { sinceMs: last?.atMs, changes: undefined, lost: { count: 0, rows: [] }, removed: [] };

  if (!last) {
    const isFirst = !log.isThere && listId === undefined;
    const written = await writing(query, before, () => begin(query, before, rows, reading));
    return { ...nothing, written: written ? (isFirst ? 'start' : 'restart') : 'busy' };
  }
  if (rows.size === 0) {
    if (isSameDay(last.atMs, query.atMs)) return { ...nothing, written: 'nothing' };
    const look = { type: FRAME.look, isLast: true, part: 0, number: last.number, atMs: query.atMs, changes: 0 };
    const written = await writing(query, before, () => append(log, [frameIn(log, look)]));
    return { ...nothing, written: written ? 'look' : 'busy' };
  }
  const { words, row } = reading;
  const { limit, removed } = query;
  const paired = await pairedChanges(rows, { words, row, limit, removed }, signal);
  const { added, gone, renamed, status } = paired.changes;
  const changes = added.count + gone.count + renamed.count + status.count;
  const frames = await changeFrames(log, rows, { number: last.number + 1, atMs: query.atMs, changes }, reading);
  const written = await writing(query, before, async () => {
    await append(log, frames);
    const changeBytes = last.changeBytes + frames.reduce((sum, { length }) => sum + length, 0);
    const isLong =
      changeBytes > Math.min(bounds.bytes / 2, Math.max(LEAST_BYTES, SHARE * last.listBytes)) ||
      last.number - last.listNumber > Math.min(MOST_CHANGES, bounds.records / 2);
    if (isLong) await writeList(query, before, rows, reading);
    const listNumber = isLong ? last.number + 1 : last.listNumber;
    await dropRecords(await readLog(files.changes, signal), listNumber, query.atMs, bounds);
  });
  return written ? { ...paired, sinceMs: last.atMs, written: 'changes' } : { ...nothing, written: 'busy' };
}

/** The rows that were added to the last list, and those that are gone from it, with a negative count. */
async function differenceFrom(
  last: LastList | undefined,
  next: (signal: AbortSignal) => Promise<readonly Pin[]>,
  { withStatuses }: Pick<KeepQuery, 'withStatuses'>,
  { words, row, signal }: Reading,
): Promise<CountedRows> {
  const rows = countedRows();
  const due = pacer(signal);
  const known = last?.rows;
  const left = new Int32Array(known?.size ?? 0);
  for (let at = 0; at < left.length; at++) left[at] = known?.count(at) ?? 0;
  const take = (): boolean => {
    if (!known) return false;
    for (let at = known.find(row); at >= 0; at = known.next(at)) {
      if ((withStatuses && known.status(at) !== row.status) || (left[at] ?? 0) <= 0) continue;
      left[at] = (left[at] ?? 0) - 1;
      return true;
    }
    return false;
  };
  for (let pins = await next(signal); pins.length > 0; pins = await next(signal))
    for (const [at, pin] of pins.entries()) {
      if (at % PINS_AT_ONCE === 0) await due();
      if (pin.type === 'indirect') continue; // a part of another pin, and listed only where a setting says so
      writeRow(row, withStatuses ? pin : { cid: pin.cid, name: pin.name }, words);
      if (!take()) rows.add(row, 1);
    }
  for (let at = 0; known && at < left.length; at++) {
    if (at % PINS_AT_ONCE === 0) await due();
    if (left[at] === 0) continue;
    known.read(at, row);
    rows.add(row, -(left[at] ?? 0));
  }
  return rows;
}

/** Whether it could be written: no other window has the lock, and none has written since `before` was read. */
async function writing({ folder }: KeepQuery, { files, log, listId }: Before, write: () => Promise<void>): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => chmod(folder, 0o700))
    .catch((error: unknown) => {
      throw unwritable(folder, error);
    });
  const isWritten = await locked(files.lock, async () => {
    const status = await stat(files.changes).catch(() => undefined);
    if ((status?.size ?? 0) !== log.size || (await idOf(files.list)) !== listId) return false;
    await write();
    await dropOldest(folder, files);
    return true;
  });
  return isWritten === true;
}

async function idOf(file: string): Promise<string | undefined> {
  const status = await stat(file, { bigint: true }).catch(() => undefined);
  return status && `${status.ino} ${status.size} ${status.mtimeNs}`;
}

/** Begins the history of a source, or goes on with it after damage: with the whole list. */
async function begin(query: KeepQuery, before: Before, rows: CountedRows, reading: Reading): Promise<void> {
  const { files, log } = before;
  // The numbers don't follow each other where something was lost.
  const isNew = !log.isThere && before.listId === undefined;
  const number = isNew ? 1 : 2 + Math.max(0, ...log.records.map((record) => record.number));
  await writeWholeList(files.list, { number, atMs: query.atMs }, rows, reading);
  const start = { type: FRAME.start, isLast: true, part: 0, number, atMs: query.atMs, changes: 0 };
  if (log.marker) return append(log, [frameIn(log, start)]);
  const marker = newMarker();
  await replaceFile(
    files.changes,
    undefined,
    (handle) => writeAll(files.changes, handle, [startOf(marker), frameOf(marker, start)], 0),
    0o600,
  );
}

/** Writes the list in full, as it is after these changes. */
async function writeList({ atMs }: KeepQuery, { files, last }: Before, rows: CountedRows, reading: Reading): Promise<void> {
  if (!last) return;
  const due = pacer(reading.signal);
  for (let at = 0; at < rows.size; at++) {
    if (at % PINS_AT_ONCE === 0) await due();
    rows.read(at, reading.row);
    last.rows.add(reading.row, rows.count(at));
  }
  await writeWholeList(files.list, { number: last.number + 1, atMs }, last.rows, reading);
}

async function writeWholeList(
  file: string,
  facts: Pick<FrameFacts, 'number' | 'atMs'>,
  rows: CountedRows,
  { words, row, signal }: Reading,
): Promise<void> {
  const marker = newMarker();
  const frame = (part: number, isLast: boolean, payload?: Buffer): Buffer =>
    frameOf(marker, { ...facts, type: FRAME.base, changes: 0, part, isLast }, payload);
  await replaceFile(
    file,
    undefined,
    async (handle) => {
      let at = await writeAll(file, handle, [startOf(marker)], 0);
      let part = 0;
      for await (const { payload, isLast } of blocksOf(rows, (each) => rows.count(each), words, row, signal))
        at = await writeAll(file, handle, [frame(part++, isLast, payload)], at);
      if (part === 0) await writeAll(file, handle, [frame(0, true)], at);
      await handle.sync();
    },
    0o600,
  );
}

async function changeFrames(
  log: HistoryLog,
  rows: CountedRows,
  facts: Pick<FrameFacts, 'number' | 'atMs' | 'changes'>,
  { words, row, signal }: Reading,
): Promise<readonly Buffer[]> {
  const parts: (readonly [type: number, payload: Buffer])[] = [];
  for await (const { payload } of blocksOf(rows, (at) => -rows.count(at), words, row, signal)) parts.push([FRAME.gone, payload]);
  for await (const { payload } of blocksOf(rows, (at) => rows.count(at), words, row, signal)) parts.push([FRAME.added, payload]);
  return parts.map(([type, payload], part) => frameIn(log, { ...facts, type, part, isLast: part === parts.length - 1 }, payload));
}

function frameIn({ file, marker }: HistoryLog, facts: FrameFacts, payload?: Buffer): Buffer {
  if (!marker) throw new IpfsKitError('corrupt', `${file} is damaged.`);
  return frameOf(marker, facts, payload);
}

/** Writes records after the last intact one: what is behind that, was never written in full. */
async function append({ file, end, size }: HistoryLog, frames: readonly Buffer[]): Promise<void> {
  const handle = await open(file, 'r+').catch((error: unknown) => {
    throw unwritable(file, error);
  });
  try {
    if (size > end) await handle.truncate(end);
    try {
      await writeAll(file, handle, frames, end);
      await handle.sync();
    } catch (error) {
      await handle.truncate(end).catch(() => undefined);
      throw error;
    }
  } finally {
    await handle.close();
  }
}

async function writeAll(file: string, handle: FileHandle, pieces: readonly Buffer[], from: number): Promise<number> {
  let at = from;
  for (const piece of pieces) {
    await writeWhole(file, handle, piece, at);
    at += piece.length;
  }
  return at;
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

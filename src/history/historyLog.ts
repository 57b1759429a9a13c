import { closeSync, fstatSync } from 'node:fs';
import { IpfsKitError } from '../base/ipfsKitError';
import { openRegularFile } from '../base/regularFile';
import { pacer } from '../base/stepByStep';
import type { CountedRows, RowBuffer, StatusWords } from './countedRows';
import { countedRows } from './countedRows';
import type { Frame } from './frames';
import { FRAME, markerIn, nextFrame, payloadOf, START } from './frames';
import type { LostTime } from './historyContract';
import { readBlock } from './rowBlocks';

/** A list that came, as its records say; those of which a part is missing are left out. */
export interface ListRecord {
  readonly is: 'changes' | 'look' | 'start' | 'dropped';
  readonly number: number;
  readonly atMs: number;
  readonly changes: number;
  /** Where it begins in the file. */
  readonly from: number;
  readonly frames: readonly Frame[];
}

export interface HistoryLog {
  readonly file: string;
  /** Undefined where the file is missing, or no copy of the marker is intact. */
  readonly marker: Buffer | undefined;
  readonly isThere: boolean;
  /** The size of the file, and the end of its last intact record. */
  readonly size: number;
  readonly end: number;
  readonly records: readonly ListRecord[];
}

/** Records between two looks at the clock. */
const FRAMES_AT_ONCE = 64;

/** Reads the headers of all records. Rejects with IpfsKitError: unreadable, not-a-file, cancelled. */
export async function readLog(file: string, signal: AbortSignal): Promise<HistoryLog> {
  const none: HistoryLog = { file, marker: undefined, isThere: false, size: 0, end: START, records: [] };
  return withFile(file, none, async (descriptor) => {
    const { size } = fstatSync(descriptor);
    const marker = markerIn(file, descriptor);
    const frames: Frame[] = [];
    const due = pacer(signal);
    for (let from = START; marker && from < size; from = frames.at(-1)?.to ?? size) {
      if (frames.length % FRAMES_AT_ONCE === 0) await due();
      const frame = nextFrame(file, descriptor, { marker, from, size });
      if (!frame) break;
      frames.push(frame);
    }
    return { file, marker, isThere: true, size, end: frames.at(-1)?.to ?? START, records: recordsOf(frames) };
  });
}

function recordsOf(frames: readonly Frame[]): readonly ListRecord[] {
  const records: ListRecord[] = [];
  let parts: Frame[] = [];
  for (const frame of frames) {
    const { type, number, part } = frame;
    const [first] = parts;
    if (part !== parts.length || (first && first.number !== number)) parts = [];
    if (part !== parts.length) continue; // the beginning is missing
    parts.push(frame);
    if (!frame.isLast) continue;
    const { atMs, changes, from } = parts[0] ?? frame;
    records.push({ is: KINDS[type] ?? 'changes', number, atMs, changes, from, frames: parts });
    parts = [];
  }
  return records;
}

const KINDS: Readonly<Record<number, ListRecord['is']>> = {
  [FRAME.look]: 'look',
  [FRAME.start]: 'start',
  [FRAME.dropped]: 'dropped',
};

/** The times of which changes are missing. The numbers of changes follow each other. */
export function lostIn(records: readonly ListRecord[]): readonly LostTime[] {
  return records.flatMap((record, at): readonly LostTime[] => {
    const before = records[at - 1];
    const { is, number, atMs } = record;
    if (!before) return (is === 'start' && number <= 1) || is === 'dropped' ? [] : [{ fromMs: undefined, toMs: atMs }];
    const follows = is !== 'start' && number === before.number + (is === 'changes' ? 1 : 0);
    return follows ? [] : [{ fromMs: before.atMs, toMs: atMs }];
  });
}

/** Adds the changes of a record to `rows`. Rejects with `corrupt`, and has added none then. */
export async function addChanges(
  descriptor: number,
  { file }: HistoryLog,
  { frames }: ListRecord,
  { rows, words, row }: { readonly rows: CountedRows; readonly words: StatusWords; readonly row: RowBuffer },
): Promise<void> {
  const payloads = frames.map((frame) => ({
    payload: payloadOf(file, descriptor, frame),
    count: frame.type === FRAME.gone ? -1 : 1,
  }));
  for (const { payload, count } of payloads) await readBlock(payload, words, row, () => rows.add(row, count));
}

/** The last list that came. */
export interface LastList {
  readonly rows: CountedRows;
  readonly number: number;
  readonly atMs: number;
  /** The number of the list that is written in full, the bytes of its file, and those of the changes since. */
  readonly listNumber: number;
  readonly listBytes: number;
  readonly changeBytes: number;
}

/** Reads the last list; undefined where there is none, or it can't be known because of damage. Rejects as readLog does. */
export async function lastList(
  file: string,
  log: HistoryLog,
  words: StatusWords,
  row: RowBuffer,
  signal: AbortSignal,
): Promise<LastList | undefined> {
  if (!log.marker) return undefined;
  const rows = countedRows();
  try {
    const base = await withFile(file, undefined, (descriptor) => readBase(file, descriptor, { rows, words, row }, signal));
    if (!base) return undefined;
    let { number } = base;
    let changeBytes = 0;
    const due = pacer(signal);
    await withFile(log.file, undefined, async (descriptor) => {
      for (const record of log.records) {
        if (record.number <= base.number || record.is === 'look') continue;
        if (record.is !== 'changes' || record.number !== number + 1) throw unknown();
        await addChanges(descriptor, log, record, { rows, words, row });
        number = record.number;
        for (const { from, to } of record.frames) changeBytes += to - from;
        await due();
      }
    });
    for (let at = 0; at < rows.size; at++) if (rows.count(at) < 0) return undefined;
    const last = log.records.at(-1);
    const atMs = last?.number === number ? last.atMs : base.atMs;
    return { rows, number, atMs, listNumber: base.number, listBytes: base.bytes, changeBytes };
  } catch (error) {
    if (IpfsKitError.is(error, 'corrupt')) return undefined;
    throw error;
  }
}

function unknown(): IpfsKitError {
  return new IpfsKitError('corrupt', 'Changes of the list are missing.');
}

async function readBase(
  file: string,
  descriptor: number,
  { rows, words, row }: Pick<LastList, 'rows'> & { readonly words: StatusWords; readonly row: RowBuffer },
  signal: AbortSignal,
): Promise<{ readonly number: number; readonly atMs: number; readonly bytes: number }> {
  const { size } = fstatSync(descriptor);
  const marker = markerIn(file, descriptor);
  const due = pacer(signal);
  for (let [from, part] = [START, 0]; marker; part++) {
    const frame = nextFrame(file, descriptor, { marker, from, size });
    if (frame?.type !== FRAME.base || frame.from !== from || frame.part !== part) throw unknown();
    await readBlock(payloadOf(file, descriptor, frame), words, row, () => rows.add(row, 1));
    if (frame.isLast) return { number: frame.number, atMs: frame.atMs, bytes: size };
    from = frame.to;
    await due();
  }
  throw unknown();
}

/** Runs `read` with an open file; `none` where it is missing. */
export async function withFile<Result>(
  file: string,
  none: Result,
  read: (descriptor: number) => Promise<Result>,
): Promise<Result> {
  let descriptor: number;
  try {
    descriptor = openRegularFile(file);
  } catch (error) {
    if (IpfsKitError.is(error, 'missing')) return none;
    throw error;
  }
  try {
    return await read(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

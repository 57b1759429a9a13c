import { groupKeyOf } from '../pin/groupOfPin';
import { inNaturalOrder } from '../pin/naturalOrder';
import type { GroupKey, JoinKey, PinGroup, PinTotal } from '../pin/pinQuery';
import { checkGroupCount, isJoinKey, knownSize } from '../pin/pinQuery';
import type { PinField } from '../pin/columnNames';
import { textOf, toPin } from '../pin/pinRecord';
import { rowBuilder } from './rowBuilder';
import { joinedGroups } from './joinedRows';
import type { GroupedRows, PinColumns, Rows } from './pinColumns';
import type { NumberReader } from './rowNumbers';
import { sizeReader, timeReader } from './rowNumbers';
import { forEachBlock, forEachIndex } from '../base/stepByStep';
import { sameTexts } from './textIds';

/** The groups by what the rows themselves hold. */
type OwnGroup = Exclude<GroupKey, JoinKey>;

export async function groupRows(of: Rows, columns: PinColumns, group: GroupKey, signal: AbortSignal): Promise<GroupedRows> {
  if (isJoinKey(group)) return joinedGroups(of, columns, group, signal);
  const numbers = new Uint32Array(of?.length ?? columns.rows);
  const ids = new Map<string | undefined, number>();
  const idOf = (key: string | undefined): number => {
    let id = ids.get(key);
    if (id === undefined) {
      checkGroupCount(ids.size + 1);
      ids.set(key, (id = ids.size));
    }
    return id;
  };
  const idOfNumber = await (group === 'month' ? readMonths : readTexts)(of, columns, group, numbers, idOf, signal);
  const keys = inNaturalOrder(ids.keys());
  const rankOfId = new Uint32Array(keys.length);
  for (const [rank, key] of keys.entries()) rankOfId[ids.get(key) ?? 0] = rank;
  return { keys, numbers, ranks: idOfNumber ? idOfNumber.map((id) => rankOfId[id] ?? 0) : rankOfId };
}

/** The groups in natural order of their keys; the group of pins without a key comes last. */
export async function groupPins(of: Rows, columns: PinColumns, group: GroupKey, signal: AbortSignal): Promise<PinGroup[]> {
  const { keys, numbers, ranks } = await groupRows(of, columns, group, signal);
  const totals = await addedUp(of, columns, numbers, ranks, keys.length, signal);
  return keys.map((key, rank) => ({ ...(key !== undefined && { key }), ...(totals[rank] ?? NO_PINS) }));
}

const NO_PINS: PinTotal = { count: 0, sized: 0 };

/** The number of rows and their sizes together. */
export async function totalOf(of: Rows, columns: PinColumns, signal: AbortSignal): Promise<PinTotal> {
  const count = of?.length ?? columns.rows;
  const { columns: known, metadata } = columns.shape;
  if (!known.has('sizeBytes') && metadata === undefined) return { count, sized: 0 };
  const [total = NO_PINS] = await addedUp(of, columns, new Uint32Array(count), Uint32Array.of(0), 1, signal);
  return total;
}

/** For each rank, the number of rows that have it, by their `numbers`, and their sizes together. */
async function addedUp(
  of: Rows,
  columns: PinColumns,
  numbers: Uint32Array,
  ranks: Uint32Array,
  most: number,
  signal: AbortSignal,
): Promise<readonly PinTotal[]> {
  const sizes = await sizeReader(of, columns, signal);
  const [counted, unsized, summed] = [
    new Uint32Array(ranks.length),
    new Uint32Array(ranks.length),
    new Float64Array(ranks.length),
  ];
  const large = new Map<number, bigint>();
  const block = new Float64Array(BLOCK);
  await forEachBlock(
    numbers.length,
    (from, to) => {
      for (let first = from; first < to; first += BLOCK) {
        const part = block.subarray(0, Math.min(BLOCK, to - first));
        (sizes.readLoosely ?? sizes.read)(part, first);
        addUp(numbers, first, part, sizes, { counted, unsized, summed, large });
      }
    },
    signal,
    sizes.step,
  );
  const [counts, sized] = [new Uint32Array(most), new Uint32Array(most)];
  const bytes = new Array<bigint>(most).fill(0n);
  for (const [number, rank] of ranks.entries()) {
    counts[rank] = (counts[rank] ?? 0) + (counted[number] ?? 0);
    sized[rank] = (sized[rank] ?? 0) + (counted[number] ?? 0) - (unsized[number] ?? 0);
    bytes[rank] = (bytes[rank] ?? 0n) + BigInt(summed[number] ?? 0) + (large.get(number) ?? 0n);
  }
  return bytes.map((sum, rank) => ({ count: counts[rank] ?? 0, ...knownSize(sized[rank] ?? 0, sum) }));
}

const BLOCK = 8192;

/** For each number, how many pins it has, for how many of them the size is unknown, and the sum of the other sizes. */
interface Sums {
  readonly counted: Uint32Array;
  readonly unsized: Uint32Array;
  readonly summed: Float64Array;
  /** What would be rounded in `summed`. */
  readonly large: Map<number, bigint>;
}

/** Adds the pins from place `first` on. Their sizes have been read loosely; those past 2^53 are read again. */
function addUp(
  numbers: Uint32Array,
  first: number,
  sizes: Float64Array,
  reader: NumberReader,
  { counted, unsized, summed, large }: Sums,
): void {
  for (let at = 0; at < sizes.length; at++) {
    const number = numbers[first + at] ?? 0;
    counted[number] = (counted[number] ?? 0) + 1;
    const size = Math.floor(sizes[at] ?? NaN);
    const sum = (summed[number] ?? 0) + size;
    if (!(size >= 1)) unsized[number] = (unsized[number] ?? 0) + 1;
    else if (sum <= Number.MAX_SAFE_INTEGER) summed[number] = sum;
    else {
      const isLarge = size > Number.MAX_SAFE_INTEGER;
      if (isLarge) reader.read(sizes.subarray(at, at + 1), first + at);
      const aside = isLarge ? reader.exact.get(first + at) : BigInt(summed[number] ?? 0);
      if (aside === undefined)
        unsized[number] = (unsized[number] ?? 0) + 1; // infinite
      else large.set(number, (large.get(number) ?? 0n) + aside);
      if (!isLarge) summed[number] = size;
    }
  }
}

/** The rows of the wanted groups, in order. */
export async function rowsOfGroups(
  of: Rows,
  columns: PinColumns,
  group: GroupKey,
  isWanted: (key: string | undefined) => boolean,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const { keys, numbers, ranks } = await groupRows(of, columns, group, signal);
  const wantedKeys = keys.map((key) => (isWanted(key) ? 1 : 0));
  const wanted = Uint8Array.from(ranks, (rank) => wantedKeys[rank] ?? 0);
  const rows = rowBuilder();
  if (wanted.includes(1))
    await forEachBlock(
      numbers.length,
      (from, to) => {
        for (let at = from; at < to; at++) if (wanted[numbers[at] ?? 0] === 1) rows.add(of ? (of[at] ?? 0) : at);
      },
      signal,
    );
  return rows.rows().slice();
}

/** Writes a number for each place of the list, and returns the id of the key for each number; undefined where the numbers are the ids. */
type ReadIds = (
  of: Rows,
  columns: PinColumns,
  group: OwnGroup,
  numbers: Uint32Array,
  idOf: (key: string | undefined) => number,
  signal: AbortSignal,
) => Promise<Uint32Array | undefined>;

const DAY_MS = 86_400_000;
/** The number of days whose month is cached, by their lowest bits: enough for eleven consecutive years. */
const DAYS = 4096;

const readMonths: ReadIds = async (of, columns, group, ids, idOf, signal) => {
  const times = timeReader(of, columns);
  const block = new Float64Array(BLOCK);
  const [dayOf, idOfDay] = [new Int32Array(DAYS).fill(-1), new Uint32Array(DAYS)];
  const none = lazily(() => idOf(undefined));
  await forEachBlock(
    ids.length,
    (from, to) => {
      for (let first = from; first < to; first += BLOCK) {
        const part = block.subarray(0, Math.min(BLOCK, to - first));
        times.read(part, first);
        for (let at = 0; at < part.length; at++) {
          const ms = part[at] ?? NaN;
          if (Number.isNaN(ms)) {
            ids[first + at] = none();
            continue;
          }
          const day = Math.floor(ms / DAY_MS);
          const slot = day % DAYS;
          if (dayOf[slot] !== day) {
            dayOf[slot] = day;
            const pinnedAt = new Date(day * DAY_MS).toISOString();
            idOfDay[slot] = idOf(groupKeyOf({ cid: ANY_CID, pinnedAt }, group));
          }
          ids[first + at] = idOfDay[slot] ?? 0;
        }
      }
    },
    signal,
    times.step,
  );
  return undefined;
};

function lazily(make: () => number): () => number {
  let made: number | undefined;
  return () => (made ??= make());
}

const FIELD_OF_GROUP: Readonly<Record<Exclude<OwnGroup, 'month'>, PinField>> = {
  type: 'type',
  status: 'status',
  tier: 'tier',
  backend: 'backend',
  folder: 'vfsPath',
};

/** Rows with the same text, or the same path up to the last slash, are in the same group, so only one text of each group is decoded. */
const readTexts: ReadIds = async (of, columns, group, numbers, idOf, signal) => {
  const keyAt = textKeys(columns, group);
  const column = group === 'month' ? undefined : columns.shape.columns.get(FIELD_OF_GROUP[group]);
  const parts = column === undefined ? undefined : columns.source.texts?.(column);
  const examples = parts && (await sameTexts(of, parts, group === 'folder', numbers, signal));
  const idOfRow = (row: number): number => idOf(keyAt(row));
  if (!examples) {
    await forEachIndex(numbers.length, (at) => (numbers[at] = idOfRow(of ? (of[at] ?? 0) : at)), signal);
    return undefined;
  }
  const idOfText = new Uint32Array(examples.length);
  await forEachIndex(examples.length, (text) => (idOfText[text] = idOfRow(examples[text] ?? 0)), signal);
  return idOfText;
};

const MAX_REMEMBERED = 4096;

/** The key of a row, the same as that of the complete pin, but without building the pin. Repeated values are cached. */
function textKeys({ shape, raw }: PinColumns, group: OwnGroup): (row: number) => string | undefined {
  const field = group === 'month' ? undefined : FIELD_OF_GROUP[group];
  const column = field === undefined ? undefined : shape.columns.get(field);
  if (field === undefined || column === undefined) return () => undefined;
  if (group === 'folder')
    return (row) => {
      const vfsPath = textOf(raw(field, row));
      return vfsPath === undefined ? undefined : groupKeyOf({ cid: ANY_CID, vfsPath }, group);
    };
  const remembered = new Map<unknown, string | undefined>();
  const oneField = {
    columns: new Map<PinField, string>([
      ['cid', ''],
      [field, column],
    ]),
  };
  return (row) => {
    const value = raw(field, row);
    if (remembered.has(value)) return remembered.get(value);
    const pin = toPin(oneField, (name) => (name === column ? value : ANY_CID));
    const key = pin && groupKeyOf(pin, group);
    if (remembered.size < MAX_REMEMBERED) remembered.set(value, key);
    return key;
  };
}

const ANY_CID = 'Qm';

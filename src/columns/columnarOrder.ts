import { IpfsKitError } from '../base/ipfsKitError';
import { compareKeys, naturalKey } from '../pin/naturalOrder';
import type { GroupKey, SortKey } from '../pin/pinQuery';
import { isOfCopies, isOfSize } from '../pin/pinQuery';
import { groupRows } from './columnarGroups';
import { firstInOrder } from './firstInOrder';
import { copiesReader } from './joinedRows';
import { rowsWithMetadata } from './metadataRows';
import type { PinColumns, Rows } from './pinColumns';
import { dealByRank, numberOrder, positions } from './numberOrder';
import { readNumbers, sizeReader, timeReader } from './rowNumbers';
import { forEachIndex } from '../base/stepByStep';
import { sameTexts } from './textIds';
import { textOrder } from './textOrder';

/** The rows by group, then by sort key, then in the order of the source; `of` must ascend. */
export async function orderRows(
  of: Rows,
  columns: PinColumns,
  sort: SortKey | undefined,
  group: GroupKey | undefined,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const count = of?.length ?? columns.rows;
  const sorted = sort ? await placesInOrder(of, columns, sort, count, signal) : positions(count);
  if (!group) return pick(of, sorted);
  const { keys, numbers, ranks } = await groupRows(of, columns, group, signal);
  return pick(of, await dealByRank(sorted, numbers, ranks, keys.length, signal));
}

/** Up to this many rows, finding the first ones is faster than sorting all. */
const MOST_FIRST = 2000;

/** The first `wanted` rows in the order of the sort key. Undefined where finding them isn't faster than sorting all rows. */
export async function firstRows(
  of: Rows,
  columns: PinColumns,
  sort: SortKey,
  wanted: number,
  signal: AbortSignal,
): Promise<Uint32Array | undefined> {
  if (wanted > MOST_FIRST || wanted >= (of?.length ?? columns.rows)) return undefined;
  const descending = sort.startsWith('-');
  let first: Uint32Array | undefined;
  if (sort === 'time' || sort === '-time') first = await firstInOrder(timeReader(of, columns), wanted, descending, signal);
  else if (isOfCopies(sort)) first = await firstInOrder(copiesReader(of, columns), wanted, descending, signal);
  else if (isOfSize(sort)) first = await firstInOrder(await sizeReader(of, columns, signal), wanted, descending, signal);
  else first = (await textOrder(of, columns, descending, wanted, signal))?.slice(0, wanted);
  return first && pick(of, first);
}

function pick(of: Rows, order: Uint32Array): Uint32Array {
  if (!of) return order;
  const picked = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at++) picked[at] = of[order[at] ?? 0] ?? 0;
  return picked;
}

/** Places in `of`, the first `wanted` of them in order. */
async function placesInOrder(
  of: Rows,
  columns: PinColumns,
  sort: SortKey,
  wanted: number,
  signal: AbortSignal,
): Promise<Uint32Array> {
  const descending = sort.startsWith('-');
  switch (sort) {
    case 'name':
    case '-name':
      return (await textOrder(of, columns, descending, wanted, signal)) ?? nameOrder(of, columns, descending, signal);
    case 'time':
    case '-time':
      return numberOrder(await readNumbers(timeReader(of, columns), signal), descending, signal);
    case 'copies':
    case '-copies':
      return numberOrder(await readNumbers(copiesReader(of, columns), signal), descending, signal);
    case 'size':
    case '-size': {
      const reader = await sizeReader(of, columns, signal);
      const sizes = await readNumbers(reader, signal);
      const order = await numberOrder(sizes, descending, signal);
      if (reader.exact.size > 0) sortRuns(order, sizes, reader.exact, descending);
      return order;
    }
  }
}

/** The most UTF-16 units of all different names, where they are sorted as texts: at most half of the heap. */
const MOST_NAME_UNITS = 2 ** 28;

/** Sorts by the keys of the names as texts, for columns whose bytes aren't available. Throws too-large. */
async function nameOrder(of: Rows, columns: PinColumns, descending: boolean, signal: AbortSignal): Promise<Uint32Array> {
  const count = of?.length ?? columns.rows;
  // A repeated name is kept only once: a dictionary may hold texts of megabytes, and each row refers to one of them.
  const kept = new Map<string, string>();
  let units = 0;
  const keyOf = (row: number): string | undefined => {
    const name = columns.text('name', row);
    if (name === undefined) return undefined;
    let key = kept.get(name);
    if (key !== undefined) return key;
    units += name.length;
    if (units > MOST_NAME_UNITS) throw new IpfsKitError('too-large', 'The names in this list are too long to sort.');
    key = naturalKey(name);
    if (name.length > LONG_NAME) kept.set(name, key);
    return key;
  };
  const examples = new Uint32Array(count);
  const texts = await differentNames(of, columns, examples, signal);
  const keys = new Array<string | undefined>(texts?.length ?? count);
  await forEachIndex(keys.length, (at) => (keys[at] = keyOf(texts ? (texts[at] ?? 0) : of ? (of[at] ?? 0) : at)), signal);
  const keyAt = texts ? (at: number) => keys[examples[at] ?? 0] : (at: number) => keys[at];
  return positions(count).sort((a, b) => {
    const [left, right] = [keyAt(a), keyAt(b)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined) || a - b;
    return (descending ? compareKeys(right, left) : compareKeys(left, right)) || a - b;
  });
}

/** Only longer names are looked up among those that are kept. */
const LONG_NAME = 4096;

/** The rows of the different names, if a dictionary shows them; `into` gets which of them each place has. Undefined where names must be read row by row. */
async function differentNames(
  of: Rows,
  columns: PinColumns,
  into: Uint32Array,
  signal: AbortSignal,
): Promise<readonly number[] | undefined> {
  const column = columns.shape.columns.get('name');
  const parts = column === undefined ? undefined : columns.source.texts?.(column);
  if (!parts?.some((part) => 'indices' in part) || (await rowsWithMetadata(columns, 'name', signal))) return undefined;
  return sameTexts(of, parts, false, into, signal);
}

/** Puts sizes past 2^53 that round to the same double in their exact order. They are already next to each other. */
function sortRuns(order: Uint32Array, sizes: Float64Array, exact: ReadonlyMap<number, bigint>, descending: boolean): void {
  for (let start = 0; start < order.length;) {
    const size = sizes[order[start] ?? 0];
    let end = start + 1;
    while (end < order.length && sizes[order[end] ?? 0] === size) end++;
    if (end - start > 1 && exact.has(order[start] ?? 0))
      order.subarray(start, end).sort((a, b) => {
        const [left, right] = [exact.get(a) ?? 0n, exact.get(b) ?? 0n];
        return left === right ? a - b : left < right === descending ? 1 : -1;
      });
    start = end;
  }
}

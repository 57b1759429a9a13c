import type { NumberReader } from './rowNumbers';
import { pacer } from './stepByStep';

/**
 * The first `wanted` places of the order that numberOrder gives, without the order: the best so far are kept in a heap, the worst on top.
 * Once it is full, what can't be among them is passed over as it lies, where the reader can tell.
 * Undefined where numbers don't tell the order, since some are rounded.
 */
export async function firstInOrder(
  reader: NumberReader,
  wanted: number,
  descending: boolean,
  signal: AbortSignal,
): Promise<Uint32Array | undefined> {
  const due = pacer(signal);
  const { count, exact } = reader;
  const size = Math.min(wanted, count);
  const sign = descending ? -1 : 1;
  const [keys, places] = [new Float64Array(size), new Uint32Array(size)];
  let filled = 0;
  /** What stands after this is not among the first. */
  let last = Infinity;

  /** Whether the first stands after the second: the greater key, and the later place where keys are equal. */
  const isAfter = (key: number, place: number, otherKey: number, otherPlace: number): boolean =>
    key > otherKey || (key === otherKey && place > otherPlace);

  const put = (at: number, key: number, place: number): void => {
    keys[at] = key;
    places[at] = place;
  };

  const sink = (key: number, place: number, length: number): void => {
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < length && isAfter(keys[right] ?? 0, places[right] ?? 0, keys[child] ?? 0, places[child] ?? 0)) child = right;
      if (!isAfter(keys[child] ?? 0, places[child] ?? 0, key, place)) break;
      put(at, keys[child] ?? 0, places[child] ?? 0);
      at = child;
    }
    put(at, key, place);
  };

  const rise = (key: number, place: number): void => {
    let at = filled++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isAfter(key, place, keys[parent] ?? 0, places[parent] ?? 0)) break;
      put(at, keys[parent] ?? 0, places[parent] ?? 0);
      at = parent;
    }
    put(at, key, place);
  };

  const offer = (key: number, place: number): void => {
    if (filled < size) rise(key, place);
    else if (isAfter(keys[0] ?? 0, places[0] ?? 0, key, place)) sink(key, place, filled);
    if (filled === size) last = keys[0] ?? 0;
  };

  const most = Math.min(BLOCK, reader.step ?? BLOCK);
  const block = new Float64Array(Math.min(most, count));
  const one = new Float64Array(1);
  const sifted = new Uint32Array(most / SPARSE);
  const isBackward = risesToward(reader, sign);
  const blocks = Math.ceil(count / most);
  for (let turn = 0; turn < blocks && size > 0; turn++) {
    const rest = due();
    if (rest) await rest;
    const first = most * (isBackward ? blocks - 1 - turn : turn);
    const end = Math.min(first + most, count);
    const few = filled < size ? -1 : (reader.sift?.(sign * last, descending, first, end, sifted) ?? -1);
    if (few >= 0) {
      for (let at = 0; at < few; at++) {
        const place = sifted[isBackward ? few - 1 - at : at] ?? 0;
        reader.read(one, place);
        const key = sign * (one[0] ?? NaN);
        if (key <= last) offer(key, place);
      }
    } else {
      const numbers = block.subarray(0, end - first);
      reader.read(numbers, first);
      const { length } = numbers;
      const step = isBackward ? -1 : 1;
      for (let at = isBackward ? length - 1 : 0; (at = nextUpTo(last, numbers, sign, at, step)) >= 0 && at < length; at += step)
        offer(sign * (numbers[at] ?? NaN), first + at);
    }
    if (exact.size > 0) return undefined;
  }
  const order = new Uint32Array(size);
  const found = filled;
  while (filled > 0) {
    order[--filled] = places[0] ?? 0;
    const [key, place] = [keys[filled] ?? 0, places[filled] ?? 0];
    if (filled > 0) sink(key, place, filled);
  }
  if (found < size) await addNumberless(reader, order, found, signal);
  return order;
}

const BLOCK = 16_384;

/** Where more than one in so many of a block may be among the first, it is read as a whole. */
const SPARSE = 16;

/** Where the next key is that does not stand after the last of the best. Apart, since V8 makes fast code of a loop with nothing else around it. */
function nextUpTo(last: number, numbers: Float64Array, sign: number, from: number, step: number): number {
  let at = from;
  const { length } = numbers;
  while (at >= 0 && at < length && !(sign * (numbers[at] ?? NaN) <= last)) at += step; // NaN is passed over, too
  return at;
}

/** What has no number comes after all that has one, as it stands. */
async function addNumberless(reader: NumberReader, order: Uint32Array, from: number, signal: AbortSignal): Promise<void> {
  const due = pacer(signal);
  const most = Math.min(BLOCK, reader.step ?? BLOCK);
  const block = new Float64Array(most);
  let filled = from;
  for (let first = 0; filled < order.length; first += most) {
    const rest = due();
    if (rest) await rest;
    const numbers = block.subarray(0, Math.min(most, reader.count - first));
    reader.read(numbers, first);
    for (let at = 0; at < numbers.length && filled < order.length; at++)
      if (Number.isNaN(numbers[at])) order[filled++] = first + at;
  }
}

/** Samples of an order that may have been there before. */
const SAMPLES = 64;

/** Whether most of what comes first stands at the end, as it does in a list that new pins are added to: from there, few displace others. */
function risesToward(reader: NumberReader, sign: number): boolean {
  const sample = new Float64Array(1);
  let balance = 0;
  let last = NaN;
  for (let index = 0; index < SAMPLES; index++) {
    reader.read(sample, Math.floor((reader.count * index) / SAMPLES));
    const key = sign * (sample[0] ?? NaN);
    if (key < last) balance++;
    else if (key > last) balance--;
    if (!Number.isNaN(key)) last = key;
  }
  return balance > SAMPLES / 4;
}

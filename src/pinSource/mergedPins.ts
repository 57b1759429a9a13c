import { groupKeyOf } from '../pin/groupOfPin';
import { compareKeys, compareNaturally, inNaturalOrder, naturalKey } from '../pin/naturalOrder';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import { knownSize } from '../pin/pinQuery';
import { createStretch } from '../pin/pinWalk';

export interface SourcedPin {
  /** Index of the source among those that were passed. */
  readonly source: number;
  readonly pin: Pin;
}

/**
 * Pins of several sources as one list, some at a time: source after source, or in the order of the query. Each walk gives its own pins in that order.
 */
export async function* mergedPins(
  walks: readonly AsyncGenerator<readonly Pin[]>[],
  query: PinQuery,
): AsyncGenerator<readonly SourcedPin[]> {
  const { sort, group } = query;
  if (sort === undefined && group === undefined) {
    for (const [source, walk] of walks.entries()) for await (const pins of walk) yield pins.map((pin) => ({ source, pin }));
    return;
  }
  const heads = await Promise.all(walks.map(async (walk, source) => ({ source, walk, pins: await nextOf(walk), at: 0 })));
  const begin = () => createStretch<SourcedPin>(({ pin }) => pin);
  for (let merged = begin(); ;) {
    let first: (typeof heads)[number] | undefined;
    let pin: Pin | undefined;
    for (const head of heads) {
      const next = head.pins[head.at];
      if (next && (!pin || compare(next, pin, query) < 0)) [first, pin] = [head, next];
    }
    const hasRoom = first && pin && merged.add({ source: first.source, pin });
    if (!hasRoom) {
      yield merged.rows;
      merged = begin();
    }
    if (!first) return;
    if (++first.at === first.pins.length) [first.pins, first.at] = [await nextOf(first.walk), 0];
  }
}

/** The next pins of a walk; none at its end. */
export async function nextOf(walk: AsyncGenerator<readonly Pin[]>): Promise<readonly Pin[]> {
  const next = await walk.next();
  return next.done === true ? [] : next.value;
}

/** Compares by the rules of pinQuery.ts: absent values come last in both directions, equal ones in the order of the sources. */
function compare(one: Pin, other: Pin, { sort, group }: PinQuery): number {
  const grouped = group === undefined ? 0 : inOrder(groupKeyOf(one, group), groupKeyOf(other, group), compareNaturally);
  if (grouped !== 0 || sort === undefined) return grouped;
  const sign = sort.startsWith('-') ? -1 : 1;
  switch (sort) {
    case 'name':
    case '-name':
      return inOrder(one.name, other.name, (a, b) => sign * compareKeys(naturalKey(a), naturalKey(b)));
    case 'copies':
    case '-copies':
      return inOrder(knownCopies(one), knownCopies(other), (a, b) => sign * (a - b));
    case 'time':
    case '-time':
      return inOrder(one.pinnedAt, other.pinnedAt, (a, b) => sign * (Date.parse(a) - Date.parse(b)));
    case 'size':
    case '-size':
      return inOrder(one.sizeBytes, other.sizeBytes, (a, b) => sign * compareSizes(a, b));
  }
}

function knownCopies({ copies, copiesAtLeast }: Pin): number | undefined {
  return copies ?? copiesAtLeast;
}

/** Sizes above 2^53 are text and are compared exactly. */
function compareSizes(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const [a, b] = [BigInt(one), BigInt(other)];
  return Number(a > b) - Number(a < b);
}

function inOrder<T>(one: T | undefined, other: T | undefined, compareThem: (one: T, other: T) => number): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  return compareThem(one, other);
}

/** Merges groups of the same key, in natural order of their keys, the group without a key last. */
export function mergedGroups(lists: readonly (readonly PinGroup[])[]): readonly PinGroup[] {
  const merged = new Map<string | undefined, { count: number; sized: number; bytes: bigint }>();
  for (const { key, count, sized, sizeBytes = 0 } of lists.flat()) {
    const group = merged.get(key) ?? { count: 0, sized: 0, bytes: 0n };
    merged.set(key, {
      count: group.count + count,
      sized: group.sized + sized,
      bytes: group.bytes + BigInt(sizeBytes),
    });
  }
  return inNaturalOrder(merged.keys()).flatMap((key) => {
    const group = merged.get(key);
    return group ? [{ key, count: group.count, ...knownSize(group.sized, group.bytes) }] : [];
  });
}

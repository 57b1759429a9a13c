import type { PlainError, Reason } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import { compareCodePoints } from '../pin/compareCodePoints';
import { needsStatuses } from '../pin/statusFilter';
import type { Freshness, Listing } from '../pinSource/listing';
import type { OpenOptions } from '../pinSource/pinSource';
import { createCopies } from './copies';
import { mergedPins } from './mergedPins';
import type { ChosenSource } from './namedSources';
import { slice, walkPins } from './walkPins';

/** What the output says of each selected source. */
export interface AskedSource {
  readonly id: string;
  readonly name: string;
  /** State of its daemon; `not-asked` where only a database was read, and derived from the error where the list failed. */
  readonly state: string;
  /** Number of its pins that match the filter; left out where they are unknown. */
  readonly total?: number;
  readonly freshness?: Freshness;
  /** Pins are missing. */
  readonly incomplete?: true;
  readonly error?: PlainError;
}

/** A pin of one source, with the sources that pin the same content. */
export interface JoinedPin extends Pin {
  readonly source: string;
  readonly sources: readonly string[];
  /** Number of sources that pin it, where the pins of all sources are known. */
  readonly copies?: number;
  readonly copiesAtLeast?: number;
  /** The sources whose pins aren't all known. */
  readonly unknownSources?: readonly string[];
}

export interface JoinedList {
  readonly sources: readonly AskedSource[];
  /** Number of pins in all; content that several sources pin counts once for each. */
  readonly total: number;
  readonly groups?: readonly PinGroup[] | undefined;
  readonly pins: AsyncGenerator<readonly JoinedPin[]>;
  /** The error of the first source, where none could be listed. */
  readonly failure?: PlainError | undefined;
}

type Options = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'>;

interface OpenSource extends ChosenSource {
  readonly asked: AskedSource;
  readonly listing?: Listing;
  readonly groups?: readonly PinGroup[] | undefined;
}

/**
 * The pins of several sources, which are listed at the same time. `limit`: the most pins to give, or Infinity. The error of a source is in its
 * AskedSource; rejects only with `cancelled`.
 */
export async function joinedList(
  chosen: readonly ChosenSource[],
  query: PinQuery,
  limit: number,
  options: Options,
): Promise<JoinedList> {
  const opened = await Promise.all(chosen.map((source) => open(source, query, options)));
  const groups = query.group && mergedGroups(opened.map(({ groups: own = [] }) => own));
  const failed = opened.every(({ listing }) => listing === undefined) ? opened[0]?.asked.error : undefined;
  return {
    sources: opened.map(({ asked }) => asked),
    total: opened.reduce((sum, { asked }) => sum + (asked.total ?? 0), 0),
    groups,
    failure: failed,
    pins: joinedPins(opened, query, limit, options),
  };
}

async function open(chosen: ChosenSource, query: PinQuery, { worker, signal, onReceived }: Options): Promise<OpenSource> {
  const { id, name } = chosen.source;
  try {
    const listing = await chosen.source.open({
      worker,
      signal,
      statuses: needsStatuses(query),
      onReceived,
    });
    const { table } = listing.opened;
    const total = await worker.request('count', { table, of: query }, { signal });
    const groups = query.group && (await worker.request('groups', { table, key: query.group, of: query }, { signal }));
    const state = listing.daemon?.state ?? (listing.freshness === 'live' ? 'up' : 'not-asked');
    const { freshness, incomplete } = listing;
    const asked = { id, name, state, total, freshness, ...(incomplete && { incomplete: true as const }) };
    return { ...chosen, asked, listing, groups };
  } catch (error) {
    if (IpfsKitError.is(error, 'cancelled')) throw error;
    const plain = toPlainError(error);
    return { ...chosen, asked: { id, name, state: STATES[plain.reason] ?? 'unavailable', error: plain } };
  }
}

const STATES: Partial<Readonly<Record<Reason, string>>> = {
  refused: 'absent',
  missing: 'absent',
  timeout: 'busy',
  busy: 'busy',
  foreign: 'foreign',
  'needs-token': 'needs-token',
};

async function* joinedPins(
  opened: readonly OpenSource[],
  query: PinQuery,
  limit: number,
  options: Options,
): AsyncGenerator<readonly JoinedPin[]> {
  const listed = opened.flatMap(({ listing, asked }) => (listing ? [{ id: asked.id, table: listing.opened.table }] : []));
  const unknown = opened.filter(isUnknown).map(({ asked }) => asked.id);
  const walks = listed.map(({ table }) => walkPins(table, query, options));
  const wanted = slice(mergedPins(walks, query), query.offset ?? 0, limit);

  /** A page is held in memory, so that copies are counted only for its own content. Whole lists aren't held. */
  const page = limit === Infinity ? undefined : (await collected(wanted)).flat();
  const copies = createCopies(page?.map(({ pin }) => pin));
  for (const { id, table } of listed) for await (const pins of walkPins(table, {}, options)) copies.add(pins, id);

  const joined = (pin: Pin, source: string): JoinedPin => {
    const held = copies.of(pin);
    const sources = held.length > 0 ? held : [source];
    const unknownSources = unknown.filter((id) => !sources.includes(id));
    const count = sources.length;
    const known = unknownSources.length > 0 ? { copiesAtLeast: count, unknownSources } : { copies: count };
    return { ...pin, source, sources, ...known };
  };
  for await (const rows of page ? [page] : wanted) yield rows.map(({ source, pin }) => joined(pin, listed[source]?.id ?? ''));
}

/** Whether the source may pin content that its list doesn't show. A source that no option names and of which nothing was found has no pins. */
function isUnknown({ listing, asked, isNamed }: OpenSource): boolean {
  return listing ? asked.incomplete === true : isNamed || asked.error?.reason !== 'missing';
}

async function collected<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Merges groups of the same key, sorted by key, the group without a key last. */
function mergedGroups(lists: readonly (readonly PinGroup[])[]): readonly PinGroup[] {
  const merged = new Map<string | undefined, { count: number; bytes: bigint }>();
  for (const { key, count, sizeBytes } of lists.flat()) {
    const group = merged.get(key) ?? { count: 0, bytes: 0n };
    merged.set(key, { count: group.count + count, bytes: group.bytes + BigInt(sizeBytes) });
  }
  const keys = [...merged.keys()].filter((key) => key !== undefined).sort(compareCodePoints);
  return [...keys, undefined].flatMap((key) => {
    const group = merged.get(key);
    if (!group) return [];
    const sizeBytes = group.bytes > BigInt(Number.MAX_SAFE_INTEGER) ? String(group.bytes) : Number(group.bytes);
    return [{ key, count: group.count, sizeBytes }];
  });
}

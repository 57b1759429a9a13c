import type { PlainError, Reason } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import { isEndOfThread, repeatIfEndedByAnother } from '../base/threadHandle';
import { inNaturalOrder } from '../pin/naturalOrder';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import { knownSize } from '../pin/pinQuery';
import { needsStatuses } from '../pin/filterWords';
import type { Freshness, Listing } from '../pinSource/listing';
import { statusNotes } from '../pinSource/listPins';
import type { AskSizesOptions, OpenOptions } from '../pinSource/pinSource';
import { sizesForOrder } from '../pinSource/sizesForOrder';
import { createCopies } from './copies';
import { mergedPins, nextOf } from './mergedPins';
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
  /** Why there is no list; with `incomplete`, why it ended early; with a complete list, why its copies aren't all known. */
  readonly error?: PlainError;
  /** As those of one source; left out where there are none. */
  readonly notes?: readonly string[];
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
  /** Final once the pins have been read, because a list can also fail while it is read. */
  readonly sources: () => readonly AskedSource[];
  /** Number of pins in all; content that several sources pin counts once for each. */
  readonly total: number;
  readonly groups?: readonly PinGroup[] | undefined;
  readonly pins: AsyncGenerator<readonly JoinedPin[]>;
  /** Set where none could be listed: has the reason of the first source, and refers to the errors in `sources`. */
  readonly failure?: PlainError | undefined;
}

type Options = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'> & Pick<AskSizesOptions, 'onAsked'>;

/** A source, with its list as it was opened last. */
interface OpenSource extends ChosenSource {
  readonly asked: AskedSource;
  readonly listing?: Listing;
  /** Number of all its pins. */
  readonly size?: number;
  readonly groups?: readonly PinGroup[] | undefined;
}

type ListedSource = OpenSource & { readonly listing: Listing };

/**
 * The pins of several sources, which are listed at the same time. `limit`: the most pins to give, or Infinity. The error of a source is in its
 * AskedSource; rejects only with `cancelled`. The pins reject with `failure` where none could be read to its end.
 */
export async function joinedList(
  chosen: readonly ChosenSource[],
  query: PinQuery,
  limit: number,
  options: Options,
): Promise<JoinedList> {
  const opened = await Promise.all(chosen.map((source) => openOrFail(source, query, options)));
  const groups = query.group && mergedGroups(opened.map(({ groups: own = [] }) => own));
  const first = opened.every(({ listing }) => listing === undefined) ? opened[0]?.asked.error : undefined;
  const failures: Failures = { listing: new Map(), copies: new Map() };
  return {
    sources: () => opened.map(({ asked }) => withFailure(asked, failures)),
    total: opened.reduce((sum, { asked }) => sum + (asked.total ?? 0), 0),
    groups,
    failure: first && toPlainError(noneListed(first)),
    pins: joinedPins(opened, query, limit, failures, options),
  };
}

/** The error of all sources; the message of each is in `sources`, and isn't repeated. */
function noneListed({ reason }: PlainError): IpfsKitError {
  return new IpfsKitError(reason, 'No source could be listed; the errors in "sources" say why.');
}

/** The errors of lists that failed while they were read, by the id of the source: for their pins, and for the copies of pins. */
interface Failures {
  readonly listing: Map<string, IpfsKitError>;
  readonly copies: Map<string, IpfsKitError>;
}

function withFailure(asked: AskedSource, { listing, copies }: Failures): AskedSource {
  const error = listing.get(asked.id) ?? copies.get(asked.id);
  return error ? { ...asked, ...(listing.has(asked.id) && { incomplete: true }), error: toPlainError(error) } : asked;
}

async function openOrFail(chosen: ChosenSource, query: PinQuery, options: Options): Promise<OpenSource> {
  try {
    return await open(chosen, query, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    const { id, name } = chosen.source;
    const plain = toPlainError(error);
    return { ...chosen, asked: { id, name, state: STATES[plain.reason] ?? 'unavailable', error: plain } };
  }
}

/** Opens the list of a source, again where another source ends the thread meanwhile. */
function open(chosen: ChosenSource, query: PinQuery, { worker, signal, onReceived, onAsked }: Options): Promise<ListedSource> {
  return repeatIfEndedByAnother(async () => {
    const { id, name } = chosen.source;
    const listing = await chosen.source.open({
      worker,
      signal,
      statuses: needsStatuses(query),
      onReceived,
    });
    const { table } = listing.opened;
    const unsized = await sizesForOrder(query, chosen.source, listing, { worker, signal, onAsked });
    const total = await worker.request('count', { table, of: query }, { signal });
    const size = query.filter === undefined ? total : await worker.request('count', { table, of: {} }, { signal });
    const groups = query.group && (await worker.request('groups', { table, key: query.group, of: query }, { signal }));
    const state = listing.daemon?.state ?? (listing.freshness === 'live' ? 'up' : 'not-asked');
    const { freshness, incomplete } = listing;
    const notes = [...listing.notes, ...unsized, ...(await statusNotes(query, total, table, { worker, signal }))];
    const more = { ...(incomplete && { incomplete: true as const }), ...(notes.length > 0 && { notes }) };
    const asked = { id, name, state, total, freshness, ...more };
    return { ...chosen, asked, listing, size, groups };
  });
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
  failures: Failures,
  options: Options,
): AsyncGenerator<readonly JoinedPin[]> {
  const listed = opened.filter((source): source is ListedSource => source.listing !== undefined);
  const idOf = (source?: ListedSource): string => source?.asked.id ?? '';
  const walk = (source: ListedSource, of: PinQuery, part: keyof Failures): AsyncGenerator<readonly Pin[]> =>
    untilFailure(lastingWalk(source, of, query, options), idOf(source), failures, part, options.signal);
  const walks = listed.map((source) => walk(source, query, 'listing'));
  const wanted = slice(mergedPins(walks, query), query.offset ?? 0, limit);

  /** A page is held in memory, so that copies are counted only for its own content. Of whole lists, the content of all but the largest is held. */
  const page = limit === Infinity ? undefined : (await collected(wanted)).flat();
  const copies = createCopies(page?.map(({ pin }) => pin));
  const bySize = listed.length > 1 ? [...listed].sort((one, other) => (one.size ?? 0) - (other.size ?? 0)) : [];
  for (const source of bySize)
    for await (const pins of walk(source, {}, 'copies'))
      copies.add(pins, idOf(source), page !== undefined || source === bySize.at(-1));

  const joined = (pin: Pin, source: string, unknown: readonly string[]): JoinedPin => {
    const held = copies.of(pin);
    const sources = listed.map(idOf).filter((id) => id === source || held.includes(id));
    const unknownSources = unknown.filter((id) => !sources.includes(id));
    const count = sources.length;
    const known = unknownSources.length > 0 ? { copiesAtLeast: count, unknownSources } : { copies: count };
    return { ...pin, source, sources, ...known };
  };
  for await (const rows of page ? [page] : wanted) {
    const unknown = opened.filter((source) => isUnknown(source, failures)).map(({ asked }) => asked.id);
    yield rows.map(({ source, pin }) => joined(pin, idOf(listed[source]), unknown));
  }
  const [failure] = failures.listing.values();
  if (failure && failures.listing.size === listed.length) throw noneListed(failure);
}

/**
 * The pins until reading them fails, so that one list that changes or breaks doesn't end the others; none of a list that has ended the thread before, or it
 * would end it again. Rejects only with `cancelled`.
 */
async function* untilFailure(
  walk: AsyncGenerator<readonly Pin[]>,
  id: string,
  failures: Failures,
  part: keyof Failures,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Pin[]> {
  try {
    const ended = [failures.listing.get(id), failures.copies.get(id)].find(isEndOfThread);
    if (ended) throw ended;
    yield* walk;
  } catch (error) {
    if (signal?.aborted) throw error;
    failures[part].set(id, IpfsKitError.from(error));
  }
}

/**
 * All pins of a list, for one of its queries. If another source ends the thread, the list is opened again, and the pins continue after those that have been
 * given; rejects with `busy` if the list has changed meanwhile.
 */
async function* lastingWalk(
  source: ListedSource,
  of: PinQuery,
  query: PinQuery,
  options: Options,
): AsyncGenerator<readonly Pin[]> {
  const walkAll = (): AsyncGenerator<readonly Pin[]> => walkPins(source.listing.opened.table, of, options);
  let [walk, given, last] = [walkAll(), 0, undefined as Pin | undefined];
  for (;;) {
    const next = await repeatIfEndedByAnother(async (isRepeated) => {
      if (isRepeated) {
        Object.assign(source, await open(source, query, options));
        walk = last ? pinsAfter(last, slice(walkAll(), given - 1, Infinity)) : walkAll();
      }
      return walk.next();
    });
    if (next.done === true) return;
    yield next.value;
    given += next.value.length;
    last = next.value.at(-1);
  }
}

/** The pins after the first, which must be `last`. */
async function* pinsAfter(last: Pin, walk: AsyncGenerator<readonly Pin[]>): AsyncGenerator<readonly Pin[]> {
  const first = await nextOf(walk);
  if (first[0]?.cid !== last.cid)
    throw new IpfsKitError('busy', 'The list was changed while all its pins were being read. Try again.');
  if (first.length > 1) yield first.slice(1);
  yield* walk;
}

/** Whether the source may pin content that its list doesn't show. A source that no option names and of which nothing was found has no pins. */
function isUnknown({ listing, asked, isNamed }: OpenSource, failures: Failures): boolean {
  return listing ? asked.incomplete === true || failures.copies.has(asked.id) : isNamed || asked.error?.reason !== 'missing';
}

async function collected<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Merges groups of the same key, in natural order of their keys, the group without a key last. */
function mergedGroups(lists: readonly (readonly PinGroup[])[]): readonly PinGroup[] {
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

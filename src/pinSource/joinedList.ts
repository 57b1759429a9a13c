import type { PlainError, Reason } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery } from '../pin/pinQuery';
import type { Freshness } from './listing';
import type { ChosenSource, ListedSource, ListedSources, OpenLists } from './listedSources';
import { listedSources } from './listedSources';
import { statusNotes } from './listPins';
import { otherSetsNote } from './otherSets';
import { mergedGroups, mergedPins, nextOf } from './mergedPins';
import type { AskSizesOptions, OpenOptions } from './pinSource';
import { sizesForOrder } from './sizesForOrder';
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

/** A pin of one source, with the sources that list the same content, and its copies. */
export interface JoinedPin extends Pin {
  readonly source: string;
  readonly sources: readonly string[];
}

export interface JoinedList {
  /** Final once the pins have been read, because a list can also fail while it is read. */
  readonly sources: () => readonly AskedSource[];
  /** What is known before the pins are read. */
  readonly head: JoinedHead;
  readonly pins: AsyncGenerator<readonly JoinedPin[]>;
  /** Set where none could be listed: has the reason of the first source, and refers to the errors in `sources`. */
  readonly failure?: PlainError | undefined;
  /** Closes the lists. */
  readonly close: () => Promise<void>;
}

export interface JoinedHead {
  /** Number of pins in all; content that several sources list counts once for each. */
  readonly total: number;
  readonly groups?: readonly PinGroup[];
  /** The ids of the sources of which more would have to be known for the total, the groups and the order to be certain; left out where they are. */
  readonly uncertainSources?: readonly string[];
}

export type JoinOptions = Pick<OpenOptions, 'worker' | 'signal' | 'onReceived'> & Pick<AskSizesOptions, 'onAsked'>;

/** What a query finds in one list, without the pins. */
interface Counted {
  readonly total: number;
  readonly groups: readonly PinGroup[];
  readonly notes: readonly string[];
  readonly doubts: readonly string[];
}

/**
 * The pins of several sources, which are listed at the same time and joined. `limit`: the most pins to give, or Infinity. The error of a source is in its
 * AskedSource; rejects only with `cancelled`, and `invalid-argument` for more sources than can be compared. The pins reject with `failure` where none could be read to its end.
 */
export async function joinedList(
  chosen: readonly ChosenSource[],
  query: PinQuery,
  limit: number,
  options: JoinOptions,
): Promise<JoinedList> {
  const lists = listedSources(chosen, options);
  const counted = await countAll(lists, query, options);
  const all = [...counted.values()];
  const groups = query.group && mergedGroups(all.map((each) => each.groups));
  const doubts = new Set(all.flatMap((each) => each.doubts));
  return {
    sources: () => lists.sources.map((listed) => asked(listed, counted.get(listed))),
    head: {
      total: all.reduce((sum, { total }) => sum + total, 0),
      ...(groups && { groups }),
      ...(doubts.size > 0 && { uncertainSources: lists.sources.map(({ id }) => id).filter((id) => doubts.has(id)) }),
    },
    failure: noneListed(lists, ({ error }) => error),
    pins: pinsOf(lists, query, limit, options),
    close: lists.close,
  };
}

/** Counts the pins of each list that match. A list in which they can't be counted is left out. */
async function countAll(lists: ListedSources, query: PinQuery, options: JoinOptions): Promise<Map<ListedSource, Counted>> {
  const counted = new Map<ListedSource, Counted>();
  await lists.with(() => Promise.resolve());
  for (const listed of lists.sources) {
    if (!listed.listing) continue;
    try {
      counted.set(listed, await lists.with((open) => count(listed, open, query, options)));
    } catch (error) {
      if (options.signal?.aborted) throw error;
      await lists.leaveOut(listed, { error: IpfsKitError.from(error) });
    }
  }
  return counted;
}

async function count(
  listed: ListedSource,
  { tableOf }: OpenLists,
  query: PinQuery,
  { worker, signal, onAsked }: JoinOptions,
): Promise<Counted> {
  const [table, { listing }] = [tableOf(listed), listed];
  if (table === undefined || !listing) throw whyClosed(listed);
  const unsized = await sizesForOrder(query, listed.source, listing, { worker, signal, onAsked });
  const total = await worker.request('count', { table, of: query }, { signal });
  const groups = query.group && (await worker.request('groups', { table, key: query.group, of: query }, { signal }));
  const others = otherSetsNote((await listed.source.otherSets?.(listing, { worker, signal })) ?? []);
  const aboutStatus = await statusNotes(query, total, table, { worker, signal });
  const notes = [...listing.notes, ...unsized, ...aboutStatus, ...(others === undefined ? [] : [others])];
  const doubts = await worker.request('doubts', { table, of: query }, { signal });
  return { total, groups: groups ?? [], notes, doubts };
}

const STATES: Partial<Readonly<Record<Reason, string>>> = {
  refused: 'absent',
  missing: 'absent',
  timeout: 'busy',
  busy: 'busy',
  foreign: 'foreign',
  'needs-token': 'needs-token',
};

/** `counted` is set for each source that was listed, also where its list failed later. */
function asked(listed: ListedSource, counted: Counted | undefined): AskedSource {
  const { id, name, last, error, failure = error, joinFailure } = listed;
  if (!counted || !last) {
    const plain = toPlainError(whyClosed(listed));
    return { id, name, state: STATES[plain.reason] ?? 'unavailable', error: plain };
  }
  const { total, notes } = counted;
  const { freshness, incomplete = failure } = last;
  const why = failure ?? joinFailure;
  return {
    ...{ id, name, state: last.daemon?.state ?? (freshness === 'live' ? 'up' : 'not-asked'), total, freshness },
    ...(incomplete && { incomplete: true as const }),
    ...(why && { error: toPlainError(why) }),
    ...(notes.length > 0 && { notes }),
  };
}

/** Why a source has no list that is open. */
function whyClosed({ error, failure }: ListedSource): IpfsKitError {
  return error ?? failure ?? new IpfsKitError('internal', 'The list was closed.');
}

/** The error of all sources, where `errorOf` gives one for each; the message of each is in `sources`, and isn't repeated. */
function noneListed(
  { sources }: ListedSources,
  errorOf: (listed: ListedSource) => IpfsKitError | undefined,
): PlainError | undefined {
  const [first] = sources;
  const reason = first && errorOf(first)?.reason;
  if (reason === undefined || !sources.every((listed) => errorOf(listed))) return undefined;
  return { reason, message: 'No source could be listed; the errors in "sources" say why.' };
}

async function* pinsOf(
  lists: ListedSources,
  query: PinQuery,
  limit: number,
  options: JoinOptions,
): AsyncGenerator<readonly JoinedPin[]> {
  const listed = lists.sources.filter(({ listing }) => listing !== undefined);
  const walks = listed.map((each) => untilFailure(lists, each, query, options));
  for await (const rows of slice(mergedPins(walks, query), query.offset ?? 0, limit))
    yield rows.map(({ source, pin }) => joinedPin(pin, listed[source]?.id ?? '', lists.sources));
  const failed = listed.length > 0 && listed.every(({ failure }) => failure);
  const none = failed ? noneListed(lists, ({ error, failure }) => error ?? failure) : undefined;
  if (none) throw new IpfsKitError(listed[0]?.failure?.reason ?? none.reason, none.message);
}

/** The pin with what is known of its copies; a source whose list has failed since, and isn't known to list it, may keep one. */
function joinedPin(
  { sources = [], copies, copiesAtLeast, unknownSources = [], ...pin }: Pin,
  source: string,
  all: readonly ListedSource[],
): JoinedPin {
  // A list that couldn't be joined with the others knows nothing of its copies.
  const isJoined = sources.length > 0;
  const isUnknown = ({ id, failure }: ListedSource): boolean =>
    !isJoined || unknownSources.includes(id) || (failure !== undefined && !sources.includes(id));
  const unknown = all.filter(isUnknown).map(({ id }) => id);
  const known = copies ?? copiesAtLeast ?? 0;
  return {
    ...{ ...pin, source, sources: isJoined ? sources : [source] },
    ...(unknown.length > 0 ? { copiesAtLeast: known, unknownSources: unknown } : { copies: known }),
  };
}

/**
 * The pins until reading them fails, so that one list that changes or breaks doesn't end the others; none of a list that has ended the thread before, or it
 * would end it again. Rejects only with `cancelled`.
 */
export async function* untilFailure(
  lists: ListedSources,
  listed: ListedSource,
  query: PinQuery,
  options: JoinOptions,
): AsyncGenerator<readonly Pin[]> {
  try {
    yield* lastingWalk(lists, listed, query, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    listed.failure ??= IpfsKitError.from(error);
  }
}

/**
 * All pins of a list. If another source ends the thread, the list is opened again, and the pins continue after those that have been given; rejects with `busy` if
 * the list has changed meanwhile.
 */
async function* lastingWalk(
  lists: ListedSources,
  listed: ListedSource,
  query: PinQuery,
  options: JoinOptions,
): AsyncGenerator<readonly Pin[]> {
  let walk: { readonly of: OpenLists; readonly pins: AsyncGenerator<readonly Pin[]> } | undefined;
  let [given, last] = [0, undefined as Pin | undefined];
  for (;;) {
    const next = await lists.with(async (open) => {
      const table = open.tableOf(listed);
      if (table === undefined) throw whyClosed(listed);
      if (walk?.of !== open) {
        const all = walkPins(table, query, options);
        walk = { of: open, pins: last ? pinsAfter(last, slice(all, given - 1, Infinity)) : all };
      }
      return walk.pins.next();
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

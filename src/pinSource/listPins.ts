import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { expandHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import { byAsker } from '../base/settingOrOption';
import { repeatIfEndedByAnother } from '../base/threadHandle';
import type { Pin } from '../pin/pin';
import type { PinGroup, PinQuery, PinSelection } from '../pin/pinQuery';
import { checkQuery, isJoinKey, isOfCopies, quotedArgument } from '../pin/pinQuery';
import { filterTerms, hasStatusTerm, needsStatuses, withStatusTerm } from '../pin/filterWords';
import type { ListingSources } from './ipfsKitListing';
import type { Freshness, Listing } from './listing';
import { closeListing } from './listing';
import type { OtherPins } from './otherSets';
import { otherSetsNote } from './otherSets';
import type { OpenOptions, PinSource } from './pinSource';
import { sizesForOrder } from './sizesForOrder';
import type { PinSourceKind } from '../pinWorker/opener';

/** One page of pins, as the API of the extension and the command line give it. */
export interface PinList {
  readonly source: PinSourceKind;
  /** The URL or path that the pins were read from. */
  readonly location: string;
  readonly freshness: Freshness;
  /** The part that was read: `table pins, with its write-ahead log`. */
  readonly detail: string;
  /** When the data was received (live) or written (disk); ISO 8601, UTC. */
  readonly asOf: string;
  /** State of the daemon; left out where none was probed. */
  readonly daemon?: string;
  /** Sentences about the list, such as what is missing; left out where there are none. */
  readonly notes?: readonly string[];
  /** Pins are missing: the daemon's list was cut off, or parts of a set on disk can't be read. Left out where the list is complete. */
  readonly incomplete?: true;
  /** Other sets of pins on disk, which this list doesn't have; left out where there are none. */
  readonly otherSets?: readonly OtherPins[];
  /** Number of pins that match the filter. */
  readonly total: number;
  /** With `group` only. */
  readonly groups?: readonly PinGroup[];
  readonly pins: readonly Pin[];
}

/** The sources that a caller names, else `usual`. Where only daemons or only a database is named, only that is used. Throws `invalid-argument`. */
export function namedSources(
  { database, daemonUrls: urls }: { readonly database: unknown; readonly daemonUrls: unknown },
  usual: ListingSources,
): ListingSources {
  if (database !== undefined && typeof database !== 'string')
    throw new IpfsKitError('invalid-argument', 'The database must be a path.');
  if (urls !== undefined && !isTexts(urls)) throw new IpfsKitError('invalid-argument', 'The daemons must be an array of URLs.');
  const daemonUrls = urls && [...urls];
  for (const url of daemonUrls ?? []) parseDaemonUrl(url); // throws: an invalid URL is the caller's mistake, not a daemon that isn't running
  if (database === undefined && daemonUrls === undefined) return usual;
  return { daemonUrls, databasePath: database === undefined ? undefined : expandHome(database) };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** The source with this id. Throws `invalid-argument`, whose message names the known ids. */
export function sourceOfId(id: string, sources: readonly PinSource[]): PinSource {
  const found = sources.find((source) => source.id === id);
  if (found) return found;
  const ids = sources.map((source) => source.id).join(', ');
  throw new IpfsKitError('invalid-argument', `Unknown source ${quotedArgument(id)}. Use one of ${ids}.`);
}

/** One page of the pins of a source: opens its list, reads the page, closes the list. Rejects with an IpfsKitError. */
export async function listPins(
  query: PinQuery,
  source: Pick<PinSource, 'open' | 'name' | 'capabilities' | 'askSizes' | 'otherSets'>,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): Promise<PinList> {
  const checked = checkQuery(query);
  return repeatIfEndedByAnother(async () => {
    const listing = await source.open({ worker, signal, statuses: needsStatuses(checked) });
    try {
      const notes = await sizesForOrder(checked, source, listing, { worker, signal });
      const page = await pageOfListing(checked, withNotes(listing, notes), { worker, signal });
      return withOtherSets(page, await source.otherSets?.(listing, { worker, signal }));
    } finally {
      void closeListing(worker, listing);
    }
  });
}

/** Adds the other sets to a list, and a note about them. */
export function withOtherSets({ pins, ...list }: PinList, sets: readonly OtherPins[] = []): PinList {
  const note = otherSetsNote(sets);
  const more = note !== undefined && { notes: [...(list.notes ?? []), note], otherSets: sets };
  return { ...list, ...more, pins };
}

export function withNotes(listing: Listing, notes: readonly string[]): Listing {
  return { ...listing, notes: [...listing.notes, ...notes] };
}

/** One page of the pins of a list that is open, which stays open. Rejects with an IpfsKitError. */
export async function pageOfListing(
  query: PinQuery,
  { opened, freshness, daemon, incomplete, notes }: Listing,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): Promise<PinList> {
  const { table, source, location, detail, asOfMs } = opened;
  const pins = await worker.request('page', { table, query }, { signal });
  const total = await worker.request('count', { table, of: query }, { signal });
  const groups = query.group && (await worker.request('groups', { table, key: query.group, of: query }, { signal }));
  const allNotes = [...notes, ...notComparedNotes(query), ...(await statusNotes(query, total, table, { worker, signal }))];
  return {
    source,
    location,
    detail,
    freshness,
    asOf: new Date(asOfMs).toISOString(),
    ...(daemon && { daemon: daemon.state }),
    ...(incomplete && { incomplete: true as const }),
    ...(allNotes.length > 0 && { notes: allNotes }),
    total,
    ...(groups && { groups }),
    pins,
  };
}

/** A note where a query asks about other sources than the one that is listed, of which nothing is known then. */
function notComparedNotes({ filter = '', sort, group }: PinQuery): readonly string[] {
  const asksOthers = filterTerms(filter).join.length > 0 || isJoinKey(group) || isOfCopies(sort);
  if (!asksOthers) return [];
  const step = byAsker('List several sources.', 'Select several sources, for example with --all-sources.');
  return [`Copies and other sources of a pin are known only where several sources are listed together. ${step}`];
}

/** The words of the view (package.json). */
const NONE_WITH_STATUS = "No pins with this status. Kubo doesn't report pin status, and some pin databases don't store it.";

/** A note where a status filter matches none of the `total` pins of a table, because the status of pins that match the rest of the filter isn't known. */
export async function statusNotes(
  of: PinSelection,
  total: number,
  table: number,
  { worker, signal }: Pick<OpenOptions, 'worker' | 'signal'>,
): Promise<readonly string[]> {
  if (total > 0 || of.within || !hasStatusTerm(of.filter)) return []; // In a group, pins of other groups would count.
  const unknown = { ...of, filter: withStatusTerm(of.filter ?? ''), group: 'status', within: {} } as const;
  return (await worker.request('count', { table, of: unknown }, { signal })) > 0 ? [NONE_WITH_STATUS] : [];
}

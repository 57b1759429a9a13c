import { IpfsKitError } from '../../base/ipfsKitError';
import type { ComparedRow } from '../../inventory/differences';
import type { Pin } from '../../pin/pin';
import type { Listing } from '../../pinSource/listing';
import type { PinWorkerHandle } from '../../pinWorker/pinWorkerHandle';
import type { Compared } from '../../pinWorker/protocol';
import { hasStatuses } from './failedPins';
import type { ListsJoin } from './listsJoin';
import type { SourceList } from './sourceList';

/** The most rows of each part that are read: more is for a filter or an export. */
export const MOST_COMPARED = 1000;
/** The most differences of a kind that are exported. */
export const MOST_EXPORTED = 100_000;
const PAGE = 500;

/** One of two sources that are compared. */
export interface ComparedSide {
  readonly list: SourceList;
  /** Its list; undefined where it has none. */
  readonly listing: Listing | undefined;
  /** Whether everything that it lists is known. */
  readonly isWhole: boolean;
  /** The filter that finds what only this source lists. */
  readonly filter: string;
  /** The number of its pins whose content the other doesn't list; undefined where that isn't known. */
  readonly only: number | undefined;
}

export interface Comparison {
  readonly left: ComparedSide;
  readonly right: ComparedSide;
  /** The filter that finds what both list. */
  readonly filter: string;
  /** Undefined where one of them has no list. */
  readonly compared: Compared | undefined;
  /** Whether both tell the names of their pins. */
  readonly withNames: boolean;
  /** Whether the statuses can be compared; undefined where a source never reports them. */
  readonly withStatuses: boolean | undefined;
}

/** Compares two lists of the view, by the join of all lists. Plain Node. Rejects with IpfsKitError: `busy` where the lists can't be joined now. */
export async function compareLists(
  worker: PinWorkerHandle,
  join: Pick<ListsJoin, 'ready' | 'isJoined' | 'wordOf'>,
  left: SourceList,
  right: SourceList,
  signal: AbortSignal,
): Promise<Comparison> {
  await join.ready();
  if (!join.isJoined() && (left.model.openListing ?? right.model.openListing))
    throw new IpfsKitError('busy', "The lists can't be compared now. Try again.");
  const [one, other] = [left, right].map(({ source }) => join.wordOf(source.id));
  const side = async (list: SourceList, there: SourceList, filter: string): Promise<ComparedSide> => {
    const listing = list.model.openListing;
    // What the other lists isn't known unless all of it is.
    const isKnown = listing !== undefined && isWhole(there);
    const of = { filter };
    const only = isKnown ? await worker.request('count', { table: listing.opened.table, of }, { signal }) : undefined;
    return { list, listing, isWhole: isWhole(list), filter, only };
  };
  const [here, there] = [await side(left, right, `in:${one} -in:${other}`), await side(right, left, `in:${other} -in:${one}`)];
  const listings = [here.listing, there.listing].filter((listing) => listing !== undefined);
  const withNames = listings.every(({ opened }) => !opened.namesMissing);
  const filter = `in:${one} in:${other}`;
  const [first, second] = listings.map(({ opened }) => opened.table);
  const compared =
    first === undefined || second === undefined
      ? undefined
      : await worker.request('compare', { left: first, right: second, filter, withNames, most: MOST_COMPARED }, { signal });
  const isNever = listings.some(({ opened }) => opened.statuses === 'none');
  return {
    left: here,
    right: there,
    filter,
    compared,
    withNames,
    withStatuses: isNever ? undefined : listings.every(hasStatuses),
  };
}

/**
 * What both sources say of the contents whose names or statuses differ in them: two pins for each, with the source that says so. Rejects with IpfsKitError:
 * `closed` where a list is being replaced.
 */
export async function differingPins(
  worker: PinWorkerHandle,
  { left, right, filter, withNames }: Comparison,
  what: 'names' | 'statuses',
  signal: AbortSignal,
): Promise<readonly Pin[]> {
  const tables = { left: tableOf(left.list), right: tableOf(right.list) };
  const compared = await worker.request('compare', { ...tables, filter, withNames, most: MOST_EXPORTED }, { signal });
  const pinOf = (row: ComparedRow | undefined, { list }: ComparedSide): readonly Pin[] => {
    if (!row) return [];
    const { cid, name, status } = row;
    return [{ cid, ...(name !== undefined && { name }), ...(status !== undefined && { status }), sources: [list.source.id] }];
  };
  return compared[what].flatMap((each) => [...pinOf(each.left, left), ...pinOf(each.right, right)]);
}

/** The table of a list that is open. Throws `closed`. */
export function tableOf({ model: { openListing } }: SourceList): number {
  if (!openListing) throw new IpfsKitError('closed', 'The list is being read again. Try again.');
  return openListing.opened.table;
}

/** The first pins that only this source lists. Rejects with IpfsKitError. */
export async function onlyIn(
  worker: PinWorkerHandle,
  { listing, filter, only = 0 }: ComparedSide,
  signal: AbortSignal,
): Promise<readonly Pin[]> {
  const pins: Pin[] = [];
  const most = Math.min(MOST_COMPARED, only);
  while (listing && pins.length < most) {
    const query = { filter, offset: pins.length, limit: Math.min(PAGE, most - pins.length) };
    const page = await worker.request('page', { table: listing.opened.table, query }, { signal });
    if (page.length === 0) break;
    pins.push(...page);
  }
  return pins;
}

/** Whether a source lists all that it keeps. One of which nothing is found isn't in the view. */
function isWhole({ model }: SourceList): boolean {
  return model.openListing !== undefined && model.openListing.incomplete === undefined;
}

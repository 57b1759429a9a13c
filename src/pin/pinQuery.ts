import { IpfsKitError } from '../base/ipfsKitError';
import { withCommas } from '../base/withCommas';

/** A leading minus reverses the order. Absent values come last either way; equal ones keep the order of the source. */
export const SORT_KEYS = ['name', '-name', 'time', '-time', 'size', '-size', 'copies', '-copies'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Whether an order is one by size. */
export function isOfSize(sort: string | undefined): boolean {
  return sort === 'size' || sort === '-size';
}

/** What a list knows of its pins only while it is joined with others. */
export type JoinKey = 'copies' | 'source';

export const GROUP_KEYS = ['type', 'status', 'tier', 'backend', 'month', 'folder', 'copies', 'source'] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

export function isJoinKey(key: GroupKey | undefined): key is JoinKey {
  return key === 'copies' || key === 'source';
}

export function isOfCopies(sort: string | undefined): boolean {
  return sort === 'copies' || sort === '-copies';
}

export interface PinFilter {
  /**
   * A substring of name, CID or VFS path, and words such as `status:failed` and `-expires:<7d` (filterWords.ts); ASCII letters match in either case. Empty
   * means no filter.
   */
  readonly filter?: string | undefined;
  /**
   * Matches in name or VFS path, for a filter that no text contains as it is: the characters of the filter in their order with anything between them, or the
   * filter with one typo (fuzzyMatch.ts).
   */
  readonly fuzzy?: boolean | undefined;
}

export interface PinSelection extends PinFilter {
  /** Orders by this key first (ascending, pins without it last), then by sort. */
  readonly group?: GroupKey | undefined;
  /** Only the pins of this group; an absent key is the group of pins without one. */
  readonly within?: { readonly key?: string | undefined } | undefined;
}

/** What to show. Without sort and group, pins come in the order of the source. */
export interface PinQuery extends PinSelection {
  readonly sort?: SortKey | undefined;
  /** 0 or more. */
  readonly offset?: number;
  /** 0 to MAX_PAGE; default 200. */
  readonly limit?: number;
}

export const DEFAULT_PAGE = 200;
export const MAX_PAGE = 10_000;

/** One value of the group key, with its pins. An absent key is the group of pins without one. */
export interface PinGroup {
  readonly key?: string | undefined;
  readonly count: number;
  /** The number of its pins whose size is known. */
  readonly sized: number;
  /** Sum of the known sizes in bytes, as decimal text past 2^53; left out where none is known. */
  readonly sizeBytes?: number | string | undefined;
}

/** The number of pins and their sizes together. */
export type PinTotal = Omit<PinGroup, 'key'>;

/** The part of a group about the sizes of its pins. */
export function knownSize(sized: number, bytes: bigint): Pick<PinGroup, 'sized' | 'sizeBytes'> {
  if (sized === 0) return { sized };
  return { sized, sizeBytes: bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : String(bytes) };
}

/** Lower case for A–Z only, as in SQLite's lower(), so that every table answers a filter the same way. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The most groups of one list: each takes some hundred bytes, and a million pins may each have their own folder. */
export const MOST_GROUPS = 2 ** 20;

/** Throws too-large. */
export function checkGroupCount(groups: number): void {
  if (groups > MOST_GROUPS)
    throw new IpfsKitError('too-large', `The list has more than ${withCommas(MOST_GROUPS)} groups. Group it by something else.`);
}

/** Checks a query from outside (API, command line), and copies what belongs to a query; throws `invalid-argument`. */
export function checkQuery(query: PinQuery): Required<Pick<PinQuery, 'offset' | 'limit'>> & PinQuery {
  const refuse = (what: string): never => {
    throw new IpfsKitError('invalid-argument', what);
  };
  if (!isObject(query)) refuse('The query must be an object.');
  const { filter, fuzzy, sort, group, within, offset = 0, limit = DEFAULT_PAGE } = query;
  if (filter !== undefined && typeof filter !== 'string') refuse('The filter must be text.');
  if (filter !== undefined && filter.length > 1000) refuse('The filter is longer than 1,000 characters.');
  if (fuzzy !== undefined && typeof fuzzy !== 'boolean') refuse('fuzzy must be true or false.');
  if (sort !== undefined && !SORT_KEYS.includes(sort)) refuse(`The sort key must be one of ${SORT_KEYS.join(', ')}.`);
  if (group !== undefined && !GROUP_KEYS.includes(group)) refuse(`The group key must be one of ${GROUP_KEYS.join(', ')}.`);
  if (within !== undefined && !isObject(within)) refuse('The group must be an object with a key.');
  const key = within?.key;
  if (key !== undefined && typeof key !== 'string') refuse('The key of a group must be text.');
  if (within !== undefined && group === undefined) refuse('A group also requires the key that pins are grouped by.');
  if (!Number.isSafeInteger(offset) || offset < 0) refuse('The offset must be a whole number, 0 or more.');
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > MAX_PAGE)
    refuse(`The limit must be a whole number from 0 to ${withCommas(MAX_PAGE)}.`);
  return {
    ...(filter !== undefined && { filter }),
    ...(fuzzy !== undefined && { fuzzy }),
    ...(sort !== undefined && { sort }),
    ...(group !== undefined && { group }),
    ...(within !== undefined && { within: key === undefined ? {} : { key } }),
    offset,
    limit,
  };
}

/** An argument of any type, for a message that refuses it: text in quotes, its beginning only, and of everything else the type. */
export function quotedArgument(value: unknown): string {
  if (typeof value !== 'string') return `of type ${value === null ? 'null' : typeof value}`;
  return `"${value.length > LONGEST_QUOTED ? `${value.slice(0, LONGEST_QUOTED)}…` : value}"`;
}

const LONGEST_QUOTED = 100;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import type { PlainError } from '../base/ipfsKitError';
import { IpfsKitError, toPlainError } from '../base/ipfsKitError';
import type { Differences } from '../inventory/differences';
import { differencesOf } from '../inventory/differences';
import type { Pin } from '../pin/pin';
import type { JoinOptions } from './joinedList';
import { untilFailure } from './joinedList';
import type { Freshness } from './listing';
import type { ListedSource, ListedSources } from './listedSources';
import { listedSources } from './listedSources';
import type { PinSource } from './pinSource';

/** The names of the two sources in the join, since blanks in an id have no meaning in a filter. */
const SIDES = ['left', 'right'] as const;

/** One of the two sources, as it was listed. */
export interface ComparedSource {
  readonly id: string;
  readonly name: string;
  readonly freshness?: Freshness;
  /** Not all of its pins are known, though some are. */
  readonly incomplete?: true;
  /** Why not all that it keeps is known. */
  readonly error?: PlainError;
}

/** What two sources list, compared by content. What an incomplete list doesn't show is unknown, not missing. */
export interface ComparedSources {
  /** The pins whose content only one of them lists, in pages. */
  readonly left: AsyncIterable<readonly Pin[]>;
  readonly right: AsyncIterable<readonly Pin[]>;
  /** Reads what both list. Of the source with fewer of them, the rows are held in memory, some hundred bytes each. */
  readonly changed: () => Promise<Differences>;
  /** As far as is known by now: reading may fail. */
  readonly sources: () => readonly ComparedSource[];
  /** The reason of the first source where neither could be listed. */
  readonly failure: IpfsKitError['reason'] | undefined;
  readonly close: () => Promise<void>;
}

/** Lists two sources, to compare them. Rejects only with `cancelled`; `close` is the caller's. */
export async function comparedSources(chosen: readonly PinSource[], options: JoinOptions): Promise<ComparedSources> {
  const lists = listedSources(
    chosen.map((source, at) => ({ source, isNamed: true, as: SIDES[at] })),
    options,
  );
  await lists.with(() => Promise.resolve());
  const [left, right] = lists.sources;
  const walk = (listed: ListedSource | undefined, filter: string): AsyncIterable<readonly Pin[]> =>
    listed?.listing ? untilFailure(lists, listed, { filter }, options) : nothing();
  async function* only(listed: ListedSource | undefined, filter: string): AsyncGenerator<readonly Pin[]> {
    for await (const pins of walk(listed, filter)) yield pins.map(withoutCopies);
  }
  return {
    left: only(left, 'in:left -in:right'),
    right: only(right, 'in:right -in:left'),
    changed: async () => {
      const filter = 'in:left in:right';
      const counts = await Promise.all([left, right].map((each) => countOf(lists, each, filter, options)));
      const [fewer, more, isSwapped] = (counts[0] ?? 0) <= (counts[1] ?? 0) ? [left, right, false] : [right, left, true];
      const withNames = [left, right].every((each) => !each?.last?.opened.namesMissing);
      return differencesOf(walk(fewer, filter), walk(more, filter), { withNames, isSwapped });
    },
    sources: () => lists.sources.map(comparedSource),
    failure: lists.sources.every(({ error }) => error) ? left?.error?.reason : undefined,
    close: lists.close,
  };
}

function comparedSource(listed: ListedSource): ComparedSource {
  const { source, name, last, error } = listed;
  const why = whyIncomplete(listed);
  return {
    id: source.id,
    name,
    ...(last && { freshness: last.freshness }),
    ...(why && last && !error && { incomplete: true as const }),
    ...(why && { error: toPlainError(why) }),
  };
}

/** Why not all that a source keeps is known. */
function whyIncomplete({ last, error, failure, joinFailure }: ListedSource): IpfsKitError | undefined {
  const incomplete = last?.opened.incomplete;
  const why = error ?? failure ?? joinFailure;
  if (why || !incomplete) return why;
  return new IpfsKitError(incomplete.reason, incomplete.message);
}

async function* nothing(): AsyncGenerator<readonly Pin[]> {
  // A source without a list.
}

/** The pin as the source lists it. */
function withoutCopies(pin: Pin): Pin {
  const plain: { -readonly [Key in keyof Pin]: Pin[Key] } = { ...pin };
  delete plain.sources;
  delete plain.copies;
  delete plain.copiesAtLeast;
  delete plain.unknownSources;
  return plain;
}

async function countOf(
  lists: ListedSources,
  listed: ListedSource | undefined,
  filter: string,
  { worker, signal }: JoinOptions,
): Promise<number> {
  if (!listed?.listing) return 0;
  return lists.with(async ({ tableOf }) => {
    const table = tableOf(listed);
    return table === undefined ? 0 : worker.request('count', { table, of: { filter } }, { signal });
  });
}

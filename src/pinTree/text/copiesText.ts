import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { withCommas } from '../../base/withCommas';
import type { PinCopies } from '../../pin/joinedContents';
import type { NameOf } from '../list/listsJoin';

/** What the lists of all sources say together of the content of a pin, in a row, a hover, a document and the message above the rows. */

/** The most of the names of sources in a line, in UTF-16 units. */
const LONGEST_NAMES = 500;

function names(ids: readonly string[], nameOf: NameOf): SafeText {
  return safeText(ids.map(nameOf).join(', '), LONGEST_NAMES);
}

/** `IPFS Cluster, mine`: the other sources that list the content; undefined where there are none. `own`: the id of the source of the row. */
export function otherSources({ sources = [] }: PinCopies, own: string, nameOf: NameOf): SafeText | undefined {
  const others = sources.filter((id) => id !== own);
  return others.length === 0 ? undefined : names(others, nameOf);
}

/**
 * Title and value of what is known of the copies; none where only this source has the content. Its own status, where that isn't known, is said only beside
 * other copies: the row itself tells how the pin stands.
 */
export function copiesFacts(of: PinCopies, own: string, nameOf: NameOf): readonly (readonly [title: string, SafeText])[] {
  const { sources = [], copies, copiesAtLeast, unknownSources = [] } = of;
  const also = otherSources(of, own, nameOf);
  const unlisted = unknownSources.filter((id) => !sources.includes(id));
  const unsure = also === undefined ? [] : unknownSources.filter((id) => sources.includes(id));
  const count = copies ?? copiesAtLeast;
  const isWorthSaying = also !== undefined || unlisted.length > 0;
  const facts: readonly (readonly [string, SafeText | undefined])[] = [
    ['Also in', also],
    [
      'Copies',
      count !== undefined && isWorthSaying ? safe`${withCommas(count)}${copies === undefined ? ' or more' : ''}` : undefined,
    ],
    ['Status unknown', unsure.length === 0 ? undefined : names(unsure, nameOf)],
    ['Other sources unknown', unlisted.length === 0 ? undefined : names(unlisted, nameOf)],
  ];
  return facts.flatMap(([title, value]) => (value === undefined ? [] : [[title, value] as const]));
}

/** The same as lines of a hover: `Also in IPFS Cluster, mine`. */
export function copiesLines(of: PinCopies, own: string, nameOf: NameOf): readonly SafeText[] {
  return copiesFacts(of, own, nameOf).map(([title, value]) =>
    title === 'Also in' ? safe`${title} ${value}` : safe`${title}: ${value}`,
  );
}

/** The sources of a group, whose key has their ids. */
export function sourcesOfKey(key: string, nameOf: NameOf): SafeText {
  return names(key.split(', '), nameOf);
}

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** `two sources unknown`, behind a number that could change if they were known; undefined where there are none. */
export function doubtsText(sources: readonly string[]): SafeText | undefined {
  const count = sources.length;
  if (count === 0) return undefined;
  return safe`${NUMBERS[count] ?? withCommas(count)} ${count === 1 ? 'source' : 'sources'} unknown`;
}

import type { PinTotal } from '../../pin/pinQuery';
import { isOfSize } from '../../pin/pinQuery';
import { unsortedNote } from '../../pinSource/sizesForOrder';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { withCommas } from '../../base/withCommas';
import type { PinListState } from '../list/pinListModel';
import { isBySize } from '../list/pinListState';
import type { Noun } from './pinCount';
import { nounOf, pinCount } from './pinCount';

/** The texts about sizes that a list doesn't have. What isn't known isn't added up as zero. */

/** The known sizes of some pins together, and of how many where not all are known: `2.1 GB of 250 pins`. Undefined where none is known. */
export function totalText(
  { count, sized, sizeBytes }: PinTotal,
  textOf: (bytes: number | string) => string,
  noun?: Noun,
): SafeText | undefined {
  if (sizeBytes === undefined) return undefined;
  return sized === count ? safeText(textOf(sizeBytes)) : safe`${textOf(sizeBytes)} of ${pinCount(sized, noun)}`;
}

/** The sizes of the pins that match together; `sizes unknown` where those decide the order. Undefined where there is nothing to say. */
export function sizesText(state: PinListState): SafeText | undefined {
  const { view, sizes, sizing } = state;
  if (!sizes || sizes.count === 0) return undefined;
  const isUnknown = sizes.sized === 0 && isOfSize(view.sort) && sizing !== 'asking';
  return totalText(sizes, sizeText, nounOf(state)) ?? (isUnknown ? safe`sizes unknown` : undefined);
}

/** `sizes of 120 of 293…` while sizes are asked for that decide the order or are added up in groups, for one list or several. */
export function askingText(states: readonly PinListState[]): SafeText | undefined {
  const asking = states.filter(({ sizing, view }) => sizing === 'asking' && isBySize(view));
  if (asking.length === 0) return undefined;
  const sum = (of: (state: PinListState) => number | undefined): string =>
    withCommas(asking.reduce((all, state) => all + (of(state) ?? 0), 0));
  return safe`sizes of ${sum(({ sizesAsked }) => sizesAsked)} of ${sum(({ sizes }) => sizes?.count)}…`;
}

/** Why pins that are sorted by size aren't, or not all of them. `source`: who would know the sizes. Undefined where all are known. */
export function unsortedText({ view, sizes, sizing, listing }: PinListState, source: string): SafeText | undefined {
  if (!sizes || sizes.sized === sizes.count || !isOfSize(view.sort) || sizing === 'asking') return undefined;
  const isUnasked = sizes.sized === 0 && listing?.opened.sizes === 'asked' && sizing !== 'complete';
  return isUnasked
    ? safe`Not sorted by size: the sizes of these pins haven't been asked for.`
    : safeText(unsortedNote(sizes, source));
}

import { counted } from '../../base/counted';
import type { SafeText } from '../../base/safeText';
import type { PinSourceKind } from '../../pinWorker/opener';
import type { PinListState } from '../list/pinListModel';

/** What the rows of a list are: an `item` is an entry of a folder, which isn't pinned by being there. */
export const NOUNS = ['pin', 'item'] as const;
export type Noun = (typeof NOUNS)[number];

const NOUN_OF: Partial<Readonly<Record<PinSourceKind, Noun>>> = { files: 'item' };

export function nounOf({ listing }: Pick<PinListState, 'listing'>): Noun {
  return (listing && NOUN_OF[listing.opened.source]) ?? 'pin';
}

/** The word for rows of these lists together; undefined where they have different ones. */
export function commonNoun(states: readonly Pick<PinListState, 'listing'>[]): Noun | undefined {
  const [noun, ...others] = new Set(states.map(nounOf));
  return others.length === 0 ? noun : undefined;
}

export function pinCount(total: number, noun: Noun = 'pin'): SafeText {
  return counted(total, noun);
}

/** The sum of what is known; undefined where nothing is. */
export function sumOfKnown(states: readonly PinListState[], of: (state: PinListState) => number | undefined): number | undefined {
  const known = states.flatMap((state) => of(state) ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each, 0);
}

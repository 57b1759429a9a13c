import { hasWithOneTypo, middleOf } from './oneTypo';
import { foldAscii } from './pinQuery';

/** What a fuzzy filter looks for. */
export interface FuzzyNeedle {
  /** The characters that a text must contain in their order. Spaces separate words and match nothing themselves. */
  readonly characters: readonly string[];
  /** What a text must contain with at most one typo instead. Absent for a filter that is too short or too long for that. */
  readonly typed?: {
    readonly codePoints: Uint32Array;
    /** A text without these can't contain it. */
    readonly halves: readonly [string, string];
  };
}

/** With a typo in fewer characters, nearly every text would match. */
const FEWEST_TYPED = 4;
const MOST_TYPED = 64;

export function fuzzyNeedle(filter: string): FuzzyNeedle {
  const folded = foldAscii(filter).trim();
  const characters = Array.from(folded.replace(/\s+/g, ''));
  const all = Array.from(folded);
  if (all.length < FEWEST_TYPED || all.length > MOST_TYPED) return { characters };
  const middle = middleOf(all);
  const halves = [all.slice(0, middle).join(''), all.slice(middle + 1).join('')] as const;
  return { characters, typed: { codePoints: codePointsOf(folded), halves } };
}

/** Whether the text contains all the characters in their order, or all of the filter with one typo. Without characters nothing matches. */
export function matchesFuzzily(text: string, { characters, typed }: FuzzyNeedle): boolean {
  const folded = foldAscii(text);
  if (isInOrder(folded, characters)) return true;
  if (!typed?.halves.some((half) => folded.includes(half))) return false;
  const codePoints = codePointsOf(folded);
  return hasWithOneTypo(codePoints, codePoints.length, typed.codePoints);
}

function isInOrder(text: string, characters: readonly string[]): boolean {
  let at = 0;
  for (const character of characters) {
    const found = text.indexOf(character, at);
    if (found < 0) return false;
    at = found + character.length;
  }
  return characters.length > 0;
}

function codePointsOf(text: string): Uint32Array {
  return Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

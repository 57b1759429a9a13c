import type { Comparison, JoinTerm } from '../pin/filterWords';
import { foldAscii } from '../pin/pinQuery';
import type { ContentClasses } from './contentClasses';

/** What is known of the joined sources, besides their contents: masks with a bit for each. */
export interface KnownSources {
  /** The ids and bits, in the order of the sources. */
  readonly ids: readonly (readonly [id: string, bit: number])[];
  /** Those whose lists are missing, or not whole. */
  readonly unlisted: number;
  /** The bits of sources with the same blocks, which are one copy together: a part, and the whole. */
  readonly parts: readonly (readonly [part: number, whole: number])[];
}

/** How many copies of a content of a class are known. */
export function copiesIn(of: number, classes: ContentClasses, sources: KnownSources): number {
  return countBits(placesOf(classes.copies(of), sources));
}

/** The sources of a mask, with the whole in place of each of its parts. */
function placesOf(mask: number, { parts }: KnownSources): number {
  return parts.reduce((places, [part, whole]) => ((places & part) === 0 ? places : (places & ~part) | whole), mask);
}

function countBits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count++;
  return count;
}

/** The sources that `in:WORD` means, as a mask: the one with this id, or the pinning service with this name. Both are compared without case and blanks. */
export function sourcesNamed(word: string, { ids }: KnownSources): number {
  let mask = 0;
  for (const [id, bit] of ids) {
    const name = plain(id);
    if (name === plain(word) || name === `service:${plain(word)}`) mask |= bit;
  }
  return mask;
}

/** A word of a filter has no blanks, and the names of services may. */
function plain(name: string): string {
  return foldAscii(name).replaceAll(' ', '');
}

/** The sources that may keep one more copy of a content of a class without its being known. */
export function unknownOf(of: number, classes: ContentClasses, sources: KnownSources): number {
  const places = placesOf(classes.copies(of), sources);
  const have = sources.parts.reduce((mask, [part, whole]) => ((places & whole) === 0 ? mask : mask | part), places);
  return (classes.unknown(of) | sources.unlisted) & ~have;
}

/**
 * Whether contents of a class fit all terms. Content is in a source if that lists it. Where a list isn't known in full, content that it doesn't show may be in
 * it or not, and fits neither `in:` nor `-in:`. Copies are compared by the number that is known.
 */
export function fitsTerms(of: number, terms: readonly JoinTerm[], classes: ContentClasses, known: KnownSources): boolean {
  return of > 0 && terms.every((term) => fits(of, term, classes, known) === !term.isUnwanted);
}

/** Undefined where it isn't known. */
function fits(of: number, term: JoinTerm, classes: ContentClasses, known: KnownSources): boolean | undefined {
  if (term.word === 'copies') return COMPARE[term.compare](copiesIn(of, classes, known), term.count);
  const named = sourcesNamed(term.source, known);
  if ((classes.listed(of) & named) !== 0) return true;
  return named === 0 || (named & known.unlisted) !== 0 ? undefined : false;
}

const COMPARE: Readonly<Record<Comparison, (one: number, other: number) => boolean>> = {
  '=': (one, other) => one === other,
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
};

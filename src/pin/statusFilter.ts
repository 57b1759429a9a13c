import type { PinSelection } from './pinQuery';
import { foldAscii } from './pinQuery';

/** The status terms of a filter, and the rest, which is searched as text. All of it is folded. */
export interface FilterTerms {
  readonly text: string;
  /** If there are any, the status begins with one of them. */
  readonly wanted: readonly string[];
  /** The status begins with none of them. */
  readonly unwanted: readonly string[];
}

/** Includes the blanks before it, so that the words around it stay one blank apart. */
const TERM = /(^|(?<!\s)\s+)(-?)status:(\S*)/g;

/** Takes `status:failed` and `-status:pinned` out of a filter. A term without a word yet has no effect. */
export function filterTerms(filter: string): FilterTerms {
  const folded = foldAscii(filter);
  const [wanted, unwanted]: [string[], string[]] = [[], []];
  const text = folded.replace(TERM, (_term, _blanks, minus: string, word: string) => {
    if (word !== '') (minus === '' ? wanted : unwanted).push(word);
    return '';
  });
  return { text: text === folded ? text : text.trim(), wanted, unwanted };
}

/** The same filter with this term instead of its own terms. */
export function withStatusTerm(filter: string, term = ''): string {
  return `${filter.replace(/(^|(?<!\s)\s+)-?status:\S*/gi, '').trim()} ${term}`.trim();
}

/** Whether filterTerms finds any term. */
export function hasStatusTerm(filter = ''): boolean {
  return /(?:^|\s)-?status:\S/i.test(filter);
}

/** Whether a selection depends on the status of the pins, which some sources report apart from the list. */
export function needsStatuses({ filter, group }: Pick<PinSelection, 'filter' | 'group'>): boolean {
  return group === 'status' || hasStatusTerm(filter);
}

/** A pin without a status matches no term, not even one that excludes others, since its status isn't known. */
export function fitsStatus(status: string | undefined, { wanted, unwanted }: FilterTerms): boolean {
  if (status === undefined) return false;
  const folded = foldAscii(status);
  const begins = (word: string): boolean => folded.startsWith(word);
  return (wanted.length === 0 || wanted.some(begins)) && !unwanted.some(begins);
}

import type { PinSelection } from './pinQuery';
import { foldAscii } from './pinQuery';

/** What a filter says of the status, and the rest, which is looked for as text. All of it is folded. */
export interface FilterTerms {
  readonly text: string;
  /** Beginnings: the status has one of them, where there are any. */
  readonly wanted: readonly string[];
  /** Beginnings: the status has none of them. */
  readonly unwanted: readonly string[];
}

/** With the blanks before it, so that the words around it stay one blank apart. */
const TERM = /(^|(?<!\s)\s+)(-?)status:(\S*)/g;

/** Takes `status:failed` and `-status:pinned` out of a filter. Where no word follows yet, the term says nothing. */
export function filterTerms(filter: string): FilterTerms {
  const folded = foldAscii(filter);
  const [wanted, unwanted]: [string[], string[]] = [[], []];
  const text = folded.replace(TERM, (_term, _blanks, minus: string, word: string) => {
    if (word !== '') (minus === '' ? wanted : unwanted).push(word);
    return '';
  });
  return { text: text === folded ? text : text.trim(), wanted, unwanted };
}

/** The same filter with this term in place of those that it has. */
export function withStatusTerm(filter: string, term = ''): string {
  return `${filter.replace(/(^|(?<!\s)\s+)-?status:\S*/gi, '').trim()} ${term}`.trim();
}

/** Whether filterTerms finds any. */
export function hasStatusTerm(filter = ''): boolean {
  return /(?:^|\s)-?status:\S/i.test(filter);
}

/** Whether a selection depends on the status of the pins, which some sources are asked for apart from the list. */
export function needsStatuses({ filter, group }: Pick<PinSelection, 'filter' | 'group'>): boolean {
  return group === 'status' || hasStatusTerm(filter);
}

/** A pin without a status fits no term, not even one that leaves others out: how it stands is not known. */
export function fitsStatus(status: string | undefined, { wanted, unwanted }: FilterTerms): boolean {
  if (status === undefined) return false;
  const folded = foldAscii(status);
  const begins = (word: string): boolean => folded.startsWith(word);
  return (wanted.length === 0 || wanted.some(begins)) && !unwanted.some(begins);
}

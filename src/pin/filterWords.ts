import type { PinSelection } from './pinQuery';
import { foldAscii, isOfCopies } from './pinQuery';

/**
 * The words of a filter. Each is `WORD:value`, and `-` before it excludes. A pin must fit all of them; of several `status:` without a minus it must fit one.
 * A pin fits neither a word nor its opposite where what the word asks about isn't known.
 */
interface Excludable {
  /** True where the word excludes: it has a minus. */
  readonly isUnwanted: boolean;
}

/** The longer first, as they are read. */
const COMPARISONS = ['<=', '>=', '<', '>', '='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** `status:failed`: the status begins with this text, which is folded. */
export interface StatusTerm extends Excludable {
  readonly word: 'status';
  readonly begins: string;
}

/**
 * Terms about the other sources: `in:cluster`, `kept:files`, which is `in:files`, and `copies:>=2`. `source` is folded and not checked: any text that was
 * entered. A table that isn't joined with other sources matches no pin for them, not even for one that excludes, since its copies aren't known.
 */
export type JoinTerm = Excludable &
  (
    | { readonly word: 'in'; readonly source: string }
    | { readonly word: 'copies'; readonly compare: Comparison; readonly count: number }
  );

/** Terms about what the source says of a pin (factTerms.ts). */
export type FactTerm = Excludable &
  (
    | {
        readonly word: 'expires';
        readonly compare: Comparison;
        /** ms since 1970; Infinity, with `=`, for never. */ readonly atMs: number;
      }
    | {
        readonly word: 'replicas';
        readonly compare: Comparison;
        /** `min`: the least that the source wants. */ readonly count: number | 'min';
      }
    | {
        readonly word: 'meta';
        /** Folded, as is the value. */ readonly key: string;
        /** Undefined: any. */ readonly value: string | undefined;
      }
  );

type Term = StatusTerm | JoinTerm | FactTerm;
type Unsigned<T> = T extends unknown ? Omit<T, 'isUnwanted'> : never;

export interface FilterTerms {
  /** The rest, as it was entered. */
  readonly text: string;
  readonly status: readonly StatusTerm[];
  readonly join: readonly JoinTerm[];
  readonly facts: readonly FactTerm[];
}

/** Reads a folded value: a term, or that it is unfinished, which has no effect; undefined leaves the word in the text. */
type ReadValue = (value: string, nowMs: number) => Unsigned<Term> | 'unfinished' | undefined;

/** Files keep content without a pin, so a word of their own says that, which stands for `in:`. */
const KEPT_IN_FILES = 'files';

const WORDS: Readonly<Record<string, ReadValue>> = {
  'status:': (begins) => (begins === '' ? 'unfinished' : { word: 'status', begins }),
  'in:': (source) => (source === '' ? 'unfinished' : { word: 'in', source }),
  'kept:': (value) => (value === KEPT_IN_FILES ? { word: 'in', source: value } : unfinished(KEPT_IN_FILES, value)),
  'copies:': (value) => {
    const [compare, rest] = comparison(value);
    return COUNT.test(rest) ? { word: 'copies', compare: compare ?? '=', count: Number(rest) } : unfinished('', rest);
  },
  'replicas:': (value) => {
    const [compare, rest] = comparison(value);
    if (rest !== 'min' && !COUNT.test(rest)) return unfinished('min', rest);
    return { word: 'replicas', compare: compare ?? '=', count: rest === 'min' ? rest : Number(rest) };
  },
  'expires:': (value, nowMs) => {
    if (value === 'never') return { word: 'expires', compare: '=', atMs: Infinity };
    const [compare, rest] = comparison(value);
    const atMs = timeIn(rest, nowMs);
    if (compare && atMs !== undefined) return { word: 'expires', compare, atMs };
    return PART_OF_TIME.test(rest) ? 'unfinished' : unfinished('never', value);
  },
  'meta.': (text) => {
    const [, key = '', equals, value] = /^([^=]*)(=?)(.*)$/s.exec(text) ?? [];
    if (key === '' || (equals === '=' && value === '')) return 'unfinished';
    return { word: 'meta', key, value: equals === '=' ? value : undefined };
  },
};

const COUNT = /^\d{1,9}$/;
/** `7`, which will be `7d`, and `2027-0`. */
const PART_OF_TIME = /^[\d-]{0,9}$/;
const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { h: DAY_MS / 24, d: DAY_MS, w: 7 * DAY_MS, y: 365 * DAY_MS };
/** The clock in a filter moves by the minute, so that the rows that it found are used again for the next page. */
const CLOCK_MS = 60_000;

function unfinished(whole: string, value: string): 'unfinished' | undefined {
  return whole.startsWith(value) ? 'unfinished' : undefined;
}

function comparison(value: string): readonly [Comparison | undefined, rest: string] {
  const compare = COMPARISONS.find((each) => value.startsWith(each));
  return [compare, value.slice(compare?.length ?? 0)];
}

/** `7d`: that long from now (h, d, w, y). `2027-01-01`: the beginning of that day in UTC. */
function timeIn(text: string, nowMs: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,5})([hdwy])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs + Number(count) * (UNIT_MS[unit] ?? 0);
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text) ? ms : undefined;
}

/** Includes the blanks before it, so that the words around it stay one blank apart. */
const WORD = new RegExp(`(^|(?<!\\s)\\s+)(-?)(${Object.keys(WORDS).join('|').replaceAll('.', '\\.')})(\\S*)`, 'gi');

/** Takes the words out of a filter. An unfinished one (`in:`) has no effect; one that isn't known, or whose value means nothing, stays in the text. */
export function filterTerms(filter: string, nowMs = CLOCK_MS * Math.floor(Date.now() / CLOCK_MS)): FilterTerms {
  const terms: Term[] = [];
  const text = filter.replace(WORD, (all, _blanks, minus: string, word: string, value: string) => {
    const read = WORDS[foldAscii(word)]?.(foldAscii(value), nowMs);
    if (read === undefined) return all;
    if (read !== 'unfinished') terms.push({ ...read, isUnwanted: minus !== '' });
    return '';
  });
  const isOf =
    <Word extends Term['word']>(...words: readonly Word[]) =>
    (term: Term): term is Extract<Term, { word: Word }> =>
      words.some((word) => word === term.word);
  return {
    text: text === filter ? text : text.trim(),
    status: terms.filter(isOf('status')),
    join: terms.filter(isOf('in', 'copies')),
    facts: terms.filter(isOf('expires', 'replicas', 'meta')),
  };
}

/** The same filter with this term instead of its own terms of a status. */
export function withStatusTerm(filter: string, term = ''): string {
  return `${filter.replace(/(^|(?<!\s)\s+)-?status:\S*/gi, '').trim()} ${term}`.trim();
}

/** Whether filterTerms finds any status. */
export function hasStatusTerm(filter = ''): boolean {
  return /(?:^|\s)-?status:\S/i.test(filter);
}

/**
 * Whether a selection depends on what some sources report apart from the list: the status of the pins, without which it isn't known which of them are copies, and
 * the number of peers that have them.
 */
export function needsStatuses({
  filter = '',
  group,
  sort,
}: Pick<PinSelection, 'filter' | 'group'> & { readonly sort?: string | undefined }): boolean {
  if (group === 'status' || group === 'copies' || isOfCopies(sort) || hasStatusTerm(filter)) return true;
  const { facts, join } = filterTerms(filter);
  return facts.some(({ word }) => word === 'replicas') || join.some(({ word }) => word === 'copies');
}

/** A pin without a status matches no term, not even one that excludes others, since its status isn't known. */
export function fitsStatus(status: string | undefined, terms: readonly StatusTerm[]): boolean {
  if (status === undefined) return false;
  const folded = foldAscii(status);
  const wanted = terms.filter(({ isUnwanted }) => !isUnwanted);
  const begins = ({ begins: word }: StatusTerm): boolean => folded.startsWith(word);
  return (wanted.length === 0 || wanted.some(begins)) && !terms.some((term) => term.isUnwanted && begins(term));
}

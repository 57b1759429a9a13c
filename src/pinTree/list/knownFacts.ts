import type { GroupKey, SortKey } from '../../pin/pinQuery';
import type { Fact } from '../../pinSource/pinSource';
import type { SourceList } from './sourceList';

const FACTS = {
  time: 'date',
  '-time': 'date',
  size: 'size',
  '-size': 'size',
  folder: 'folder',
  type: 'type',
  status: 'status',
  tier: 'tier',
  backend: 'backend',
  month: 'date',
  copies: 'copies',
  '-copies': 'copies',
  source: 'copies',
} as const satisfies Readonly<Record<Exclude<SortKey, 'name' | '-name'> | GroupKey, KnownFact>>;
const FACT_OF = new Map<string | undefined, KnownFact>(Object.entries(FACTS));

/** `copies`: what lists know of each other. */
export type KnownFact = Fact | 'copies';

/** What an order or a grouping goes by; undefined where pins always have it, as for their names. */
export function factOf(key: string | undefined): KnownFact | undefined {
  return FACT_OF.get(key);
}

/** What some listed source knows of its pins, or can be asked for, and what several of them know together. */
export function knownFacts(lists: readonly SourceList[]): readonly KnownFact[] {
  const listed = lists.filter(({ model }) => !model.state.error).map(({ source }) => source.capabilities);
  const isKnown = (fact: KnownFact): boolean => {
    if (fact === 'copies') return lists.length > 1 && listed.length > 0;
    return listed.some(({ sizes, statuses, lacks = [] }) => {
      if (fact === 'size') return sizes !== 'none';
      return fact === 'status' ? statuses !== 'none' : !lacks.includes(fact);
    });
  };
  return [...new Set(FACT_OF.values())].filter(isKnown);
}

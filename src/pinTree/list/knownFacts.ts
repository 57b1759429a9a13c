import type { GroupKey, JoinKey, SortKey } from '../../pin/pinQuery';
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
} as const satisfies Readonly<
  Record<Exclude<SortKey, 'name' | '-name' | '-copies' | JoinKey> | Exclude<GroupKey, JoinKey>, Fact>
>;
const FACT_OF = new Map<string | undefined, Fact>(Object.entries(FACTS));

/** What an order or a grouping goes by; undefined where pins always have it, as for their names, or where other lists tell it. */
export function factOf(key: string | undefined): Fact | undefined {
  return FACT_OF.get(key);
}

/** What some listed source knows of its pins, or can be asked for. */
export function knownFacts(lists: readonly SourceList[]): readonly Fact[] {
  const listed = lists.filter(({ model }) => !model.state.error).map(({ source }) => source.capabilities);
  const isKnown = (fact: Fact): boolean =>
    listed.some(({ sizes, statuses, lacks = [] }) => {
      if (fact === 'size') return sizes !== 'none';
      return fact === 'status' ? statuses !== 'none' : !lacks.includes(fact);
    });
  return [...new Set(FACT_OF.values())].filter(isKnown);
}

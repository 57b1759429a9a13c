import type { GroupKey, SortKey } from '../../pin/pinQuery';
import type { Fact } from '../../pinSource/pinSource';
import type { SourceList } from './sourceList';

const FACT_OF: Readonly<Record<Exclude<SortKey, 'name' | '-name'> | GroupKey, Fact>> = {
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
};

/** What an order or a grouping goes by; undefined where pins always have it, as for their names. */
export function factOf(key: string | undefined): Fact | undefined {
  return (FACT_OF as Readonly<Record<string, Fact | undefined>>)[key ?? ''];
}

/** What some listed source knows of its pins, or can be asked for. */
export function knownFacts(lists: readonly SourceList[]): readonly Fact[] {
  const listed = lists.filter(({ model }) => !model.state.error).map(({ source }) => source.capabilities);
  const isKnown = (fact: Fact): boolean =>
    listed.some(({ sizes, statuses, lacks = [] }) => {
      if (fact === 'size') return sizes !== 'none';
      return fact === 'status' ? statuses !== 'none' : !lacks.includes(fact);
    });
  return [...new Set(Object.values(FACT_OF))].filter(isKnown);
}

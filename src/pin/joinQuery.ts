import type { JoinedContents } from './joinedContents';
import type { PinQuery } from './pinQuery';
import { isJoinKey, isOfCopies } from './pinQuery';
import { searchTerms } from './searchTerms';

/** Whether what a query finds depends on the lists that its list is joined with. */
export function asksJoin({ filter = '', group, sort }: Pick<PinQuery, 'filter' | 'group' | 'sort'>): boolean {
  return isJoinKey(group) || isOfCopies(sort) || searchTerms(filter).join.length > 0;
}

/** See PinTable.doubts. */
export function doubtsOf({ filter = '', group, sort }: PinQuery, joined: JoinedContents | undefined): readonly string[] {
  return joined?.doubts(searchTerms(filter).join, isJoinKey(group) || isOfCopies(sort)) ?? [];
}

import type { JoinedContents } from './joinedContents';
import { filterTerms } from './filterWords';
import type { PinQuery, PinSelection } from './pinQuery';
import { isJoinKey, isOfCopies } from './pinQuery';
import { searchTerms } from './searchTerms';

/** Whether what a query finds depends on the lists that its list is joined with. */
export function asksJoin({
  filter = '',
  group,
  sort,
}: Pick<PinSelection, 'filter' | 'group'> & { readonly sort?: string | undefined }): boolean {
  return isJoinKey(group) || isOfCopies(sort) || filterTerms(filter).join.length > 0;
}

/** See PinTable.doubts. */
export function doubtsOf({ filter = '', group, sort }: PinQuery, joined: JoinedContents | undefined): readonly string[] {
  return joined?.doubts(searchTerms(filter).join, isJoinKey(group) || isOfCopies(sort)) ?? [];
}

import { abbreviateHome } from '../../base/homePath';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';
import { hasStatusTerm } from '../../pin/filterWords';
import { lacksStatuses } from '../list/listView';
import type { PinListState } from '../list/pinListModel';
import type { SourceList } from '../list/sourceList';

/** Why a list shows no pins: as a context key for the welcome texts in package.json, and in a message. */

export function hasRows({ rows }: PinListState): boolean {
  return rows.pins.length + rows.groups.length > 0;
}

/**
 * The value of the context key that selects a welcome view. For a failed list it is the reason after the first word of the source's own welcome views,
 * because the next step depends on the source.
 */
export function contextOf({ source, model: { state } }: SourceList): string {
  const { busy, listing, view, error } = state;
  if (error) return `${source.welcome} ${error.reason}`.trim();
  if (hasRows(state)) return 'listed';
  if (!listing || busy) return 'probing';
  if (lacksStatuses(listing, view)) return 'cancelled'; // the statuses weren't read, so pins may match
  return view.filter === undefined ? 'no-pins' : hasStatusTerm(view.filter) ? 'none-with-status' : 'none-match';
}

const MESSAGES: Readonly<Record<string, SafeText>> = {
  'no-pins': safe`Nothing pinned yet`,
  'none-match': safe`No matching pins`,
  'none-with-status': safe`No pins with this status`,
};

/** The message above other rows, beside which VS Code shows no welcome text; empty while the list is read. */
export function emptyMessage(list: SourceList): SafeText {
  const { error } = list.model.state;
  return error ? safeText(abbreviateHome(error.message), 300) : (MESSAGES[contextOf(list)] ?? safe``);
}

import type { CommandName } from '../../base/contributions';
import type { IpfsKitError, Reason } from '../../base/ipfsKitError';
import type { PinAction, PinSource } from '../../pinSource/pinSource';
import type { SourceList } from '../list/sourceList';
import type { PinListState } from '../list/pinListModel';
import { pinCount, provenance } from './provenanceText';
import { withCommas } from '../../base/withCommas';
import type { SafeText } from '../../base/safeText';
import { safe, safeText } from '../../base/safeText';

/** The texts of a source in the view, all plain text. */

const WORD_OF_REASON: Partial<Readonly<Record<Reason, string>>> = {
  missing: 'nothing found',
  'left-out': 'nothing found',
  elsewhere: 'on another address',
  unreadable: "can't be read",
  refused: 'not running',
  timeout: "didn't respond in time",
  foreign: 'port used by another server',
  'needs-token': 'token required',
  certificate: 'certificate not trusted',
  proxy: 'proxy failed',
  busy: 'busy',
  'no-such-route': 'address not found',
  'http-status': 'responded with an error',
  truncated: 'connection lost',
  cancelled: 'stopped',
  'not-repeated': 'reading failed',
};

export function sourceDescription(state: PinListState, now: number): SafeText {
  const { error, listing } = state;
  if (error) return safeText(WORD_OF_REASON[error.reason] ?? error.message, 80);
  return listing ? provenance(state, now, true) : safe`loading…`;
}

export function sourceIcon({ error, busy, listing }: PinListState): 'key' | 'circle-slash' | 'warning' | 'sync' | 'server' {
  if (error) return error.reason === 'needs-token' ? 'key' : error.reason === 'refused' ? 'circle-slash' : 'warning';
  return busy && !listing ? 'sync' : 'server';
}

const COMMAND_OF_ACTION: Readonly<Record<PinAction, CommandName>> = {
  pin: 'pinCid',
  unpin: 'unpin',
  rename: 'renamePin',
  verify: 'verifyPin',
  recover: 'recoverPin',
};

/** The word of a source for `when` clauses: `listed` or the reason why its list failed, then the commands that apply: `refused:startKubo:setToken`. */
export function sourceContext(source: PinSource, error: IpfsKitError | undefined): string {
  const { actions, token, statuses, start, stop, restart, more = [] } = source.capabilities;
  const isPolled = source.monitor !== undefined; // then its list may have come from disk, and doesn't show whether the daemon runs
  const commands: readonly (CommandName | false | undefined)[] = [
    ...actions.map((action) => (!error || error.reason === 'cancelled') && COMMAND_OF_ACTION[action]),
    (isPolled || error?.reason === 'refused') && start,
    (isPolled || !error) && stop,
    restart,
    ...more,
    token && 'setToken',
    statuses !== 'none' && 'filterByStatus',
  ];
  return [error?.reason ?? 'listed', ...commands.filter(Boolean)].join(':');
}

/** The message above several sources: the number of pins, the number of sources that were listed, and the filter. */
export function sourcesMessage(lists: readonly SourceList[]): SafeText {
  const states = lists.map(({ model }) => model.state);
  const listed = states.filter(({ error }) => !error).length;
  const sum = (of: (state: PinListState) => number | undefined): string => {
    const known = states.map((state) => (state.error ? 0 : of(state)));
    const all = known.reduce<number>((total, each) => total + (each ?? 0), 0);
    return known.includes(undefined) ? `${withCommas(all)}…` : withCommas(all);
  };
  if (listed === 0) return safe`No pins: none of ${states.length} sources could be listed`;
  const total = sum((state) => state.total);
  const filter = states[0]?.view.filter;
  const pins = total === '1' ? pinCount(1) : `${total} pins`;
  const where = safe`in ${listed < states.length ? `${listed} of ` : ''}${states.length} sources`;
  if (filter === undefined) return safe`${pins} ${where}`;
  return safe`${sum((state) => state.matching)} of ${pins} ${where} match “${safeText(filter, 40)}”`;
}

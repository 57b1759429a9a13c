import type { CommandName } from '../../base/contributions';
import { counted } from '../../base/counted';
import type { IpfsKitError, Reason } from '../../base/ipfsKitError';
import type { Listing } from '../../pinSource/listing';
import type { PinAction, PinSource } from '../../pinSource/pinSource';
import type { SourceList } from '../list/sourceList';
import type { PinListState } from '../list/pinListModel';
import type { Icon } from './pinState';
import { provenance } from './provenanceText';
import { askingText } from './sizesText';
import { nounOf, NOUNS } from './pinCount';
import { withCommas } from '../../base/withCommas';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { arrangementText, filterText } from './arrangementText';

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

/** How a source is: `error` and `warning` need attention; `off`, which isn't running or was stopped, doesn't. */
type SourceHealth = 'error' | 'warning' | 'off' | 'loading' | 'well';

const MILD: readonly Reason[] = ['needs-token', 'timeout', 'busy', 'truncated'];
const OFF: readonly Reason[] = ['refused', 'cancelled', 'missing', 'left-out'];

export function sourceHealth({ error, listing }: PinListState): SourceHealth {
  if (error) return OFF.includes(error.reason) ? 'off' : MILD.includes(error.reason) ? 'warning' : 'error';
  return listing ? 'well' : 'loading';
}

const ICON: Readonly<Record<SourceHealth, Icon>> = {
  error: { icon: 'error', color: 'list.errorForeground' },
  warning: { icon: 'warning', color: 'list.warningForeground' },
  off: { icon: 'circle-slash' },
  loading: { icon: 'sync' },
  well: { icon: 'server' },
};

/** The list may be old: its daemon isn't running, or didn't respond in time. */
const FROM_DISK: Icon = { icon: 'database' };

export function sourceIcon(state: PinListState): Icon {
  const health = sourceHealth(state);
  if (state.error?.reason === 'needs-token') return { ...ICON[health], icon: 'key' };
  if (health === 'well' && state.failed) return ICON.warning;
  if (health === 'well' && state.listing?.freshness !== 'live') return FROM_DISK;
  return ICON[health === 'loading' && !state.busy ? 'well' : health];
}

/** What a click on the row of a source whose list failed does, and its name; undefined where the source is listed. */
interface Remedy {
  readonly command: CommandName;
  readonly title: string;
}

const SET_TOKEN: Remedy = { command: 'setToken', title: 'Set Token' };
const TRY_AGAIN: Remedy = { command: 'refreshPins', title: 'Try Again' };
const OPEN_SETTINGS: Remedy = { command: 'openSettings', title: 'Open Settings' };
const SHOW_LOG: Remedy = { command: 'showLog', title: 'Show Log' };

const REMEDY: Partial<Readonly<Record<Reason, Remedy>>> = {
  'needs-token': SET_TOKEN,
  refused: OPEN_SETTINGS,
  foreign: OPEN_SETTINGS,
  elsewhere: OPEN_SETTINGS,
  missing: OPEN_SETTINGS,
  'left-out': OPEN_SETTINGS,
  unreadable: OPEN_SETTINGS,
  certificate: OPEN_SETTINGS,
  proxy: OPEN_SETTINGS,
  'no-such-route': OPEN_SETTINGS,
  timeout: TRY_AGAIN,
  truncated: TRY_AGAIN,
  busy: TRY_AGAIN,
  cancelled: TRY_AGAIN,
  closed: TRY_AGAIN,
  'not-repeated': TRY_AGAIN,
};

export function sourceRemedy({ name, capabilities }: PinSource, { error }: PinListState): Remedy | undefined {
  if (!error) return undefined;
  const { start, partOf } = capabilities;
  return error.reason === 'refused' && start
    ? { command: start, title: `Start ${partOf?.name ?? name}` }
    : (REMEDY[error.reason] ?? SHOW_LOG);
}

/** What stands beside the name of a source in its row: failed pins first, as in their own rows; last what a click does. */
export function sourceRowText(source: PinSource, state: PinListState, now: number): SafeText {
  const remedy = sourceRemedy(source, state);
  const failed = !state.error && state.failed ? safe`${withCommas(state.failed)} failed` : undefined;
  return joined([failed, sourceDescription(state, now), remedy && safeText(remedy.title, 60)], ' · ');
}

const COMMAND_OF_ACTION: Readonly<Record<PinAction, CommandName>> = {
  pin: 'pinCid',
  unpin: 'unpin',
  rename: 'renamePin',
  verify: 'verifyPin',
  recover: 'recoverPin',
};

/** The commands of a source with entries. */
const COMMANDS_OF_ENTRIES: readonly CommandName[] = ['newFolder', 'copyIntoFiles', 'renameEntry', 'moveEntry', 'removeFromFiles'];

/** Reasons for which a list fails where the daemon doesn't run, or none of ours responds. */
const NOT_RUNNING: readonly Reason[] = ['refused', 'missing', 'foreign', 'elsewhere', 'unreadable', 'left-out'];

/** Whether a list is what a daemon, which isn't polled, has left on disk: nothing can be changed until it runs again. */
export function isLeftOnDisk({ monitor }: Pick<PinSource, 'monitor'>, listing: Listing | undefined): boolean {
  return monitor === undefined && listing?.daemon?.state === 'absent';
}

/** The commands that apply to a source and its pins now. `listing`: its list, where there is one. */
export function commandsOf(source: PinSource, error: IpfsKitError | undefined, listing?: Listing): readonly CommandName[] {
  const { actions, token, statuses, start, stop, restart, more = [] } = source.capabilities;
  // The list of a polled source may have come from disk, and doesn't show whether the daemon runs.
  const isPolled = source.monitor !== undefined;
  const isLeft = isLeftOnDisk(source, listing);
  const isStopped = isPolled ? source.monitor.current().state === 'absent' : isLeft || error?.reason === 'refused';
  const isUsable = !error || error.reason === 'cancelled';
  const commands = [
    ...(isUsable ? actions.map((action) => COMMAND_OF_ACTION[action]) : []),
    ...(isUsable && !isLeft && source.entries ? COMMANDS_OF_ENTRIES : []),
    isStopped && start,
    (isPolled || (error ? !NOT_RUNNING.includes(error.reason) : !isLeft)) && stop,
    !isStopped && restart,
    ...more,
    token && ('setToken' as const),
    statuses !== 'none' && ('filterByStatus' as const),
  ];
  return commands.filter((command) => command !== undefined && command !== false);
}

/** The word of a source for `when` clauses: `listed` or the reason why its list failed, then the commands that apply: `refused:startKubo:setToken`. */
export function sourceContext(source: PinSource, error: IpfsKitError | undefined, listing?: Listing): string {
  return [error?.reason ?? 'listed', ...commandsOf(source, error, listing)].join(':');
}

/** Several sources in one line: the number of pins, the filter, and how many sources have no list. */
export function sourcesMessage(lists: readonly SourceList[]): SafeText {
  const filter = lists[0]?.model.state.view.filter;
  const count = sourcesCount(lists);
  return filter === undefined || isNoneListed(lists) ? count : safe`${count} match ${filterText(filter)}`;
}

/** The message above several sources: their number of pins, and what has been chosen for all of them. `doubts`: as doubtsText says which are unknown. */
export function sourcesViewMessage(lists: readonly SourceList[], doubts?: SafeText): SafeText {
  const view = lists[0]?.model.state.view ?? {};
  return joined([sourcesCount(lists, doubts), ...(isNoneListed(lists) ? [] : arrangementText(view, false))], ' · ');
}

function isNoneListed(lists: readonly SourceList[]): boolean {
  return lists.every(({ model }) => model.state.error);
}

function sourcesCount(lists: readonly SourceList[], doubts?: SafeText): SafeText {
  const states = lists.map(({ model }) => model.state);
  const sum = (of: (state: PinListState) => number | undefined, among = states): string => {
    const known = among.map((state) => (state.error ? 0 : of(state)));
    const all = known.reduce<number>((total, each) => total + (each ?? 0), 0);
    return known.includes(undefined) ? `${withCommas(all)}…` : withCommas(all);
  };
  if (states.every(({ error }) => error)) return safe`No pins: none of ${states.length} sources could be listed`;
  const totals = NOUNS.flatMap((noun) => {
    // How many pins there are in a source without a list isn't known, so it is not said to be none.
    const among = states.filter((state) => !state.error && nounOf(state) === noun);
    const total = sum((state) => state.total, among);
    return among.length === 0 ? [] : safe`${total} ${noun}${total === '1' ? '' : 's'}`;
  });
  const filter = states[0]?.view.filter;
  const pins = joined(totals, ' and ');
  const trouble = troubleText(lists);
  const where = trouble === undefined || doubts ? safe` in ${states.length} sources` : safe``;
  const found = filter === undefined ? safe`${pins}${where}` : safe`${sum((state) => state.matching)} of ${pins}${where}`;
  // A source that has no list is one that is unknown.
  return joined([doubts ? safe`${found}, ${doubts}` : found, askingText(states), doubts ? undefined : trouble], ' · ');
}

/** `2 sources need attention, 1 isn't running`; undefined where all are well. */
function troubleText(lists: readonly SourceList[]): SafeText | undefined {
  const healths = lists.map(({ model }) => sourceHealth(model.state));
  const ill = healths.filter((health) => health === 'error' || health === 'warning').length;
  const off = healths.filter((health) => health === 'off').length;
  if (ill + off === 0) return undefined;
  return joined(
    [
      ill === 0 ? undefined : safe`${counted(ill, 'source')} ${ill === 1 ? 'needs' : 'need'} attention`,
      off === 0 ? undefined : safe`${ill === 0 ? counted(off, 'source') : off} unavailable`,
    ],
    ', ',
  );
}

import type { DaemonState } from './daemonClient/ipfsKit/daemonState';
import { counted } from './base/counted';
import { abbreviateHome } from './base/homePath';
import { IpfsKitError } from './base/ipfsKitError';
import type { SafeText } from './base/safeText';
import { joined, safe, safeText } from './base/safeText';
import { withCommas } from './base/withCommas';
import type { PinListState } from './pinTree/list/pinListModel';
import type { PinLists } from './pinTree/list/pinLists';
import { contextOf } from './pinTree/text/emptyText';
import { pinCount, sumOfKnown } from './pinTree/text/pinCount';
import { sourceDescription, sourceHealth, sourceIcon, sourcesMessage } from './pinTree/text/sourceText';

interface Look {
  readonly icon: string;
  readonly word: string;
}

const RUNNING_LOOK: Look = { icon: 'pinned', word: 'running' };

/** The icon beside the number of pins, and the word where there is no number. */
const LOOK: Record<DaemonState, Look> = {
  probing: { icon: 'sync~spin', word: 'connecting' },
  absent: { icon: 'circle-slash', word: 'not connected' },
  busy: { icon: 'watch', word: 'busy' },
  // As shipped, ipfs_kit_py's daemon reports "starting" for as long as it runs. The tooltip has that word.
  starting: RUNNING_LOOK,
  up: RUNNING_LOOK,
  foreign: { icon: 'question', word: 'port in use' },
  stopping: { icon: 'sync~spin', word: 'stopping' },
};

/** The most skipped stores in the tooltip; the log has all. */
const MOST_PASSED_OVER = 3;
const LONGEST_LINE = 1000;

const RUNNING: readonly DaemonState[] = ['busy', 'starting', 'up', 'stopping'];
const isRunning = (state: DaemonState): boolean => RUNNING.includes(state);

type Shown = ReturnType<PinLists['shown']>;

interface StatusBarLook {
  readonly icon: string;
  /** One short form: `289`, `14 failed`, or a source and a word: `Kubo: not running`. */
  readonly text: SafeText;
  /** The same in full, for screen readers. */
  readonly spoken: SafeText;
  readonly isRunning: boolean;
  /** Plain text: VS Code would parse Markdown in the extension host's thread each time. */
  readonly tooltip: SafeText;
}

/** What the status bar item shows: the number of pins, or of failed ones, or why there are none; that a daemon is stopping comes first. */
export function statusBarLook(lists: Pick<PinLists, 'shown' | 'all'>): StatusBarLook & {
  /** No source has been listed or probed yet: the extension is active only for the content of a pin. */
  readonly isIdle: boolean;
} {
  const shown = lists.shown();
  const daemons = lists.all().flatMap(({ source }) => source.monitor?.current().state ?? []);
  const isIdle =
    daemons.every((state) => state === 'probing') &&
    shown.every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
  const states = shown.map(({ model }) => model.state);
  const now = Date.now();
  const only = shown.length > 1 ? undefined : shown[0];
  const { icon, words } = only ? lookOfOne(only) : lookOfAll(shown);
  const [failed, pins] = [sumOfKnown(states, ({ failed }) => failed), sumOfKnown(states, countOf)];
  const isLoading = states.some(({ busy, total, error }) => busy && total === undefined && !error);
  const isLive = states.some(({ listing }) => listing?.freshness === 'live');
  const isRunningDaemon = daemons.some(isRunning);
  const isStopping = only?.source.monitor?.current().state === 'stopping';
  const lines = shown.map(({ source, model }) => safe`${safeText(source.name)}: ${sourceDescription(model.state, now)}`);
  const failedText = failed ? safe`${withCommas(failed)} failed` : undefined;
  return {
    icon: isStopping ? icon : failedText ? 'warning' : isLoading ? 'sync~spin' : icon,
    text: isStopping ? words : (failedText ?? (pins === undefined ? words : safe`${withCommas(pins)}`)),
    spoken: joined(['IPFS Kit', failed ? counted(failed, 'failed pin') : undefined, ...lines], ', '),
    isRunning: only ? (only.source.monitor ? isRunningDaemon : isLive) : isLive || isRunningDaemon,
    tooltip: joined(
      [
        'IPFS Kit',
        failed ? safe`${pinCount(failed)} failed` : undefined,
        only ? tooltipOf(only) : joined([sourcesMessage(shown), joined(shown.map(lineOf), '\n')], '\n\n'),
      ],
      '\n\n',
    ),
    isIdle,
  };
}

/** Number of pins; undefined for the sample, whose pins aren't the user's. */
function countOf({ listing, total }: PinListState): number | undefined {
  return listing?.freshness === 'sample' ? undefined : total;
}

/** An icon, and the words where the number of pins isn't known. */
interface IconAndWords {
  readonly icon: string;
  readonly words: SafeText;
}

const NOT_CONNECTED = safe`IPFS: not connected`;
/** As the welcome text says it. */
const NOTHING_FOUND = safe`No IPFS node found on this computer.`;

function lookOfOne({ source, model }: Shown[0]): IconAndWords {
  const { state } = model;
  const daemon = source.monitor?.current();
  if (IpfsKitError.is(state.error, 'missing', 'left-out')) return { icon: 'circle-slash', words: NOT_CONNECTED };
  // A daemon that isn't polled, or whose pins couldn't be read from disk, has the words of a source's row.
  const look =
    daemon && !(state.error && daemon.state === 'absent')
      ? LOOK[daemon.state]
      : state.error
        ? { icon: sourceIcon(state).icon, word: sourceDescription(state, Date.now()) }
        : { icon: 'pinned', word: 'loading…' };
  const words = daemon?.state === 'absent' && !state.error ? NOT_CONNECTED : safe`${safeText(source.name)}: ${look.word}`;
  return { icon: look.icon, words };
}

/** A warning where a source needs attention. A source that isn't running needs none. */
function lookOfAll(shown: Shown): IconAndWords {
  const healths = shown.map(({ model }) => sourceHealth(model.state));
  const isIll = healths.some((health) => health === 'error' || health === 'warning');
  const isOff = healths.every((health) => health === 'off');
  return { icon: isIll ? 'warning' : isOff ? 'circle-slash' : 'pinned', words: isOff ? NOT_CONNECTED : safe`IPFS` };
}

function lineOf({ source, model }: Shown[0]): SafeText {
  const starting = source.monitor?.current().state === 'starting' ? ' (reports that it is starting)' : '';
  return safe`${safeText(source.name)}: ${abbreviateHome(sourceDescription(model.state, Date.now()))}${starting}`;
}

function tooltipOf(list: Shown[0]): SafeText {
  const { error, listing } = list.model.state;
  if (contextOf(list) === 'missing') return NOTHING_FOUND;
  if (listing?.freshness === 'sample') return safe`Sample pins. ${NOTHING_FOUND}`;
  const opened = error ? undefined : listing?.opened;
  const passedOver = opened?.passedOver.slice(0, MOST_PASSED_OVER) ?? [];
  const lines = [
    list.source.monitor?.current().detail,
    error?.message,
    opened && `From ${opened.location} (${opened.detail})`,
    ...passedOver.map(({ message }) => `Skipped: ${message}`),
  ].filter((line) => line !== undefined);
  return joined([lineOf(list), ...lines.map((line) => safeText(abbreviateHome(line), LONGEST_LINE))], '\n');
}

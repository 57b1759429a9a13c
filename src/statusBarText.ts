import type { DaemonState } from './daemonClient/ipfsKit/daemonState';
import { abbreviateHome } from './base/homePath';
import type { SafeText } from './base/safeText';
import { joined, safe, safeText } from './base/safeText';
import { withCommas } from './base/withCommas';
import type { PinListState } from './pinTree/list/pinListModel';
import type { PinLists } from './pinTree/list/pinLists';
import { provenance } from './pinTree/text/provenanceText';
import { sourceDescription, sourceIcon, sourcesMessage } from './pinTree/text/sourceText';

interface Look {
  readonly icon: string;
  readonly word: string;
}

const RUNNING_LOOK: Look = { icon: 'pass-filled', word: 'running' };

const LOOK: Record<DaemonState, Look> = {
  probing: { icon: 'sync~spin', word: 'connecting' },
  absent: { icon: 'circle-slash', word: 'stopped' },
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
  readonly text: SafeText;
  readonly isRunning: boolean;
  /** Plain text: VS Code would parse Markdown in the extension host's thread each time. */
  readonly tooltip: SafeText;
}

/** What the status bar item shows: the state and the number of pins of one source, or of several. */
export function statusBarLook(lists: Pick<PinLists, 'shown' | 'all'>): StatusBarLook & {
  /** No source has been listed or probed yet: the extension is active only for the content of a pin. */
  readonly isIdle: boolean;
} {
  const shown = lists.shown();
  const daemons = lists.all().flatMap(({ source }) => source.monitor?.current().state ?? []);
  const look = shown.length > 1 ? lookOfAll(shown, daemons.some(isRunning)) : lookOfOne(shown[0]);
  const isIdle =
    daemons.every((state) => state === 'probing') &&
    shown.every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
  return { ...look, isIdle };
}

/** Number of pins; undefined for the sample, whose pins aren't the user's. */
function countOf({ listing, total }: PinListState): number | undefined {
  return listing?.freshness === 'sample' ? undefined : total;
}

function withCount(text: SafeText, count: number | undefined): SafeText {
  return count === undefined ? text : safe`${text} · ${withCommas(count)}`;
}

function lookOfOne({ source, model }: Shown[0]): StatusBarLook {
  const { state } = model;
  const daemon = source.monitor?.current();
  // A daemon that isn't polled, or that the settings disable, has the words of a source's row.
  const { icon, word } =
    daemon && state.error?.reason !== 'left-out'
      ? LOOK[daemon.state]
      : state.listing && !state.error
        ? LOOK.up
        : { icon: sourceIcon(state), word: sourceDescription(state, Date.now()) };
  return {
    icon,
    text: withCount(safe`${safeText(source.shortName ?? source.name)} ${word}`, countOf(state)),
    isRunning: daemon ? isRunning(daemon.state) : state.listing !== undefined,
    tooltip: tooltipOf(daemon?.detail ?? source.name, state),
  };
}

/** The number of pins of all sources, and a warning where one of them has a problem. That one isn't running is no problem. */
function lookOfAll(shown: Shown, isDaemonRunning: boolean): StatusBarLook {
  const now = Date.now();
  const states = shown.map(({ model }) => model.state);
  const isLive = states.some(({ listing }) => listing?.freshness === 'live');
  const isIll = shown.some(({ model: { state } }) => sourceIcon(state) === 'warning' || sourceIcon(state) === 'key');
  const isAsking = states.some(({ busy, listing }) => busy && !listing);
  const isNone = states.every(({ listing, error }) => error ?? !listing);
  const counts = states.flatMap((state) => countOf(state) ?? []);
  const lines = shown.map(
    ({ source, model }) =>
      safe`${safeText(source.name)}: ${abbreviateHome(sourceDescription(model.state, now))}${source.monitor?.current().state === 'starting' ? ' (reports that it is starting)' : ''}`,
  );
  return {
    icon: isAsking ? 'sync~spin' : isIll ? 'warning' : isLive ? 'pass-filled' : 'circle-slash',
    text:
      isNone && !isAsking
        ? safe`IPFS ${sourceDescription(shown[0].model.state, now)}`
        : withCount(safe`IPFS`, counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined),
    isRunning: isLive || isDaemonRunning,
    tooltip: joined(['IPFS Kit', sourcesMessage(shown), joined(lines, '\n')], '\n\n'),
  };
}

function tooltipOf(who: string, list: PinListState): SafeText {
  const shown = list.error?.message ?? provenance(list, Date.now());
  const lines = ['IPFS Kit', who, ...(shown ? [shown] : [])];
  const { listing } = list;
  if (!list.error && listing) {
    lines.push(`From ${listing.opened.location} (${listing.opened.detail})`);
    const passedOver = listing.opened.passedOver.slice(0, MOST_PASSED_OVER);
    for (const { message } of passedOver) lines.push(`Skipped: ${message}`);
  }
  return joined(
    lines.map((line) => safeText(abbreviateHome(line), LONGEST_LINE)),
    '\n\n',
  );
}

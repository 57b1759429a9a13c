import * as vscode from 'vscode';
import { COMMAND, STATUS_ITEM } from './base/contributions';
import type { DaemonState } from './daemonClient/ipfsKit/daemonState';
import type { MonitorState } from './daemonClient/ipfsKit/monitor';
import { abbreviateHome } from './base/homePath';
import type { StatusBarMode } from './base/settings';
import { IPFS_KIT_SOURCE } from './pinSource/ipfsKitSource';
import type { PinListState } from './pinTree/list/pinListModel';
import type { PinLists } from './pinTree/list/pinLists';
import { provenance } from './pinTree/text/provenanceText';
import { sourceDescription, sourceIcon, sourcesMessage } from './pinTree/text/sourceText';
import { withCommas } from './base/withCommas';
import type { SafeText } from './base/safeText';
import { joined, safe, safeText } from './base/safeText';

interface Look {
  readonly icon: string;
  readonly word: string;
}

const RUNNING_LOOK: Look = { icon: 'pass-filled', word: 'running' };

const LOOK: Record<DaemonState, Look> = {
  probing: { icon: 'sync~spin', word: 'asking' },
  absent: { icon: 'circle-slash', word: 'stopped' },
  busy: { icon: 'watch', word: 'busy' },
  // As shipped, the daemon calls itself starting for as long as it runs: the tooltip has its word.
  starting: RUNNING_LOOK,
  up: RUNNING_LOOK,
  foreign: { icon: 'question', word: 'other server' },
  stopping: { icon: 'sync~spin', word: 'stopping' },
};

/** More would not fit into a tooltip; the log has them all. */
const MOST_PASSED_OVER = 3;
const LONGEST_LINE = 1000;

const RUNNING: readonly DaemonState[] = ['busy', 'starting', 'up', 'stopping'];

type Shown = ReturnType<PinLists['shown']>;

export interface StatusBar {
  /** `shown`: the places that are in the view. */
  update(daemon: MonitorState, shown: Shown, mode: StatusBarMode): void;
  dispose(): void;
}

/** The daemon indicator: state and number of pins, of one place or of several; a click opens the menu. */
export function createStatusBar(): StatusBar {
  const item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left);
  item.name = 'IPFS Kit Daemon';
  item.command = COMMAND.showMenu;
  return {
    update: (daemon, shown, mode) => {
      const { icon, text, isRunning, tooltip } = shown.length > 1 ? lookOfAll(daemon, shown) : lookOfOne(daemon, shown[0]);
      item.text = safe`$(${icon}) ${text}`;
      item.tooltip = tooltip;
      item.accessibilityInformation = { label: safe`IPFS Kit, ${text.replace(/ · (.*)/, ', $1 pins')}`, role: 'button' };
      // Active for the content of a pin alone, nobody has been asked yet.
      const isIdle =
        daemon.state === 'probing' && shown.every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
      if (isIdle || mode === 'never' || (mode === 'whenRunning' && !isRunning)) item.hide();
      else item.show();
    },
    dispose: () => item.dispose(),
  };
}

interface ItemLook {
  readonly icon: string;
  readonly text: SafeText;
  readonly isRunning: boolean;
  /** Plain text: VS Code parses Markdown in the thread of the extensions, each time. */
  readonly tooltip: SafeText;
}

/** Sample pins are nobody's. */
function countOf({ listing, total }: PinListState): number | undefined {
  return listing?.freshness === 'sample' ? undefined : total;
}

function withCount(text: SafeText, count: number | undefined): SafeText {
  return count === undefined ? text : safe`${text} · ${withCommas(count)}`;
}

function lookOfOne(daemon: MonitorState, { source, model }: Shown[0]): ItemLook {
  const { state } = model;
  const isDaemon = source.id === IPFS_KIT_SOURCE;
  // Of others, as a row of several reads; and of a daemon that the settings leave out, which is never asked.
  const { icon, word } =
    isDaemon && state.error?.reason !== 'left-out'
      ? LOOK[daemon.state]
      : state.listing && !state.error
        ? LOOK.up
        : { icon: sourceIcon(state), word: sourceDescription(state, Date.now()) };
  return {
    icon,
    text: withCount(safe`${isDaemon ? 'IPFS' : safeText(source.name)} ${word}`, countOf(state)),
    isRunning: isDaemon ? RUNNING.includes(daemon.state) : state.listing !== undefined,
    tooltip: tooltipOf(isDaemon ? daemon.detail : source.name, state),
  };
}

/** The pins of all places, and whether one of them is in trouble; one that is not running need not be. */
function lookOfAll(daemon: MonitorState, shown: Shown): ItemLook {
  const now = Date.now();
  const states = shown.map(({ model }) => model.state);
  const isLive = states.some(({ listing }) => listing?.freshness === 'live');
  const isIll = shown.some(({ model: { state } }) => sourceIcon(state) === 'warning' || sourceIcon(state) === 'key');
  const isAsking = states.some(({ busy, listing }) => busy && !listing);
  const isNone = states.every(({ listing, error }) => error ?? !listing);
  const counts = states.flatMap((state) => countOf(state) ?? []);
  const lines = shown.map(
    ({ source, model }) =>
      safe`${safeText(source.name)}: ${abbreviateHome(sourceDescription(model.state, now))}${source.id === IPFS_KIT_SOURCE && daemon.state === 'starting' ? ' (reports that it is starting)' : ''}`,
  );
  return {
    icon: isAsking ? 'sync~spin' : isIll ? 'warning' : isLive ? 'pass-filled' : 'circle-slash',
    text:
      isNone && !isAsking
        ? safe`IPFS ${sourceDescription(shown[0].model.state, now)}`
        : withCount(safe`IPFS`, counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : undefined),
    isRunning: isLive || RUNNING.includes(daemon.state),
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
    for (const { message } of passedOver) lines.push(`Passed over: ${message}`);
  }
  return joined(
    lines.map((line) => safeText(abbreviateHome(line), LONGEST_LINE)),
    '\n\n',
  );
}

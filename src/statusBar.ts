import * as vscode from 'vscode';
import { COMMAND, STATUS_ITEM } from './contributions';
import type { DaemonState } from './daemonClient/daemonState';
import type { MonitorState } from './daemonClient/monitor';
import { abbreviateHome } from './homePath';
import type { StatusBarMode } from './settings';
import type { PinListState } from './pinTree/pinListModel';
import { pinCount, provenance } from './pinTree/provenanceText';
import { sourceDescription, sourceIcon } from './pinTree/sourceText';
import { withCommas } from './withCommas';

interface Look {
  readonly icon: string;
  readonly word: string;
}

const LOOK: Record<DaemonState, Look> = {
  probing: { icon: 'sync~spin', word: 'asking' },
  absent: { icon: 'circle-slash', word: 'stopped' },
  busy: { icon: 'watch', word: 'busy' },
  starting: { icon: 'pass', word: 'starting' },
  up: { icon: 'pass-filled', word: 'up' },
  'up-without-arrow': { icon: 'pass-filled', word: 'up' },
  foreign: { icon: 'question', word: 'other server' },
  stopping: { icon: 'sync~spin', word: 'stopping' },
};

/** More would not fit into a tooltip; the log has them all. */
const MOST_PASSED_OVER = 3;

const RUNNING: readonly DaemonState[] = ['busy', 'starting', 'up', 'up-without-arrow', 'stopping'];

export interface StatusBar {
  /** `other`: whose list it is, where that is not ipfs_kit_py, which has nothing here then. */
  update(daemon: MonitorState, list: PinListState, mode: StatusBarMode, other?: string): void;
  dispose(): void;
}

/** The daemon indicator: state and number of pins; a click opens the menu. */
export function createStatusBar(): StatusBar {
  const item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left);
  item.name = 'IPFS Kit Daemon';
  item.command = COMMAND.showMenu;
  return {
    update: (daemon, list, mode, other) => {
      const { icon, word } = other === undefined ? LOOK[daemon.state] : lookOf(list);
      const isRunning = other === undefined ? RUNNING.includes(daemon.state) : list.listing !== undefined;
      const mine = list.listing?.freshness === 'sample' ? undefined : list.total; // sample pins are nobody's
      const count = mine === undefined ? '' : ` · ${withCommas(mine)}`;
      item.text = `$(${icon}) ${other ?? 'IPFS'} ${word}${count}`;
      item.tooltip = tooltip(other ?? daemon.detail, list);
      item.accessibilityInformation = {
        label: `${other ?? 'IPFS Kit daemon'} ${word}${mine === undefined ? '' : `, ${pinCount(mine)}`}`,
        role: 'button',
      };
      // Active for the content of a pin alone, nobody has been asked yet.
      const isIdle = daemon.state === 'probing' && !list.busy && !list.listing && !list.error;
      if (isIdle || mode === 'never' || (mode === 'whenRunning' && !isRunning)) item.hide();
      else item.show();
    },
    dispose: () => item.dispose(),
  };
}

/** As its row reads, where there are several. */
function lookOf(list: PinListState): Look {
  const word = list.error ? sourceDescription(list, Date.now()) : list.listing ? 'up' : 'asking';
  return { icon: sourceIcon(list), word };
}

/** Plain text: VS Code parses Markdown in the thread of the extensions, each time. */
function tooltip(who: string, list: PinListState): string {
  const shown = list.error?.message ?? provenance(list, Date.now());
  const lines = ['IPFS Kit', who, ...(shown ? [shown] : [])];
  const { listing } = list;
  if (!list.error && listing) {
    lines.push(`From ${abbreviateHome(listing.opened.location)} (${listing.opened.detail})`);
    const passedOver = listing.opened.passedOver.slice(0, MOST_PASSED_OVER);
    for (const { message } of passedOver) lines.push(`Passed over: ${abbreviateHome(message)}`);
  }
  return lines.join('\n\n');
}

import * as vscode from 'vscode';
import type { CommandName } from '../../base/contributions';
import { COMMAND } from '../../base/contributions';
import { isUp } from '../../daemonClient/ipfsKit/daemonState';
import type { DaemonState } from '../../daemonClient/ipfsKit/daemonState';
import type { DaemonMonitor } from '../../daemonClient/ipfsKit/monitor';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import { sourceDescription, sourcesMessage } from '../text/sourceText';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';

export interface MenuParts {
  readonly monitor: DaemonMonitor;
  readonly lists: PinLists;
}

interface MenuEntry extends vscode.QuickPickItem {
  readonly run?: (typeof COMMAND)[CommandName];
}

/** What a click on the status bar opens: what can be done with the places that are in the view, then the rest. */
export async function showMenu({ monitor, lists }: MenuParts): Promise<void> {
  const shown = lists.shown();
  const { state, detail } = monitor.current();
  const others = shown.filter((list) => list !== lists.first);
  const isDaemonShown = shown.includes(lists.first);
  const entries = [
    entry(safe`$(list-flat) List Pins`, 'listPins'),
    entry(safe`$(refresh) Refresh Pins`, 'refreshPins'),
    entry(safe`$(search) Find Pin`, 'findPin'),
    ...entriesOfOthers(others),
    ...(isDaemonShown ? entriesOfDaemon(state) : []),
    separator(safe``),
    entry(safe`$(output) Show Log`, 'showLog'),
    entry(safe`$(clippy) Copy Diagnostics`, 'copyDiagnostics'),
    entry(safe`$(report) Report Issue…`, 'reportIssue'),
    entry(safe`$(settings-gear) Open Settings`, 'openSettings'),
  ];
  const placeHolder =
    others.length === 0 ? safeText(detail, 500) : shown.length > 1 ? sourcesMessage(shown) : placeText(shown[0]);
  const chosen = await vscode.window.showQuickPick(entries, { title: 'IPFS Kit', placeHolder });
  if (chosen?.run) await vscode.commands.executeCommand(chosen.run);
}

function placeText({ source, model }: SourceList): SafeText {
  return safe`${safeText(source.name)}: ${sourceDescription(model.state, Date.now())}`;
}

function entriesOfOthers(others: readonly SourceList[]): MenuEntry[] {
  if (others.length === 0) return [];
  const canPin = others.some(({ source, model }) => source.capabilities.actions.includes('pin') && !model.state.error);
  const kubo = others.find(({ source }) => source.id === 'kubo');
  const isStopped = kubo?.model.state.error?.reason === 'refused';
  const canStop = kubo?.source.capabilities.stop === true && !isStopped;
  return [
    separator(
      joined(
        others.map(({ source }) => safeText(source.name)),
        ', ',
      ),
    ),
    ...(canPin ? [entry(safe`$(pinned) Pin CID…`, 'pinCid')] : []),
    ...(isStopped ? [entry(safe`$(play) Start Kubo`, 'startKubo')] : []),
    ...(canStop ? [entry(safe`$(debug-stop) Stop Kubo`, 'stopKubo')] : []),
    entry(safe`$(key) Set Token…`, 'setToken'),
  ];
}

function entriesOfDaemon(state: DaemonState): MenuEntry[] {
  return [
    separator(safe`ipfs_kit_py`),
    // Stop is always there: a daemon that hangs, or listens elsewhere, is found by its process.
    ...(isUp(state) ? [] : [entry(safe`$(play) Start Daemon`, 'startDaemon')]),
    entry(safe`$(debug-stop) Stop Daemon`, 'stopDaemon'),
    ...(state === 'absent' ? [] : [entry(safe`$(debug-restart) Restart Daemon`, 'restartDaemon')]),
    entry(safe`$(list-tree) Show Daemon Processes`, 'showDaemonProcesses'),
    entry(safe`$(database) Choose Pin Database`, 'choosePinDatabase'),
  ];
}

function entry(label: SafeText, command: CommandName): MenuEntry {
  return { label, run: COMMAND[command] };
}

function separator(label: SafeText): MenuEntry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

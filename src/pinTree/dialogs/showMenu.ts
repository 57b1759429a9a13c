import * as vscode from 'vscode';
import type { CommandName } from '../../contributions';
import { COMMAND } from '../../contributions';
import { isUp } from '../../daemonClient/daemonState';
import type { DaemonState } from '../../daemonClient/daemonState';
import type { DaemonMonitor } from '../../daemonClient/monitor';
import type { PinLists, SourceList } from '../pinLists';
import { sourceDescription, sourcesMessage } from '../sourceText';

export interface MenuParts {
  readonly monitor: DaemonMonitor;
  readonly lists: PinLists;
}

interface MenuEntry extends vscode.QuickPickItem {
  readonly run?: string;
}

/** What a click on the status bar opens: what can be done with the places that are in the view, then the rest. */
export async function showMenu({ monitor, lists }: MenuParts): Promise<void> {
  const shown = lists.shown();
  const { state, detail } = monitor.current();
  const others = shown.filter((list) => list !== lists.first);
  const isDaemonShown = shown.includes(lists.first);
  const entries = [
    entry('$(list-flat) List Pins', 'listPins'),
    entry('$(refresh) Refresh Pins', 'refreshPins'),
    entry('$(search) Find Pin', 'findPin'),
    ...entriesOfOthers(others),
    ...(isDaemonShown ? entriesOfDaemon(state) : []),
    separator(''),
    entry('$(output) Show Log', 'showLog'),
    entry('$(clippy) Copy Diagnostics', 'copyDiagnostics'),
    entry('$(settings-gear) Open Settings', 'openSettings'),
  ];
  const placeHolder = others.length === 0 ? detail : shown.length > 1 ? sourcesMessage(shown) : placeText(shown[0]);
  const chosen = await vscode.window.showQuickPick(entries, { title: 'IPFS Kit', placeHolder });
  if (chosen?.run) await vscode.commands.executeCommand(chosen.run);
}

function placeText({ source, model }: SourceList): string {
  return `${source.name}: ${sourceDescription(model.state, Date.now())}`;
}

function entriesOfOthers(others: readonly SourceList[]): MenuEntry[] {
  if (others.length === 0) return [];
  const canPin = others.some(({ source, model }) => source.capabilities.actions.includes('pin') && !model.state.error);
  const kubo = others.find(({ source }) => source.id === 'kubo');
  const isStopped = kubo?.model.state.error?.reason === 'refused';
  const canStop = kubo?.source.capabilities.stop === true && !isStopped;
  return [
    separator(others.map(({ source }) => source.name).join(', ')),
    ...(canPin ? [entry('$(pinned) Pin CID…', 'pinCid')] : []),
    ...(isStopped ? [entry('$(play) Start Kubo', 'startKubo')] : []),
    ...(canStop ? [entry('$(debug-stop) Stop Kubo', 'stopKubo')] : []),
    entry('$(key) Set Token…', 'setToken'),
  ];
}

function entriesOfDaemon(state: DaemonState): MenuEntry[] {
  return [
    separator('ipfs_kit_py'),
    // Stop is always there: a daemon that hangs, or listens elsewhere, is found by its process.
    ...(isUp(state) ? [] : [entry('$(play) Start Daemon', 'startDaemon')]),
    entry('$(debug-stop) Stop Daemon', 'stopDaemon'),
    ...(state === 'absent' ? [] : [entry('$(debug-restart) Restart Daemon', 'restartDaemon')]),
    entry('$(list-tree) Show Daemon Processes', 'showDaemonProcesses'),
    entry('$(database) Choose Pin Database', 'choosePinDatabase'),
  ];
}

function entry(label: string, command: CommandName): MenuEntry {
  return { label, run: COMMAND[command] };
}

function separator(label: string): MenuEntry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

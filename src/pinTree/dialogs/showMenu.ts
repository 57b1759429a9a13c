import * as vscode from 'vscode';
import { COMMAND } from '../../contributions';
import { isUp } from '../../daemonClient/daemonState';
import type { DaemonMonitor } from '../../daemonClient/monitor';

export interface MenuParts {
  readonly monitor: DaemonMonitor;
}

interface MenuEntry extends vscode.QuickPickItem {
  readonly run?: string;
}

/** What a click on the status bar opens. */
export async function showMenu({ monitor }: MenuParts): Promise<void> {
  const separator: MenuEntry = { label: '', kind: vscode.QuickPickItemKind.Separator };
  const { state, detail } = monitor.current();
  const entries: MenuEntry[] = [
    { label: '$(list-flat) List Pins', run: COMMAND.listPins },
    { label: '$(refresh) Refresh Pins', run: COMMAND.refreshPins },
    { label: '$(search) Find Pin', run: COMMAND.findPin },
    separator,
    // Stop is always there: a daemon that hangs, or listens elsewhere, is found by its process.
    ...(isUp(state) ? [] : [{ label: '$(play) Start Daemon', run: COMMAND.startDaemon }]),
    { label: '$(debug-stop) Stop Daemon', run: COMMAND.stopDaemon },
    ...(state === 'absent' ? [] : [{ label: '$(debug-restart) Restart Daemon', run: COMMAND.restartDaemon }]),
    { label: '$(list-tree) Show Daemon Processes', run: COMMAND.showDaemonProcesses },
    separator,
    { label: '$(database) Choose Pin Database', run: COMMAND.choosePinDatabase },
    { label: '$(output) Show Log', run: COMMAND.showLog },
    { label: '$(clippy) Copy Diagnostics', run: COMMAND.copyDiagnostics },
    { label: '$(settings-gear) Open Settings', run: COMMAND.openSettings },
  ];
  const chosen = await vscode.window.showQuickPick(entries, { title: 'IPFS Kit', placeHolder: detail });
  if (chosen?.run) await vscode.commands.executeCommand(chosen.run);
}

import path from 'node:path';
import * as vscode from 'vscode';
import { abbreviateHome } from '../../homePath';
import { safe, safeText } from '../../safeText';
import type { DaemonControl } from '../daemonControl';
import type { DaemonProcesses } from '../daemonProcesses';
import { commandName, commandText, lockText, processFactsText } from '../processText';

interface Entry extends vscode.QuickPickItem {
  readonly pid?: number;
}

/** The daemon's processes as they are, and who holds the databases. Picking a process copies its number. */
export async function showDaemonProcesses(control: DaemonControl, onStop: () => void): Promise<void> {
  const pick = vscode.window.createQuickPick<Entry>();
  const refresh: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('refresh'), tooltip: 'Refresh' };
  const stop: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'Stop Daemon' };
  pick.title = 'IPFS Kit: Daemon Processes';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;

  const load = async (): Promise<void> => {
    pick.busy = true;
    try {
      const found = await control.processes();
      pick.items = entries(found, Date.now());
      pick.placeholder = found.processes.length > 0 ? 'Pick a process to copy its number' : 'Nothing runs, nothing to pick';
      pick.buttons = found.processes.length > 0 ? [stop, refresh] : [refresh];
    } finally {
      pick.busy = false;
    }
  };

  pick.onDidTriggerButton((button) => {
    if (button === refresh) return void load().catch(() => pick.hide());
    pick.hide();
    onStop();
  });
  pick.onDidAccept(() => {
    const pid = pick.selectedItems[0]?.pid;
    pick.hide();
    if (pid !== undefined)
      void vscode.env.clipboard
        .writeText(String(pid))
        .then(() => vscode.window.setStatusBarMessage(safe`$(check) PID ${pid} copied`, 3000));
  });
  pick.onDidHide(() => pick.dispose());
  pick.show();
  try {
    await load();
  } catch (error) {
    pick.hide();
    throw error;
  }
}

function entries({ processes, locks }: DaemonProcesses, now: number): Entry[] {
  const separator = (label: 'daemon' | 'database locks'): Entry => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    separator('daemon'),
    ...(processes.length === 0
      ? [{ label: '$(circle-slash) No daemon process of yours is running', alwaysShow: true }]
      : processes.map((process): Entry => {
          const indent = '\u2003'.repeat(Math.min(process.depth, 8));
          return {
            label: safe`${indent}PID ${process.pid}  ${commandName(process.argv)}`,
            description: processFactsText(process, now),
            detail: safe`${indent}${commandText(process.argv, 200)}`,
            pid: process.pid,
          };
        })),
    separator('database locks'),
    ...(locks.length === 0 ? [{ label: '$(circle-slash) No pin database is there', alwaysShow: true }] : []),
    ...locks.map((lock): Entry => {
      const pid = lock.holders[0]?.pid;
      return {
        label: safe`$(${lock.state === 'held' ? 'lock' : 'database'}) ${safeText(path.basename(lock.path))}`,
        description: lockText(lock),
        detail: safeText(abbreviateHome(lock.path)),
        ...(pid !== undefined && { pid }),
      };
    }),
  ];
}

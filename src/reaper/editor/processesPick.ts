import path from 'node:path';
import * as vscode from 'vscode';
import { abbreviateHome } from '../../base/homePath';
import { safe, safeText } from '../../base/safeText';
import { copyTexts } from '../../vfs/editor/copyTexts';
import type { DaemonControl } from '../daemonControl';
import type { DaemonProcesses, DatabaseLock, LockHolder } from '../daemonProcesses';
import { commandName, commandText, holderText, lockText, processFactsText } from '../processText';

interface Entry extends vscode.QuickPickItem {
  readonly pid?: number | undefined;
  /** Set for a process that a daemon has left behind: the database that the process locks. */
  readonly database?: string;
}

interface ProcessesActions {
  readonly onStop: () => void;
  /** Undefined where no process may be ended: in an untrusted workspace. */
  readonly onEndOrphan: ((pid: number, database: string) => void) | undefined;
}

const END: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('debug-stop'), tooltip: 'End Process…' };

/**
 * Shows the daemon's processes and which processes lock the databases. Selecting a process copies its PID. A process that a daemon has left behind and that
 * locks a database has a button that ends it.
 */
export async function showDaemonProcesses(control: DaemonControl, { onStop, onEndOrphan }: ProcessesActions): Promise<void> {
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
      pick.items = entries(found, Date.now(), onEndOrphan !== undefined);
      pick.placeholder = placeholder(pick.items);
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
  pick.onDidTriggerItemButton(({ item: { pid, database } }) => {
    pick.hide();
    if (pid !== undefined && database !== undefined) onEndOrphan?.(pid, database);
  });
  pick.onDidAccept(() => {
    const pid = pick.selectedItems[0]?.pid;
    pick.hide();
    if (pid !== undefined) void copyTexts(safe`PID ${pid}`, String(pid));
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

function entries({ processes, locks }: DaemonProcesses, now: number, canEnd: boolean): Entry[] {
  const separator = (label: 'daemon' | 'database locks'): Entry => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    separator('daemon'),
    ...(processes.length === 0
      ? [{ label: '$(circle-slash) No daemon is running under your account', alwaysShow: true }]
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
    ...(locks.length === 0 ? [{ label: '$(circle-slash) No pin database found', alwaysShow: true }] : []),
    ...locks.flatMap((lock): Entry[] => {
      const pid = lock.holders[0]?.pid;
      return [
        {
          label: safe`$(${lock.state === 'held' ? 'lock' : 'database'}) ${safeText(path.basename(lock.path))}`,
          description: lockText(lock),
          detail: safeText(abbreviateHome(lock.path)),
          pid,
        },
        ...lock.holders
          .filter(({ who, orphan }) => who === 'ours' || orphan === true)
          .map((holder) => holderEntry(holder, lock, now, canEnd)),
      ];
    }),
  ];
}

function placeholder(
  items: readonly Entry[],
): 'Pick a process to copy its PID' | 'Pick a process to copy its PID, or end it with its button' | 'No processes to pick' {
  if (items.some(({ buttons }) => buttons !== undefined)) return 'Pick a process to copy its PID, or end it with its button';
  return items.some(({ pid }) => pid !== undefined) ? 'Pick a process to copy its PID' : 'No processes to pick';
}

/** The row of a lock holder below its database, with a button where the process can be ended, else with the reason why not. */
function holderEntry(holder: LockHolder, { path: database }: DatabaseLock, now: number, canEnd: boolean): Entry {
  const { pid, argv, orphan } = holder;
  return {
    label: safe`\u2003PID ${pid}  ${commandName(argv)}`,
    description: holderText(holder, now),
    detail: safe`\u2003${typeof orphan === 'string' ? safeText(orphan, 200) : commandText(argv, 200)}`,
    pid,
    ...(orphan === true && canEnd && { database, buttons: [END] }),
  };
}

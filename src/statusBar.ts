import * as vscode from 'vscode';
import { COMMAND, STATUS_ITEM } from './base/contributions';
import type { Disposable } from './base/disposable';
import { safe } from './base/safeText';
import type { Settings } from './base/settingTypes';
import type { DaemonMonitor } from './daemonClient/ipfsKit/monitor';
import type { PinLists } from './pinTree/list/pinLists';
import { statusBarLook } from './statusBarText';

/** The status bar item: state and number of pins of one source or of several. A click opens the menu. */
export function createStatusBar(
  lists: PinLists,
  monitor: Pick<DaemonMonitor, 'onDidChange'>,
  settings: Pick<Settings, 'statusBar' | 'onDidChange'>,
): Disposable {
  const item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left);
  item.name = 'IPFS Kit';
  item.command = COMMAND.showMenu;
  const update = (): void => {
    const { icon, text, spoken, isRunning, isIdle, tooltip } = statusBarLook(lists);
    const mode = settings.statusBar.value();
    item.text = safe`$(${icon}) ${text}`;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: spoken, role: 'button' };
    if (isIdle || mode === 'never' || (mode === 'whenRunning' && !isRunning)) item.hide();
    else item.show();
  };
  update();
  return vscode.Disposable.from(item, lists.onDidChange(update), monitor.onDidChange(update), settings.onDidChange(update));
}

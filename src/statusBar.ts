import * as vscode from 'vscode';
import { COMMAND, STATUS_ITEM } from './base/contributions';
import { safe } from './base/safeText';
import type { StatusBarMode } from './base/settingTypes';
import type { PinLists } from './pinTree/list/pinLists';
import { statusBarLook } from './statusBarText';

export interface StatusBar {
  update(lists: PinLists, mode: StatusBarMode): void;
  dispose(): void;
}

/** The status bar item: state and number of pins of one source or of several. A click opens the menu. */
export function createStatusBar(): StatusBar {
  const item = vscode.window.createStatusBarItem(STATUS_ITEM, vscode.StatusBarAlignment.Left);
  item.name = 'IPFS Kit';
  item.command = COMMAND.showMenu;
  return {
    update: (lists, mode) => {
      const { icon, text, spoken, isRunning, isIdle, tooltip } = statusBarLook(lists);
      item.text = safe`$(${icon}) ${text}`;
      item.tooltip = tooltip;
      item.accessibilityInformation = { label: spoken, role: 'button' };
      if (isIdle || mode === 'never' || (mode === 'whenRunning' && !isRunning)) item.hide();
      else item.show();
    },
    dispose: () => item.dispose(),
  };
}

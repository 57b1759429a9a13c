import * as vscode from 'vscode';
import type { Settings } from '../base/settingTypes';
import type { PinLists } from './list/pinLists';

/** Lets the lists keep current by themselves while the window has the focus and the setting is on. */
export function followWindow(
  lists: Pick<PinLists, 'setAlive'>,
  settings: Pick<Settings, 'autoRefresh' | 'onDidChange'>,
): vscode.Disposable {
  const look = (): void => lists.setAlive(vscode.window.state.focused && settings.autoRefresh.value());
  look();
  return vscode.Disposable.from(vscode.window.onDidChangeWindowState(look), settings.onDidChange(look));
}

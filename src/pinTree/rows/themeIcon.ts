import * as vscode from 'vscode';
import type { Icon } from '../text/pinState';

export function themeIcon({ icon, color }: Icon): vscode.ThemeIcon {
  return new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));
}

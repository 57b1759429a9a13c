import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';

/** How long the status bar says what was copied (ms). */
const TOLD_MS = 2000;

/** Copies text to the clipboard, one line for each of several texts, and says so in the status bar: `CIDs copied`. `what` is in the singular. */
export async function copyTexts(what: SafeText, ...texts: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(texts.join('\n'));
  vscode.window.setStatusBarMessage(safe`$(check) ${what}${texts.length > 1 ? 's' : ''} copied`, TOLD_MS);
}

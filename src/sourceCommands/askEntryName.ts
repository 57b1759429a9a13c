import * as vscode from 'vscode';
import type { SafeText } from '../base/safeText';
import { whyNoName } from '../pin/entryNames';

/** Asks for the name of an entry, and checks it while it is typed. Undefined where the box was left. `value`: what it contains first, selected up to its ending. */
export async function askEntryName(title: SafeText, prompt: SafeText, value = ''): Promise<string | undefined> {
  const ending = value.lastIndexOf('.');
  return vscode.window.showInputBox({
    title,
    prompt,
    value,
    valueSelection: [0, ending > 0 ? ending : value.length],
    validateInput: whyNoName,
  });
}

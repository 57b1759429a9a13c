import * as vscode from 'vscode';
import type { PinRow } from '../rows/pinRow';

/** Copies the CIDs or names of these rows, a line each; a pin without a name gives its CID. False where there are no rows. */
export async function copyPins(rows: readonly PinRow[], what: 'cid' | 'name'): Promise<boolean> {
  if (rows.length === 0) {
    void vscode.window.showInformationMessage('Select a pin in the Pins view first.');
    return false;
  }
  const texts = rows.map(({ pin }) => (what === 'name' ? pin.name : undefined) ?? pin.cid);
  await vscode.env.clipboard.writeText(texts.join('\n'));
  return true;
}

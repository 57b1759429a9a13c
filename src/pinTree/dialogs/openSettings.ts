import * as vscode from 'vscode';

/** Opens the settings page at `query`. In a remote window settings of the machine stand on a page of their own, which the usual one leaves out. */
export async function openSettings(query: string): Promise<void> {
  if (vscode.env.remoteName === undefined) await vscode.commands.executeCommand('workbench.action.openSettings', query);
  else await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query });
}

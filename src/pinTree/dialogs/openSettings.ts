import * as vscode from 'vscode';

/** Opens the settings editor with `query`. A remote window has the settings of the remote machine in a separate editor. */
export async function openSettings(query: string): Promise<void> {
  if (vscode.env.remoteName === undefined) await vscode.commands.executeCommand('workbench.action.openSettings', query);
  else await vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query });
}

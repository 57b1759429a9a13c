import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { Log } from '../../base/log';
import { viewerFor } from './inertViewers';
import type { SavedText } from './savedText';

interface Saved extends SavedText {
  readonly uri: vscode.Uri;
  readonly isFolder: boolean;
}

/** Tells what was saved, and offers to show it where it is, and to open it: a folder in a new window, where VS Code asks whether it is trusted. */
export async function tellSaved(log: Log, { text, isWarning, uri, isFolder }: Saved): Promise<void> {
  const [reveal, open, showLog] = ['Reveal', 'Open', 'Show Log'] as const;
  const revealing = revealingCommand(uri);
  const buttons = [...(revealing === undefined ? [] : [reveal]), open, ...(isWarning ? [showLog] : [])];
  const answer = await (isWarning
    ? vscode.window.showWarningMessage(text, ...buttons)
    : vscode.window.showInformationMessage(text, ...buttons));
  try {
    if (answer === showLog) log.show();
    else if (answer === reveal && revealing !== undefined) await vscode.commands.executeCommand(revealing, uri);
    else if (answer !== open) return;
    else if (isFolder) await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
    else await vscode.commands.executeCommand('vscode.openWith', uri, viewerFor(uri.path));
  } catch (error) {
    log.warn(`${answer ?? ''} ${uri.fsPath}: ${IpfsKitError.from(error).message}`);
  }
}

/** In a remote window or a browser there is no file manager for the files; the Explorer has those of the workspace. */
function revealingCommand(uri: vscode.Uri): 'revealFileInOS' | 'revealInExplorer' | undefined {
  if (vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop) return 'revealFileInOS';
  return vscode.workspace.getWorkspaceFolder(uri) ? 'revealInExplorer' : undefined;
}

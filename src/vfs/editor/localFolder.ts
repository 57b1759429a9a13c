import * as vscode from 'vscode';
import { homeFolder } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';

/** The folder that is proposed for saving: that of the workspace, else the home folder. */
export function localFolder(): vscode.Uri {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  return workspace?.uri.scheme === 'file' ? workspace.uri : vscode.Uri.file(homeFolder());
}

/** The file or folder that a person has chosen. Throws `invalid-argument` where it isn't on this machine, since the content thread writes it. */
export function onlyLocal(chosen: vscode.Uri): vscode.Uri {
  if (chosen.scheme === 'file') return chosen;
  throw new IpfsKitError('invalid-argument', 'Content can only be saved to a local file. Choose a folder on this machine.');
}

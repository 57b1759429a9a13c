import * as vscode from 'vscode';
import { homeFolder } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';

/** The folder that is proposed for saving: that of the workspace, else the home folder. */
export function localFolder(): vscode.Uri {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  return workspace?.uri.scheme === 'file' ? workspace.uri : vscode.Uri.file(homeFolder());
}

/** The file or folder that the user has chosen. Throws `invalid-argument` where it isn't on this machine, since a thread writes it. */
export function onlyLocal(chosen: vscode.Uri, rule = 'Content can only be saved'): vscode.Uri {
  if (chosen.scheme === 'file') return chosen;
  throw new IpfsKitError('invalid-argument', `${rule} to a local file. Choose a folder on this machine.`);
}

import * as vscode from 'vscode';
import { IpfsKitError } from '../base/ipfsKitError';

/** Throws `cancelled` in an untrusted workspace, even if a keybinding or link ran the command. `what`: "Kubo can't be started". */
export function refuseUntrusted(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new IpfsKitError('cancelled', `${what} from an untrusted workspace. Trust the workspace, or open another window.`);
}

import * as vscode from 'vscode';
import { IpfsKitError } from '../base/ipfsKitError';

/** `what`: "Nothing is started". Throws `cancelled` in an untrusted workspace, whatever led to the command there. */
export function refuseUntrusted(what: string): void {
  if (vscode.workspace.isTrusted) return;
  throw new IpfsKitError('cancelled', `${what} from an untrusted workspace. Trust it, or open another window.`);
}

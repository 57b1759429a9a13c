import type * as vscode from 'vscode';
import type { TokenOf } from '../daemonClient/keptTokens';
import { tokenKey } from './tokenKey';

/** The tokens of a secret storage, with the changes that are made to them, in another window, too. */
export function tokenStorage(secrets: vscode.SecretStorage): TokenOf {
  let changes = 0;
  secrets.onDidChange(() => changes++); // for as long as the extension is active
  return Object.assign(async (place: string) => secrets.get(tokenKey(place)), { changes: () => changes });
}

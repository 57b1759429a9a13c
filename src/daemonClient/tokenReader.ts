import type { TokenOf } from './tokenCache';
import { tokenKey } from './tokenKey';

/** The part of vscode.SecretStorage that is read. */
interface Secrets {
  get(key: string): PromiseLike<string | undefined>;
  readonly onDidChange: (listener: () => void) => unknown;
}

/** The tokens of a secret storage, and the number of changes to them, including those made in other windows. */
export function tokenReader(secrets: Secrets): TokenOf {
  let changes = 0;
  secrets.onDidChange(() => changes++); // For as long as the extension is active.
  return Object.assign(async (address: string) => secrets.get(tokenKey(address)), { changes: () => changes });
}

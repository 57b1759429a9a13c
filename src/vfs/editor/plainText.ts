import type * as vscode from 'vscode';
import type { IpfsPath } from '../ipfsPath';
import { pathOfUri } from './ipfsUri';

/**
 * What an editor would act on, as a read-only document: under a scheme that no file system has, and a name that ends in `.txt`, so that nothing
 * takes `evil.code-workspace` for a workspace or `tasks.json` for tasks.
 */
export const PLAIN_TEXT_SCHEME = 'ipfs-text';

/** Bytes of a document at most: its text crosses from the extension host to the window in one message. */
export const MOST_PLAIN_TEXT = 2 ** 20;

const ENDING = '.txt';

/** `ipfs:/CID/.vscode/tasks.json` → `ipfs-text:/CID/.vscode/tasks.json.txt`. */
export function plainTextUri(uri: vscode.Uri): vscode.Uri {
  return uri.with({ scheme: PLAIN_TEXT_SCHEME, path: uri.path + ENDING });
}

/** Undefined for what plainTextUri has not made. */
export function pathOfPlainText(uri: vscode.Uri): IpfsPath | undefined {
  return uri.path.endsWith(ENDING) ? pathOfUri(uri.with({ path: uri.path.slice(0, -ENDING.length) })) : undefined;
}

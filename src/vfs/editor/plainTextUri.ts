import type * as vscode from 'vscode';
import type { IpfsPath } from '../ipfsPath';
import { PLAIN_TEXT_SCHEME } from './contentSchemes';
import { pathOfUri } from './ipfsUri';

/** The most bytes of a document: its text goes from the extension host to the window in one message. */
export const MOST_PLAIN_TEXT = 2 ** 20;

const ENDING = '.txt';

/** `ipfs:/CID/.vscode/tasks.json` → `ipfs-text:/CID/.vscode/tasks.json.txt`. */
export function plainTextUri(uri: vscode.Uri): vscode.Uri {
  return uri.with({ scheme: PLAIN_TEXT_SCHEME, path: uri.path + ENDING });
}

/** Undefined for a URI that plainTextUri hasn't made. */
export function pathOfPlainText(uri: vscode.Uri): IpfsPath | undefined {
  return uri.path.endsWith(ENDING) ? pathOfUri(uri.with({ path: uri.path.slice(0, -ENDING.length) })) : undefined;
}

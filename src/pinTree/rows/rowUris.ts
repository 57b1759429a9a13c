import * as vscode from 'vscode';
import { IPFS_SCHEME } from '../../vfs/editor/contentSchemes';
import { ipfsUri } from '../../vfs/editor/ipfsUri';
import type { IpfsPath } from '../../vfs/ipfsPath';

/**
 * What the URI of a row has as its query. It also keeps the URI apart from that of the open document, whose problems VS Code would count in the row too, and
 * from those of workspace folders.
 */
export type Mark = 'row' | 'failed' | 'direct' | 'indirect';

/** The badge of a mark, the color of the row, and the words for both. */
const DECORATIONS: Readonly<Partial<Record<string, vscode.FileDecoration>>> = {
  failed: new vscode.FileDecoration('!', 'Failed', new vscode.ThemeColor('list.errorForeground')),
  direct: new vscode.FileDecoration('D', 'Direct pin: only this block is kept'),
  indirect: new vscode.FileDecoration('I', 'Indirect pin: kept by a recursive pin above it'),
} satisfies Record<Exclude<Mark, 'row'>, vscode.FileDecoration>;

/** The URI of a row: the icon theme reads the file name at its end, and an editor that the row is dropped on opens the file. */
export function rowUri(at: IpfsPath, name: string | undefined, mark: Mark = 'row'): vscode.Uri {
  return ipfsUri(at, name, mark);
}

/** Decorates the rows of this view. VS Code also asks for the files of the Explorer and of tabs, which get nothing. */
export function registerRowDecorations(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme, query }) =>
      scheme === IPFS_SCHEME && Object.hasOwn(DECORATIONS, query) ? DECORATIONS[query] : undefined,
  });
}

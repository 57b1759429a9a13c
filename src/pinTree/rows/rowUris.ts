import * as vscode from 'vscode';
import { IPFS_SCHEME } from '../../vfs/editor/contentSchemes';
import { ipfsUri } from '../../vfs/editor/ipfsUri';
import type { IpfsPath } from '../../vfs/ipfsPath';
import { newSinceText } from '../text/newText';

/**
 * What the URI of a row has as its query. It also keeps the URI apart from that of the open document, whose problems VS Code would count in the row too, and
 * from those of workspace folders.
 */
export type Mark = 'row' | 'failed' | 'direct' | 'indirect';

/** Comes after the mark of a new pin, and before the time since when it is new. */
const NEW = '+new=';
const NEW_BADGE = '•';

/** The badge of a mark, the color of the row, and the words for both. */
const DECORATIONS: Readonly<Partial<Record<string, vscode.FileDecoration>>> = {
  failed: new vscode.FileDecoration('!', 'Failed', new vscode.ThemeColor('list.errorForeground')),
  direct: new vscode.FileDecoration('D', 'Direct pin: only this block is kept'),
  indirect: new vscode.FileDecoration('I', 'Indirect pin: kept by a recursive pin above it'),
} satisfies Record<Exclude<Mark, 'row'>, vscode.FileDecoration>;

/** The badge and color of a new pin, after the badge that it has anyway; the color of a failed one stays. */
function decorationOfNew(of: vscode.FileDecoration | undefined, sinceMs: number): vscode.FileDecoration | undefined {
  if (!Number.isSafeInteger(sinceMs)) return of;
  const { badge = '', tooltip, color = new vscode.ThemeColor('list.highlightForeground') } = of ?? {};
  const texts = [tooltip, newSinceText(sinceMs, Date.now())].filter((text) => text !== undefined);
  return new vscode.FileDecoration(`${badge}${NEW_BADGE}`, texts.join('. '), color);
}

/** The decoration of a row by the query of its URI. */
export function decorationOf(query: string): vscode.FileDecoration | undefined {
  const [mark = '', since] = query.split(NEW);
  const of = Object.hasOwn(DECORATIONS, mark) ? DECORATIONS[mark] : undefined;
  return since === undefined ? of : decorationOfNew(of, Number(since));
}

/** The URI of a row: the icon theme reads the file name at its end, and an editor that the row is dropped on opens the file. `newSinceMs`: since when the pin is new, in ms since 1970. */
export function rowUri(at: IpfsPath, name: string | undefined, mark: Mark = 'row', newSinceMs?: number): vscode.Uri {
  return ipfsUri(at, name, newSinceMs === undefined ? mark : `${mark}${NEW}${newSinceMs}`);
}

/** Decorates the rows of this view. VS Code also asks for the files of the Explorer and of tabs, which get nothing. */
export function registerRowDecorations(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme, query }) => (scheme === IPFS_SCHEME ? decorationOf(query) : undefined),
  });
}

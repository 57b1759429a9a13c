import * as vscode from 'vscode';
import type { SafeText } from '../../base/safeText';
import { joined, safe } from '../../base/safeText';
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

interface Decoration {
  readonly badge: SafeText;
  readonly tooltip: SafeText;
  /** The color of the row and the badge, by its name in themes. */
  readonly color?: string;
}

/** The badge of a mark, the color of the row, and the words for both. */
const DECORATIONS: Readonly<Partial<Record<string, Decoration>>> = {
  failed: { badge: safe`!`, tooltip: safe`Failed`, color: 'list.errorForeground' },
  direct: { badge: safe`D`, tooltip: safe`Direct pin: only this block is kept` },
  indirect: { badge: safe`I`, tooltip: safe`Indirect pin: kept by a recursive pin above it` },
} satisfies Record<Exclude<Mark, 'row'>, Decoration>;

/** The decoration of a row by the query of its URI. A new pin has a dot after its badge, and a color unless it has one. */
export function decorationOf(query: string): vscode.FileDecoration | undefined {
  const [mark = '', since] = query.split(NEW);
  const of = Object.hasOwn(DECORATIONS, mark) ? DECORATIONS[mark] : undefined;
  const sinceMs = since === undefined || since === '' ? NaN : Number(since);
  if (!Number.isSafeInteger(sinceMs)) return of && decoration(of);
  const tooltip = joined([of?.tooltip, newSinceText(sinceMs, Date.now())], ' · ');
  return decoration({ badge: safe`${of?.badge ?? safe``}•`, tooltip, color: of?.color ?? 'list.highlightForeground' });
}

function decoration({ badge, tooltip, color }: Decoration): vscode.FileDecoration {
  return new vscode.FileDecoration(badge, tooltip, color === undefined ? undefined : new vscode.ThemeColor(color));
}

/**
 * The URI of a row: the icon theme reads the file name at its end, and an editor that the row is dropped on opens the file. `newSinceMs`: since when the pin is
 * new, in ms since 1970.
 */
export function rowUri(at: IpfsPath, name: string | undefined, mark: Mark = 'row', newSinceMs?: number): vscode.Uri {
  return ipfsUri(at, name, newSinceMs === undefined ? mark : `${mark}${NEW}${newSinceMs}`);
}

/** Decorates the rows of this view. VS Code also asks for the files of the Explorer and of tabs, which get nothing. */
export function registerRowDecorations(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme, query }) => (scheme === IPFS_SCHEME ? decorationOf(query) : undefined),
  });
}

import * as vscode from 'vscode';
import { joined, safe, safeName, safeText } from '../../base/safeText';
import { sizeText, UNIT_WORDS } from '../../base/sizeAndAge';
import type { IpfsEntry, IpfsType } from '../../vfs/ipfsFiles';
import type { IpfsPath } from '../../vfs/ipfsPath';
import { hasObeyedName, isObeyedName } from '../../vfs/obeyedNames';
import { openOnClick } from '../../vfs/editor/openOnClick';
import { isPlainName, plainName } from '../../vfs/plainNames';
import { isPathName } from '../../pin/fileName';
import type { Pin } from '../../pin/pin';
import { exactSize } from '../text/pinFacts';
import { hover } from './hover';
import type { Row } from './row';
import { rowUri } from './rowUris';

/** The topmost row of some content: a pin, or a folder that was opened by its CID. */
export interface ContentRoot extends Row {
  readonly at: IpfsPath;
  /** The file name to show if the content is a file. */
  readonly fileName: string;
  /** Whether it is an entry of a folder that can be changed, and so is everything below it. */
  readonly isEntry: boolean;
  /** Whether an entry can be changed now: its daemon runs. */
  readonly isChangeable: boolean;
}

/** The row of a pin, as the rows of its content need it. */
export interface PinnedRow extends ContentRoot {
  readonly pin: Pin;
}

/** A row with content below it. */
export type ContentParent = ContentRoot | ContentRow;

/** The content of pins, as rows read it; createContentRows implements it. */
export interface Content {
  /** Whether any source of blocks is configured or found. */
  readonly canOpen: boolean;
  /** The rows below `parent`. Never rejects: an error is a row. */
  below(parent: ContentParent): Promise<readonly Row[]>;
  /** Reads and shows the next page of a folder, and gives the row of its first entry. */
  more(parent: ContentParent): Promise<Row | undefined>;
  /** True for a file, false for a folder; undefined until the pin has been opened. */
  isFile(cid: string): boolean | undefined;
}

const WORD: Readonly<Record<IpfsType, string>> = {
  file: 'file',
  data: 'data',
  directory: 'folder',
  symlink: 'symbolic link',
  unknown: 'unknown type',
};

/** The longest name in a path, in UTF-16 units; file systems allow 255 bytes. */
const LONGEST_NAME = 1024;

/** A file or folder below a pin. */
export class ContentRow implements Row {
  readonly at: IpfsPath;

  constructor(
    private readonly content: Content,
    readonly entry: IpfsEntry,
    readonly id: string,
    readonly parent: ContentParent,
    /** The pin itself is a file, and this row shows it. */
    readonly isPinItself = false,
  ) {
    const { at } = parent;
    // An entry whose name can't be part of a path or URI is opened by its own CID.
    const isBelow = isPathName(entry.name) && isPlainName(entry.name) && entry.name.length <= LONGEST_NAME;
    this.at = isPinItself ? at : isBelow ? { cid: at.cid, path: [...at.path, entry.name] } : { cid: entry.cid, path: [] };
  }

  get isEntry(): boolean {
    return this.parent.isEntry;
  }

  get isChangeable(): boolean {
    return this.parent.isChangeable;
  }

  item(): vscode.TreeItem {
    const { id, at, entry } = this;
    const { name, type, statedTotal, sizeBytes = statedTotal } = entry;
    const isFolder = type === 'directory';
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(safeName(name), isFolder ? Collapsed : None);
    item.id = id;
    const size = sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes));
    const word = isFolder || type === 'file' ? undefined : safeText(WORD[type]);
    item.description = joined([size, word], ' · ');
    // The icon theme chooses an icon by the name of a file. Folders always have the general icon, because not every theme has one for folders.
    if (!isFolder) item.resourceUri = rowUri(at, plainName(name));
    item.iconPath =
      type === 'unknown' ? new vscode.ThemeIcon('question') : isFolder ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
    const kind = type === 'unknown' ? [] : [isFolder ? 'folder' : type === 'symlink' ? 'link' : 'file'];
    item.contextValue = ['content', ...kind, ...(this.isChangeable ? ['entry'] : [])].join(':');
    const spokenSize = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes, UNIT_WORDS)}`;
    item.accessibilityInformation = { label: safe`${safeName(name)}, ${WORD[type]}${spokenSize}` };
    if (!isFolder) item.command = openOnClick(this);
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.content.below(this);
  }

  /** The current row of this entry: the clicked one may have been replaced. */
  async again(): Promise<Row | undefined> {
    return (await this.content.below(this.parent)).find(({ id }) => id === this.id);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    const { name, cid, sizeBytes, statedTotal, problem } = this.entry;
    const total =
      statedTotal === undefined ? undefined : safe`${sizeText(statedTotal)} with everything in it, as the folder above states`;
    const size = sizeBytes === undefined ? total : exactSize(sizeBytes);
    const isObeyed = hasObeyedName(this.at.path) || isObeyedName(name);
    const obeyed = isObeyed ? safe`Configuration: opened as plain text, left out of workspace folders` : undefined;
    const why = problem && safe`Unknown type of content. ${safeText(problem.message, 1000)}`;
    const facts = [size, obeyed, why].filter((fact) => fact !== undefined);
    item.tooltip = hover(this, safeName(name, 500), facts, cid, true);
    return item;
  }
}

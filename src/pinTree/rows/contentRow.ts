import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import { joined, safe, safeText } from '../../base/safeText';
import { sizeText, UNIT_WORDS } from '../../base/sizeAndAge';
import type { IpfsEntry, IpfsType } from '../../vfs/ipfsFiles';
import type { IpfsPath } from '../../vfs/ipfsPath';
import { hasObeyedName, isObeyedName } from '../../vfs/obeyedNames';
import { isPathName, isPlainName, plainName } from '../../vfs/plainNames';
import { ipfsUri } from '../../vfs/editor/ipfsUri';
import { shortCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import type { Row } from './row';

/** The row of a pin, as far as its content is concerned. */
export interface PinnedRow extends Row {
  readonly pin: Pin;
  readonly at: IpfsPath;
  /** For when the pin turns out to be a file. */
  readonly fileName: string;
}

/** What has content below it: a pin, or a folder of one. */
export type ContentParent = PinnedRow | ContentRow;

/** What rows ask of the content of pins. createContentRows answers. */
export interface Content {
  /** Whether there is a place where content could be. */
  readonly canOpen: boolean;
  /** Never rejects: what is wrong is a row. */
  below(parent: ContentParent): Promise<readonly Row[]>;
  /** Reads and shows the next page of a folder. */
  more(parent: ContentParent): Promise<void>;
  /** Whether a pin is a file or a folder, where that was seen when it was opened. */
  isFile(cid: string): boolean | undefined;
}

const WORD: Readonly<Record<IpfsType, string>> = {
  file: 'file',
  data: 'data',
  directory: 'folder',
  symlink: 'symbolic link',
  unknown: 'kind unknown',
};

/** UTF-16 units; file systems end at 255 bytes. */
const LONGEST_NAME = 1024;

/** A file or folder below a pin. */
export class ContentRow implements Row {
  readonly at: IpfsPath;

  constructor(
    private readonly content: Content,
    readonly entry: IpfsEntry,
    readonly id: string,
    readonly parent: ContentParent,
    /** The pin itself is a file, and this is it. */
    isPinItself = false,
  ) {
    const { at } = parent;
    // What no path leads to, or no URI may hold, is known by its own CID.
    const isBelow = isPathName(entry.name) && isPlainName(entry.name) && entry.name.length <= LONGEST_NAME;
    this.at = isPinItself ? at : isBelow ? { cid: at.cid, path: [...at.path, entry.name] } : { cid: entry.cid, path: [] };
  }

  item(): vscode.TreeItem {
    const { id, at, entry } = this;
    const { name, type, sizeBytes, cid } = entry;
    const isFolder = type === 'directory';
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(safeText(name === '' ? '(no name)' : name), isFolder ? Collapsed : None);
    item.id = id;
    const size = sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes));
    const word = isFolder || type === 'file' ? undefined : safeText(WORD[type]);
    item.description = joined([size, word, safeText(shortCid(cid), 40)], ' · ');
    // The icon that the user's theme has for such a name. Not every theme has one for folders: theirs is always the same.
    if (!isFolder) item.resourceUri = ipfsUri(at, plainName(name));
    item.iconPath =
      type === 'unknown' ? new vscode.ThemeIcon('question') : isFolder ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
    item.contextValue = `content.${isFolder ? 'folder' : type === 'symlink' ? 'link' : 'file'}`;
    const spokenSize = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes, UNIT_WORDS)}`;
    item.accessibilityInformation = { label: safe`${safeText(name)}, ${WORD[type]}${spokenSize}` };
    if (!isFolder) item.command = { command: COMMAND.openPin, title: 'Open', arguments: [this] };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.content.below(this);
  }

  /** The row of this entry as it is now: the one that was clicked may have been drawn again. */
  async again(): Promise<Row | undefined> {
    return (await this.content.below(this.parent)).find(({ id }) => id === this.id);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    const { name, cid, sizeBytes, problem } = this.entry;
    const size = sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes));
    const isObeyed = hasObeyedName(this.at.path) || isObeyedName(name);
    const obeyed = isObeyed ? 'Configuration: opened as plain text, left out of workspace folders' : undefined;
    const why = problem && safe`Unknown kind of content. ${safeText(problem.message, 1000)}`;
    item.tooltip = joined([safeText(name, 500), safeText(cid, 500), size, obeyed, why], '\n');
    return item;
  }
}

import * as vscode from 'vscode';
import { safe, safeText } from '../../base/safeText';
import { shortCid } from '../../pin/cid';
import type { IpfsPath } from '../../vfs/ipfsPath';
import type { Content, ContentRoot } from './contentRow';
import { hover } from './hover';
import type { Row } from './row';

/** A folder that a person has opened by its CID or a path, pinned or not. It stays at the top of the tree until it is closed. */
export class OpenedRow implements ContentRoot {
  readonly id: string;
  readonly parent = undefined;
  readonly isEntry = false;
  readonly isChangeable = false;

  constructor(
    private readonly content: Content,
    readonly at: IpfsPath,
    /** The name to show. */
    readonly fileName: string,
    /** The CID of the folder itself. */
    readonly cid: string,
  ) {
    this.id = openedId(at);
  }

  item(): vscode.TreeItem {
    const { id, at, fileName } = this;
    const name = fileName === at.cid ? safeText(shortCid(fileName)) : safeText(fileName);
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Expanded);
    item.id = id;
    item.description = 'opened';
    item.iconPath = new vscode.ThemeIcon('folder-opened');
    item.contextValue = 'opened:folder';
    item.accessibilityInformation = { label: safe`${name}, opened folder` };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.content.below(this);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    const { at, fileName, cid } = this;
    const from = at.path.length === 0 ? [] : [safe`Opened at /ipfs/${safeText([at.cid, ...at.path].join('/'), 2000)}`];
    item.tooltip = hover(this, safeText(fileName, 500), from, cid, true);
    return item;
  }
}

export function openedId({ cid, path }: IpfsPath): string {
  return `opened:${JSON.stringify([cid, ...path])}`;
}

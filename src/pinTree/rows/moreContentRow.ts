import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import type { Content, ContentParent } from './contentRow';
import type { Row } from './row';

/** The last row of a folder with more entries than rows. */
export class MoreContentRow implements Row {
  readonly id: string;

  constructor(
    private readonly content: Content,
    readonly parent: ContentParent,
  ) {
    this.id = `${parent.id}/!more`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('Show more');
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More', arguments: [this] };
    return item;
  }

  /** Reads and shows the next page as Content.more does. The rows that are shown stay. */
  show(): Promise<Row | undefined> {
    return this.content.more(this.parent);
  }
}

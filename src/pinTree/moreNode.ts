import * as vscode from 'vscode';
import { COMMAND } from '../contributions';
import { MORE } from './pinListModel';

/** The last row while there are more pins than rows. */
export class MoreNode {
  readonly id = 'more';

  constructor(private readonly left: number | undefined) {}

  item(): vscode.TreeItem {
    const next = this.left === undefined ? MORE : Math.min(MORE, this.left);
    const item = new vscode.TreeItem(
      `Show ${next}${this.left === undefined ? '' : next === this.left ? ' more' : ` more of ${this.left.toLocaleString('en-US')}`}`,
    );
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More Pins' };
    return item;
  }
}

import * as vscode from 'vscode';
import { COMMAND } from '../contributions';
import type { GroupRow } from './groupRow';
import { MORE } from './pinListModel';

/** The last row while there are more pins, or groups, than rows. */
export class MoreNode {
  readonly id: string;

  /** `left`: how many are not shown; undefined while that is being counted. */
  constructor(
    private readonly left: number | undefined,
    readonly parent: GroupRow | undefined,
    private readonly what: 'more' | 'more groups' = 'more',
  ) {
    this.id = `${what}:${parent?.id ?? ''}`;
  }

  item(): vscode.TreeItem {
    const { left, what, parent } = this;
    const next = left === undefined ? MORE : Math.min(MORE, left);
    const of = left === undefined ? '' : next === left ? ` ${what}` : ` ${what} of ${left.toLocaleString('en-US')}`;
    const item = new vscode.TreeItem(`Show ${next}${of}`);
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More Pins', ...(parent && { arguments: [this] }) };
    return item;
  }
}

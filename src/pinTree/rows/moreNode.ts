import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import { withCommas } from '../../base/withCommas';
import type { LevelParent } from './groupRow';
import { MORE } from '../list/pinListModel';
import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';

/** Where the rows are that it shows: after the last pin, after the last group, or before the first pin or group of a long level. */
export type MoreWhere = 'after' | 'after-groups' | 'before' | 'before-groups';

/** The last row while there are more pins, or groups, than rows; the first one where the first rows gave way. */
export class MoreNode {
  readonly id: string;

  /** `left`: how many are not shown; undefined while that is being counted. */
  constructor(
    private readonly left: number | undefined,
    readonly parent: LevelParent | undefined,
    readonly where: MoreWhere = 'after',
  ) {
    this.id = `more:${where}:${parent?.id ?? ''}`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem(this.label());
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon(this.isBefore ? 'chevron-up' : 'ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More Pins', arguments: [this] };
    return item;
  }

  get isBefore(): boolean {
    return this.where.startsWith('before');
  }

  private label(): SafeText {
    const { left, where } = this;
    const groups = where.endsWith('groups') ? ' groups' : '';
    if (left === undefined) return safe`Show ${MORE}`;
    const next = Math.min(MORE, left);
    const ofAll = next === left ? '' : ` of ${withCommas(left)}`;
    return this.isBefore ? safe`Show ${next}${groups}${ofAll} before these` : safe`Show ${next} more${groups}${ofAll}`;
  }
}

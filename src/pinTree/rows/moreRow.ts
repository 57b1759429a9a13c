import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import { withCommas } from '../../base/withCommas';
import { MORE } from '../list/rowRange';
import type { SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import type { Row } from './row';
import type { LeftOut, RowSource } from './rowSource';

/** The row that shows more: after the others while there are more pins or groups, and before them where the first rows are no longer shown. */
export class MoreRow implements Row, LeftOut {
  readonly id: string;

  /** `left`: number of pins or groups that are not shown; undefined while they are being counted. */
  constructor(
    private readonly source: RowSource,
    private readonly left: number | undefined,
    readonly parent: Row | undefined,
    readonly what: LeftOut['what'] = 'pins',
    readonly isBefore = false,
  ) {
    this.id = `more:${isBefore ? 'before' : 'after'}${what === 'groups' ? '-groups' : ''}:${parent?.id ?? ''}`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem(this.label());
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon(this.isBefore ? 'chevron-up' : 'ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More Pins', arguments: [this] };
    return item;
  }

  /** Shows the rows as RowSource.showMore does. */
  show(): Promise<Row | undefined> {
    return this.source.showMore(this);
  }

  private label(): SafeText {
    const { left, what, isBefore } = this;
    const groups = what === 'groups' ? ' groups' : '';
    if (left === undefined) return safe`Show ${MORE}`;
    const next = Math.min(MORE, left);
    const ofAll = next === left ? '' : ` of ${withCommas(left)}`;
    return isBefore ? safe`Show ${next}${groups}${ofAll} before these` : safe`Show ${next} more${groups}${ofAll}`;
  }
}

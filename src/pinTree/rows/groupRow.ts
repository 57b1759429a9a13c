import * as vscode from 'vscode';
import type { GroupKey } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import type { SourceRow } from './sourceRow';
import { groupDescription, groupLabel, groupSpoken } from '../text/groupText';

const ICON: Readonly<Record<GroupKey, string>> = {
  type: 'pinned',
  status: 'pulse',
  tier: 'layers',
  backend: 'server',
  month: 'calendar',
  folder: 'folder',
};

/** Of several sources, `source` tells whose group it is. */
export function groupRowId(by: GroupKey, { key }: GroupNode, source: SourceRow | undefined): string {
  return `${source ? `${source.id}/` : ''}group:${by}:${JSON.stringify(key ?? null)}`;
}

/** The row of the source that a row is below; undefined where there is one source alone. */
export function sourceRowOf(row: LevelParent | undefined): SourceRow | undefined {
  let top = row;
  while (top instanceof GroupRow) top = top.parent;
  return top;
}

/** What pins and groups are directly below, where they are not at the top. */
export type LevelParent = GroupRow | SourceRow;

/** A group in the tree: opens into its folders and pins. */
export class GroupRow {
  readonly id: string;

  constructor(
    readonly group: GroupNode,
    readonly by: GroupKey,
    readonly parent: LevelParent | undefined,
  ) {
    this.id = groupRowId(by, group, sourceRowOf(parent));
  }

  item(): vscode.TreeItem {
    const { group, by } = this;
    const above = this.parent instanceof GroupRow ? this.parent.group.key : undefined;
    const item = new vscode.TreeItem(groupLabel(group, by, above), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.description = groupDescription(group);
    item.iconPath = new vscode.ThemeIcon(group.key === undefined ? 'circle-slash' : ICON[by]);
    item.contextValue = 'group';
    item.accessibilityInformation = { label: groupSpoken(group, by, above) };
    return item;
  }

  async resolve(item: vscode.TreeItem): Promise<vscode.TreeItem> {
    const { groupTooltip } = await import('./rowTooltips');
    item.tooltip = groupTooltip(this.group, this.by);
    return item;
  }
}

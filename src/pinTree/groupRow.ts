import * as vscode from 'vscode';
import type { GroupKey } from '../pin/pinQuery';
import type { GroupNode } from '../pinIndex/groupLevel';
import { groupDescription, groupLabel, groupSpoken, groupTooltip } from './groupText';

const ICON: Readonly<Record<GroupKey, string>> = {
  type: 'pinned',
  status: 'pulse',
  tier: 'layers',
  backend: 'server',
  month: 'calendar',
  folder: 'folder',
};

export function groupRowId(by: GroupKey, { key }: GroupNode): string {
  return `group:${by}:${JSON.stringify(key ?? null)}`;
}

/** A group in the tree: opens into its folders and pins. */
export class GroupRow {
  readonly id: string;

  constructor(
    readonly group: GroupNode,
    readonly by: GroupKey,
    readonly parent: GroupRow | undefined,
  ) {
    this.id = groupRowId(by, group);
  }

  item(): vscode.TreeItem {
    const { group, by, parent } = this;
    const item = new vscode.TreeItem(groupLabel(group, by, parent?.group.key), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.description = groupDescription(group);
    item.iconPath = new vscode.ThemeIcon(group.key === undefined ? 'circle-slash' : ICON[by]);
    item.contextValue = 'group';
    item.accessibilityInformation = { label: groupSpoken(group, by, parent?.group.key) };
    return item;
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = groupTooltip(this.group, this.by);
    return item;
  }
}

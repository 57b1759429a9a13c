import * as vscode from 'vscode';
import type { GroupKey } from '../../pin/pinQuery';
import type { GroupNode } from '../../columns/groupLevel';
import { groupDescription, groupLabel, groupSpoken } from '../text/groupText';
import type { Noun } from '../text/pinCount';
import { nounOf } from '../text/pinCount';
import type { Icon } from '../text/pinState';
import { STATE_ICON, stateOfStatus } from '../text/pinState';
import type { Row } from './row';
import type { RowSource } from './rowSource';
import { groupTooltip } from './rowTooltips';
import { themeIcon } from './themeIcon';

const ICON: Readonly<Record<GroupKey, string>> = {
  type: 'list-tree',
  status: 'circle-outline',
  tier: 'layers',
  backend: 'server',
  month: 'calendar',
  folder: 'folder',
  copies: 'copy',
  source: 'server-environment',
};

/** The icons of certain groups. */
const ICON_OF_KEY: Partial<Readonly<Record<GroupKey, Readonly<Record<string, string>>>>> = {
  type: { direct: 'circle-filled', indirect: 'references' },
  status: { pinned: 'pinned', unpinned: 'circle-slash', unknown: 'question' },
};

function iconOf({ key }: GroupNode, by: GroupKey): Icon {
  if (key === undefined) return { icon: 'circle-slash' };
  const state = by === 'status' ? stateOfStatus(key) : undefined;
  // The rows of a group under way turn, and one picture that turns is enough.
  if (state) return state === 'pinning' ? { icon: 'sync' } : STATE_ICON[state];
  const own = ICON_OF_KEY[by] ?? {};
  return { icon: (Object.hasOwn(own, key) ? own[key] : undefined) ?? ICON[by] };
}

/** The id of a group's row. `above`: the row of its source, where there are several sources. */
export function groupRowId(by: GroupKey, { key }: GroupNode, above: Row | undefined): string {
  return `${above ? `${above.id}/` : ''}group:${by}:${JSON.stringify(key ?? null)}`;
}

/** The row of a group, with its folders and pins below. */
export class GroupRow implements Row {
  readonly id: string;
  /** The row of the source, where there are several sources. */
  private readonly above: Row | undefined;

  constructor(
    readonly source: RowSource,
    readonly group: GroupNode,
    readonly by: GroupKey,
    readonly parent: Row | undefined,
  ) {
    this.above = parent instanceof GroupRow ? parent.above : parent;
    this.id = groupRowId(by, group, this.above);
  }

  private get noun(): Noun {
    return nounOf(this.source.list.model.state);
  }

  item(): vscode.TreeItem {
    const { group, by } = this;
    const outer = this.parent instanceof GroupRow ? this.parent.group.key : undefined;
    const item = new vscode.TreeItem(groupLabel(group, by, outer, this.source.nameOf), vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.id;
    item.description = groupDescription(group, this.noun);
    item.iconPath = themeIcon(iconOf(group, by));
    item.contextValue = 'group';
    item.accessibilityInformation = { label: groupSpoken(group, by, outer, this.noun, this.source.nameOf) };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.source.below(this, this.group);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = groupTooltip(this.group, this.by, this.noun, this.source.nameOf);
    return item;
  }
}

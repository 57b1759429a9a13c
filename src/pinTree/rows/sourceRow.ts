import * as vscode from 'vscode';
import type { SourceList } from '../list/sourceList';
import { placeContext, sourceDescription, sourceIcon } from '../text/sourceText';
import { safe, safeText } from '../../base/safeText';

/** Where pins stand, as the topmost row of its pins: where there are several such places. */
export class SourceRow {
  readonly id: string;
  readonly parent = undefined;

  constructor(readonly list: SourceList) {
    this.id = `source:${list.source.id}`;
  }

  item(): vscode.TreeItem {
    const { source, model } = this.list;
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(safeText(source.name), model.state.error ? None : Expanded);
    item.id = this.id;
    const description = sourceDescription(model.state, Date.now());
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(sourceIcon(model.state));
    item.contextValue = `source:${placeContext(source, model.state.error)}`;
    item.accessibilityInformation = { label: safe`${safeText(source.name)}, ${description}` };
    return item;
  }

  async resolve(item: vscode.TreeItem): Promise<vscode.TreeItem> {
    const { sourceTooltip } = await import('./rowTooltips');
    item.tooltip = sourceTooltip(this.list.model.state, Date.now());
    return item;
  }
}

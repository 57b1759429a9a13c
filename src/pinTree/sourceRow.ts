import * as vscode from 'vscode';
import { abbreviateHome } from '../homePath';
import { safeLine } from '../safeText';
import type { SourceList } from './pinLists';
import { sourceDescription, sourceIcon, sourceMessage } from './sourceText';

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
    const item = new vscode.TreeItem(source.name, model.state.error ? None : Expanded);
    item.id = this.id;
    item.description = sourceDescription(model.state, Date.now());
    item.iconPath = new vscode.ThemeIcon(sourceIcon(model.state));
    item.contextValue = `source.${source.id}${model.state.error ? `.${model.state.error.reason}` : ''}`;
    item.accessibilityInformation = { label: `${source.name}, ${item.description}` };
    return item;
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = safeLine(abbreviateHome(sourceMessage(this.list.model.state, Date.now())), 2000);
    return item;
  }
}

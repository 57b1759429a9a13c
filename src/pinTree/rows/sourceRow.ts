import * as vscode from 'vscode';
import { sourceContext, sourceDescription, sourceIcon } from '../text/sourceText';
import { safe, safeText } from '../../base/safeText';
import type { Row } from './row';
import type { RowSource } from './rowSource';
import { sourceTooltip } from './rowTooltips';

/** The row of a source, above its pins. It is shown where the view has several sources. */
export class SourceRow implements Row {
  readonly id: string;
  readonly parent = undefined;

  constructor(readonly source: RowSource) {
    this.id = `source:${source.list.source.id}`;
  }

  item(): vscode.TreeItem {
    const { source, model } = this.source.list;
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(safeText(source.name), model.state.error ? None : Expanded);
    item.id = this.id;
    const description = sourceDescription(model.state, Date.now());
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(sourceIcon(model.state));
    item.contextValue = `source:${sourceContext(source, model.state.error)}`;
    item.accessibilityInformation = { label: safe`${safeText(source.name)}, ${description}` };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.source.topmost(this);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = sourceTooltip(this.source.list.model.state, Date.now());
    return item;
  }
}

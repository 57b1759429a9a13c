import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import { isEmpty } from '../text/emptyText';
import { sourceContext, sourceIcon, sourceRemedy, sourceRowText } from '../text/sourceText';
import { joined, safe, safeText } from '../../base/safeText';
import type { Row } from './row';
import type { RowSource } from './rowSource';
import { sourceTooltip } from './rowTooltips';
import { themeIcon } from './themeIcon';

/** The row of a source, above its pins. It is shown where the view has several sources. A click on a source whose list failed runs the remedy. */
export class SourceRow implements Row {
  readonly id: string;
  readonly parent = undefined;

  /** `isOpen`: whether the row is drawn expanded; `isEmpty`: it has no rows below it. */
  constructor(
    readonly source: RowSource,
    private readonly isOpen: (isEmpty: boolean) => boolean,
  ) {
    this.id = `source:${source.list.source.id}`;
  }

  item(): vscode.TreeItem {
    const { source, model } = this.source.list;
    const { state } = model;
    const remedy = sourceRemedy(source, state);
    const { Expanded, Collapsed, None } = vscode.TreeItemCollapsibleState;
    const isOpen = this.isOpen(isEmpty(state));
    const item = new vscode.TreeItem(safeText(source.name), state.error ? None : isOpen ? Expanded : Collapsed);
    item.id = this.id;
    const description = sourceRowText(source, state, Date.now());
    item.description = description;
    item.iconPath = themeIcon(sourceIcon(state));
    item.contextValue = `source:${sourceContext(source, state.error, state.listing)}`;
    item.accessibilityInformation = { label: safe`${safeText(source.name)}, ${description}` };
    if (remedy) item.command = { command: COMMAND[remedy.command], title: safeText(remedy.title, 60), arguments: [this] };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.source.topmost(this);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    const { source, model } = this.source.list;
    const remedy = sourceRemedy(source, model.state);
    const click = remedy && safe`Click: ${safeText(remedy.title, 60)}`;
    item.tooltip = joined([sourceTooltip(model.state, Date.now()), click], '\n');
    return item;
  }
}

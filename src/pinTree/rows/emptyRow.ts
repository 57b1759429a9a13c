import * as vscode from 'vscode';
import type { ContentParent } from './contentRow';
import type { Row } from './row';

/** The only row below an empty folder. */
export class EmptyRow implements Row {
  readonly id: string;

  constructor(readonly parent: ContentParent) {
    this.id = `${parent.id}/!empty`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('');
    item.id = this.id;
    item.description = 'Empty folder'; // VS Code draws descriptions in gray.
    item.contextValue = 'empty';
    item.accessibilityInformation = { label: 'Empty folder' };
    return item;
  }
}

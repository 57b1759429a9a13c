import type * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { ContentTarget } from '../vfs/editor/contentTarget';
import type { SourceList } from './list/sourceList';
import type { PinTreeNode } from './rows/levelRows';
import { isEntry } from './rows/levelRows';
import { PinNode } from './rows/pinNode';

/** A pin, and the list that its row is of. */
export interface ChosenPin {
  readonly pin: Pin;
  /** How it stands, a line for each machine, where that was asked for. */
  readonly detail: string | undefined;
  readonly list: SourceList;
}

/** As chosenRows, of pins and what is below them. */
export function chosenContent(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly ContentTarget[] {
  return chosen(view, clicked, selected).flatMap((row): ContentTarget[] => {
    if (row instanceof PinNode)
      return [{ row, at: row.at, name: row.pin.vfsPath === undefined ? (row.pin.name ?? row.pin.cid) : row.fileName }];
    return isEntry(row) ? [{ row, at: row.at, name: row.entry.name, type: row.entry.type }] : [];
  });
}

/** The rows that a command is meant for: all that are selected where the clicked one is among them (VS Code passes both), else the focused ones. */
export function chosenRows(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly PinNode[] {
  return chosen(view, clicked, selected).filter((row): row is PinNode => row instanceof PinNode);
}

function chosen(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly unknown[] {
  return Array.isArray(selected) && selected.length > 0 ? selected : clicked === undefined ? view.selection : [clicked];
}

import type * as vscode from 'vscode';

/** A row of the Pins view. The tree knows rows only by this interface. */
export interface Row {
  /** Unique in the tree. It stays the same when the list is read again, so that VS Code keeps rows selected and expanded. */
  readonly id: string;
  /** Undefined at the top. */
  readonly parent: Row | undefined;
  /** The row without its tooltip. */
  item(): vscode.TreeItem;
  /** Left out where the row never has rows below it. Never rejects: an error is a row. */
  children?(): Promise<readonly Row[]>;
  /** Adds the tooltip, which VS Code asks for when the pointer rests on the row. */
  resolve?(item: vscode.TreeItem): vscode.TreeItem | Promise<vscode.TreeItem>;
}

/** Draws these rows and everything below them again; without an argument, all rows. */
export type Redraw = (rows?: Row | Row[]) => void;

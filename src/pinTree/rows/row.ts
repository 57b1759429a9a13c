import type * as vscode from 'vscode';

/** A row of the Pins view, whatever it stands for. The tree knows no more of a row than this. */
export interface Row {
  /** Unique in the tree. It stays the same when the list is read again, so that VS Code keeps what is selected and what is open. */
  readonly id: string;
  /** Undefined at the top. */
  readonly parent: Row | undefined;
  /** The row without its tooltip. */
  item(): vscode.TreeItem;
  /** Left out where nothing is ever below the row. Never rejects: what is wrong is a row. */
  children?(): Promise<readonly Row[]>;
  /** Adds the tooltip, which VS Code asks for when the pointer rests on the row. */
  resolve?(item: vscode.TreeItem): vscode.TreeItem;
}

/** Draws these rows anew with what is below them; all rows where none is named. */
export type Redraw = (rows?: Row | Row[]) => void;

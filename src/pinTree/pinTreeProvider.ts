import * as vscode from 'vscode';
import type { Row } from './rows/row';
import { createSlices } from './rows/slices';

/** Some 0.1 ms each, the work of VS Code included, before their code is hot. */
const ROWS_AT_ONCE = 25;

/** Rows as a tree, whatever they stand for. */
export class PinTreeProvider implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly slices = createSlices(ROWS_AT_ONCE);

  /** `roots`: the rows at the top. The first question for them comes when the view is seen. */
  constructor(private readonly roots: () => Promise<readonly Row[]>) {}

  /** VS Code asks for all rows of a level at once: thousands of them are given in slices. */
  getTreeItem(row: Row): vscode.TreeItem | Promise<vscode.TreeItem> {
    return this.slices()?.then(() => row.item()) ?? row.item();
  }

  async getChildren(row?: Row): Promise<Row[]> {
    return [...((await (row ? row.children?.() : this.roots())) ?? [])];
  }

  getParent(row: Row): Row | undefined {
    return row.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem {
    return row.resolve?.(item) ?? item;
  }

  redraw(rows?: Row | Row[]): void {
    this.changed.fire(rows);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

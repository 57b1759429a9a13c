import * as vscode from 'vscode';
import type { Row } from './rows/row';
import { createRowsPerTurn } from './rows/rowsPerTurn';

/** Rows per slice: before its code is optimized, a row takes some 0.1 ms, VS Code's own work included. */
const ROWS_AT_ONCE = 25;

/** The tree of rows. It knows rows only by the interface Row. */
export class PinTreeProvider implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly rowsPerTurn = createRowsPerTurn(ROWS_AT_ONCE);

  /** `roots` gives the rows at the top. VS Code asks for them first when the view becomes visible. */
  constructor(private readonly roots: () => Promise<readonly Row[]>) {}

  /** VS Code asks for all rows of a level at once, so thousands of rows are given in slices. */
  getTreeItem(row: Row): vscode.TreeItem | Promise<vscode.TreeItem> {
    return this.rowsPerTurn()?.then(() => row.item()) ?? row.item();
  }

  async getChildren(row?: Row): Promise<Row[]> {
    return [...((await (row ? row.children?.() : this.roots())) ?? [])];
  }

  getParent(row: Row): Row | undefined {
    return row.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, row: Row): vscode.TreeItem | Promise<vscode.TreeItem> {
    return row.resolve?.(item) ?? item;
  }

  redraw(rows?: Row | Row[]): void {
    this.changed.fire(rows);
  }

  dispose(): void {
    this.changed.dispose();
  }
}

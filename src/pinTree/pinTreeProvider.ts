import * as vscode from 'vscode';
import type { Row } from './rows/row';
import { createRowsPerTurn } from './rows/rowsPerTurn';

/** The time of a turn in which rows are drawn, in ms. */
const MOST_MS = 2;

/** The tree of rows. It knows rows only by the interface Row. */
export class PinTreeProvider implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Row | Row[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly rowsPerTurn = createRowsPerTurn(MOST_MS);

  /** `roots` gives the rows at the top. VS Code asks for them first when the view becomes visible. */
  constructor(private readonly roots: () => Promise<readonly Row[]>) {}

  /** VS Code asks for all rows of a level at once, so thousands of rows are given in slices. */
  getTreeItem(row: Row): vscode.TreeItem | Promise<vscode.TreeItem> {
    return this.rowsPerTurn(() => row.item());
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

import * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { ContentAccess } from '../vfs/editor/contentParts';
import type { ContentParent } from '../vfs/editor/contentRow';
import type { GroupNode } from '../pinIndex/groupLevel';
import { GroupRow, groupRowId } from './groupRow';
import type { PinTreeNode } from './levelRows';
import { createLevelRows, isEntry, whatOf } from './levelRows';
import type { MoreNode } from './moreNode';
import type { PinLevel } from './pinLevel';
import type { PinListModel } from './pinListModel';
import { PinNode } from './pinNode';
import { createSlices } from './slices';

const TICK_MS = 2000;
const ROWS_AT_ONCE = 100;

/** The rows of the list as a tree. The first question for them starts the listing. */
export class PinTreeProvider implements vscode.TreeDataProvider<PinTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<PinTreeNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly ticks = new Set<NodeJS.Timeout>();
  private readonly rows = createLevelRows();
  private canOpen = false;
  private readonly slices = createSlices(ROWS_AT_ONCE);
  private shown: readonly unknown[] = [];
  private readonly openRows = new Map<string, GroupRow>();

  constructor(
    private readonly model: PinListModel,
    private readonly content: ContentAccess,
    private readonly wanted: () => void,
  ) {}

  /** Shows what the model holds now: all of it, or below one group. */
  update(group?: GroupNode): void {
    const { busy, rows, view } = this.model.state;
    const row = group && view.group && this.openRows.get(groupRowId(view.group, group));
    if (row) return this.changed.fire(row);
    // Drawing some thousand rows anew costs: only where there are others, or another number of those that are not shown.
    const shown = [rows.pins, rows.groups, rows.pinTotal, rows.pinTotal === undefined && busy];
    if (this.shown.length > 0 && shown.every((part, at) => part === this.shown[at])) return;
    this.shown = shown;
    this.content.forgetProblems();
    this.changed.fire(undefined);
  }

  /** VS Code asks for all rows of a level at once: thousands of them are given in slices. */
  getTreeItem(node: PinTreeNode): vscode.TreeItem | Promise<vscode.TreeItem> {
    const make = (): vscode.TreeItem => (node instanceof PinNode ? node.item(Date.now(), this.canOpen) : node.item());
    return this.slices()?.then(make) ?? make();
  }

  async getChildren(parent?: PinTreeNode): Promise<PinTreeNode[]> {
    if (!parent) {
      this.canOpen = this.content.isPossible();
      this.wanted();
      return this.topRows();
    }
    if (parent instanceof PinNode || isEntry(parent)) return [...(await this.content.below(parent))];
    if (!(parent instanceof GroupRow)) return [];
    this.openRows.set(parent.id, parent);
    return this.rowsOf(await this.model.rowsOf(parent.group), parent);
  }

  getParent(node: PinTreeNode): PinTreeNode | undefined {
    return node.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, node: PinTreeNode): vscode.TreeItem {
    return 'resolve' in node ? node.resolve(item) : item;
  }

  /** Rows can be opened now, or no longer. */
  redraw(): void {
    this.changed.fire(undefined);
  }

  /** The next entries of a folder below a pin. */
  async showMoreEntries(parent: ContentParent): Promise<void> {
    await this.content.more(parent);
    this.changed.fire(parent);
  }

  /** Shows the next rows, or those before: of a level, or at the top. Gives the row to go on reading from, where others gave way. */
  async showMore(more?: MoreNode): Promise<PinTreeNode | undefined> {
    const { model, rows } = this;
    const parent = more?.parent;
    const level = async (): Promise<PinLevel> => (parent ? model.rowsOf(parent.group) : model.state.rows);
    const before = await level();
    const { first, end } = rows.shown(before, more);
    if (rows.move(before, more)) this.changed.fire(parent);
    else await model.showMore(parent?.group);
    const after = await level();
    const nodes = this.rowsOf(after, parent);
    if (rows.shown(after, more).first === first) return undefined;
    const next = after[whatOf(more)][more?.isBefore === true ? first : end];
    return nodes.find((node) => (node instanceof PinNode ? node.pin : node instanceof GroupRow && node.group) === next);
  }

  /** The row of a pin at the top, where it has been read. */
  find({ cid, type }: Pick<Pin, 'cid' | 'type'>): PinNode | undefined {
    const { rows } = this.model.state;
    const at = rows.pins.findIndex((pin) => pin.cid === cid && (type === undefined || pin.type === type));
    if (at < 0) return undefined;
    if (this.rows.show(rows, at, undefined)) this.changed.fire(undefined);
    return this.topRows().find((row): row is PinNode => row instanceof PinNode && row.pin === rows.pins[at]);
  }

  /** The inline copy icon of these rows is a tick for two seconds. */
  showCopied(nodes: readonly PinNode[]): void {
    const mark = (copied: boolean): void => {
      for (const node of nodes) {
        node.copied = copied;
        this.changed.fire(node);
      }
    };
    mark(true);
    const tick = setTimeout(() => {
      this.ticks.delete(tick);
      mark(false);
    }, TICK_MS);
    this.ticks.add(tick);
  }

  dispose(): void {
    for (const tick of this.ticks) clearTimeout(tick);
    this.changed.dispose();
  }

  topRows(): PinTreeNode[] {
    return this.rowsOf(this.model.state.rows, undefined);
  }

  private rowsOf(level: PinLevel, parent: GroupRow | undefined): PinTreeNode[] {
    const { busy, view } = this.model.state;
    return this.rows.of(level, parent?.by ?? view.group, parent, busy);
  }
}

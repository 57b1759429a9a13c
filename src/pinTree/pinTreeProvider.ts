import * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { GroupNode } from '../pinIndex/groupLevel';
import { GroupRow, groupRowId } from './groupRow';
import { MoreNode } from './moreNode';
import type { PinLevel } from './pinLevel';
import type { PinListModel } from './pinListModel';
import { PinNode } from './pinNode';
import { createSlices } from './slices';

export type PinTreeNode = PinNode | GroupRow | MoreNode;

const TICK_MS = 2000;
const ROWS_AT_ONCE = 100;

/** The rows of the list as a tree. The first question for them starts the listing. */
export class PinTreeProvider implements vscode.TreeDataProvider<PinTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<PinTreeNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly ticks = new Set<NodeJS.Timeout>();
  /** The rows of a level stay the same while its pins do. */
  private readonly nodes = new WeakMap<PinLevel['pins'], PinTreeNode[]>();
  private readonly slices = createSlices(ROWS_AT_ONCE);
  private shown: readonly unknown[] = [];
  private readonly openRows = new Map<string, GroupRow>();

  constructor(
    private readonly model: PinListModel,
    private readonly wanted: () => void,
  ) {}

  /** Shows what the model holds now: all of it, or below one group. */
  update(group?: GroupNode): void {
    const { rows, view } = this.model.state;
    const row = group && view.group && this.openRows.get(groupRowId(view.group, group));
    if (row) return this.changed.fire(row);
    // Drawing some thousand rows anew costs: only where there are others, or another number of those that are not shown.
    const shown = [rows.pins, rows.groups, this.leftAtTop()];
    if (this.shown.length > 0 && shown.every((part, at) => part === this.shown[at])) return;
    this.shown = shown;
    this.changed.fire(undefined);
  }

  /** VS Code asks for all rows of a level at once: thousands of them are given in slices. */
  getTreeItem(node: PinTreeNode): vscode.TreeItem | Promise<vscode.TreeItem> {
    const make = (): vscode.TreeItem => (node instanceof PinNode ? node.item(Date.now()) : node.item());
    return this.slices()?.then(make) ?? make();
  }

  async getChildren(parent?: PinTreeNode): Promise<PinTreeNode[]> {
    if (!parent) {
      this.wanted();
      return this.rowsOf(this.model.state.rows, undefined);
    }
    if (!(parent instanceof GroupRow)) return [];
    this.openRows.set(parent.id, parent);
    return this.rowsOf(await this.model.rowsOf(parent.group), parent);
  }

  getParent(node: PinTreeNode): PinTreeNode | undefined {
    return node.parent;
  }

  resolveTreeItem(item: vscode.TreeItem, node: PinTreeNode): vscode.TreeItem {
    return node instanceof MoreNode ? item : node.resolve(item);
  }

  /** The row of a pin at the top, where it is shown. */
  find({ cid, type }: Pin): PinNode | undefined {
    const { rows } = this.model.state;
    return this.rowsOf(rows, undefined).find(
      (row): row is PinNode => row instanceof PinNode && row.pin.cid === cid && row.pin.type === type,
    );
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

  private rowsOf(level: PinLevel, parent: GroupRow | undefined): PinTreeNode[] {
    const { busy, view } = this.model.state;
    const { groups, groupTotal, pins } = level;
    let rows = this.nodes.get(pins);
    if (!rows) {
      const by = parent?.by ?? view.group;
      rows = [
        ...(by === undefined ? [] : groups.map((group) => new GroupRow(group, by, parent))),
        ...(groupTotal > groups.length ? [new MoreNode(groupTotal - groups.length, parent, 'more groups')] : []),
        ...nodesOf(pins, parent),
      ];
      this.nodes.set(pins, rows);
    }
    const left = leftOf(level, busy);
    return left === 0 ? rows : [...rows, new MoreNode(left, parent)];
  }

  private leftAtTop(): number | undefined {
    const { rows, busy } = this.model.state;
    return leftOf(rows, busy);
  }
}

/** How many pins are not shown; undefined while they are being counted. */
function leftOf({ pins, pinTotal }: PinLevel, busy: boolean): number | undefined {
  if (pinTotal !== undefined) return Math.max(0, pinTotal - pins.length);
  return busy && pins.length > 0 ? undefined : 0;
}

/** Ids must be unique in a tree: a CID that comes twice is numbered. */
function nodesOf(pins: readonly Pin[], parent: GroupRow | undefined): PinNode[] {
  const seen = new Map<string, number>();
  return pins.map((pin) => {
    const id = `${parent ? `${parent.id}/` : ''}pin:${pin.type ?? ''}:${pin.cid}`;
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return new PinNode(pin, times === 0 ? id : `${id}#${times}`, parent);
  });
}

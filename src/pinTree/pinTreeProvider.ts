import * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import { MoreNode } from './moreNode';
import { PinNode } from './pinNode';
import type { PinListModel } from './pinListModel';

export type PinTreeNode = PinNode | MoreNode;

const TICK_MS = 2000;

/** The rows of the list as a tree. The first question for them starts the listing. */
export class PinTreeProvider implements vscode.TreeDataProvider<PinTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<PinTreeNode | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly ticks = new Set<NodeJS.Timeout>();
  private pins: readonly Pin[] = [];
  private nodes: PinNode[] = [];

  constructor(
    private readonly model: PinListModel,
    private readonly wanted: () => void,
  ) {}

  /** Shows what the model holds now. Nodes of unchanged rows are kept. */
  update(): void {
    const { pins } = this.model.state;
    if (pins !== this.pins) {
      this.nodes = nodesOf(pins);
      this.pins = pins;
    }
    this.changed.fire(undefined);
  }

  getTreeItem(node: PinTreeNode): vscode.TreeItem {
    return node instanceof PinNode ? node.item(Date.now()) : node.item();
  }

  getChildren(parent?: PinTreeNode): PinTreeNode[] {
    if (parent) return [];
    this.wanted();
    const { total, busy } = this.model.state;
    const left = total === undefined ? undefined : total - this.nodes.length;
    const more = left === undefined ? busy && this.nodes.length > 0 : left > 0;
    return more ? [...this.nodes, new MoreNode(left)] : this.nodes;
  }

  getParent(): undefined {
    return undefined;
  }

  resolveTreeItem(item: vscode.TreeItem, node: PinTreeNode): vscode.TreeItem {
    return node instanceof PinNode ? node.resolve(item) : item;
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
}

/** Ids must be unique in a tree: a CID that comes twice is numbered. */
function nodesOf(pins: readonly Pin[]): PinNode[] {
  const seen = new Map<string, number>();
  return pins.map((pin) => {
    const id = `pin:${pin.type ?? ''}:${pin.cid}`;
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return new PinNode(pin, times === 0 ? id : `${id}#${times}`);
  });
}

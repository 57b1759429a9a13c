import * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { RowFacts } from '../pinSource/pinSource';
import type { ContentAccess } from '../vfs/editor/contentParts';
import type { ContentParent, EntryRow } from '../vfs/editor/contentRow';
import type { GroupNode } from '../columns/groupLevel';
import type { LevelParent } from './rows/groupRow';
import { GroupRow, groupRowId } from './rows/groupRow';
import type { PinTreeNode } from './rows/levelRows';
import { createLevelRows, isEntry, whatOf } from './rows/levelRows';
import type { MoreNode } from './rows/moreNode';
import type { PeersRow } from './rows/peerRows';
import type { PinLevel } from './list/pinLevel';
import type { PinLists } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import { PinNode } from './rows/pinNode';
import { createSlices } from './rows/slices';
import { SourceRow } from './rows/sourceRow';
import { sourceDescription } from './text/sourceText';

const TICK_MS = 2000;
/** Some 0.1 ms each, the work of VS Code included, before their code is hot. */
const ROWS_AT_ONCE = 25;

/** The rows of the list as a tree. The first question for them starts the listing. */
export class PinTreeProvider implements vscode.TreeDataProvider<PinTreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<PinTreeNode | PinTreeNode[] | undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly ticks = new Set<NodeJS.Timeout>();
  private readonly rows = createLevelRows();
  private canOpen = false;
  private readonly slices = createSlices(ROWS_AT_ONCE);
  private readonly shown = new Map<SourceList, readonly unknown[]>();
  private readonly openRows = new Map<string, GroupRow>();
  private readonly facts = new Map<SourceList, RowFacts<PinNode> | undefined>();
  private readonly peers = new Map<SourceList, PeersRow>();
  private readonly sourceRows = new Map<SourceList, SourceRow>();
  private readonly listOfRow = new WeakMap<PinTreeNode, SourceList>();

  constructor(
    private readonly lists: PinLists,
    private readonly content: ContentAccess,
    private readonly wanted: () => void,
  ) {}

  /** Shows what the lists hold now: all of them, one, or what is below one group of it. */
  update(list?: SourceList, group?: GroupNode): void {
    if (!list) {
      this.shown.clear();
      this.forgetHidden();
      return this.changed.fire(undefined);
    }
    const { busy, rows, view, error } = list.model.state;
    const above = this.rowOf(list);
    const row = group && view.group && this.openRows.get(groupRowId(view.group, group, above));
    if (row) return this.changed.fire(row);
    // Drawing some thousand rows anew costs: only where there are others, or another number of those that are not shown.
    const told = above && [error, sourceDescription(list.model.state, 0)];
    const shown = [rows.pins, rows.groups, rows.pinTotal, rows.pinTotal === undefined && busy, ...(told ?? [])];
    const before = this.shown.get(list);
    if (before?.length === shown.length && shown.every((part, at) => part === before[at])) return;
    this.shown.set(list, shown);
    this.facts.get(list)?.forget();
    this.peers.get(list)?.forget();
    this.content.forgetProblems();
    this.changed.fire(above);
  }

  /** Lists come and go with the settings: nothing is kept of one that is not shown. */
  private forgetHidden(): void {
    const shown = new Set<unknown>(this.lists.shown());
    for (const [list, facts] of this.facts) if (!shown.has(list)) facts?.dispose();
    for (const kept of [this.facts, this.peers, this.sourceRows])
      for (const list of kept.keys()) if (!shown.has(list)) kept.delete(list);
    for (const [id, row] of this.openRows) if (!shown.has(this.listOf(row))) this.openRows.delete(id);
  }

  /** VS Code asks for all rows of a level at once: thousands of them are given in slices. */
  getTreeItem(node: PinTreeNode): vscode.TreeItem | Promise<vscode.TreeItem> {
    const make = (): vscode.TreeItem => (node instanceof PinNode ? this.pinItem(node) : node.item());
    return this.slices()?.then(make) ?? make();
  }

  private pinItem(node: PinNode): vscode.TreeItem {
    const list = this.listOf(node);
    const { actions } = list.source.capabilities;
    const [asked, isFile] = [this.factsOf(list)?.of(node), this.content.isFile(node.pin.cid)];
    return node.item(Date.now(), { canOpen: this.canOpen, isFile, actions, asked });
  }

  async getChildren(parent?: PinTreeNode): Promise<PinTreeNode[]> {
    if (!parent) {
      this.canOpen = this.content.isPossible();
      this.wanted();
      const [only, ...others] = this.lists.shown();
      const hasNoRow = others.length > 0 || this.topRows().length === 0; // with a row, the view would have no welcome text
      return [...(hasNoRow ? [] : await this.peersOf(only)), ...this.topRows()];
    }
    if (parent instanceof SourceRow) {
      return [...(await this.peersOf(parent.list, parent)), ...this.rowsOf(parent.list.model.state.rows, parent)];
    }
    if ('below' in parent) return parent.below();
    if (parent instanceof PinNode || isEntry(parent)) return [...(await this.content.below(parent))];
    if (!(parent instanceof GroupRow)) return [];
    this.openRows.set(parent.id, parent);
    return this.rowsOf(await this.listOf(parent).model.rowsOf(parent.group), parent);
  }

  getParent(node: PinTreeNode): PinTreeNode | undefined {
    return node.parent && treeNode(node.parent);
  }

  resolveTreeItem(item: vscode.TreeItem, node: PinTreeNode): vscode.ProviderResult<vscode.TreeItem> {
    return 'resolve' in node ? node.resolve(item) : item;
  }

  /** Rows can be opened now, or no longer; or one, and what is below it, is known better. */
  redraw(row?: ContentParent): void {
    this.changed.fire(row && treeNode(row));
  }

  /** The row of an entry as it is now: the one that was clicked may have been drawn again. */
  async entryAgain({ id, parent }: EntryRow): Promise<PinTreeNode | undefined> {
    return (await this.content.below(parent)).find((row) => row.id === id);
  }

  /** The next entries of a folder below a pin. */
  async showMoreEntries(parent: ContentParent): Promise<void> {
    await this.content.more(parent);
    this.changed.fire(treeNode(parent));
  }

  /** Shows the next rows, or those before: of a level, or at the top. Gives the row to go on reading from, where others gave way. */
  async showMore(more?: MoreNode): Promise<PinTreeNode | undefined> {
    const { rows } = this;
    const { model } = this.listOf(more);
    const parent = more?.parent;
    const group = parent instanceof GroupRow ? parent.group : undefined;
    const level = async (): Promise<PinLevel> => (group ? model.rowsOf(group) : model.state.rows);
    const before = await level();
    const { first, end } = rows.shown(before, more);
    if (rows.move(before, more)) this.changed.fire(parent);
    else await model.showMore(group);
    const after = await level();
    const nodes = this.rowsOf(after, parent);
    if (rows.shown(after, more).first === first) return undefined;
    const next = after[whatOf(more)][more?.isBefore === true ? first : end];
    return nodes.find((node) => (node instanceof PinNode ? node.pin : node instanceof GroupRow && node.group) === next);
  }

  /** The row of a pin of a list, outside of groups, where it has been read; of any list where none is named. */
  find({ cid, type }: Pick<Pin, 'cid' | 'type'>, of?: SourceList): PinNode | undefined {
    for (const list of of ? [of] : this.lists.shown()) {
      const { rows } = list.model.state;
      const parent = this.rowOf(list);
      const at = rows.pins.findIndex((pin) => pin.cid === cid && (type === undefined || pin.type === type));
      if (at < 0) continue;
      if (this.rows.show(rows, at, parent)) this.changed.fire(parent);
      return this.rowsOf(rows, parent).find((row): row is PinNode => row instanceof PinNode && row.pin === rows.pins[at]);
    }
    return undefined;
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
    for (const facts of this.facts.values()) facts?.dispose();
    this.changed.dispose();
  }

  topRows(): PinTreeNode[] {
    const shown = this.lists.shown();
    const [only] = shown;
    return shown.length > 1 ? shown.map((list) => this.rowOf(list) ?? new SourceRow(list)) : this.rowsOf(only.model.state.rows);
  }

  /** The list that a row is of: also of one that was made while others were shown. */
  listOf(row: PinNode | GroupRow | MoreNode | SourceRow | undefined): SourceList {
    return row instanceof SourceRow ? row.list : ((row && this.listOfRow.get(row)) ?? this.lists.shown()[0]);
  }

  private factsOf(list: SourceList): RowFacts<PinNode> | undefined {
    if (!this.facts.has(list))
      this.facts.set(
        list,
        list.source.rowFacts?.((rows) => this.changed.fire([...rows])),
      );
    return this.facts.get(list);
  }

  private async peersOf(list: SourceList, parent?: SourceRow): Promise<PeersRow[]> {
    if (!list.source.peers) return [];
    const { PeersRow } = await import('./rows/peerRows');
    const before = this.peers.get(list);
    const row = before && before.parent === parent ? before : new PeersRow(list, parent, () => this.changed.fire(row));
    this.peers.set(list, row);
    return [row];
  }

  /** Undefined while it stands alone. */
  private rowOf(list: SourceList): SourceRow | undefined {
    if (this.lists.shown().length === 1) return undefined;
    const row = this.sourceRows.get(list) ?? new SourceRow(list);
    this.sourceRows.set(list, row);
    return row;
  }

  private rowsOf(level: PinLevel, parent?: LevelParent): PinTreeNode[] {
    const list = this.listOf(parent);
    const { busy, view } = list.model.state;
    const rows = this.rows.of(level, parent instanceof GroupRow ? parent.by : view.group, parent, busy);
    for (const row of rows) this.listOfRow.set(row, list);
    return rows;
  }
}

/** What content is below is a row of this tree, though the room of content doesn't know the tree. */
function treeNode(row: LevelParent | ContentParent | PeersRow): PinTreeNode {
  return row as PinTreeNode;
}

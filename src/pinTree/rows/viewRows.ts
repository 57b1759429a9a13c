import type { GroupNode } from '../../columns/groupLevel';
import type { ListsJoin } from '../list/listsJoin';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import type { ContentRows } from './contentRows';
import type { OpenedRows } from './openedRows';
import type { Redraw, Row } from './row';
import { createOpenSources } from './openSources';
import { SourceRow } from './sourceRow';
import { SourceRows } from './sourceRows';
import { isEmpty } from '../text/emptyText';
import { sourceHealth } from '../text/sourceText';

/** The rows of all sources in the view. The rows of other sources are dropped. */
export class ViewRows {
  private readonly sources = new Map<SourceList, SourceRows>();
  /** The sources in the order of their rows, and whether it is final until all sources are listed again. */
  private order: readonly SourceList[] = [];
  private isOrdered = false;
  private readonly open = createOpenSources();

  constructor(
    private readonly lists: Pick<PinLists, 'shown'>,
    private readonly join: Pick<ListsJoin, 'copiesOf' | 'nameOf' | 'onDidChange'>,
    private readonly content: ContentRows,
    private readonly redraw: Redraw,
    private readonly opened: Pick<OpenedRows, 'rows'>,
  ) {}

  /**
   * The folders that were opened, then a row for each source or, of a single source, its own rows. Without pins there are none of those: a row of peers would
   * replace the welcome text.
   */
  async roots(): Promise<readonly Row[]> {
    this.content.look();
    return [...this.opened.rows(), ...(await this.listed())];
  }

  private async listed(): Promise<readonly Row[]> {
    const [first, ...others] = this.shown();
    if (others.length > 0) return [first, ...others].map(({ row }) => row);
    if (first.topRows().length === 0) return [];
    this.open.alone(first.list);
    return first.topmost(undefined);
  }

  /** Draws the current rows of all lists, of one list, or below one group of it. */
  update(list?: SourceList, group?: GroupNode): void {
    if (list) {
      const isMoved = !this.isOrdered && this.arrange();
      this.of(list).update(group);
      if (!isMoved) return;
      for (const rows of this.sources.values()) rows.redrawn();
      return this.redraw();
    }
    this.isOrdered = false;
    this.arrange();
    const shown = this.lists.shown();
    for (const [each, rows] of this.sources) {
      if (shown.includes(each)) rows.redrawn();
      else if (this.sources.delete(each)) {
        rows.dispose();
        this.open.forget(each);
      }
    }
    this.redraw();
  }

  /** Shows the next rows at the top, of the first source that has any. */
  showMore(): Promise<Row | undefined> {
    const shown = this.shown();
    const of = shown.find((rows) => rows.topRows().length > 0) ?? shown[0];
    const what = of.list.model.state.view.group === undefined ? 'pins' : 'groups';
    return of.showMore({ parent: shown.length > 1 ? of.row : undefined, what, isBefore: false });
  }

  of(list: SourceList): SourceRows {
    const rows =
      this.sources.get(list) ??
      new SourceRows(
        list,
        this.content,
        this.redraw,
        () => this.lists.shown().length === 1,
        (isEmpty) => this.isOpen(list, isEmpty),
        this.join,
      );
    this.sources.set(list, rows);
    return rows;
  }

  /** The rows of sources that are expanded, and that VS Code has drawn collapsed: they are to be revealed. */
  lateRows(): readonly Row[] {
    return this.shown().flatMap(({ list, row }) => {
      const { state } = list.model;
      return this.isOpen(list, isEmpty(state)) && state.listing && this.open.isLate(list) ? row : [];
    });
  }

  /** The user has expanded or collapsed a row. */
  changed(row: Row, isOpen: boolean): void {
    if (row instanceof SourceRow) this.open.changed(row.source.list, isOpen);
  }

  dispose(): void {
    for (const rows of this.sources.values()) rows.dispose();
  }

  /**
   * Puts sources without a list first, those that need attention before the others. Sources are arranged only until each of them is listed: a source that
   * becomes well, or fails, while the rows are read keeps its place. True where rows have moved.
   */
  private arrange(): boolean {
    const shown = this.lists.shown();
    const ranks = new Map(shown.map((list) => [list, RANK[sourceHealth(list.model.state)]]));
    const order = [...shown].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
    const isSame = order.length === this.order.length && order.every((list, at) => list === this.order[at]);
    this.order = order;
    this.isOrdered = shown.every(({ model: { state } }) => !state.busy && (state.listing ?? state.error));
    return order.length > 1 && !isSame;
  }

  private isOpen(list: SourceList, isRowEmpty: boolean): boolean {
    if (isRowEmpty) this.open.drawnEmpty(list);
    return !isRowEmpty && this.open.drawn(list, this.order.find(({ model }) => !isEmpty(model.state)) === list);
  }

  private shown(): readonly [SourceRows, ...SourceRows[]] {
    const shown = this.lists.shown();
    const isCurrent = this.order.length === shown.length && shown.every((list) => this.order.includes(list));
    if (!isCurrent) this.arrange();
    const [first = shown[0], ...others] = this.order;
    return [this.of(first), ...others.map((list) => this.of(list))];
  }
}

const RANK = { error: 0, warning: 1, off: 2, loading: 3, well: 3 } as const;

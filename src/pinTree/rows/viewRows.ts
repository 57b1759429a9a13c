import type { GroupNode } from '../../columns/groupLevel';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import type { ContentRows } from './contentRows';
import type { Redraw, Row } from './row';
import { SourceRows } from './sourceRows';

/** The rows of all sources in the view. The rows of other sources are dropped. */
export class ViewRows {
  private readonly sources = new Map<SourceList, SourceRows>();

  constructor(
    private readonly lists: Pick<PinLists, 'shown'>,
    private readonly content: ContentRows,
    private readonly redraw: Redraw,
  ) {}

  /** A row for each source or, of a single source, its own rows. Without pins there are none: a row of peers would replace the welcome text. */
  async roots(): Promise<readonly Row[]> {
    this.content.look();
    const [first, ...others] = this.shown();
    if (others.length > 0) return [first, ...others].map(({ row }) => row);
    return first.topRows().length > 0 ? first.topmost(undefined) : [];
  }

  /** Draws the current rows of all lists, of one list, or below one group of it. */
  update(list?: SourceList, group?: GroupNode): void {
    if (list) return this.of(list).update(group);
    const shown = this.lists.shown();
    for (const [each, rows] of this.sources) {
      if (shown.includes(each)) rows.redrawn();
      else if (this.sources.delete(each)) rows.dispose();
    }
    this.redraw();
  }

  /** Shows the next rows at the top. */
  showMore(): Promise<Row | undefined> {
    const [first, ...others] = this.shown();
    const what = first.list.model.state.view.group === undefined ? 'pins' : 'groups';
    return first.showMore({ parent: others.length > 0 ? first.row : undefined, what, isBefore: false });
  }

  of(list: SourceList): SourceRows {
    const rows = this.sources.get(list) ?? new SourceRows(list, this.content, this.redraw, () => this.lists.shown().length === 1);
    this.sources.set(list, rows);
    return rows;
  }

  dispose(): void {
    for (const rows of this.sources.values()) rows.dispose();
  }

  private shown(): readonly [SourceRows, ...SourceRows[]] {
    const [first, ...others] = this.lists.shown();
    return [this.of(first), ...others.map((list) => this.of(list))];
  }
}

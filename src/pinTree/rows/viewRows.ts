import type { GroupNode } from '../../columns/groupLevel';
import type { Pin } from '../../pin/pin';
import type { PinLists } from '../list/pinLists';
import type { SourceList } from '../list/sourceList';
import type { ContentRows } from './contentRows';
import type { Redraw, Row } from './row';
import { SourceRows } from './sourceRows';

/** The rows of all sources that are in the view. Nothing is kept of a source that is not. */
export class ViewRows {
  private readonly sources = new Map<SourceList, SourceRows>();

  constructor(
    private readonly lists: Pick<PinLists, 'shown'>,
    private readonly content: ContentRows,
    private readonly redraw: Redraw,
  ) {}

  /** The rows at the top, with what stands above pins. With any row, the view would have no welcome text. */
  async roots(): Promise<readonly Row[]> {
    this.content.look();
    const [first, ...others] = this.shown();
    return others.length > 0 || first.topRows().length === 0 ? this.topRows() : first.topmost(undefined);
  }

  /** The rows of sources; where there is only one, those of its groups and pins. */
  topRows(): readonly Row[] {
    const [first, ...others] = this.shown();
    return others.length > 0 ? [first, ...others].map(({ row }) => row) : first.topRows();
  }

  /** Draws what the lists hold now: all of them, one, or what is below one group of it. */
  update(list?: SourceList, group?: GroupNode): void {
    if (list) return this.of(list).update(group);
    const shown = this.lists.shown();
    for (const [each, rows] of this.sources) {
      if (shown.includes(each)) rows.drawnAnew();
      else this.forget(each, rows);
    }
    this.redraw();
  }

  /** Shows the next rows at the top. */
  showMore(): Promise<Row | undefined> {
    const [first, ...others] = this.shown();
    return first.showMore({ parent: others.length > 0 ? first.row : undefined, what: 'pins', isBefore: false });
  }

  /** The row of a pin of a list, outside of groups, where it has been read. */
  find(pin: Pick<Pin, 'cid' | 'type'>, of: SourceList): Row | undefined {
    return this.of(of).find(pin);
  }

  dispose(): void {
    for (const [list, rows] of this.sources) this.forget(list, rows);
  }

  private shown(): readonly [SourceRows, ...SourceRows[]] {
    const [first, ...others] = this.lists.shown();
    return [this.of(first), ...others.map((list) => this.of(list))];
  }

  private of(list: SourceList): SourceRows {
    const rows = this.sources.get(list) ?? new SourceRows(list, this.content, this.redraw, () => this.lists.shown().length === 1);
    this.sources.set(list, rows);
    return rows;
  }

  private forget(list: SourceList, rows: SourceRows): void {
    rows.dispose();
    this.sources.delete(list);
  }
}

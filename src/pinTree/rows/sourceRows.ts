import type { GroupNode } from '../../columns/groupLevel';
import type { Pin } from '../../pin/pin';
import type { AskedFacts, RowFacts } from '../../pinSource/pinSource';
import type { PinLevel } from '../list/pinLevel';
import type { SourceList } from '../list/sourceList';
import { sourceDescription } from '../text/sourceText';
import type { ContentRows } from './contentRows';
import type { PinnedRow } from './contentRow';
import { GroupRow, groupRowId } from './groupRow';
import type { LevelRows } from './levelRows';
import { createLevelRows } from './levelRows';
import { PeersRow } from './peersRow';
import { PinRow } from './pinRow';
import type { Redraw, Row } from './row';
import type { LeftOut, RowSource } from './rowSource';
import { SourceRow } from './sourceRow';

/** The rows of one source, with everything that is cached for them. It is dropped together with the source. */
export class SourceRows implements RowSource {
  /** The row above the others, where there are several sources. */
  readonly row: SourceRow;
  private readonly levels: LevelRows;
  private readonly facts: RowFacts<PinnedRow> | undefined;
  /** The rows of groups that VS Code has expanded since the rows were drawn, by id. */
  private readonly open = new Map<string, Row>();
  private peers: PeersRow | undefined;
  /** The values that the rows were drawn from, to compare with the next ones. */
  private drawn: readonly unknown[] = [];

  /** `isOnlySource`: whether the view has no other source at the moment. `isOpen`: as for SourceRow. */
  constructor(
    readonly list: SourceList,
    readonly content: ContentRows,
    private readonly redraw: Redraw,
    private readonly isOnlySource: () => boolean,
    isOpen: (isEmpty: boolean) => boolean,
  ) {
    this.row = new SourceRow(this, isOpen);
    this.levels = createLevelRows(this);
    this.facts = list.source.rowFacts?.((rows) => redraw([...rows]));
  }

  /** The rows of groups and pins at the top. */
  topRows(): readonly Row[] {
    return this.rowsOf(this.list.model.state.rows, this.above);
  }

  topmost(parent: Row | undefined): Promise<readonly Row[]> {
    return Promise.resolve([...this.peersRow(parent), ...this.rowsOf(this.list.model.state.rows, parent)]);
  }

  async below(row: Row, group: GroupNode): Promise<readonly Row[]> {
    this.open.set(row.id, row);
    return this.rowsOf(await this.list.model.rowsOf(group), row);
  }

  factsOf(row: PinnedRow): AskedFacts | undefined {
    return this.facts?.of(row);
  }

  /** Draws the current rows of the list: all of them, or those below one group. */
  update(group?: GroupNode): void {
    const { busy, rows, view, error } = this.list.model.state;
    const row = group && view.group && this.open.get(groupRowId(view.group, group, this.above));
    if (row) return this.redraw(row);
    // Drawing some thousand rows again is slow, so it is done only where the rows, or the number of rows that are not shown, have changed.
    const heading = this.above && [error, sourceDescription(this.list.model.state, 0)];
    const next = [rows.pins, rows.groups, rows.pinTotal, rows.pinTotal === undefined && busy, ...(heading ?? [])];
    if (this.drawn.length === next.length && next.every((part, at) => part === this.drawn[at])) return;
    this.drawn = next;
    this.open.clear();
    this.facts?.forget();
    this.peers?.forget();
    this.content.forgetProblems();
    this.redraw(this.above);
  }

  /** To be called when all rows of the view are drawn again: the next change isn't compared with what was drawn before. */
  redrawn(): void {
    this.drawn = [];
  }

  async showMore(of: LeftOut): Promise<Row | undefined> {
    const { parent, what, isBefore } = of;
    const { levels } = this;
    const { model } = this.list;
    const group = parent instanceof GroupRow ? parent.group : undefined;
    const level = async (): Promise<PinLevel> => (group ? model.rowsOf(group) : model.state.rows);
    const before = await level();
    const { first, end } = levels.shown(before, of);
    if (levels.move(before, of)) this.redraw(parent);
    else await model.showMore(group);
    const after = await level();
    const rows = this.rowsOf(after, parent);
    if (levels.shown(after, of).first === first) return undefined;
    const next = after[what][isBefore ? first : end];
    return rows.find((row) => (row instanceof PinRow ? row.pin : row instanceof GroupRow && row.group) === next);
  }

  /** The row of a pin, where its list isn't grouped and the pin has been read. */
  find({ cid, type }: Pick<Pin, 'cid' | 'type'>): Row | undefined {
    const { rows } = this.list.model.state;
    const at = rows.pins.findIndex((pin) => pin.cid === cid && (type === undefined || pin.type === type));
    if (at < 0) return undefined;
    if (this.levels.show(rows, at, this.above)) this.redraw(this.above);
    return this.topRows().find((row) => row instanceof PinRow && row.pin === rows.pins[at]);
  }

  dispose(): void {
    this.facts?.dispose();
  }

  private get above(): SourceRow | undefined {
    return this.isOnlySource() ? undefined : this.row;
  }

  private peersRow(parent: Row | undefined): readonly PeersRow[] {
    if (!this.list.source.peers) return [];
    const row = this.peers?.parent === parent ? this.peers : undefined;
    this.peers = row ?? new PeersRow(this.list, parent, this.redraw);
    return [this.peers];
  }

  private rowsOf(level: PinLevel, parent: Row | undefined): readonly Row[] {
    const { busy, view } = this.list.model.state;
    return this.levels.of(level, parent instanceof GroupRow ? parent.by : view.group, parent, busy);
  }
}

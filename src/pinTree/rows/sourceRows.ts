import type { Disposable } from '../../base/disposable';
import type { GroupNode } from '../../columns/groupLevel';
import { mayBeFolder } from '../../pin/cid';
import type { PinCopies } from '../../pin/joinedContents';
import type { SoughtPin } from '../../pin/soughtPin';
import type { AskedFacts, RowFacts } from '../../pinSource/pinSource';
import { createRowFacts } from '../../pinSource/rowFacts';
import type { ListsJoin } from '../list/listsJoin';
import type { PinLevel } from '../list/pinLevel';
import { rangeOf } from '../list/pinLevel';
import type { To } from '../list/rowRange';
import type { SourceList } from '../list/sourceList';
import { sourceRowText } from '../text/sourceText';
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

/** The longest time in ms that a hover waits for what other lists know. */
const HOVER_MS = 300;

/** The rows of one source, with everything that is cached for them. It is dropped together with the source. */
export class SourceRows implements RowSource {
  /** The row above the others, where there are several sources. */
  readonly row: SourceRow;
  private readonly levels: LevelRows;
  private readonly facts: RowFacts<PinnedRow> | undefined;
  /** What pins are, for those without a name and those whose source doesn't tell. */
  private readonly here: RowFacts<PinnedRow>;
  /** The rows of groups that VS Code has expanded since the rows were drawn, by id. */
  private readonly open = new Map<string, Row>();
  private peers: PeersRow | undefined;
  /** The rows that have a hover: VS Code keeps it until they are drawn again. */
  private readonly hovered = new Set<Row>();
  private readonly joining: Disposable;
  /** The values that the rows were drawn from, to compare with the next ones. */
  private drawn: readonly unknown[] = [];
  private heading: readonly unknown[] = [];

  /** `isOnlySource`: whether the view has no other source at the moment. `isOpen`: as for SourceRow. */
  constructor(
    readonly list: SourceList,
    readonly content: ContentRows,
    private readonly redraw: Redraw,
    private readonly isOnlySource: () => boolean,
    isOpen: (isEmpty: boolean) => boolean,
    private readonly join: Pick<ListsJoin, 'copiesOf' | 'nameOf' | 'onDidChange'>,
  ) {
    this.row = new SourceRow(this, isOpen);
    this.levels = createLevelRows(this);
    this.facts = list.source.rowFacts?.((rows) => redraw([...rows]));
    this.here = createRowFacts(content.kindsHere, (rows) => redraw([...rows]));
    this.joining = join.onDidChange(() => {
      if (this.hovered.size > 0) redraw([...this.hovered]);
      this.hovered.clear();
    });
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
    const asked = this.facts?.of(row);
    const isAwaited = this.facts !== undefined && asked === undefined;
    const isKindUnknown = !isAwaited && asked?.isFile === undefined && mayBeFolder(row.pin.cid);
    const isWanted = isKindUnknown || (row.pin.name === undefined && asked?.isFile !== false);
    const here = isWanted && this.content.canOpen ? this.here.of(row) : undefined;
    return here ? { ...asked, isFile: asked?.isFile ?? here.isFile, ending: here.ending } : asked;
  }

  async copiesOf(row: PinnedRow): Promise<PinCopies> {
    this.hovered.add(row);
    const late = new Promise<PinCopies>((resolve) => setTimeout(() => resolve({}), HOVER_MS).unref());
    return Promise.race([this.join.copiesOf(this.list, row.pin.cid).catch(() => ({})), late]);
  }

  readonly nameOf = (id: string): string => this.join.nameOf(id);

  /** Draws the current rows of the list: all of them, or those below one group. */
  update(group?: GroupNode): void {
    const { busy, rows, view, error, isSilent } = this.list.model.state;
    const row = group && view.group && this.open.get(groupRowId(view.group, group, this.above));
    if (row) return this.redraw(row);
    // Drawing some thousand rows again is slow, so it is done only where the rows, or the number of rows that are not shown, have changed.
    const heading = this.above ? [error, sourceRowText(this.list.source, this.list.model.state, 0)] : [];
    const next = [rows.pins, rows.groups, rows.pinTotal, rows.pinTotal === undefined && busy];
    const isOld = areSame(next, this.drawn);
    if (isOld && areSame(heading, this.heading)) return;
    this.heading = heading;
    if (isOld) return this.redraw(this.above);
    this.drawn = next;
    this.hovered.clear();
    this.open.clear();
    this.facts?.forget(isSilent);
    this.here.forget(isSilent);
    this.peers?.forget();
    this.content.forgetProblems();
    this.redraw(this.above);
  }

  /** To be called when all rows of the view are drawn again: the next change isn't compared with what was drawn before. */
  redrawn(): void {
    this.drawn = [];
    this.heading = [];
  }

  async showMore(of: LeftOut): Promise<Row | undefined> {
    const { parent, what, isBefore } = of;
    const { first, end } = rangeOf(await this.levelBelow(parent), what);
    return this.moveTo(of, isBefore ? 'before' : 'after', isBefore ? first : end);
  }

  /**
   * The row of a pin, wherever it is in the list: the rows there are read if they aren't shown. Undefined where the filter leaves the pin out, or the list
   * has changed meanwhile. Rejects with IpfsKitError where the list can't be read now.
   */
  async find(pin: SoughtPin, signal: AbortSignal): Promise<PinRow | undefined> {
    const place = await this.list.model.placeOf(pin, signal);
    if (!place) return undefined;
    let parent: Row | undefined = this.above;
    for (const at of place.groups) {
      parent = await this.moveTo({ parent, what: 'groups' }, at, at);
      if (!parent) return undefined;
    }
    const row = await this.moveTo({ parent, what: 'pins' }, place.pin, place.pin);
    return row instanceof PinRow && row.pin.cid === pin.cid ? row : undefined;
  }

  dispose(): void {
    this.joining.dispose();
    this.facts?.dispose();
    this.here.dispose();
  }

  /** Shows other rows of a level, and gives the row at an index. */
  private async moveTo({ parent, what }: Pick<LeftOut, 'parent' | 'what'>, to: To, at: number): Promise<Row | undefined> {
    const { first, end } = rangeOf(await this.levelBelow(parent), what);
    const isShown = typeof to === 'number' && to >= first && to < end;
    if (!isShown) await this.list.model.showMore(groupOf(parent), { what, to });
    const level = await this.levelBelow(parent);
    const wanted = level[what][at - level.first[what]];
    return wanted && this.rowsOf(level, parent).find((row) => (row instanceof PinRow ? row.pin : groupOf(row)) === wanted);
  }

  private async levelBelow(parent: Row | undefined): Promise<PinLevel> {
    const { model } = this.list;
    const group = groupOf(parent);
    return group ? model.rowsOf(group) : model.state.rows;
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
    return this.levels(level, parent instanceof GroupRow ? parent.by : view.group, parent, busy);
  }
}

function groupOf(row: Row | undefined): GroupNode | undefined {
  return row instanceof GroupRow ? row.group : undefined;
}

function areSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((part, at) => part === other[at]);
}

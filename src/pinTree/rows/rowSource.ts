import type { PinCopies } from '../../pin/joinedContents';
import type { AskedFacts } from '../../pinSource/pinSource';
import type { GroupNode } from '../../columns/groupLevel';
import type { Part } from '../list/pinLevel';
import type { SourceList } from '../list/sourceList';
import type { NameOf } from '../list/listsJoin';
import type { Content, PinnedRow } from './contentRow';
import type { Row } from './row';

/** Rows of a level that are not shown: pins or groups, before the rows that are shown or after them. */
export interface LeftOut {
  /** The row above the level. */
  readonly parent: Row | undefined;
  readonly what: Part;
  readonly isBefore: boolean;
}

/** The source as its rows use it; SourceRows implements it. */
export interface RowSource {
  readonly list: SourceList;
  readonly content: Content;
  /** The peers and the topmost rows of the source. `parent`: its own row; undefined where it is the only source in the view. */
  topmost(parent: Row | undefined): Promise<readonly Row[]>;
  /** The rows of a group. `row`: the row of the group. */
  below(row: Row, group: GroupNode): Promise<readonly Row[]>;
  /** The facts that are requested when a pin comes into view; undefined while they are unknown. */
  factsOf(row: PinnedRow): AskedFacts | undefined;
  /** What all lists say of the content of a row, for its hover; empty where that isn't known. Never rejects. */
  copiesOf(row: PinnedRow): Promise<PinCopies>;
  readonly nameOf: NameOf;
  /** Shows rows that are left out. Resolves with the first of them, to which the view scrolls. */
  showMore(of: LeftOut): Promise<Row | undefined>;
}

import type { AskedFacts } from '../../pinSource/pinSource';
import type { GroupNode } from '../../columns/groupLevel';
import type { PinLevel } from '../list/pinLevel';
import type { SourceList } from '../list/sourceList';
import type { Content, PinnedRow } from './contentRow';
import type { Row } from './row';

/** Rows of a level that have given way to others: its pins or its groups, before those that are shown or after them. */
export interface LeftOut {
  /** The row that the level is below. */
  readonly parent: Row | undefined;
  readonly what: keyof Pick<PinLevel, 'groups' | 'pins'>;
  readonly isBefore: boolean;
}

/** What the rows of a source ask of it. SourceRows answers. */
export interface RowSource {
  readonly list: SourceList;
  readonly content: Content;
  /** The peers and the topmost rows of the source. `parent`: its own row; undefined where the source stands alone. */
  topmost(parent: Row | undefined): Promise<readonly Row[]>;
  /** The rows of a group. `row`: that of the group. */
  below(row: Row, group: GroupNode): Promise<readonly Row[]>;
  /** What is asked for when a pin comes into view; undefined while it isn't known. */
  factsOf(row: PinnedRow): AskedFacts | undefined;
  /** Shows rows that are left out. Gives the row to go on reading from, where those that were shown gave way. */
  showMore(of: LeftOut): Promise<Row | undefined>;
}

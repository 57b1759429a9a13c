import type { Pin } from '../../pin/pin';
import type { GroupKey } from '../../pin/pinQuery';
import type { EntryRow, MoreEntriesRow } from '../../vfs/editor/contentRow';
import type { ContentRow } from '../../vfs/editor/contentRows';
import type { LevelParent } from './groupRow';
import { GroupRow } from './groupRow';
import type { SourceRow } from './sourceRow';
import { MoreNode } from './moreNode';
import { MORE } from '../list/pinListModel';
import type { PeerRow, PeersRow } from './peerRows';
import type { PinLevel } from '../list/pinLevel';
import { pinIds } from './pinIds';
import { PinNode } from './pinNode';
import type { RowWindow } from './rowWindow';
import { firstThatShows, windowAt } from './rowWindow';

export type PinTreeNode = SourceRow | PeersRow | PeerRow | PinNode | GroupRow | MoreNode | ContentRow;

/** Rows of content are of another bundle: known by what they say they are. */
export function isEntry(row: unknown): row is EntryRow {
  return typeof row === 'object' && row !== null && 'kind' in row && row.kind === 'entry';
}

export function isMoreEntries(row: unknown): row is MoreEntriesRow {
  return typeof row === 'object' && row !== null && 'kind' in row && row.kind === 'more-entries';
}

/** Which part of a level is shown. */
interface Windows {
  readonly groups: number;
  readonly pins: number;
}

const FROM_FIRST: Windows = { groups: 0, pins: 0 };

/** The rows of the levels of the tree: the same nodes while neither their pins nor their window change. */
export interface LevelRows {
  /** `counting`: how many pins there are is not known yet. */
  of(level: PinLevel, by: GroupKey | undefined, parent: LevelParent | undefined, counting: boolean): PinTreeNode[];
  /** Moves to rows that have been read already; false where more are to be read: those will be shown then. */
  move(level: PinLevel, more: MoreNode | undefined): boolean;
  /** The rows of a level that are shown, by their numbers in it. */
  shown(level: PinLevel, more: MoreNode | undefined): RowWindow;
  /** Moves to the row of a pin; true where it was not shown. */
  show(level: PinLevel, row: number, parent: LevelParent | undefined): boolean;
}

export function createLevelRows(): LevelRows {
  const windows = new Map<string, Windows>();
  const made = new WeakMap<PinLevel['pins'], { readonly windows: string; readonly nodes: PinTreeNode[] }>();
  const idOf = (parent: LevelParent | undefined): string => parent?.id ?? '';
  const windowsOf = (parent: LevelParent | undefined): Windows => windows.get(idOf(parent)) ?? FROM_FIRST;
  const windowed = ({ groups, pins }: PinLevel, parent: LevelParent | undefined): Record<keyof Windows, RowWindow> => {
    const first = windowsOf(parent);
    return { groups: windowAt(first.groups, groups.length), pins: windowAt(first.pins, pins.length) };
  };
  /** Only those are kept that do not begin with the first row, as nearly all do. */
  const begin = (parent: LevelParent | undefined, first: Partial<Windows>): void => {
    const next = { ...windowsOf(parent), ...first };
    if (next.groups === 0 && next.pins === 0) windows.delete(idOf(parent));
    else windows.set(idOf(parent), next);
  };

  return {
    of: (level, by, parent, counting) => {
      const { groups, pins } = windowed(level, parent);
      begin(parent, { groups: groups.first, pins: pins.first }); // a level that has become shorter is not to jump when it grows
      const range = JSON.stringify([idOf(parent), groups, pins]); // a list that stood alone has a row of its own once there are others
      const before = made.get(level.pins);
      const nodes = before?.windows === range ? before.nodes : nodesOf(level, groups, pins, by, parent);
      made.set(level.pins, { windows: range, nodes });
      const left = leftOf(level, pins.end, counting);
      return left === 0 ? nodes : [...nodes, new MoreNode(left, parent)];
    },
    move: (level, more) => {
      const parent = more?.parent;
      const what = whatOf(more);
      const { first, end } = windowed(level, parent)[what];
      const known = level[what].length;
      const isRead = more?.isBefore === true || end < known;
      const next = more?.isBefore === true ? Math.max(0, first - MORE) : first + Math.min(MORE, known - end);
      begin(parent, { [what]: isRead ? next : Infinity });
      return isRead;
    },
    shown: (level, more) => windowed(level, more?.parent)[whatOf(more)],
    show: (level, row, parent) => {
      const { pins } = windowed(level, parent);
      const first = firstThatShows(row, pins);
      begin(parent, { pins: first });
      return first !== pins.first;
    },
  };
}

/** Which rows of a level a "Show more" row is about. */
export function whatOf(more: MoreNode | undefined): keyof Windows {
  return more?.where.endsWith('groups') === true ? 'groups' : 'pins';
}

function nodesOf(
  { groups, groupTotal, pins }: PinLevel,
  shownGroups: RowWindow,
  shownPins: RowWindow,
  by: GroupKey | undefined,
  parent: LevelParent | undefined,
): PinTreeNode[] {
  const groupRows =
    by === undefined ? [] : groups.slice(shownGroups.first, shownGroups.end).map((group) => new GroupRow(group, by, parent));
  const groupsLeft = groupTotal - shownGroups.end;
  return [
    ...(shownGroups.first > 0 ? [new MoreNode(shownGroups.first, parent, 'before-groups')] : []),
    ...groupRows,
    ...(groupsLeft > 0 ? [new MoreNode(groupsLeft, parent, 'after-groups')] : []),
    ...(shownPins.first > 0 ? [new MoreNode(shownPins.first, parent, 'before')] : []),
    ...pinRows(pins, shownPins, parent),
  ];
}

/** How many pins come after those that are shown; undefined while they are being counted. */
function leftOf({ pins, pinTotal }: PinLevel, end: number, counting: boolean): number | undefined {
  if (pinTotal !== undefined) return Math.max(0, pinTotal - end);
  if (end < pins.length) return pins.length - end;
  return counting && pins.length > 0 ? undefined : 0;
}

function pinRows(pins: readonly Pin[], { first, end }: RowWindow, parent: LevelParent | undefined): PinNode[] {
  const ids = pinIds(pins.slice(0, end));
  return pins
    .slice(first, end)
    .map((pin, at) => new PinNode(pin, `${parent ? `${parent.id}/` : ''}${ids[first + at] ?? ''}`, parent));
}

import type { Pin } from '../../pin/pin';
import type { GroupKey } from '../../pin/pinQuery';
import { MORE } from '../list/pinListModel';
import type { PinLevel } from '../list/pinLevel';
import { GroupRow } from './groupRow';
import { MoreRow } from './moreRow';
import { pinIds } from './pinIds';
import { PinRow } from './pinRow';
import type { Row } from './row';
import type { LeftOut, RowSource } from './rowSource';
import type { RowWindow } from './rowWindow';
import { firstThatShows, windowAt } from './rowWindow';

/** The index of the first row that is shown, for each part of a level. */
type Begins = Readonly<Record<LeftOut['what'], number>>;

const AT_FIRST: Begins = { groups: 0, pins: 0 };

/** The rows of the levels of one source. The same objects are given as long as neither their pins nor their window change. */
export interface LevelRows {
  /** The rows to show. `counting`: the number of pins isn't known yet. */
  of(level: PinLevel, by: GroupKey | undefined, parent: Row | undefined, counting: boolean): readonly Row[];
  /** Moves the window by MORE rows. False where those must be read first; they are shown once they are. */
  move(level: PinLevel, to: LeftOut): boolean;
  /** The window of a part of a level. */
  shown(level: PinLevel, of: Pick<LeftOut, 'parent' | 'what'>): RowWindow;
  /** Moves the window to the pin at index `row`; true where that wasn't shown before. */
  show(level: PinLevel, row: number, parent: Row | undefined): boolean;
}

export function createLevelRows(source: RowSource): LevelRows {
  /** By the id of the row above. Only levels that don't begin with their first row have an entry. */
  const begins = new Map<string, Begins>();
  const made = new WeakMap<PinLevel['pins'], { readonly windows: string; readonly rows: readonly Row[] }>();
  const idOf = (parent: Row | undefined): string => parent?.id ?? '';
  const beginsOf = (parent: Row | undefined): Begins => begins.get(idOf(parent)) ?? AT_FIRST;
  const shown: LevelRows['shown'] = (level, { parent, what }) => windowAt(beginsOf(parent)[what], level[what].length);
  const begin = (parent: Row | undefined, change: Partial<Begins>): void => {
    const next = { ...beginsOf(parent), ...change };
    if (next.groups === 0 && next.pins === 0) begins.delete(idOf(parent));
    else begins.set(idOf(parent), next);
  };

  const rowsIn = (level: PinLevel, windows: Windows, by: GroupKey | undefined, parent: Row | undefined): readonly Row[] => {
    const groups = level.groups.slice(windows.groups.first, windows.groups.end);
    const groupsLeft = level.groupTotal - windows.groups.end;
    const { first, end } = windows.pins;
    const ids = pinIds(level.pins.slice(0, end));
    const pinRow = (pin: Pin, at: number): PinRow =>
      new PinRow(source, pin, `${parent ? `${parent.id}/` : ''}${ids[first + at] ?? ''}`, parent);
    return [
      ...(windows.groups.first > 0 ? [new MoreRow(source, windows.groups.first, parent, 'groups', true)] : []),
      ...(by === undefined ? [] : groups.map((group) => new GroupRow(source, group, by, parent))),
      ...(groupsLeft > 0 ? [new MoreRow(source, groupsLeft, parent, 'groups')] : []),
      ...(first > 0 ? [new MoreRow(source, first, parent, 'pins', true)] : []),
      ...level.pins.slice(first, end).map(pinRow),
    ];
  };

  return {
    of: (level, by, parent, counting) => {
      const windows = { groups: shown(level, { parent, what: 'groups' }), pins: shown(level, { parent, what: 'pins' }) };
      begin(parent, { groups: windows.groups.first, pins: windows.pins.first }); // so that a level that has become shorter doesn't jump when it grows again
      const name = JSON.stringify([idOf(parent), windows]); // the row above changes when the view gets a second source
      const before = made.get(level.pins);
      const rows = before?.windows === name ? before.rows : rowsIn(level, windows, by, parent);
      made.set(level.pins, { windows: name, rows });
      const left = leftOf(level, windows.pins.end, counting);
      return left === 0 ? rows : [...rows, new MoreRow(source, left, parent)];
    },
    move: (level, to) => {
      const { parent, what, isBefore } = to;
      const { first, end } = shown(level, to);
      const known = level[what].length;
      const isRead = isBefore || end < known;
      const next = isBefore ? Math.max(0, first - MORE) : first + Math.min(MORE, known - end);
      begin(parent, { [what]: isRead ? next : Infinity });
      return isRead;
    },
    shown,
    show: (level, row, parent) => {
      const window = shown(level, { parent, what: 'pins' });
      const first = firstThatShows(row, window);
      begin(parent, { pins: first });
      return first !== window.first;
    },
  };
}

type Windows = Readonly<Record<LeftOut['what'], RowWindow>>;

/** Number of pins after those that are shown; undefined while they are being counted. */
function leftOf({ pins, pinTotal }: PinLevel, end: number, counting: boolean): number | undefined {
  if (pinTotal !== undefined) return Math.max(0, pinTotal - end);
  if (end < pins.length) return pins.length - end;
  return counting && pins.length > 0 ? undefined : 0;
}

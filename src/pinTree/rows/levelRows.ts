import type { Pin } from '../../pin/pin';
import type { GroupKey } from '../../pin/pinQuery';
import type { PinLevel } from '../list/pinLevel';
import { rangeOf } from '../list/pinLevel';
import { GroupRow } from './groupRow';
import { MoreRow } from './moreRow';
import { pinIds } from './pinIds';
import { PinRow } from './pinRow';
import type { Row } from './row';
import type { RowSource } from './rowSource';

/** Gives the rows of a level of one source: the same objects as long as its groups and pins stay the same. `counting`: the number of pins isn't known yet. */
export type LevelRows = (level: PinLevel, by: GroupKey | undefined, parent: Row | undefined, counting: boolean) => readonly Row[];

export function createLevelRows(source: RowSource): LevelRows {
  const made = new WeakMap<PinLevel['pins'], { readonly of: readonly unknown[]; readonly rows: readonly Row[] }>();

  const rowsIn = (level: PinLevel, by: GroupKey | undefined, parent: Row | undefined): readonly Row[] => {
    const { groups, pins, first } = level;
    const groupsLeft = level.groupTotal - rangeOf(level, 'groups').end;
    const ids = pinIds(pins, source.list.source.entries !== undefined);
    const pinRow = (pin: Pin, at: number): PinRow =>
      new PinRow(source, pin, `${parent ? `${parent.id}/` : ''}${ids[at] ?? ''}`, parent);
    return [
      ...(first.groups > 0 ? [new MoreRow(source, first.groups, parent, 'groups', true)] : []),
      ...(by === undefined ? [] : groups.map((group) => new GroupRow(source, group, by, parent))),
      ...(groupsLeft > 0 ? [new MoreRow(source, groupsLeft, parent, 'groups')] : []),
      ...(first.pins > 0 ? [new MoreRow(source, first.pins, parent, 'pins', true)] : []),
      ...pins.map(pinRow),
    ];
  };

  return (level, by, parent, counting) => {
    const before = made.get(level.pins);
    const of = [level.groups, parent?.id]; // the row above changes when the view gets a second source
    const rows = before?.of.every((each, at) => each === of[at]) === true ? before.rows : rowsIn(level, by, parent);
    made.set(level.pins, { of, rows });
    const left = leftOf(level, counting);
    return left === 0 ? rows : [...rows, new MoreRow(source, left, parent)];
  };
}

/** Number of pins after those that are shown; undefined while they are being counted. */
function leftOf(level: PinLevel, counting: boolean): number | undefined {
  if (level.pinTotal !== undefined) return Math.max(0, level.pinTotal - rangeOf(level, 'pins').end);
  return counting && level.pins.length > 0 ? undefined : 0;
}

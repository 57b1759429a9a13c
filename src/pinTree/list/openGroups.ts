import type { GroupNode } from '../../columns/groupLevel';
import type { PinLevel, Wanted } from './pinLevel';
import { FIRST_ROWS } from './pinLevel';

/** The groups that have been opened in the tree, with their rows: each is read once until what is shown changes. */
export interface OpenGroups {
  rowsOf(group: GroupNode): Promise<PinLevel>;
  /** Reads so many rows more; false where the group has none yet. */
  more(group: GroupNode, by: number): Promise<boolean>;
  /** The rows are read anew when they are wanted, as many as before; `all`: the groups themselves are others now. */
  forget(all: boolean): void;
}

/** `read` never rejects. */
export function createOpenGroups(read: (group: GroupNode, wanted: Wanted, before?: PinLevel) => Promise<PinLevel>): OpenGroups {
  const open = new Map<string, { wanted: Wanted; rows?: Promise<PinLevel> }>();
  return {
    rowsOf: (group) => {
      const name = keyOf(group);
      const entry = open.get(name) ?? { wanted: FIRST_ROWS };
      open.set(name, entry);
      return (entry.rows ??= read(group, entry.wanted));
    },
    more: async (group, by) => {
      const entry = open.get(keyOf(group));
      const rows = entry?.rows;
      if (!entry || !rows) return false;
      const before = await rows;
      if (entry.rows !== rows) return false; // something else is shown by now
      entry.wanted = { groups: before.groups.length + by, pins: before.pins.length + by };
      await (entry.rows = read(group, entry.wanted, before));
      return true;
    },
    forget: (all) => {
      if (all) open.clear();
      for (const entry of open.values()) delete entry.rows;
    },
  };
}

function keyOf({ key }: GroupNode): string {
  return JSON.stringify(key ?? null);
}

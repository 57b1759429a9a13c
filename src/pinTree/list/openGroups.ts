import type { GroupNode } from '../../columns/groupLevel';
import type { Move, PinLevel, Wanted } from './pinLevel';
import { FIRST_ROWS, movedFrom, NO_ROWS } from './pinLevel';

/** The groups that are open in the tree, with their rows. The rows of each group are read once, until the list changes. */
export interface OpenGroups {
  rowsOf(group: GroupNode): Promise<PinLevel>;
  /** Reads other rows; false where none of the group have been read yet. */
  move(group: GroupNode, move: Move): Promise<boolean>;
  /** Drops the rows, so that as many are read again when the tree asks. `all`: drops the groups too, because the list is grouped by another key. */
  forget(all: boolean): void;
}

/** `read` never rejects; it gives undefined where the rows can't be read now. */
export function createOpenGroups(
  read: (group: GroupNode, wanted: Wanted, before?: PinLevel) => Promise<PinLevel | undefined>,
): OpenGroups {
  interface Entry {
    wanted: Wanted;
    rows?: Promise<PinLevel>;
  }
  const open = new Map<string, Entry>();
  /** Rows that can't be read now are tried again the next time the tree asks. */
  const readInto = (entry: Entry, group: GroupNode, before?: PinLevel): Promise<PinLevel> => {
    const rows = read(group, entry.wanted, before).then((level) => {
      if (!level && entry.rows === rows) delete entry.rows;
      return level ?? before ?? NO_ROWS;
    });
    return (entry.rows = rows);
  };
  return {
    rowsOf: (group) => {
      const name = keyOf(group);
      const entry = open.get(name) ?? { wanted: FIRST_ROWS };
      open.set(name, entry);
      return entry.rows ?? readInto(entry, group);
    },
    move: async (group, move) => {
      const entry = open.get(keyOf(group));
      const rows = entry?.rows;
      if (!entry || !rows) return false;
      const before = await rows;
      if (entry.rows !== rows) return false; // the rows have been replaced meanwhile
      entry.wanted = movedFrom(before, move);
      await readInto(entry, group, before);
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

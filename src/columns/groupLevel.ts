import { compareNaturally } from '../pin/naturalOrder';
import type { GroupKey, PinGroup } from '../pin/pinQuery';
import { forEachIndex } from '../base/stepByStep';

/** A group as a row of the tree. A folder also counts the pins in the folders below it. */
export interface GroupNode extends PinGroup {
  /** The number of pins directly in it. */
  readonly own: number;
  /** True where there are folders below it. */
  readonly hasFolders: boolean;
}

/**
 * The rows of one level, from all groups of a list, which must be in natural order of their keys: for folders those directly below `parent`, or the topmost
 * ones; otherwise all. They are in natural order, except that the newest month comes first and `pinned` comes after all other statuses; the group of pins
 * without a key comes last. Runs in steps, because there may be as many folders as pins.
 */
export async function groupLevel(
  groups: readonly PinGroup[],
  key: GroupKey,
  parent: string | undefined,
  signal: AbortSignal,
): Promise<readonly GroupNode[]> {
  if (key === 'folder') return folderLevel(groups, parent, signal);
  const level: GroupNode[] = [];
  await forEachIndex(
    groups.length,
    (index) => {
      const group = groups[index];
      if (group) level.push({ ...group, own: group.count, hasFolders: false });
    },
    signal,
  );
  if (key !== 'month' && key !== 'status') return level;
  const isLast = (group: GroupNode): boolean => key === 'status' && group.key === 'pinned';
  const keyed = level.filter((group) => group.key !== undefined && !isLast(group));
  if (key === 'month') keyed.reverse();
  return [...keyed, ...level.filter(isLast), ...level.filter((group) => group.key === undefined)];
}

interface Folder {
  readonly key: string;
  count: number;
  sized: number;
  sizeBytes: number | string | undefined;
  own: number;
  hasFolders: boolean;
}

/** Nearly everything below a folder is in one run (not in `/a/x`, `/A/y`, `/a/z`), and most folders are found in their order, so that few are sorted. */
async function folderLevel(
  groups: readonly PinGroup[],
  parent: string | undefined,
  signal: AbortSignal,
): Promise<readonly GroupNode[]> {
  const prefix = parent === undefined ? '' : `${parent}/`;
  const level: Folder[] = [];
  /** Folders that are found only through their content, after names that sort behind theirs. */
  const late: Folder[] = [];
  const byName = new Map<string, Folder>();
  let run: { readonly prefix: string; readonly folder: Folder } | undefined;
  let without: GroupNode | undefined;

  const add = (name: string): Folder => {
    const folder = { key: name, count: 0, sized: 0, sizeBytes: undefined, own: 0, hasFolders: false };
    const last = level.at(-1);
    (last && compareNaturally(name, last.key) < 0 ? late : level).push(folder);
    byName.set(name, folder);
    return folder;
  };
  const folderOf = (key: string): Folder => {
    if (run && key.startsWith(run.prefix)) return run.folder;
    const name = folderIn(key, parent);
    const folder = byName.get(name) ?? add(name);
    if (key !== name) run = { prefix: `${name}/`, folder };
    return folder;
  };
  await forEachIndex(
    groups.length,
    (index) => {
      const group = groups[index];
      if (!group) return;
      const { key, count, sized, sizeBytes } = group;
      if (key === undefined) {
        if (parent === undefined) without = { ...group, own: count, hasFolders: false };
        return;
      }
      if (!key.startsWith(prefix) || key === parent) return;
      const folder = folderOf(key);
      folder.count += count;
      folder.sized += sized;
      folder.sizeBytes = sumOf(folder.sizeBytes, sizeBytes);
      if (key === folder.key) folder.own = count;
      else folder.hasFolders = true;
    },
    signal,
  );
  const rows = late.length === 0 ? level : await merged(level, late, signal);
  return without ? [...rows, without] : rows;
}

async function merged(level: readonly Folder[], late: Folder[], signal: AbortSignal): Promise<Folder[]> {
  late.sort((a, b) => compareNaturally(a.key, b.key));
  const all: Folder[] = [];
  let next = 0;
  const takeBefore = (key: string | undefined): void => {
    for (let folder = late[next]; folder && (key === undefined || compareNaturally(folder.key, key) < 0); folder = late[++next])
      all.push(folder);
  };
  await forEachIndex(
    level.length,
    (index) => {
      const folder = level[index];
      if (!folder) return;
      takeBefore(folder.key);
      all.push(folder);
    },
    signal,
  );
  takeBefore(undefined);
  return all;
}

/** The key of the row in the level of `parent` that is the group with this key, or the folder that contains it. */
export function keyInLevel(group: string | undefined, key: GroupKey, parent: string | undefined): string | undefined {
  return key === 'folder' && group !== undefined ? folderIn(group, parent) : group;
}

/** The folder directly in `parent` that is the path or contains it. A path may be relative, and may have several slashes in a row. */
function folderIn(path: string, parent: string | undefined): string {
  const end = path.indexOf('/', parent === undefined ? 1 : parent.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

function sumOf(one: number | string | undefined, other: number | string | undefined): number | string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  if (typeof one === 'number' && typeof other === 'number' && one + other <= Number.MAX_SAFE_INTEGER) return one + other;
  const sum = BigInt(one) + BigInt(other);
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : String(sum);
}

import { compareCodePoints } from '../pin/compareCodePoints';
import type { GroupKey, PinGroup } from '../pin/pinQuery';

/** A group as a row of the tree. A folder counts what lies in the folders below it, too. */
export interface GroupNode extends PinGroup {
  /** How many of the pins lie in it directly. */
  readonly own: number;
  /** True where there are folders below it. */
  readonly hasFolders: boolean;
}

/**
 * The rows of one level, out of all groups of a list: for folders those directly below `parent`, or the topmost ones; else all.
 * Ascending by key, months the newest first; the group of pins without a key comes last.
 */
export function groupLevel(groups: readonly PinGroup[], key: GroupKey, parent?: string): readonly GroupNode[] {
  if (key === 'folder') return folderLevel(groups, parent);
  const level = groups.map((group) => ({ ...group, own: group.count, hasFolders: false }));
  if (key !== 'month') return level;
  const keyed = level.filter((group) => group.key !== undefined).reverse();
  return [...keyed, ...level.filter((group) => group.key === undefined)];
}

function folderLevel(groups: readonly PinGroup[], parent: string | undefined): readonly GroupNode[] {
  const prefix = parent === undefined ? '' : `${parent}/`;
  const level = new Map<string, { count: number; bytes: bigint; own: number; hasFolders: boolean }>();
  let without: GroupNode | undefined;
  for (const { key, count, sizeBytes } of groups) {
    if (key === undefined) {
      if (parent === undefined) without = { count, sizeBytes, own: count, hasFolders: false };
      continue;
    }
    if (!key.startsWith(prefix) || key === parent) continue;
    const name = folderIn(key, parent);
    let folder = level.get(name);
    if (!folder) level.set(name, (folder = { count: 0, bytes: 0n, own: 0, hasFolders: false }));
    folder.count += count;
    folder.bytes += BigInt(sizeBytes);
    if (key === name) folder.own = count;
    else folder.hasFolders = true;
  }
  const rows = [...level]
    .sort(([a], [b]) => compareCodePoints(a, b))
    .map(([name, { bytes, ...folder }]) => ({ key: name, ...folder, sizeBytes: plainSize(bytes) }));
  return without ? [...rows, without] : rows;
}

/** The folder directly in `parent` that is the path, or holds it. A path may be relative, and may have slashes that follow each other. */
function folderIn(path: string, parent: string | undefined): string {
  const end = path.indexOf('/', parent === undefined ? 1 : parent.length + 1);
  return end < 0 ? path : path.slice(0, end);
}

function plainSize(bytes: bigint): number | string {
  return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : String(bytes);
}

import type * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { ContentTarget, TargetRow } from '../vfs/editor/contentTarget';
import type { SourceList } from './list/sourceList';
import type { ContentParent } from './rows/contentRow';
import { ContentRow } from './rows/contentRow';
import { GroupRow } from './rows/groupRow';
import { rowOfLink } from './rows/hover';
import { OpenedRow } from './rows/openedRow';
import { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';
import { SourceRow } from './rows/sourceRow';

/** A pin with the list that its row belongs to. */
export interface ChosenPin {
  readonly pin: Pin;
  /** The status in full, a line for each machine, where it is known. */
  readonly detail: string | undefined;
  readonly list: SourceList;
}

/** A file or folder of a source with entries, as its row shows it. */
export interface ChosenEntry extends ChosenPin {
  /** As in Entry. Its names may be any text, also such that no path can contain them. */
  readonly path: readonly string[];
  readonly isFolder: boolean;
}

type View = Pick<vscode.TreeView<Row>, 'selection'>;

/** The pins and content that a command acts on, chosen as by chosenRows. `rowOf`: what the commands on content need of a row. */
export function chosenContent(
  view: View,
  clicked: unknown,
  selected: unknown,
  rowOf: (row: ContentParent) => TargetRow,
): readonly ContentTarget[] {
  return chosenRows(view, clicked, selected).flatMap((row): ContentTarget[] => {
    if (row instanceof PinRow) {
      const name = row.pin.vfsPath === undefined ? (row.pin.name ?? row.pin.cid) : row.fileName;
      const isFile = row.source.factsOf(row)?.isFile ?? row.source.content.isFile(row.pin.cid);
      return [{ row: rowOf(row), at: row.at, name, ...(isFile !== undefined && { type: isFile ? 'file' : 'directory' }) }];
    }
    if (row instanceof OpenedRow) return [{ row: rowOf(row), at: row.at, name: row.fileName, type: 'directory' }];
    return [{ row: rowOf(row), at: row.at, name: row.entry.name, type: row.entry.type }];
  });
}

/**
 * The rows of pins and content that a command acts on. VS Code passes the clicked row, and all selected ones where the clicked one is among these. A key
 * passes the focused row (`args` in package.json), which the arrow keys move without selecting it: a selected row counts for the whole selection, as in the
 * Explorer. From the Command Palette nothing is passed, and the selection of the view counts.
 */
export function chosenRows(view: View, clicked: unknown, selected: unknown): readonly (PinRow | OpenedRow | ContentRow)[] {
  return chosen(view, clicked, selected).filter(
    (row) => row instanceof PinRow || row instanceof OpenedRow || row instanceof ContentRow,
  );
}

/** The pins that a command acts on, chosen as by chosenRows, with their lists. */
export function chosenPins(view: View, clicked: unknown, selected: unknown): readonly ChosenPin[] {
  return chosenRows(view, clicked, selected).flatMap((row) =>
    row instanceof PinRow ? [{ pin: row.known, detail: row.detail, list: row.source.list }] : [],
  );
}

/** The entries that a command acts on, chosen as by chosenRows. One that is below another goes with that, and is left out. */
export function chosenEntries(view: View, clicked: unknown, selected: unknown): readonly ChosenEntry[] {
  const entries = chosenRows(view, clicked, selected).flatMap((row) => entryOf(row) ?? []);
  const keyOf = (path: readonly string[]): string => JSON.stringify(path);
  const chosen = new Set(entries.map(({ path }) => keyOf(path)));
  return entries.filter(({ path }) => !path.some((_, depth) => depth > 0 && chosen.has(keyOf(path.slice(0, depth)))));
}

function entryOf(row: ContentParent): ChosenEntry | undefined {
  if (row instanceof PinRow) {
    const { pin, isEntry, isFile, source } = row;
    return isEntry
      ? { pin, path: [pin.name ?? ''], isFolder: isFile === false, detail: undefined, list: source.list }
      : undefined;
  }
  if (!(row instanceof ContentRow)) return undefined;
  const above = entryOf(row.parent);
  if (!above || row.isPinItself) return above;
  const { cid, name, type } = row.entry;
  return { ...above, pin: { cid, name }, path: [...above.path, name], isFolder: type === 'directory' };
}

/** The list of the clicked row or of the selection; undefined where that is several lists or none. */
export function chosenList(view: View, clicked: unknown): SourceList | undefined {
  const lists = chosen(view, clicked, undefined).flatMap((row) =>
    row instanceof PinRow || row instanceof GroupRow || row instanceof SourceRow ? row.source.list : [],
  );
  const [list, ...others] = new Set(lists);
  return others.length === 0 ? list : undefined;
}

/** A link in a hover acts on the row of that hover only. */
function chosen(view: View, clicked: unknown, selected: unknown): readonly unknown[] {
  const hovered = rowOfLink(clicked);
  if (hovered) return [hovered];
  if (Array.isArray(selected) && selected.length > 0) return selected;
  return clicked === undefined || view.selection.some((row) => row === clicked) ? view.selection : [clicked];
}

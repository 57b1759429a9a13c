import type * as vscode from 'vscode';
import type { SafeText } from '../base/safeText';
import { safe } from '../base/safeText';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import { copyTexts } from '../vfs/editor/copyTexts';
import { chosenRows } from './chosenRows';
import { ContentRow } from './rows/contentRow';
import { OpenedRow } from './rows/openedRow';
import type { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';

type View = Pick<vscode.TreeView<Row>, 'selection'>;

/** Copies the CIDs of the rows that a command acts on; chosenRows says which these are. */
export function copyCid(view: View, clicked: unknown, selected: unknown): Promise<void> {
  return copy(safe`CID`, chosenRows(view, clicked, selected).map(cidOf), clicked);
}

/** Copies their names, and the CIDs of rows without a name. */
export function copyName(view: View, clicked: unknown, selected: unknown): Promise<void> {
  const rows = chosenRows(view, clicked, selected);
  return copy(
    safe`Name`,
    rows.map((row) => nameOf(row) ?? cidOf(row)),
    clicked,
  );
}

async function copy(what: SafeText, texts: readonly string[], clicked: unknown): Promise<void> {
  if (texts.length === 0) return tellNothingChosen(clicked);
  await copyTexts(what, ...texts);
}

type CopiedRow = PinRow | OpenedRow | ContentRow;

function nameOf(row: CopiedRow): string | undefined {
  if (row instanceof OpenedRow) return row.fileName;
  return row instanceof ContentRow ? row.entry.name : row.pin.name;
}

function cidOf(row: CopiedRow): string {
  if (row instanceof OpenedRow) return row.cid;
  return row instanceof ContentRow ? row.entry.cid : row.pin.cid;
}

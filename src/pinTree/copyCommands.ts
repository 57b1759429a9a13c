import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import type { Register } from '../base/register';
import { safe } from '../base/safeText';
import { tellNothingChosen } from '../vfs/editor/contentTarget';
import { copyTexts } from '../vfs/editor/copyTexts';
import { chosenRows } from './chosenRows';
import { ContentRow } from './rows/contentRow';
import { OpenedRow } from './rows/openedRow';
import type { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';

/** Registers the commands that copy what rows show; chosenRows says which rows they act on. */
export function registerCopyCommands(view: vscode.TreeView<Row>, register: Register): vscode.Disposable {
  const copying =
    (what: 'CID' | 'Name', textOf: (row: CopiedRow) => string) =>
    async (clicked: unknown, selected: unknown): Promise<void> => {
      const texts = chosenRows(view, clicked, selected).map(textOf);
      if (texts.length === 0) return tellNothingChosen(clicked);
      await copyTexts(safe`${what}`, ...texts);
    };
  return vscode.Disposable.from(
    register(COMMAND.copyCid, copying('CID', cidOf)),
    register(
      COMMAND.copyName,
      copying('Name', (row) => nameOf(row) ?? cidOf(row)),
    ),
  );
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

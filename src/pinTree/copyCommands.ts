import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { safe } from '../base/safeText';
import { NOTHING_CHOSEN } from '../vfs/editor/contentTarget';
import { chosenRows } from './chosenRows';
import { ContentRow } from './rows/contentRow';
import type { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';

/** Registers a command; commandRegistrar makes it. */
export type Register = (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable;

const TOLD_MS = 2000;

/** Registers the commands that copy what rows show; chosenRows says which rows they act on. */
export function registerCopyCommands(view: vscode.TreeView<Row>, register: Register): vscode.Disposable {
  const copying =
    (what: 'CID' | 'Name', textOf: (row: PinRow | ContentRow) => string) =>
    async (clicked: unknown, selected: unknown): Promise<void> => {
      const texts = chosenRows(view, clicked, selected).map(textOf);
      if (texts.length === 0) return void vscode.window.showInformationMessage(NOTHING_CHOSEN);
      await vscode.env.clipboard.writeText(texts.join('\n'));
      vscode.window.setStatusBarMessage(safe`$(check) ${what}${texts.length > 1 ? 's' : ''} copied`, TOLD_MS);
    };
  return vscode.Disposable.from(
    register(COMMAND.copyCid, copying('CID', cidOf)),
    register(
      COMMAND.copyName,
      copying('Name', (row) => (row instanceof ContentRow ? row.entry.name : row.pin.name) ?? cidOf(row)),
    ),
  );
}

function cidOf(row: PinRow | ContentRow): string {
  return (row instanceof ContentRow ? row.entry : row.pin).cid;
}

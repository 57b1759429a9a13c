import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import type { ContentTarget } from '../vfs/editor/contentTarget';
import type { PinTreeNode } from './rows/levelRows';
import { isEntry } from './rows/levelRows';
import type { PinTreeProvider } from './pinTreeProvider';
import { PinNode } from './rows/pinNode';

/** As chosenRows, of pins and what is below them. */
export function chosenContent(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly ContentTarget[] {
  return chosen(view, clicked, selected).flatMap((row): ContentTarget[] => {
    if (row instanceof PinNode)
      return [{ row, at: row.at, name: row.pin.vfsPath === undefined ? (row.pin.name ?? row.pin.cid) : row.fileName }];
    return isEntry(row) ? [{ row, at: row.at, name: row.entry.name, type: row.entry.type }] : [];
  });
}

/** The rows that a command is meant for: all that are selected where the clicked one is among them (VS Code passes both), else the focused ones. */
export function chosenRows(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly PinNode[] {
  return chosen(view, clicked, selected).filter((row): row is PinNode => row instanceof PinNode);
}

function chosen(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly unknown[] {
  return Array.isArray(selected) && selected.length > 0 ? selected : clicked === undefined ? view.selection : [clicked];
}

/** As commandRegistrar makes it. */
export type Register = (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable;

/** Commands on rows: on all that are selected where the clicked one is among them (VS Code passes both), else on the focused ones. */
export function registerPinCommands(
  view: vscode.TreeView<PinTreeNode>,
  provider: PinTreeProvider,
  register: Register,
): vscode.Disposable {
  const copy =
    (what: 'cid' | 'name') =>
    async (clicked: unknown, selected: unknown): Promise<void> => {
      const rows = chosenRows(view, clicked, selected);
      const { copyPins } = await import('./dialogs/pinDialogs');
      if (await copyPins(rows, what)) provider.showCopied(rows);
    };
  return vscode.Disposable.from(
    register(COMMAND.copyCid, copy('cid')),
    register(COMMAND.copyCidDone, copy('cid')), // the tick in place of the icon: pressing it copies again
    register(COMMAND.copyName, copy('name')),
  );
}

import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { copyPins } from './dialogs/copyPins';
import type { PinTreeNode } from './rows/levelRows';
import type { PinTreeProvider } from './pinTreeProvider';
import { chosenRows } from './chosen';

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
      if (await copyPins(rows, what)) provider.showCopied(rows);
    };
  return vscode.Disposable.from(
    register(COMMAND.copyCid, copy('cid')),
    register(COMMAND.copyCidDone, copy('cid')), // the tick in place of the icon: pressing it copies again
    register(COMMAND.copyName, copy('name')),
  );
}

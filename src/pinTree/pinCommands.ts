import * as vscode from 'vscode';
import { COMMAND } from '../contributions';
import type { PinTreeNode } from './levelRows';
import type { PinTreeProvider } from './pinTreeProvider';
import { PinNode } from './pinNode';

/** The rows that a command is meant for: all that are selected where the clicked one is among them (VS Code passes both), else the focused ones. */
export function chosenRows(view: vscode.TreeView<PinTreeNode>, clicked: unknown, selected: unknown): readonly PinNode[] {
  const rows: readonly unknown[] =
    Array.isArray(selected) && selected.length > 0 ? selected : clicked === undefined ? view.selection : [clicked];
  return rows.filter((row): row is PinNode => row instanceof PinNode);
}

/** Commands on rows: on all that are selected where the clicked one is among them (VS Code passes both), else on the focused ones. */
export function registerPinCommands(view: vscode.TreeView<PinTreeNode>, provider: PinTreeProvider): vscode.Disposable {
  const copy = async (clicked: unknown, selected: unknown, text: (node: PinNode) => string): Promise<void> => {
    const nodes = chosenRows(view, clicked, selected);
    if (nodes.length === 0) return void vscode.window.showInformationMessage('Select a pin in the Pins view first.');
    await vscode.env.clipboard.writeText(nodes.map(text).join('\n'));
    provider.showCopied(nodes);
  };
  const copyCid = (clicked: unknown, selected: unknown): Promise<void> => copy(clicked, selected, ({ pin }) => pin.cid);
  return vscode.Disposable.from(
    vscode.commands.registerCommand(COMMAND.copyCid, copyCid),
    vscode.commands.registerCommand(COMMAND.copyCidDone, copyCid), // the tick in place of the icon: pressing it copies again
    vscode.commands.registerCommand(COMMAND.copyName, (clicked: unknown, selected: unknown) =>
      copy(clicked, selected, ({ pin }) => pin.name ?? pin.cid),
    ),
  );
}

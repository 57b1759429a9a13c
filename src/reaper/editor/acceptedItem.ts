import type * as vscode from 'vscode';

/** Shows the pick, and resolves with the item that is chosen; undefined where the person leaves it. The pick is gone then. */
export function acceptedItem<T extends vscode.QuickPickItem>(pick: vscode.QuickPick<T>): Promise<T | undefined> {
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      resolve(undefined);
    });
    pick.show();
  });
}

import type * as vscode from 'vscode';

/** Shows a pick, resolves with the chosen item, or undefined where the user chooses none, and disposes of the pick. */
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

/** As vscode.Disposable, for what knows nothing of the editor. */
export interface Disposable {
  dispose(): void;
}

/** Several as one. */
export function together(...disposables: readonly Disposable[]): Disposable {
  return { dispose: () => disposables.forEach((each) => each.dispose()) };
}

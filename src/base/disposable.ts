/** As vscode.Disposable, for code that doesn't import the editor. */
export interface Disposable {
  dispose(): void;
}

/** Combines several into one. */
export function together(...disposables: readonly Disposable[]): Disposable {
  return { dispose: () => disposables.forEach((each) => each.dispose()) };
}

import * as vscode from 'vscode';
import { CONTEXT, VIEW } from '../contributions';
import { registerPinCommands } from './pinCommands';
import type { PinListModel, PinListState } from './pinListModel';
import { PinTreeProvider } from './pinTreeProvider';
import { provenance, viewMessage } from './provenanceText';

/** The Pins view: rows, where they come from, progress, and the welcome text that fits. */
export function createPinView(model: PinListModel, onVisible: (visible: boolean) => void): vscode.Disposable {
  let asked = false;
  const provider = new PinTreeProvider(model, () => {
    if (asked) return;
    asked = true;
    if (!model.state.busy && !model.state.listing) void model.list();
  });
  const view = vscode.window.createTreeView(VIEW.pins, { treeDataProvider: provider, canSelectMany: true });
  let context: string | undefined;
  let progress: (() => void) | undefined;

  const showProgress = (busy: boolean): void => {
    if (!busy) {
      progress?.();
      progress = undefined;
    } else if (!progress) {
      const done = new Promise<void>((resolve) => (progress = resolve));
      void vscode.window.withProgress({ location: { viewId: VIEW.pins } }, () => done);
    }
  };

  const update = (): void => {
    const { state } = model;
    const next = contextOf(state);
    if (next !== context) void vscode.commands.executeCommand('setContext', CONTEXT.view, (context = next));
    view.description = state.error ? '' : provenance(state, Date.now());
    // With rows only: over an empty tree a message would take the place of the welcome text.
    view.message = state.pins.length > 0 ? viewMessage(state, Date.now()) : '';
    showProgress(state.busy);
    provider.update();
  };

  model.onDidChange(update);
  update();
  return vscode.Disposable.from(
    view,
    provider,
    registerPinCommands(view, provider),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    { dispose: () => showProgress(false) },
  );
}

function contextOf({ busy, listing, pins, error }: PinListState): string {
  if (error) return error.reason;
  if (pins.length > 0) return 'listed';
  return busy || !listing ? 'probing' : 'no-pins';
}

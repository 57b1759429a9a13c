import * as vscode from 'vscode';
import { CONTEXT, VIEW } from '../contributions';
import type { Pin } from '../pin/pin';
import type { ContentAccess, ContentView } from '../vfs/editor/contentParts';
import type { ContentRow } from '../vfs/editor/contentRows';
import { MoreNode } from './moreNode';
import { chosenContent, chosenRows, registerPinCommands } from './pinCommands';
import type { PinListModel, PinListState } from './pinListModel';
import { PinTreeProvider } from './pinTreeProvider';
import { provenance, viewMessage } from './provenanceText';

export interface PinView extends ContentView {
  /** Selects the row of a pin; false where none is shown. */
  readonly reveal: (pin: Pin) => Promise<boolean>;
  /** The pins that a command was called on, or that are selected. */
  readonly chosen: (clicked: unknown, selected: unknown) => readonly Pin[];
  /** Shows the next rows: of the level of a "Show more" row, or at the top. */
  readonly showMore: (clicked: unknown) => Promise<void>;
  readonly dispose: () => void;
}

/** The Pins view: rows, where they come from, progress, and the welcome text that fits. */
export function createPinView(model: PinListModel, content: ContentAccess, onVisible: (visible: boolean) => void): PinView {
  let asked = false;
  const provider = new PinTreeProvider(model, content, () => {
    if (asked) return;
    asked = true;
    if (!model.state.busy && !model.state.listing) void model.list();
  });
  const view = vscode.window.createTreeView(VIEW.pins, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const contexts = new Map<string, unknown>();
  let progress: (() => void) | undefined;
  let arranged = model.state.view;

  const setContext = (key: string, value: unknown): void => {
    if (contexts.get(key) === value) return;
    contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };

  const showProgress = (busy: boolean): void => {
    if (!busy) {
      progress?.();
      progress = undefined;
    } else if (!progress) {
      const done = new Promise<void>((resolve) => (progress = resolve));
      void vscode.window.withProgress({ location: { viewId: VIEW.pins } }, () => done);
    }
  };

  const update: Parameters<PinListModel['onDidChange']>[0] = (group) => {
    if (group) return provider.update(group);
    const { state } = model;
    setContext(CONTEXT.view, contextOf(state));
    setContext(CONTEXT.filtered, model.view.filter !== undefined);
    setContext(CONTEXT.listing, state.busy);
    view.description = state.error ? '' : provenance(state, Date.now());
    // With rows only: over an empty tree a message would take the place of the welcome text.
    view.message = hasRows(state) ? viewMessage(state, Date.now()) : '';
    showProgress(state.busy);
    provider.update();
    if (state.view !== arranged) toFirstRow(state);
  };

  /** Other rows, or in another order: whoever had scrolled down begins at the top. */
  const toFirstRow = (state: PinListState): void => {
    const [first] = hasRows(state) ? provider.topRows() : [];
    if (!first) return;
    arranged = state.view;
    if (view.visible) view.reveal(first, { select: false }).then(undefined, () => undefined); // others are shown by now
  };

  model.onDidChange(update);
  update();
  const parts = vscode.Disposable.from(
    view,
    provider,
    registerPinCommands(view, provider),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    { dispose: () => showProgress(false) },
  );
  return {
    reveal: async (pin) => {
      const row = provider.find(pin);
      if (!row) return false;
      await view.reveal(row, { select: true, focus: true });
      return true;
    },
    revealContent: async ({ at }) => {
      const row = at.path.length === 0 ? provider.find({ cid: at.cid }) : undefined;
      if (!row) return false;
      await view.reveal(row, { select: true, focus: true, expand: true });
      return true;
    },
    redraw: () => provider.redraw(),
    chosenContent: (clicked, selected) => chosenContent(view, clicked, selected),
    chosen: (clicked, selected) => chosenRows(view, clicked, selected).map(({ pin }) => pin),
    showMore: async (clicked) => {
      const { kind, parent } = (clicked ?? {}) as Partial<Pick<ContentRow, 'kind' | 'parent'>>;
      if (kind === 'more-entries' && parent) return provider.showMoreEntries(parent);
      const next = await provider.showMore(clicked instanceof MoreNode ? clicked : undefined);
      if (next && view.visible) await view.reveal(next, { select: false });
    },
    dispose: () => void parts.dispose(),
  };
}

function hasRows({ rows }: PinListState): boolean {
  return rows.pins.length + rows.groups.length > 0;
}

function contextOf(state: PinListState): string {
  const { busy, listing, view, error } = state;
  if (error) return error.reason;
  if (hasRows(state)) return 'listed';
  if (!listing || busy) return 'probing';
  return view.filter === undefined ? 'no-pins' : 'none-match';
}

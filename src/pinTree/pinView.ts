import * as vscode from 'vscode';
import { CONTEXT, VIEW } from '../base/contributions';
import type { Pin } from '../pin/pin';
import { hasStatusTerm } from '../pin/statusFilter';
import type { ContentAccess, ContentView } from '../vfs/editor/contentParts';
import { GroupRow } from './rows/groupRow';
import { lacksStatuses } from './list/listView';
import { isEntry, isMoreEntries } from './rows/levelRows';
import { MoreNode } from './rows/moreNode';
import { PinNode } from './rows/pinNode';
import type { Register } from './pinCommands';
import type { ChosenPin } from './chosen';
import { chosenContent, chosenRows } from './chosen';
import { registerPinCommands } from './pinCommands';
import type { PinLists } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import type { PinListState } from './list/pinListModel';
import { PinTreeProvider } from './pinTreeProvider';
import { provenance, viewMessage } from './text/provenanceText';
import { SourceRow } from './rows/sourceRow';
import { placeContext, sourcesMessage } from './text/sourceText';

export interface PinView extends ContentView {
  /** Selects the row of a pin; false where none is shown. */
  readonly reveal: (pin: Pin, of: SourceList) => Promise<boolean>;
  /** The list that a command is meant for: of the row it was called on, or of what is selected; undefined where that could be several. */
  readonly chosenList: (clicked: unknown) => SourceList | undefined;
  /** The pins that a command was called on, or that are selected. */
  readonly chosen: (clicked: unknown, selected: unknown) => readonly ChosenPin[];
  /** Shows the next rows: of the level of a "Show more" row, or at the top. */
  readonly showMore: (clicked: unknown) => Promise<void>;
  readonly dispose: () => void;
}

/** The Pins view: rows, where they come from, progress, and the welcome text that fits. */
export function createPinView(
  lists: PinLists,
  content: ContentAccess,
  register: Register,
  onVisible: (visible: boolean) => void,
): PinView {
  let asked = false;
  const provider = new PinTreeProvider(lists, content, () => {
    if (asked) return;
    asked = true;
    const isIdle = lists.all().every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
    if (isIdle) void lists.list();
  });
  const view = vscode.window.createTreeView(VIEW.pins, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const contexts = new Map<string, unknown>();
  let progress: (() => void) | undefined;
  let arranged = lists.shown()[0].model.state.view;

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

  const update: Parameters<PinLists['onDidChange']>[0] = (list, group) => {
    if (group) return provider.update(list, group);
    const shown = lists.shown();
    const [{ model }] = shown;
    const { state } = model;
    const isBusy = shown.some((each) => each.model.state.busy);
    setContext(CONTEXT.view, shown.length > 1 ? 'listed' : contextOf(shown[0]));
    setContext(CONTEXT.places, shown.map(({ source, model }) => placeContext(source, model.state.error)).join(' '));
    setContext(CONTEXT.filtered, lists.view.filter !== undefined);
    setContext(CONTEXT.listing, isBusy);
    if (shown.length > 1) {
      view.description = view.message = sourcesMessage(shown);
    } else {
      view.description = state.error ? '' : provenance(state, Date.now());
      // With rows only: over an empty tree a message would take the place of the welcome text.
      view.message = hasRows(state) ? viewMessage(state, Date.now()) : '';
    }
    showProgress(isBusy);
    provider.update(list);
    if (shown.length === 1 && state.view !== arranged) toFirstRow(state);
  };

  /** Other rows, or in another order: whoever had scrolled down begins at the top. */
  const toFirstRow = (state: PinListState): void => {
    const [first] = hasRows(state) ? provider.topRows() : [];
    if (!first) return;
    arranged = state.view;
    if (view.visible) view.reveal(first, { select: false }).then(undefined, () => undefined); // others are shown by now
  };

  lists.onDidChange(update);
  update();
  const parts = vscode.Disposable.from(
    view,
    provider,
    registerPinCommands(view, provider, register),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    { dispose: () => showProgress(false) },
  );
  return {
    reveal: async (pin, of) => {
      const row = provider.find(pin, of);
      if (!row) return false;
      await view.reveal(row, { select: true, focus: true });
      return true;
    },
    revealContent: async ({ row: clicked }) => {
      const row = clicked instanceof PinNode ? clicked : isEntry(clicked) && (await provider.entryAgain(clicked));
      if (!row) return false;
      await view.reveal(row, { select: true, focus: true, expand: true });
      return true;
    },
    redraw: (row) => provider.redraw(row),
    chosenContent: (clicked, selected) => chosenContent(view, clicked, selected),
    chosenList: (clicked) => {
      const shown = lists.shown();
      const rows: readonly unknown[] = clicked === undefined ? view.selection : [clicked];
      const chosen = new Set(
        rows.flatMap((row) =>
          row instanceof PinNode || row instanceof GroupRow || row instanceof SourceRow ? provider.listOf(row) : [],
        ),
      );
      const [list] = chosen;
      return shown.length === 1 ? shown[0] : chosen.size === 1 ? list : undefined;
    },
    chosen: (clicked, selected) =>
      chosenRows(view, clicked, selected).map((row) => ({ pin: row.known, detail: row.detail, list: provider.listOf(row) })),
    showMore: async (clicked) => {
      if (isMoreEntries(clicked)) return provider.showMoreEntries(clicked.parent);
      const next = await provider.showMore(clicked instanceof MoreNode ? clicked : undefined);
      if (next && view.visible) await view.reveal(next, { select: false });
    },
    dispose: () => void parts.dispose(),
  };
}

function hasRows({ rows }: PinListState): boolean {
  return rows.pins.length + rows.groups.length > 0;
}

/** The reason why a list failed follows what the source's own welcome views begin with: what to do about it differs. */
function contextOf({ source, model: { state } }: SourceList): string {
  const { busy, listing, view, error } = state;
  if (error) return `${source.welcome} ${error.reason}`.trim();
  if (hasRows(state)) return 'listed';
  if (!listing || busy) return 'probing';
  if (lacksStatuses(listing, view)) return 'cancelled'; // that none matches is not known
  return view.filter === undefined ? 'no-pins' : hasStatusTerm(view.filter) ? 'none-with-status' : 'none-match';
}

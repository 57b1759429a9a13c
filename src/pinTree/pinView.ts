import * as vscode from 'vscode';
import { CONTEXT, VIEW } from '../base/contributions';
import type { SoughtPin } from '../pin/soughtPin';
import { hasStatusTerm } from '../pin/statusFilter';
import type { ContentAccess, ContentView } from '../vfs/editor/contentParts';
import type { TargetRow } from '../vfs/editor/contentTarget';
import { isSameView, lacksStatuses } from './list/listView';
import type { Register } from './copyCommands';
import type { ChosenPin } from './chosenRows';
import { chosenContent, chosenList, chosenPins } from './chosenRows';
import { registerCopyCommands } from './copyCommands';
import type { PinLists } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import type { PinListState } from './list/pinListModel';
import { PinTreeProvider } from './pinTreeProvider';
import { provenance, viewMessage } from './text/provenanceText';
import type { ContentParent } from './rows/contentRow';
import { ContentRow } from './rows/contentRow';
import { createContentRows } from './rows/contentRows';
import { MoreContentRow } from './rows/moreContentRow';
import { MoreRow } from './rows/moreRow';
import type { Row } from './rows/row';
import { ViewRows } from './rows/viewRows';
import { sourceContext, sourcesMessage } from './text/sourceText';

export interface PinView extends ContentView {
  /**
   * Selects the row of a pin, wherever it is in the list; filter, order and groups stay. False where the filter leaves the pin out, undefined where the list
   * can't be read now or another pin is revealed meanwhile.
   */
  readonly reveal: (pin: SoughtPin, of: SourceList) => Promise<boolean | undefined>;
  /** The list that a command acts on: that of the clicked row or of the selection; undefined where it could be one of several. */
  readonly chosenList: (clicked: unknown) => SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: (clicked: unknown, selected: unknown) => readonly ChosenPin[];
  /** Shows the next rows: of the level of a "Show more" row, or at the top. */
  readonly showMore: (clicked: unknown) => Promise<void>;
  readonly dispose: () => void;
}

/**
 * Creates the Pins view: its rows, description and message, its progress bar, and the context keys for its welcome text and menus. All of these stay unset
 * until the first list begins.
 */
export function createPinView(
  lists: PinLists,
  access: ContentAccess,
  register: Register,
  onVisible: (visible: boolean) => void,
): PinView {
  let asked = false;
  const listOnce = (): void => {
    if (asked) return;
    asked = true;
    const isIdle = lists.all().every(({ model: { state } }) => !state.busy && !state.listing && !state.error);
    if (isIdle) void lists.list();
  };
  const provider = new PinTreeProvider(() => {
    listOnce();
    return rows.roots();
  });
  const redraw = (row?: Row | Row[]): void => provider.redraw(row);
  const content = createContentRows(access, redraw);
  const rows = new ViewRows(lists, content, redraw);
  const view = vscode.window.createTreeView(VIEW.pins, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const contexts = new Map<string, unknown>();
  let progress: (() => void) | undefined;
  let finding = new AbortController();
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
    if (group) return rows.update(list, group);
    const shown = lists.shown();
    const [{ model }] = shown;
    const { state } = model;
    const isBusy = shown.some((each) => each.model.state.busy);
    setContext(CONTEXT.view, shown.length > 1 ? 'listed' : contextOf(shown[0]));
    setContext(CONTEXT.sources, shown.map(({ source, model }) => sourceContext(source, model.state.error)).join(' '));
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
    rows.update(list);
    if (shown.length === 1 && !isSameView(state.view, arranged)) toFirstRow(shown[0]);
  };

  /** Scrolls to the first row, after the rows or their order have changed. */
  const toFirstRow = (list: SourceList): void => {
    const [first] = rows.of(list).topRows();
    if (!first) return;
    arranged = list.model.state.view;
    if (view.visible) view.reveal(first, { select: false }).then(undefined, () => undefined); // the row has been replaced meanwhile
  };

  lists.onDidChange(update);
  const parts = vscode.Disposable.from(
    view,
    provider,
    rows,
    registerCopyCommands(view, redraw, register),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    { dispose: () => showProgress(false) },
  );
  /** False where `row` is undefined. */
  const reveal = async (row: Row | undefined, expand: boolean): Promise<boolean> => {
    if (row) await view.reveal(row, { select: true, focus: true, expand });
    return row !== undefined;
  };
  const targetRow = (row: ContentParent): TargetRow => ({
    learn: (type) => content.learn(row, type),
    reveal: async () => reveal(row instanceof ContentRow ? await row.again() : row, true),
  });
  return {
    reveal: (pin, of) => {
      finding.abort();
      const { signal } = (finding = new AbortController());
      const find = async (): Promise<boolean | undefined> => {
        try {
          const row = await rows.of(of).find(pin, signal);
          return signal.aborted ? undefined : await reveal(row, false);
        } catch {
          return undefined;
        }
      };
      return Promise.resolve(vscode.window.withProgress({ location: { viewId: VIEW.pins } }, find));
    },
    redraw: () => {
      content.forgetProblems();
      redraw();
    },
    chosenContent: (clicked, selected) => chosenContent(view, clicked, selected, targetRow),
    chosenList: (clicked) => {
      const [only, ...others] = lists.shown();
      return others.length === 0 ? only : chosenList(view, clicked);
    },
    chosen: (clicked, selected) => chosenPins(view, clicked, selected),
    showMore: async (clicked) => {
      const isMore = clicked instanceof MoreRow || clicked instanceof MoreContentRow;
      const next = await (isMore ? clicked.show() : rows.showMore());
      if (next && view.visible) await view.reveal(next, { select: false });
    },
    dispose: () => void parts.dispose(),
  };
}

function hasRows({ rows }: PinListState): boolean {
  return rows.pins.length + rows.groups.length > 0;
}

/**
 * The value of the context key that selects a welcome view. For a failed list it is the reason after the first word of the source's own welcome views,
 * because the next step depends on the source.
 */
function contextOf({ source, model: { state } }: SourceList): string {
  const { busy, listing, view, error } = state;
  if (error) return `${source.welcome} ${error.reason}`.trim();
  if (hasRows(state)) return 'listed';
  if (!listing || busy) return 'probing';
  if (lacksStatuses(listing, view)) return 'cancelled'; // the statuses weren't read, so pins may match
  return view.filter === undefined ? 'no-pins' : hasStatusTerm(view.filter) ? 'none-with-status' : 'none-match';
}

import * as vscode from 'vscode';
import { CHOICE_KINDS } from '../base/choices';
import { COMMAND, CONTEXT, VIEW } from '../base/contributions';
import { abbreviateHome } from '../base/homePath';
import type { SafeText } from '../base/safeText';
import { safe, safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { SoughtPin } from '../pin/soughtPin';
import { hasStatusTerm } from '../pin/statusFilter';
import type { ContentAccess, ContentView } from '../vfs/editor/contentParts';
import type { TargetRow } from '../vfs/editor/contentTarget';
import { isPlainName } from '../vfs/plainNames';
import type { Focusing } from './listFocus';
import { createListFocus } from './listFocus';
import { isArranged, isSameView, lacksStatuses } from './list/listView';
import { choiceIn } from './list/viewChoices';
import type { Register } from './copyCommands';
import type { ChosenPin } from './chosenRows';
import { chosenContent, chosenList, chosenPins, chosenRows } from './chosenRows';
import { registerCopyCommands } from './copyCommands';
import type { PinLists } from './list/pinLists';
import { showsSample } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import type { PinListState } from './list/pinListModel';
import { createSizesOffer } from './offerSizes';
import { PinTreeProvider } from './pinTreeProvider';
import { provenance, viewMessage } from './text/provenanceText';
import type { ContentParent } from './rows/contentRow';
import { ContentRow } from './rows/contentRow';
import { createContentRows } from './rows/contentRows';
import { MoreContentRow } from './rows/moreContentRow';
import { MoreRow } from './rows/moreRow';
import { OpenedRow } from './rows/openedRow';
import { createOpenedRows } from './rows/openedRows';
import { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';
import { registerRowDecorations } from './rows/rowUris';
import { ViewRows } from './rows/viewRows';
import { hasSizes, sourceContext, sourcesMessage, sourcesViewMessage } from './text/sourceText';

export interface PinView extends ContentView {
  /**
   * Selects the row of a pin, wherever it is in the list; filter, order and groups stay. False where the filter leaves the pin out, undefined where the list
   * can't be read now or another pin is revealed meanwhile.
   */
  readonly reveal: (pin: SoughtPin, of: SourceList) => Promise<boolean | undefined>;
  /** Selects the first pin or group and gives it the focus; where there is none, the view gets it. */
  readonly toFirstMatch: () => Promise<void>;
  /** To be called when a command begins that lists pins. */
  readonly focusing: () => Focusing;
  /** To be called before a dialog opens, from which a list that arrives must not take the focus. */
  readonly stopFocusing: () => Promise<void>;
  /** The list that a command acts on: that of the clicked row or of the selection; undefined where it could be one of several. */
  readonly chosenList: (clicked: unknown) => SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: (clicked: unknown, selected: unknown) => readonly ChosenPin[];
  /** Selects the row of a pin after an act on it, if the view is visible and has the row, and focuses it if `isFocused`. Never rejects. */
  readonly select: (pin: SoughtPin, of: SourceList, isFocused: boolean) => Promise<void>;
  /**
   * The chosen pins are about to go: gives a function that selects the row beside them as `select` does, which is the next one, else the previous one, else
   * the row above.
   */
  readonly beside: (clicked: unknown, selected: unknown) => (isFocused: boolean) => Promise<void>;
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
  const opened = createOpenedRows(content, () => update());
  const rows = new ViewRows(lists, content, redraw, opened);
  const view = vscode.window.createTreeView(VIEW.pins, {
    treeDataProvider: provider,
    canSelectMany: true,
    showCollapseAll: true,
  });
  const focus = createListFocus(view, async () => (await rows.roots())[0]);
  const contexts = new Map<string, unknown>();
  const offerSizes = createSizesOffer();
  let progress: (() => void) | undefined;
  let finding = new AbortController();
  let late: NodeJS.Timeout | undefined;
  let arranged = lists.shown()[0].model.state.view;

  const setContext = (key: string, value: unknown): void => {
    if (contexts.get(key) === value) return;
    contexts.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };

  /** The number of failed pins, as far as the lists have counted them. */
  const showBadge = (shown: readonly SourceList[]): void => {
    const failed = shown.reduce((sum, each) => sum + (each.model.state.failed ?? 0), 0);
    if ((view.badge?.value ?? 0) === failed) return;
    view.badge =
      failed === 0 ? undefined : { value: failed, tooltip: safe`${withCommas(failed)} failed ${failed === 1 ? 'pin' : 'pins'}` };
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
    for (const kind of CHOICE_KINDS) setContext(CONTEXT[kind], choiceIn(lists.view, kind)?.id);
    setContext(CONTEXT.sizes, hasSizes(shown));
    setContext(CONTEXT.arranged, isArranged(lists.view));
    setContext(CONTEXT.listing, isBusy);
    setContext(CONTEXT.sample, showsSample(lists));
    shown.forEach(offerSizes);
    if (shown.length > 1) {
      view.description = sourcesMessage(shown);
      view.message = sourcesViewMessage(shown);
    } else {
      view.description = state.error ? '' : provenance(state, Date.now());
      // Over an empty tree, a message would take the place of the welcome text; below folders that were opened, there is none.
      view.message = hasRows(state) ? viewMessage(state, Date.now()) : opened.rows().length > 0 ? emptyMessage(shown[0]) : '';
    }
    showBadge(shown);
    showProgress(isBusy);
    rows.update(list);
    focus.drawn();
    if (shown.length > 1) expandLate();
    if (shown.length === 1 && !isSameView(state.view, arranged)) toFirstRow(shown[0]);
  };

  /** Expands sources whose rows were drawn before they had a list. The tree draws its rows at its own time, and a row that was drawn empty is late then. */
  const expandLate = (): void => {
    if (!view.visible || late) return;
    late = setTimeout(() => {
      late = undefined;
      for (const row of rows.lateRows())
        view.reveal(row, { select: false, focus: false, expand: true }).then(undefined, () => undefined); // the row is gone meanwhile
    }, LATE_MS);
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
    registerCopyCommands(view, register),
    register(COMMAND.openRow, (row) => openRow(row)),
    register(COMMAND.closeOpened, (clicked) => {
      if (clicked instanceof OpenedRow) opened.close(clicked);
      return Promise.resolve();
    }),
    registerRowDecorations(),
    view.onDidExpandElement(({ element }) => rows.changed(element, true)),
    view.onDidCollapseElement(({ element }) => rows.changed(element, false)),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    { dispose: () => showProgress(false) },
    { dispose: () => clearTimeout(late) },
  );
  /** False where `row` is undefined. */
  const reveal = async (row: Row | undefined, expand: boolean): Promise<boolean> => {
    if (row) await view.reveal(row, { select: true, focus: true, expand });
    return row !== undefined;
  };
  const select = async (row: Row | undefined, focus: boolean): Promise<void> => {
    if (!view.visible) return;
    if (row)
      await view.reveal(row, { select: true, focus }).then(undefined, () => undefined); // the row has been replaced meanwhile
    else if (focus) await vscode.commands.executeCommand(`${VIEW.pins}.focus` as const);
  };
  const targetRow = (row: ContentParent): TargetRow => ({
    learn: (type) => content.learn(row, type),
    reveal: async () => {
      const now = row instanceof ContentRow ? await row.again() : row;
      const isExpandable =
        now instanceof ContentRow
          ? now.entry.type === 'directory'
          : now instanceof OpenedRow || (now instanceof PinRow && now.isExpandable);
      return isExpandable && reveal(now, true);
    },
  });
  /** What Enter does: a file is selected and opened to stay, other rows do what a click does. The editor itself expands and collapses rows. */
  const openRow = async (row: unknown): Promise<void> => {
    if (!(row instanceof PinRow || row instanceof ContentRow)) return vscode.commands.executeCommand('list.select');
    await view.reveal(row, { select: true });
    await vscode.commands.executeCommand(COMMAND.openPin, row);
  };
  /** Finds the row of a pin with progress, and hands it to `show`; a later search replaces this one. Undefined where the list can't be read now. */
  const found = <Result>(
    pin: SoughtPin,
    of: SourceList,
    show: (row: Row | undefined) => Promise<Result>,
  ): Promise<Result | undefined> => {
    finding.abort();
    const { signal } = (finding = new AbortController());
    const find = async (): Promise<Result | undefined> => {
      try {
        const row = await rows.of(of).find(pin, signal);
        return signal.aborted ? undefined : await show(row);
      } catch {
        return undefined;
      }
    };
    return Promise.resolve(vscode.window.withProgress({ location: { viewId: VIEW.pins } }, find));
  };
  return {
    reveal: (pin, of) => found(pin, of, (row) => reveal(row, false)),
    toFirstMatch: async () => {
      const [first] = lists.shown().flatMap((list) => rows.of(list).topRows().slice(0, 1));
      if (!(await reveal(first, false))) await vscode.commands.executeCommand(`${VIEW.pins}.focus` as const);
    },
    focusing: () => focus.begin(),
    showFolder: async (at, name, cid) => {
      await reveal(opened.open(at.path.every(isPlainName) ? at : { cid, path: [] }, name, cid), true);
    },
    stopFocusing: () => focus.cancel(),
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
    select: (pin, of, isFocused) => found(pin, of, (row) => select(row, isFocused)),
    beside: (clicked, selected) => {
      const chosen = chosenRows(view, clicked, selected);
      return async (isFocused) => {
        const above = chosen[0]?.parent;
        const level = (await (above ? above.children?.() : rows.roots())) ?? [];
        await select(rowBeside(chosen, level) ?? above, isFocused);
      };
    },
    showMore: async (clicked) => {
      const isMore = clicked instanceof MoreRow || clicked instanceof MoreContentRow;
      const next = await (isMore ? clicked.show() : rows.showMore());
      if (next && view.visible) await view.reveal(next, { select: false });
    },
    dispose: () => void parts.dispose(),
  };
}

/** The pin after the last of these rows in a level, else the one before the first; rows are compared by id, since they may have been replaced. */
function rowBeside(gone: readonly Row[], level: readonly Row[]): Row | undefined {
  const isGone = (row: Row): boolean => gone.some(({ id }) => id === row.id);
  const pins = level.filter((row) => row instanceof PinRow);
  return pins.slice(pins.findLastIndex(isGone) + 1)[0] ?? pins.slice(0, Math.max(0, pins.findIndex(isGone))).at(-1);
}

/** Time in ms that the tree has to draw changed rows. */
const LATE_MS = 200;

function hasRows({ rows }: PinListState): boolean {
  return rows.pins.length + rows.groups.length > 0;
}

/** Why no pins are shown, where that stands above other rows. */
function emptyMessage(list: SourceList): SafeText {
  const { error } = list.model.state;
  if (error) return safeText(abbreviateHome(error.message), 300);
  const texts: Readonly<Record<string, SafeText>> = {
    'no-pins': safe`Nothing pinned yet`,
    'none-match': safe`No matching pins`,
    'none-with-status': safe`No pins with this status`,
  };
  return texts[contextOf(list)] ?? safe``;
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

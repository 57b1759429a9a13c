import * as vscode from 'vscode';
import type { CommandName } from '../base/contributions';
import { COMMAND } from '../base/contributions';
import type { ContentAccess, ContentView } from '../vfs/editor/contentParts';
import type { TargetRow } from '../vfs/editor/contentTarget';
import { isPlainName } from '../vfs/plainNames';
import type { ChosenEntry, ChosenPin } from './chosenRows';
import { chosenContent, chosenEntries, chosenList, chosenPins } from './chosenRows';
import { copyCid, copyName } from './copyCommands';
import type { ListsJoin } from './list/listsJoin';
import type { PinLists } from './list/pinLists';
import { isIdle } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import type { Focusing } from './listFocus';
import { createListFocus } from './listFocus';
import { createSizesOffer } from './offerSizes';
import type { RowReveal } from './rowReveal';
import { createRowReveal } from './rowReveal';
import type { ContentParent } from './rows/contentRow';
import { ContentRow } from './rows/contentRow';
import { createContentRows } from './rows/contentRows';
import { MoreContentRow } from './rows/moreContentRow';
import { MoreRow } from './rows/moreRow';
import { OpenedRow } from './rows/openedRow';
import { createOpenedRows } from './rows/openedRows';
import { PinRow } from './rows/pinRow';
import type { Redraw, Row } from './rows/row';
import { registerRowDecorations } from './rows/rowUris';
import { ViewRows } from './rows/viewRows';
import { createViewFrame } from './viewFrame';

export type ViewCommand = Extract<CommandName, 'openRow' | 'closeOpened' | 'showMore' | 'copyCid' | 'copyName'>;

export interface PinView extends ContentView, Pick<RowReveal, 'reveal' | 'select' | 'beside' | 'besideMoved' | 'toFirstMatch'> {
  /** The rows at the top. */
  readonly roots: () => Promise<readonly Row[]>;
  /** Runs a command on rows; `given`: its arguments. */
  readonly run: (command: ViewCommand, given: readonly unknown[]) => Promise<void>;
  /** To be called when a command begins that lists pins. */
  readonly focusing: () => Focusing;
  /** To be called before a dialog opens, from which a list that arrives must not take the focus. */
  readonly stopFocusing: () => Promise<void>;
  /** The list that a command acts on: that of the clicked row or of the selection; undefined where it could be one of several. */
  readonly chosenList: (clicked: unknown) => SourceList | undefined;
  /** The clicked or selected pins. */
  readonly chosen: (clicked: unknown, selected: unknown) => readonly ChosenPin[];
  /** The clicked or selected entries of a source with folders. */
  readonly chosenEntries: (clicked: unknown, selected: unknown) => readonly ChosenEntry[];
  /** A page of any folder. Rejects with an IpfsKitError. */
  readonly listFolder: ContentAccess['list'];
  /** The content of the clicked row, to be pinned or copied. */
  readonly unpinned: (clicked: unknown) => { readonly cid: string; readonly name: string | undefined } | undefined;
  /** Draws all rows again, those of content as its sources give them now. */
  readonly redraw: () => void;
  readonly dispose: () => void;
}

export interface PinViewParts {
  readonly lists: PinLists;
  readonly join: ListsJoin;
  readonly access: ContentAccess;
}

/** Everything in the Pins view: its rows, and what it shows around them, which stays unset until the first list begins, and so do the context keys. */
export function createPinView(view: vscode.TreeView<Row>, redraw: Redraw, { lists, join, access }: PinViewParts): PinView {
  const content = createContentRows(access, redraw);
  const opened = createOpenedRows(content, () => update());
  const rows = new ViewRows(lists, join, content, redraw, opened);
  const frame = createViewFrame(view, lists, join, () => opened.rows().length > 0);
  const focus = createListFocus(view, async () => (await rows.roots())[0]);
  const rowReveal = createRowReveal(view, lists, rows);
  const offerSizes = createSizesOffer();

  const update: Parameters<PinLists['onDidChange']>[0] = (list, group) => {
    if (group) return rows.update(list, group);
    frame.update();
    lists.shown().forEach(offerSizes);
    rows.update(list);
    focus.drawn();
    rowReveal.drawn();
  };
  lists.onDidChange(update);
  if (!isIdle(lists)) update(); // The first list has begun before this is loaded.

  const targetRow = (row: ContentParent): TargetRow => ({
    learn: (type) => content.learn(row, type),
    reveal: async () => {
      const now = row instanceof ContentRow ? await row.again() : row;
      const isExpandable =
        now instanceof ContentRow
          ? now.entry.type === 'directory'
          : now instanceof OpenedRow || (now instanceof PinRow && now.isExpandable);
      return isExpandable && rowReveal.toRow(now, true);
    },
  });
  /** What Enter does: a file is selected and opened to stay, other rows do what a click does. The editor itself expands and collapses rows. */
  const openRow = async (row: unknown): Promise<void> => {
    if (!(row instanceof PinRow || row instanceof ContentRow)) return vscode.commands.executeCommand('list.select');
    await rowReveal.tryReveal(row, { select: true });
    await vscode.commands.executeCommand(COMMAND.openPin, row);
  };
  const commands: Readonly<Record<ViewCommand, (clicked: unknown, selected: unknown) => Promise<void>>> = {
    openRow,
    closeOpened: (clicked) => {
      if (clicked instanceof OpenedRow) opened.close(clicked);
      return Promise.resolve();
    },
    showMore: async (clicked) => {
      const isMore = clicked instanceof MoreRow || clicked instanceof MoreContentRow;
      const next = await (isMore ? clicked.show() : rows.showMore());
      if (next && view.visible) await rowReveal.tryReveal(next, { select: false, focus: isMore }); // The row that had the focus is gone.
    },
    copyCid: (clicked, selected) => copyCid(view, clicked, selected),
    copyName: (clicked, selected) => copyName(view, clicked, selected),
  };
  const parts = vscode.Disposable.from(
    rows,
    frame,
    join.onDidChange(frame.update),
    rowReveal,
    registerRowDecorations(),
    view.onDidChangeSelection(({ selection }) => {
      const looked = selection.filter((row) => row instanceof PinRow && row.look());
      if (looked.length > 0) redraw([...looked]);
    }),
    view.onDidExpandElement(({ element }) => rows.changed(element, true)),
    view.onDidCollapseElement(({ element }) => rows.changed(element, false)),
  );
  return {
    roots: () => rows.roots(),
    run: (command, [clicked, selected]) => commands[command](clicked, selected),
    reveal: rowReveal.reveal,
    select: rowReveal.select,
    beside: rowReveal.beside,
    besideMoved: rowReveal.besideMoved,
    toFirstMatch: rowReveal.toFirstMatch,
    focusing: () => focus.begin(),
    stopFocusing: () => focus.cancel(),
    showFolder: async (at, name, cid) => {
      await rowReveal.toRow(opened.open(at.path.every(isPlainName) ? at : { cid, path: [] }, name, cid), true);
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
    chosenEntries: (clicked, selected) => chosenEntries(view, clicked, selected),
    listFolder: (at, page) => access.list(at, page),
    unpinned: (clicked) => {
      if (clicked instanceof OpenedRow) return { cid: clicked.cid, name: clicked.fileName };
      if (clicked instanceof ContentRow) return { cid: clicked.entry.cid, name: clicked.entry.name };
      return clicked instanceof PinRow ? { cid: clicked.pin.cid, name: clicked.pin.name } : undefined;
    },
    dispose: () => void parts.dispose(),
  };
}

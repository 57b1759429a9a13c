import * as vscode from 'vscode';
import { VIEW } from '../base/contributions';
import type { Disposable } from '../base/disposable';
import type { SoughtPin } from '../pin/soughtPin';
import { chosenRows } from './chosenRows';
import { isSameView } from './list/listView';
import type { PinLists } from './list/pinLists';
import type { SourceList } from './list/sourceList';
import { focusView } from './listFocus';
import { GroupRow } from './rows/groupRow';
import { PinRow } from './rows/pinRow';
import type { Row } from './rows/row';
import type { ViewRows } from './rows/viewRows';

type RevealOptions = Parameters<vscode.TreeView<Row>['reveal']>[1];

/** What is selected, scrolled to and expanded on behalf of a command, or after the rows have changed. */
export interface RowReveal extends Disposable {
  /** Scrolls to a row, unless the list has lost it meanwhile. Never rejects. */
  readonly tryReveal: (row: Row, options: RevealOptions) => Thenable<void>;
  /** Selects a row and gives it the focus, if the list still has it; `expand` expands it too. False where `row` is undefined. Never rejects. */
  readonly toRow: (row: Row | undefined, expand?: boolean) => Promise<boolean>;
  /**
   * Selects the row of a pin, wherever it is in the list, and focuses it if `isHere` is true by then; filter, order and groups stay. False where the filter
   * leaves the pin out, undefined where the list can't be read now or another pin is revealed meanwhile.
   */
  readonly reveal: (pin: SoughtPin, of: SourceList, isHere: () => boolean) => Promise<boolean | undefined>;
  /** Selects the row of a pin after an act on it as `reveal` does, if the view is visible and has the row. Never rejects. */
  readonly select: (pin: SoughtPin, of: SourceList, isHere: () => boolean) => Promise<void>;
  /**
   * The chosen pins are about to go: gives a function that selects the row beside them as `select` does, which is the next one, else the previous one, else
   * the row above; beside a group, which goes with its last pin.
   */
  readonly beside: (clicked: unknown, selected: unknown) => (isHere: () => boolean) => Promise<void>;
  /**
   * An act on the chosen pins may move their rows to other groups, or out of the list. To be called before the list is read again; gives a function to be
   * called after that, which selects the row beside them as `select` does where none of them has stayed. Rows that stayed in place, or another row that the
   * user has selected meanwhile, stay selected.
   */
  readonly besideMoved: (clicked: unknown, selected: unknown) => () => Promise<(isHere: () => boolean) => Promise<void>>;
  /** Selects the first pin or group and gives it the focus; where there is none, the view gets it. */
  readonly toFirstMatch: () => Promise<void>;
  /** To be called when rows were drawn: expands the sources that are to be, and scrolls to the first row where their order has changed. */
  readonly drawn: () => void;
}

/** Time in ms that the tree has to draw changed rows. */
const LATE_MS = 200;

export function createRowReveal(view: vscode.TreeView<Row>, lists: PinLists, rows: ViewRows): RowReveal {
  let finding = new AbortController();
  let late: NodeJS.Timeout | undefined;
  let arranged = lists.shown()[0].model.state.view;

  const tryReveal: RowReveal['tryReveal'] = (row, options) => view.reveal(row, options).then(undefined, () => undefined);

  const toRow = async (row: Row | undefined, expand = false): Promise<boolean> => {
    if (row) await tryReveal(row, { select: true, focus: true, expand });
    return row !== undefined;
  };

  const select = async (row: Row | undefined, focus: boolean): Promise<void> => {
    if (!view.visible) return;
    if (row) await tryReveal(row, { select: true, focus });
    else if (focus) await focusView();
  };

  const levelOf = async (parent: Row | undefined): Promise<readonly Row[]> =>
    (await (parent ? parent.children?.() : rows.roots())) ?? [];

  /** The row beside rows that are about to go: the next one, else the previous one, else the row above. */
  const besideOf = async (chosen: readonly Row[]): Promise<Row | undefined> => {
    let gone = chosen;
    let above = chosen[0]?.parent;
    for (;;) {
      const row = rowBeside(gone, await levelOf(above));
      if (row) return row;
      if (!(above instanceof GroupRow)) return above;
      [gone, above] = [[above], above.parent];
    }
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

  /** Expands sources whose rows were drawn before they had a list. The tree draws its rows at its own time, and a row that was drawn empty is late then. */
  const expandLate = (): void => {
    if (!view.visible || late) return;
    late = setTimeout(() => {
      late = undefined;
      for (const row of rows.lateRows()) void tryReveal(row, { select: false, focus: false, expand: true });
    }, LATE_MS);
  };

  const toFirstRow = (list: SourceList): void => {
    const [first] = rows.of(list).topRows();
    if (!first) return;
    arranged = list.model.state.view;
    if (view.visible) void tryReveal(first, { select: false });
  };

  return {
    tryReveal,
    toRow,
    reveal: (pin, of, isHere) =>
      found(pin, of, async (row) => {
        if (row) await view.reveal(row, { select: true, focus: isHere() });
        return row !== undefined;
      }),
    select: (pin, of, isHere) => found(pin, of, (row) => select(row, isHere())),
    beside: (clicked, selected) => {
      const chosen = chosenRows(view, clicked, selected);
      return async (isHere) => select(await besideOf(chosen), isHere());
    },
    besideMoved: (clicked, selected) => {
      const chosen = chosenRows(view, clicked, selected);
      const isChosen = (row: Row): boolean => chosen.some(({ id }) => id === row.id);
      return async () => {
        const beside = await besideOf(chosen);
        return async (isHere) => {
          if (!view.selection.every(isChosen)) return;
          const levels = await Promise.all([...new Set(chosen.map(({ parent }) => parent))].map(levelOf));
          if (!levels.flat().some(isChosen)) await select(beside, isHere());
        };
      };
    },
    toFirstMatch: async () => {
      const [first] = lists.shown().flatMap((list) => rows.of(list).topRows().slice(0, 1));
      if (!(await toRow(first))) await focusView();
    },
    drawn: () => {
      const [first, ...others] = lists.shown();
      if (others.length > 0) expandLate();
      else if (!isSameView(first.model.state.view, arranged)) toFirstRow(first);
    },
    dispose: () => clearTimeout(late),
  };
}

/** The pin or group after the last of these rows in a level, else the one before the first; rows are compared by id, since they may have been replaced. */
function rowBeside(gone: readonly Row[], level: readonly Row[]): Row | undefined {
  const isGone = (row: Row): boolean => gone.some(({ id }) => id === row.id);
  const pins = level.filter((row) => row instanceof PinRow || row instanceof GroupRow);
  return pins.slice(pins.findLastIndex(isGone) + 1)[0] ?? pins.slice(0, Math.max(0, pins.findIndex(isGone))).at(-1);
}

import * as vscode from 'vscode';
import { VIEW } from '../base/contributions';
import type { Row } from './rows/row';

/** A command after which a row or the list has the focus, from its beginning. */
export interface Focusing {
  /** Whether the focus may still be taken: false once the user has gone elsewhere, or after so long that they have gone on to something else. */
  readonly isHere: () => boolean;
  /** Gives the view the focus, and the list once it has rows, unless the user has gone elsewhere since the command began. Resolves when that is over. */
  readonly toList: () => Promise<void>;
  /** The command has ended: rows that come later don't take the focus. */
  readonly end: () => void;
}

export interface ListFocus {
  readonly begin: () => Focusing;
  /** To be called when rows were drawn. */
  readonly drawn: () => void;
  /** To be called before something else takes the focus, as a dialog does. Resolves once the list won't take it any more. */
  readonly cancel: () => Promise<void>;
}

/** The longest time in ms for which a dialog waits for a row that is being given the focus. */
const MOST_GIVING_MS = 3000;

/** Rows that come or change later than this after a command, in ms, don't take the focus: by then people have gone on to something else. */
const FOCUS_WITHIN_MS = 10_000;

/**
 * Where the focus is after *List Pins* and *Start*: in the list. Otherwise it would be lost together with the welcome text that had it. `first`: the first
 * row, which takes the focus where none is selected.
 */
export function createListFocus(view: vscode.TreeView<Row>, first: () => Promise<Row | undefined>): ListFocus {
  /** Ends the wait for rows; undefined while no command waits. */
  let waiting: (() => void) | undefined;
  /** Giving the focus to the view or a row, which takes a while and can't be stopped. */
  let giving: Promise<boolean> | undefined;
  let canceled = 0;

  const reveal = async (): Promise<boolean> => {
    const row = view.selection[0] ?? (await first());
    if (row) await view.reveal(row, { select: false, focus: true });
    return row !== undefined;
  };
  /** False where there is no row, or it was replaced meanwhile. */
  const give = (work: () => Promise<boolean>): Promise<boolean> => {
    const now = work()
      .catch(() => false)
      .finally(() => (giving = giving === now ? undefined : giving));
    return (giving = now);
  };

  return {
    begin: () => {
      const begun = performance.now();
      let isOver = false;
      let isLeft = false;
      const leave = (): void => {
        isLeft = true;
        end();
      };
      const end = (): void => {
        isOver = true;
        if (waiting === stop) stop();
        void events.dispose();
      };
      let stop: () => void = () => undefined;
      const events = vscode.Disposable.from(
        vscode.window.onDidChangeTextEditorSelection(({ kind }) => kind !== undefined && leave()),
        vscode.window.tabGroups.onDidChangeTabs(leave),
        // The user types into it; its shell, which VS Code finds out by itself, is part of the state too.
        vscode.window.onDidChangeTerminalState(({ state }) => state.isInteractedWith && leave()),
        view.onDidChangeVisibility(({ visible }) => !visible && leave()),
      );
      return {
        isHere: () => !isLeft && performance.now() - begun < FOCUS_WITHIN_MS,
        end,
        toList: async () => {
          if (isLeft) return;
          waiting?.();
          const before = canceled;
          const hasRow = await give(async () => {
            await focusView();
            return canceled === before && reveal();
          });
          if (hasRow || isOver || canceled !== before) return;
          await new Promise<void>((resolve) => {
            const timer = setTimeout(end, FOCUS_WITHIN_MS);
            stop = () => {
              clearTimeout(timer);
              waiting = undefined;
              resolve();
            };
            waiting = stop;
          });
        },
      };
    },
    drawn: () => {
      if (waiting && !giving) void give(reveal).then((hasIt) => hasIt && waiting?.());
    },
    cancel: async () => {
      canceled++;
      waiting?.();
      await Promise.race([giving, new Promise((resolve) => setTimeout(resolve, MOST_GIVING_MS))]);
    },
  };
}

/** Gives the view the focus, and shows it where it is hidden. */
export async function focusView(): Promise<void> {
  await vscode.commands.executeCommand(`${VIEW.pins}.focus` as const);
}

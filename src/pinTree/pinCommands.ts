import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { copyPins } from './dialogs/copyPins';
import { chosenRows } from './chosen';
import type { PinRow } from './rows/pinRow';
import type { Redraw, Row } from './rows/row';

/** Registers a command; commandRegistrar makes it. */
export type Register = (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable;

const TICK_MS = 2000;

/** Registers the commands that copy from rows; chosenRows says which rows they act on. */
export function registerPinCommands(view: vscode.TreeView<Row>, redraw: Redraw, register: Register): vscode.Disposable {
  const ticks = new Set<NodeJS.Timeout>();
  const mark = (rows: readonly PinRow[], copied: boolean): void => {
    for (const row of rows) row.copied = copied;
    redraw([...rows]);
  };
  /** Shows a check mark in place of the inline copy icon of these rows for two seconds. */
  const showCopied = (rows: readonly PinRow[]): void => {
    mark(rows, true);
    const tick = setTimeout(() => {
      ticks.delete(tick);
      mark(rows, false);
    }, TICK_MS);
    ticks.add(tick);
  };
  const copy =
    (what: 'cid' | 'name') =>
    async (clicked: unknown, selected: unknown): Promise<void> => {
      const rows = chosenRows(view, clicked, selected);
      if (await copyPins(rows, what)) showCopied(rows);
    };
  return vscode.Disposable.from(
    register(COMMAND.copyCid, copy('cid')),
    register(COMMAND.copyCidDone, copy('cid')), // the check mark is a button too: it copies again
    register(COMMAND.copyName, copy('name')),
    { dispose: () => ticks.forEach(clearTimeout) },
  );
}

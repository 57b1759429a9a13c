import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import { chosenRows } from './chosenRows';
import type { PinRow } from './rows/pinRow';
import type { Redraw, Row } from './rows/row';

/** Registers a command; commandRegistrar makes it. */
export type Register = (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable;

const TICK_MS = 2000;

/** Registers the commands that copy from rows; chosenRows says which rows they act on. */
export function registerCopyCommands(view: vscode.TreeView<Row>, redraw: Redraw, register: Register): vscode.Disposable {
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

/** Copies the CIDs or names of these rows, a line each; a pin without a name gives its CID. False where there are no rows. */
async function copyPins(rows: readonly PinRow[], what: 'cid' | 'name'): Promise<boolean> {
  if (rows.length === 0) {
    void vscode.window.showInformationMessage('Select a pin in the Pins view first.');
    return false;
  }
  const texts = rows.map(({ pin }) => (what === 'name' ? pin.name : undefined) ?? pin.cid);
  await vscode.env.clipboard.writeText(texts.join('\n'));
  return true;
}

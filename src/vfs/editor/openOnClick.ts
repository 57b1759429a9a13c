import type * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';

/** The second argument of *Open* where a click on the row runs it. */
export const CLICK = 'click';

/**
 * The command of a row that is opened by a click. The row of a known folder has none: then VS Code expands and collapses it by a click and by Enter, which
 * it does only for rows without a command.
 */
export function openOnClick(row: object): vscode.Command {
  return { command: COMMAND.openPin, title: 'Open', arguments: [row, CLICK] };
}

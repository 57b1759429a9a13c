import * as vscode from 'vscode';
import type { IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';

/**
 * The answer of a command that acts on rows where it can act on none. `clicked`: the row that it was given. A key on a row that has no such command does
 * nothing, as in the Explorer; only the Command Palette gives no row.
 */
export function tellNothingChosen(clicked: unknown): void {
  if (clicked === undefined)
    void vscode.window.showInformationMessage('Select a pin in the Pins view first: click it, or press Enter on it.');
}

/** The content that a command acts on: a pin, or something below it. */
export interface ContentTarget {
  readonly at: IpfsPath;
  /** The name that people see: that of the pin or of the entry. */
  readonly name: string;
  readonly type?: IpfsType;
  /** Its row in the Pins view. */
  readonly row?: TargetRow;
}

export interface TargetRow {
  /** Corrects a guess of the type by what was seen when the content was opened. */
  learn(type: IpfsType): void;
  /** Selects and expands the row of a folder; false where the row no longer exists, or has nothing below it. */
  reveal(): Promise<boolean>;
}

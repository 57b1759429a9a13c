import type * as vscode from 'vscode';
import type { CommandName } from '../../base/contributions';
import type { DocumentText } from '../../base/safeText';
import type { Settings } from '../../base/settings';
import type { ContentParent } from './contentRow';
import type { ContentRow, ContentRows } from './contentRows';
import type { ContentTarget } from './contentTarget';
import type { Log } from '../../base/log';

/** What the VFS bridge and the Pins view know of each other. */

/** The view, for the commands on content. */
export interface ContentView {
  /** What a command was called on, or what is selected. */
  readonly chosenContent: (clicked: unknown, selected: unknown) => readonly ContentTarget[];
  /** Opens the row of a folder; false where it has none. */
  readonly revealContent: (target: ContentTarget) => Promise<boolean>;
  /** Where content could be has changed; or what is known of one row, and of what is below it. */
  readonly redraw: (row?: ContentParent) => void;
}

export interface VfsParts {
  readonly log: Log;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
  /** The bundle of vfsWorker.ts. */
  readonly threadFile: string;
  readonly view: () => ContentView;
}

/** Content for the tree. */
export interface ContentAccess {
  /** Whether there is a place where content could be. */
  isPossible(): boolean;
  /** Never rejects: what is wrong is a row. */
  below(parent: ContentParent): Promise<readonly ContentRow[]>;
  /** Reads the next page of a folder. */
  more(parent: ContentParent): Promise<void>;
  /** Whether a pin is a file or a folder, where that was seen when it was opened. */
  isFile(cid: string): boolean | undefined;
  /** What could not be had may be there now. */
  forgetProblems(): void;
  dispose(): void;
}

export const CONTENT_COMMANDS = [
  'openPin',
  'openInBrowser',
  'copyGatewayUrl',
  'copyIpfsPath',
  'copyCidV0',
  'copyCidV1',
  'saveContent',
  'addToWorkspace',
  'openCid',
] as const satisfies readonly CommandName[];
export type ContentCommand = (typeof CONTENT_COMMANDS)[number];

/** What is loaded when something is opened for the first time. */
export interface Vfs extends Pick<vscode.FileSystemProvider, 'stat' | 'readDirectory' | 'readFile'> {
  readonly rows: ContentRows;
  /** The text of a document of plainText.ts. */
  plainText(uri: vscode.Uri): Promise<DocumentText>;
  run(command: ContentCommand, targets: readonly ContentTarget[], given: unknown): Promise<void>;
  dispose(): void;
}

import type * as vscode from 'vscode';
import type { CommandName } from '../../base/contributions';
import type { DocumentText, SafeText } from '../../base/safeText';
import { safe } from '../../base/safeText';
import type { Settings } from '../../base/settingTypes';
import type { IpfsStat, Listed, Page } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';
import type { KindHere } from '../protocol';
import type { ContentTarget } from './contentTarget';
import type { Memory } from '../../base/editorMemory';
import type { Log } from '../../base/log';

/** What the VFS bridge and the Pins view know of each other. */

/** The view, for the commands on content. */
export interface ContentView {
  /** The content that a command was called on, or that is selected. */
  readonly chosenContent: (clicked: unknown, selected: unknown) => readonly ContentTarget[];
  /** Shows a folder as a row at the top of the view, expanded and selected. */
  readonly showFolder: (at: IpfsPath, name: string, cid: string) => Promise<void>;
}

export interface VfsParts {
  readonly log: Log;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
  /** Of all windows of this editor. */
  readonly memory: Memory;
  /** The bundle of vfsWorker.ts. */
  readonly threadFile: string;
  /** The repository with the content of the sample, absolute; undefined while the sample isn't shown. */
  readonly sample: () => string | undefined;
  readonly view: () => Promise<ContentView>;
  /** To be called when the sources of content, or the access to them, have changed: rows can be opened now, or no longer. */
  readonly redraw: () => void;
}

/** Content for the tree. Each method rejects with an IpfsKitError. */
export interface ContentAccess {
  /** Whether there is any source of content. */
  isPossible(): boolean;
  list(at: IpfsPath, page: Page): Promise<Listed>;
  stat(at: IpfsPath): Promise<IpfsStat>;
  /** What these CIDs are, for those whose blocks are on this disk: no other source is asked. */
  readonly kindsHere: (cids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, KindHere>>;
  dispose(): void;
}

export const CONTENT_COMMANDS = [
  'openPin',
  'openToSide',
  'openInBrowser',
  'copyShareLink',
  'copyGatewayUrl',
  'copyIpfsPath',
  'copyCidV0',
  'copyCidV1',
  'saveContent',
  'addToWorkspace',
  'openCid',
] as const satisfies readonly CommandName[];
export type ContentCommand = (typeof CONTENT_COMMANDS)[number];

/** The part that is loaded when something is opened for the first time. */
export interface Vfs extends Pick<vscode.FileSystemProvider, 'stat' | 'readDirectory' | 'readFile'> {
  readonly content: Pick<ContentAccess, 'list' | 'stat' | 'kindsHere'>;
  /** The text of a plainTextUri.ts document. */
  plainText(uri: vscode.Uri): Promise<DocumentText>;
  /** `given`: the arguments of the command. */
  run(command: ContentCommand, targets: readonly ContentTarget[], given: readonly unknown[]): Promise<void>;
  dispose(): void;
}

export function partsMissing(parts: number): SafeText {
  return parts === 1 ? safe`A part of this folder is missing` : safe`${parts} parts of this folder are missing`;
}

import * as vscode from 'vscode';
import { addToWorkspace } from './addToWorkspace';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { CommandParts } from './askedContent';
import type { ContentCommand } from './contentParts';
import type { ContentTarget } from './contentTarget';
import { COPY_COMMANDS } from './copyContent';
import { openCid, openContent } from './openContent';
import { openInBrowser } from './openInBrowser';
import { saveContent } from './saveContent';

type Targets = readonly [ContentTarget, ...ContentTarget[]];
type Run = (parts: CommandParts, targets: Targets) => Promise<void>;

const onFirst =
  (run: (parts: CommandParts, target: ContentTarget) => Promise<void>): Run =>
  (parts, [first]) =>
    run(parts, first);

const COMMANDS: Readonly<Record<Exclude<ContentCommand, 'openCid'>, Run>> = {
  openPin: onFirst(openContent),
  openInBrowser: onFirst(openInBrowser),
  saveContent: (parts, [only, ...others]) => {
    if (others.length === 0) return saveContent(parts, only);
    throw new IpfsKitError('invalid-argument', 'Select only one row: files and folders are saved one at a time.');
  },
  addToWorkspace: onFirst(addToWorkspace),
  ...COPY_COMMANDS,
};

export async function runContentCommand(
  command: ContentCommand,
  parts: CommandParts,
  [first, ...others]: readonly ContentTarget[],
  given: unknown,
): Promise<void> {
  if (command === 'openCid') return openCid(parts, given);
  if (!first) return void vscode.window.showInformationMessage('Select a pin in the Pins view first.');
  return COMMANDS[command](parts, [first, ...others]);
}

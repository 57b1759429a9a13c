import { addToWorkspace } from './addToWorkspace';
import { IpfsKitError } from '../../base/ipfsKitError';
import type { CommandParts } from './askedContent';
import type { ContentCommand } from './contentParts';
import type { ContentTarget } from './contentTarget';
import { tellNothingChosen } from './contentTarget';
import { COPY_COMMANDS } from './copyContent';
import { openClicked } from './openClicked';
import { BESIDE, openCid, openContent } from './openContent';
import { CLICK } from './openOnClick';
import { openInBrowser } from './openInBrowser';
import { saveContent } from './saveContent';

type Targets = readonly [ContentTarget, ...ContentTarget[]];
type Run = (parts: CommandParts, targets: Targets) => Promise<void>;

const onFirst =
  (run: (parts: CommandParts, target: ContentTarget) => Promise<void>): Run =>
  (parts, [first]) =>
    run(parts, first);

const COMMANDS: Readonly<Record<Exclude<ContentCommand, 'openCid'>, Run>> = {
  openPin: onFirst((parts, target) => openContent(parts, target)),
  openToSide: onFirst((parts, target) => openContent(parts, target, () => BESIDE)),
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
  [given, how]: readonly unknown[],
): Promise<void> {
  if (command === 'openCid') return openCid(parts, given);
  if (!first) return tellNothingChosen(given);
  if (command === 'openPin' && how === CLICK) return openClicked(parts, first);
  return COMMANDS[command](parts, [first, ...others]);
}

import { actOnPins, pinCid } from './pinActions';
import type { ActionParts } from './actionParts';
import { copyIntoFiles, newFolder } from './addToFiles';
import { moveEntries, renameEntry } from './moveEntries';
import { removeFromFiles } from './removeFromFiles';
import { connectTo } from './connectTo';
import { chooseProgramAndStart } from './kuboProgram';
import type { TokenParts } from './setToken';
import { setToken } from './setToken';
import type { StartKuboParts } from './startKuboCommand';
import { startKubo } from './startKuboCommand';
import type { StopKuboParts } from './stopKuboCommand';
import { stopKuboDaemon } from './stopKuboCommand';
import { unpinEntries } from './unpinEntries';

export type CommandParts = ActionParts & TokenParts & StartKuboParts & StopKuboParts;

const COMMANDS = {
  pinCid,
  // Delete and F2 run these on every row.
  unpin: (parts) => (isOnEntries(parts) ? removeFromFiles(parts) : actOnPins('unpin', parts)),
  renamePin: (parts) => (isOnEntries(parts) ? renameEntry(parts) : actOnPins('rename', parts)),
  verifyPin: (parts) => actOnPins('verify', parts),
  recoverPin: (parts) => actOnPins('recover', parts),
  removeFromFiles,
  unpinEntry: unpinEntries,
  copyIntoFiles,
  newFolder,
  renameEntry,
  moveEntry: moveEntries,
  setToken,
  connectTo,
  chooseKuboProgram: chooseProgramAndStart,
  startKubo,
  stopKubo: stopKuboDaemon,
} as const satisfies Record<string, (parts: CommandParts) => Promise<void>>;

/** Whether all that is chosen are entries: with pins among them, a command on pins is meant. */
function isOnEntries({ chosen, entries }: ActionParts): boolean {
  return entries.length > 0 && chosen.every(({ list }) => list.source.entries);
}

export type SourceCommand = keyof typeof COMMANDS;

/** Runs a command on sources. This bundle is loaded with the first of them. */
export function runSourceCommand(name: SourceCommand, parts: CommandParts): Promise<void> {
  return COMMANDS[name](parts);
}

import { actOnPins, pinCid } from './pinActions';
import type { ActionParts } from './pinActions';
import type { SourceCommand, SourceParts } from './registerSources';
import { setToken } from './setToken';
import { startKubo } from './startKubo';
import { stopKuboDaemon } from './stopKuboDaemon';

export type CommandParts = SourceParts & ActionParts;

const COMMANDS: Readonly<Record<SourceCommand, (parts: CommandParts) => Promise<void>>> = {
  pinCid,
  unpin: (parts) => actOnPins('unpin', parts),
  renamePin: (parts) => actOnPins('rename', parts),
  verifyPin: (parts) => actOnPins('verify', parts),
  recoverPin: (parts) => actOnPins('recover', parts),
  setToken,
  startKubo,
  stopKubo: stopKuboDaemon,
};

/** A bundle of its own, loaded when the first of them is wanted. */
export function runSourceCommand(name: SourceCommand, parts: CommandParts): Promise<void> {
  return COMMANDS[name](parts);
}

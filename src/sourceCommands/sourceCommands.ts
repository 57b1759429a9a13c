import { actOnPins, pinCid } from './pinActions';
import type { ActionParts } from './actionParts';
import { connectTo } from './connectTo';
import { chooseProgramAndStart } from './kuboProgram';
import type { TokenParts } from './setToken';
import { setToken } from './setToken';
import type { StartKuboParts } from './startKuboCommand';
import { startKubo } from './startKuboCommand';
import type { StopKuboParts } from './stopKuboCommand';
import { stopKuboDaemon } from './stopKuboCommand';

export type CommandParts = ActionParts & TokenParts & StartKuboParts & StopKuboParts;

const COMMANDS = {
  pinCid,
  unpin: (parts) => actOnPins('unpin', parts),
  renamePin: (parts) => actOnPins('rename', parts),
  verifyPin: (parts) => actOnPins('verify', parts),
  recoverPin: (parts) => actOnPins('recover', parts),
  setToken,
  connectTo,
  chooseKuboProgram: chooseProgramAndStart,
  startKubo,
  stopKubo: stopKuboDaemon,
} as const satisfies Record<string, (parts: CommandParts) => Promise<void>>;

export type SourceCommand = keyof typeof COMMANDS;

/** Runs a command on sources. This bundle is loaded with the first of them. */
export function runSourceCommand(name: SourceCommand, parts: CommandParts): Promise<void> {
  return COMMANDS[name](parts);
}

import * as vscode from 'vscode';
import { COMMAND } from '../base/contributions';
import type { Register } from '../base/register';
import type { PinView } from '../pinTree/pinView';
import type { ActionParts } from './actionParts';
import type { CommandParts, SourceCommand } from './sourceCommands';

/** The commands on sources other than ipfs_kit_py and on their pins. */
const SOURCE_COMMANDS: readonly SourceCommand[] = [
  'pinCid',
  'unpin',
  'renamePin',
  'verifyPin',
  'recoverPin',
  'removeFromFiles',
  'unpinEntry',
  'copyIntoFiles',
  'newFolder',
  'renameEntry',
  'moveEntry',
  'setToken',
  'connectTo',
  'chooseKuboProgram',
  'startKubo',
  'stopKubo',
];

export interface SourceParts
  extends Omit<CommandParts, keyof ActionParts | 'toList'>, Pick<ActionParts, 'log' | 'lists' | 'history' | 'worker'> {
  /** See RegisteredView. */
  readonly loadView: () => Promise<PinView>;
}

/** Registers the commands. Their code is loaded when the first of them runs. */
export function registerSourceCommands({ loadView, ...parts }: SourceParts, register: Register): vscode.Disposable {
  return vscode.Disposable.from(
    ...SOURCE_COMMANDS.map((name) =>
      register(COMMAND[name], async (clicked, selected) => {
        const view = await loadView();
        const focusing = view.focusing();
        const { runSourceCommand } = await import('./sourceCommands');
        await runSourceCommand(name, {
          ...parts,
          chosenList: view.chosenList(clicked),
          chosen: view.chosen(clicked, selected),
          entries: view.chosenEntries(clicked, selected),
          listFolder: view.listFolder,
          unpinned: view.unpinned(clicked),
          selectBeside: view.beside(clicked, selected),
          besideMoved: view.besideMoved(clicked, selected),
          select: view.select,
          focusing: view.focusing,
          clicked,
          toList: focusing.toList,
        }).finally(focusing.end);
      }),
    ),
  );
}

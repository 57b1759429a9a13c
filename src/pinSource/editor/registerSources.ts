import * as vscode from 'vscode';
import type { CommandName } from '../../contributions';
import { COMMAND } from '../../contributions';
import type { PinLists } from '../../pinTree/pinLists';
import type { PinView } from '../../pinTree/pinView';
import type { Settings } from '../../settings';

/** Commands about the sources other than ipfs_kit_py, and their pins. */
export const SOURCE_COMMANDS = [
  'pinCid',
  'unpin',
  'renamePin',
  'verifyPin',
  'recoverPin',
  'setToken',
  'startKubo',
  'stopKubo',
] as const satisfies readonly CommandName[];
export type SourceCommand = (typeof SOURCE_COMMANDS)[number];

export interface SourceParts {
  readonly log: vscode.LogOutputChannel;
  readonly lists: PinLists;
  readonly view: PinView;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
}

/** In the secret storage: a token belongs to the place it was given for, and goes to no other. */
export function tokenKey(place: string): string {
  return `token:${place}`;
}

/** What they do is a bundle of its own, loaded with the first of them. */
export function registerSources(
  parts: SourceParts,
  register: (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => vscode.Disposable,
): vscode.Disposable {
  return vscode.Disposable.from(
    ...SOURCE_COMMANDS.map((name) =>
      register(COMMAND[name], async (clicked, selected) => {
        const { runSourceCommand } = await import('./sourceCommands');
        await runSourceCommand(name, {
          ...parts,
          chosenList: parts.view.chosenList(clicked),
          chosen: parts.view.chosen(clicked, selected),
        });
      }),
    ),
  );
}

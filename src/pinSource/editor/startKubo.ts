import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../ipfsKitError';
import { openSettings } from '../../pinTree/dialogs/openSettings';
import type { PinLists } from '../../pinTree/pinLists';
import type { Settings } from '../../settings';
import { safeLabel } from '../../safeText';
import { programOnPath } from '../programOnPath';
import { refuseUntrusted } from './trust';

export interface StartKuboParts {
  readonly lists: PinLists;
  readonly settings: Settings;
}

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Runs Kubo in a terminal, where it can be seen and ended; its pins are listed once it answers. */
export async function startKubo({ lists, settings }: StartKuboParts): Promise<void> {
  refuseUntrusted('Nothing is started');
  const [program, ...args] = settings.sources.value().kuboCommand;
  if (program === undefined)
    throw new IpfsKitError('invalid-argument', 'Set ipfsKit.kubo.command: the program and its arguments.');
  const list = lists.shown().find(({ source }) => source.id === 'kubo');
  if (list && (await list.source.probe()).state === 'up') {
    await list.model.list();
    return void vscode.window.showInformationMessage('Kubo is running already.');
  }
  const { repository } = settings.content.value();
  const file = await programOnPath(program, { folder: homedir(), environment: process.env, platform: process.platform });
  if (file === undefined) return offerSetting(program);
  const terminal = vscode.window.createTerminal({
    name: 'Kubo',
    shellPath: file,
    shellArgs: args,
    cwd: repository,
    env: { IPFS_PATH: repository },
    iconPath: new vscode.ThemeIcon('pinned'),
  });
  terminal.show(true);
  const isOver = (): boolean => terminal.exitStatus !== undefined;
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: 'Waiting for Kubo to answer', cancellable: true },
    async (_, token) => {
      for (const end = Date.now() + WAIT_MS; Date.now() < end && !token.isCancellationRequested && !isOver();) {
        if (list && (await list.source.probe()).state === 'up') return;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  );
  if (isOver()) throw new IpfsKitError('refused', `${program} ended at once. Its terminal says why; see ipfsKit.kubo.command.`);
  await lists.list();
}

async function offerSetting(program: string): Promise<void> {
  const open = 'Open Setting';
  const message = `${safeLabel(program)} was not found, or may not be run. Set ipfsKit.kubo.command to where it is, for example /usr/local/bin/ipfs.`;
  if ((await vscode.window.showWarningMessage(message, open)) === open) await openSettings('ipfsKit.kubo.command');
}

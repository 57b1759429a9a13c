import * as vscode from 'vscode';
import type { CommandName } from '../base/contributions';
import { COMMAND, SETTING } from '../base/contributions';
import { abbreviateHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import { safe, safeText } from '../base/safeText';
import type { Settings } from '../base/settingTypes';
import { findIpfsDesktop } from '../daemonClient/kubo/ipfsDesktop';
import { isKuboRepository, repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { usualRepository } from '../daemonClient/kubo/usualRepository';
import type { PinLists } from '../pinTree/list/pinLists';
import { sourceDescription } from '../pinTree/text/sourceText';
import { acceptedItem } from '../reaper/editor/acceptedItem';
import { chooseDaemonCommand } from '../reaper/editor/chooseDaemonCommand';
import type { SettingsParts } from './connectByAddress';
import { connectCluster, connectDaemon, connectKubo, connectService, save } from './connectByAddress';
import { chooseKuboProgram, thisComputer } from './kuboProgram';
import { refuseUntrusted } from './workspaceTrust';

interface ConnectParts extends SettingsParts {
  readonly lists: PinLists;
}

interface Entry extends vscode.QuickPickItem {
  /** Resolves with true where the settings lead somewhere else now. */
  readonly connect?: () => Promise<boolean>;
}

/** Shows which sources were found, and asks for others. What the person chooses is written to the user's own settings; then the pins are listed again. */
export async function connectTo(parts: ConnectParts): Promise<void> {
  refuseUntrusted("Settings can't be changed");
  const chosen = await pickEntry(parts);
  if ((await chosen?.connect?.()) === true) await vscode.commands.executeCommand(COMMAND.listPins);
}

async function pickEntry(parts: ConnectParts): Promise<Entry | undefined> {
  const { lists } = parts;
  const pick = vscode.window.createQuickPick<Entry>();
  pick.title = 'IPFS Kit: Connect to';
  pick.placeholder = 'Select what keeps your pins';
  pick.matchOnDescription = true;
  const offered = entries(parts);
  const show = (): void => {
    const [active] = pick.activeItems;
    pick.items = [...found(lists), ...offered];
    const again = pick.items.find(({ label }) => label === active?.label);
    if (again) pick.activeItems = [again];
    pick.busy = lists.all().some(({ model }) => model.state.busy);
  };
  show();
  const changes = lists.onDidChange(show);
  const chosen = acceptedItem(pick).finally(() => changes.dispose());
  if (lists.all().every(({ model: { state } }) => !state.busy && !state.listing && !state.error)) void lists.list();
  return chosen;
}

/** The sources in the view, each with its state: what was found needs no setting. */
function found(lists: PinLists): readonly Entry[] {
  const items = lists
    .shown()
    .filter(({ model }) => !IpfsKitError.is(model.state.error, 'missing', 'left-out'))
    .map(({ source, model: { state } }): Entry => ({
      label: safe`$(${state.listing && !state.error ? 'check' : 'circle-slash'}) ${safeText(source.name)}`,
      description: sourceDescription(state, Date.now()),
      connect: () => Promise.resolve(true),
    }));
  return items.length === 0 ? [] : [separator('found'), ...items];
}

/** What can be connected. Repositories are offered where they exist and aren't used yet. */
function entries(parts: ConnectParts): readonly Entry[] {
  const { settings } = parts;
  const { repository } = settings.content.value();
  const desktop = findIpfsDesktop(thisComputer()).repository;
  const others = [...new Set([usualRepository(), ...(desktop === undefined ? [] : [desktop])])].filter(
    (folder) => folder !== repository && isKuboRepository(folder),
  );
  return [
    separator('Kubo and IPFS Desktop'),
    ...others.map((folder): Entry => ({
      label: safe`$(package) ${folder === desktop ? "IPFS Desktop's repository" : "Kubo's repository"}`,
      description: safeText(abbreviateHome(folder)),
      connect: () => setRepository(settings, folder),
    })),
    { label: '$(folder-opened) Repository…', description: 'a folder', connect: () => chooseRepository(settings) },
    { label: '$(globe) Kubo address…', description: 'its RPC API', connect: () => connectKubo(parts) },
    { label: "$(file-binary) Kubo's program…", description: 'for Start Kubo', connect: () => chooseKuboProgram(settings) },
    separator('Clusters and services'),
    { label: '$(server-environment) IPFS Cluster address…', connect: () => connectCluster(parts) },
    { label: '$(cloud) Pinning service…', description: 'name, URL and token', connect: () => connectService(parts) },
    separator('ipfs_kit_py'),
    { label: '$(database) Pin database…', connect: () => run('choosePinDatabase') },
    { label: '$(globe) Daemon address…', connect: () => connectDaemon(settings) },
    { label: '$(play) Command that starts the daemon…', connect: () => chooseDaemonCommand(settings) },
  ];
}

function separator(label: 'found' | 'Kubo and IPFS Desktop' | 'Clusters and services' | 'ipfs_kit_py'): Entry {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

/** Runs a command that lists the pins itself. */
async function run(name: CommandName): Promise<false> {
  await vscode.commands.executeCommand(COMMAND[name]);
  return false;
}

/** The address in the settings would have priority, so it is removed. */
function setRepository(settings: Settings, folder: string): Promise<true> {
  const value = folder === usualRepository() ? undefined : folder;
  return save(settings, 'kubo', { [SETTING.kuboRepository]: value, [SETTING.kuboUrl]: undefined });
}

async function chooseRepository(settings: Settings): Promise<boolean> {
  const { repository } = settings.content.value();
  const [chosen] =
    (await vscode.window.showOpenDialog({
      title: 'Choose a Kubo or IPFS Desktop Repository',
      openLabel: 'Choose',
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(repository),
    })) ?? [];
  if (!chosen) return false;
  const problem = repositoryProblem(chosen.fsPath, 'Choose the folder that contains the file config');
  if (!problem) return setRepository(settings, chosen.fsPath);
  void vscode.window.showWarningMessage(safeText(problem.message, 500));
  return false;
}

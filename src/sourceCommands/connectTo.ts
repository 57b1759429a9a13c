import * as vscode from 'vscode';
import type { CommandName } from '../base/contributions';
import { COMMAND, SETTING } from '../base/contributions';
import { abbreviateHome } from '../base/homePath';
import { IpfsKitError } from '../base/ipfsKitError';
import type { SafeText } from '../base/safeText';
import { safe, safeText } from '../base/safeText';
import type { Settings } from '../base/settingTypes';
import { SERVICE_NAME } from '../base/settingTypes';
import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { findIpfsDesktop } from '../daemonClient/kubo/ipfsDesktop';
import { isKuboRepository, repositoryProblem } from '../daemonClient/kubo/kuboRepository';
import { usualRepository } from '../daemonClient/kubo/usualRepository';
import { probeCluster } from '../daemonClient/cluster/clusterRest';
import { probeKubo } from '../daemonClient/kubo/kuboRpc';
import { probePinningService } from '../daemonClient/pinningService/pinningService';
import type { DaemonAnswer } from '../daemonClient/daemonAnswer';
import { answered } from '../daemonClient/daemonAnswer';
import { usualWay } from '../daemonClient/proxyAndCertificate';
import type { RpcAccess } from '../daemonClient/rpcAccess';
import { accessTo, accessWith } from '../daemonClient/rpcAccess';
import { parseKuboUrl, parseRpcUrl, parseServiceUrl } from '../daemonClient/rpcUrl';
import { authorizationOf } from '../daemonClient/tokenCache';
import { objectIn } from '../pin/looseJson';
import type { PinLists } from '../pinTree/list/pinLists';
import { sourceDescription } from '../pinTree/text/sourceText';
import { acceptedItem } from '../reaper/editor/acceptedItem';
import { chooseDaemonCommand } from '../reaper/editor/chooseDaemonCommand';
import { chooseKuboProgram, thisComputer } from './kuboProgram';
import { askToken, saveToken } from './setToken';
import { refuseUntrusted } from './workspaceTrust';

export interface ConnectParts {
  readonly lists: PinLists;
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
}

/** As many addresses of a kind as the settings take. */
const MOST_ADDRESSES = 8;

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

/** Writes the settings, and adds the kind of the source to `ipfsKit.sources` where that leaves it out. */
async function save(settings: Settings, kind: string, values: Readonly<Record<string, unknown>>): Promise<true> {
  for (const [name, value] of Object.entries(values)) await settings.set(name, value);
  const { wanted } = settings.sources.value();
  if (wanted && !wanted.includes(kind)) await settings.set(SETTING.sources, [...wanted, kind]);
  return true;
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

async function connectKubo({ settings }: ConnectParts): Promise<boolean> {
  const url = await askAddress(safe`Address of Kubo's RPC API`, safe`http://127.0.0.1:5001`, parseKuboUrl);
  if (url === undefined) return false;
  const answer = await probing('Kubo', () => probeKubo(accessAt(settings, url)));
  return (await accepts(answer)) && save(settings, 'kubo', { [SETTING.kuboUrl]: url });
}

async function connectCluster({ settings }: ConnectParts): Promise<boolean> {
  const url = await askAddress(safe`Address of the IPFS Cluster REST API`, safe`http://127.0.0.1:9094`, parseRpcUrl);
  if (url === undefined) return false;
  const answer = await probing('IPFS Cluster', () => probeCluster(accessAt(settings, url)));
  return (await accepts(answer)) && save(settings, 'cluster', { [SETTING.clusterUrl]: url });
}

/** The new address is asked first, since whoever enters it means that daemon. */
async function connectDaemon(settings: Settings): Promise<boolean> {
  const check = (text: string): string => {
    parseDaemonUrl(text);
    return text.trim();
  };
  const url = await askAddress(safe`Address of the ipfs_kit_py daemon`, safe`http://localhost:8774`, check);
  if (url === undefined) return false;
  const others = settings.daemonUrls.value().filter((each) => each !== url);
  return save(settings, 'ipfs_kit_py', { [SETTING.daemonUrls]: [url, ...others].slice(0, MOST_ADDRESSES) });
}

/** Asks for name and URL, and for a token where the service requires one: it has to accept the token before anything is saved. */
async function connectService({ settings, secrets }: ConnectParts): Promise<boolean> {
  const saved = settings.machine(SETTING.pinningServices);
  const before: readonly unknown[] = Array.isArray(saved) ? saved : [];
  const title = 'IPFS Kit: Pinning Service';
  const name = await vscode.window.showInputBox({
    title,
    prompt: 'A name for the service',
    validateInput: (text) =>
      SERVICE_NAME.test(text) || text === ''
        ? undefined
        : 'Use 1 to 40 ASCII letters, digits, dots, hyphens, underscores and spaces.',
    ignoreFocusOut: true,
  });
  if (name === undefined || name === '') return false;
  const url = await askAddress(
    safe`URL of the Pinning Service API, the part before /pins`,
    safe`https://api.example.com/psa`,
    parseServiceUrl,
  );
  if (url === undefined) return false;
  const ask = (token?: string): Promise<DaemonAnswer> =>
    probing(name, async () => probePinningService(accessWith(accessAt(settings, url), token && authorizationOf(token))));
  let token: string | undefined;
  let answer = await ask();
  while (answer.state === 'needs-token') {
    if (token !== undefined)
      void vscode.window.showWarningMessage(safe`${name} rejected this token. ${safeText(answer.detail, 300)}`);
    token = await askToken(name, url, safe`The service requires one.`);
    if (token === undefined || token === '') return false;
    answer = await ask(token);
  }
  if (!(await accepts(answer))) return false;
  const others = before.filter((service) => objectIn(service)?.['name'] !== name);
  if (others.length >= MOST_ADDRESSES)
    throw new IpfsKitError('invalid-argument', `${MOST_ADDRESSES} pinning services are set already. Remove one in Settings.`);
  if (token !== undefined) await saveToken(secrets, url, token);
  return save(settings, 'services', { [SETTING.pinningServices]: [...others, { name, url }] });
}

function accessAt(settings: Settings, url: string): RpcAccess {
  return accessTo(
    url,
    usualWay(() => settings.ways.value()),
  );
}

/** Asks for an address, which `parse` checks while it is typed. */
async function askAddress(prompt: SafeText, placeHolder: SafeText, parse: (text: string) => string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'IPFS Kit: Connect to',
    prompt,
    placeHolder,
    validateInput: (typed) => {
      if (typed.trim() === '') return undefined;
      try {
        parse(typed.trim());
        return undefined;
      } catch (error) {
        return safeText(IpfsKitError.from(error).message, 300);
      }
    },
    ignoreFocusOut: true,
  });
  return text === undefined || text.trim() === '' ? undefined : parse(text.trim());
}

/** Asks the daemon without a saved token, with progress. */
async function probing(name: string, probe: () => Promise<DaemonAnswer>): Promise<DaemonAnswer> {
  const progress = { location: vscode.ProgressLocation.Window, title: safe`Connecting to ${safeText(name)}` };
  return vscode.window.withProgress(progress, () => answered(probe()));
}

/** Whether an address is saved: at once where the daemon is running, even if it requires a token; else the person decides. */
async function accepts({ state, reason, detail }: DaemonAnswer): Promise<boolean> {
  if (state === 'up' || state === 'needs-token') return true;
  const save = 'Save Anyway';
  // A token that can't be sent to an address isn't saved for it either.
  const offered = reason === 'invalid-argument' ? [] : ([save] as const);
  return (await vscode.window.showWarningMessage(safeText(detail, 500), ...offered)) === save;
}

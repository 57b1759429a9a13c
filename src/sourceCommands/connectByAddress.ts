import * as vscode from 'vscode';
import { SETTING } from '../base/contributions';
import { IpfsKitError } from '../base/ipfsKitError';
import type { SafeText } from '../base/safeText';
import { safe, safeText } from '../base/safeText';
import type { Settings } from '../base/settingTypes';
import { SERVICE_NAME } from '../base/settingTypes';
import { whyRejected } from '../base/whyRejected';
import { parseDaemonUrl } from '../daemonClient/daemonUrl';
import { probeCluster } from '../daemonClient/cluster/clusterRest';
import { probe } from '../daemonClient/ipfsKit/probe';
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
import { askToken, saveToken } from './setToken';

/** What the settings of a source are written with. */
export interface SettingsParts {
  readonly settings: Settings;
  readonly secrets: vscode.SecretStorage;
}

/** As many addresses of a kind as the settings take. */
const MOST_ADDRESSES = 8;

/** Writes the settings, and adds the kind of the source to `ipfsKit.sources` where that leaves it out. */
export async function save(settings: Settings, kind: string, values: Readonly<Record<string, unknown>>): Promise<true> {
  for (const [name, value] of Object.entries(values)) await settings.set(name, value);
  const { wanted } = settings.sources.value();
  if (wanted && !wanted.includes(kind)) await settings.set(SETTING.sources, [...wanted, kind]);
  return true;
}

export async function connectKubo({ settings }: SettingsParts): Promise<boolean> {
  const url = await askAddress(safe`Address of Kubo's RPC API`, safe`http://127.0.0.1:5001`, parseKuboUrl);
  if (url === undefined) return false;
  const answer = await probing('Kubo', () => probeKubo(accessAt(settings, url)));
  return (await accepts(answer)) && save(settings, 'kubo', { [SETTING.kuboUrl]: url });
}

export async function connectCluster({ settings }: SettingsParts): Promise<boolean> {
  const url = await askAddress(safe`Address of the IPFS Cluster REST API`, safe`http://127.0.0.1:9094`, parseRpcUrl);
  if (url === undefined) return false;
  const answer = await probing('IPFS Cluster', () => probeCluster(accessAt(settings, url)));
  return (await accepts(answer)) && save(settings, 'cluster', { [SETTING.clusterUrl]: url });
}

/** The new address is asked first, because the person who enters it means that daemon. */
export async function connectDaemon(settings: Settings): Promise<boolean> {
  const check = (text: string): string => {
    parseDaemonUrl(text);
    return text.trim();
  };
  const url = await askAddress(safe`Address of the ipfs_kit_py daemon`, safe`http://localhost:8774`, check);
  if (url === undefined) return false;
  const answer = await probing('ipfs_kit_py', async () => {
    const { state, detail } = await probe([url]);
    return { state: state === 'starting' ? 'up' : state, detail };
  });
  if (!(await accepts(answer))) return false;
  const others = settings.daemonUrls.value().filter((each) => each !== url);
  return save(settings, 'ipfs_kit_py', { [SETTING.daemonUrls]: [url, ...others].slice(0, MOST_ADDRESSES) });
}

/** Asks for name and URL, and for a token where the service requires one: it has to accept the token before anything is saved. */
export async function connectService({ settings, secrets }: SettingsParts): Promise<boolean> {
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
    validateInput: (typed) => (typed.trim() === '' ? undefined : whyRejected(() => parse(typed.trim()))),
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

import * as vscode from 'vscode';
import { authorizationOf } from '../daemonClient/tokenCache';
import { IpfsKitError } from '../base/ipfsKitError';
import type { Log } from '../base/log';
import { shareDaemon } from '../pinSource/pinSource';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import type { SafeText } from '../base/safeText';
import { safe, safeText } from '../base/safeText';
import { tokenKey } from '../daemonClient/tokenKey';
import { withLateProgress } from '../vfs/editor/lateProgress';

export interface TokenParts {
  readonly log: Log;
  readonly lists: PinLists;
  readonly chosenList: SourceList | undefined;
  readonly secrets: vscode.SecretStorage;
}

/** Asks for the token of a source and saves it only in the secret storage. An empty input removes the saved token. */
export async function setToken(parts: TokenParts): Promise<void> {
  const { lists, chosenList, secrets } = parts;
  // One token is for all sources that a daemon has.
  const able = lists
    .shown()
    .filter(
      ({ source }, at, all) => source.capabilities.token && all.findIndex((other) => shareDaemon(other.source, source)) === at,
    );
  const list = chosenList && able.includes(chosenList) ? chosenList : able.length > 1 ? await askWhose(able) : able[0];
  if (!list) {
    if (able.length === 0) void vscode.window.showInformationMessage('None of the listed sources accepts a token.');
    return;
  }
  const { name } = list.source;
  const address = await list.source.tokenAddress?.();
  if (address === undefined)
    throw new IpfsKitError('missing', `The address of ${name} is unknown. Start it, or set its address first.`);
  const token = await askToken(name, address, safe`Leave empty to remove the saved one.`);
  if (token === undefined) return;
  await saveToken(secrets, address, token);
  await Promise.all(lists.all().flatMap(({ source, model }) => (shareDaemon(source, list.source) ? model.list() : [])));
  const { error } = list.model.state;
  if (token !== '' && IpfsKitError.is(error, 'needs-token')) return offerAnother(name, error, { ...parts, chosenList: list });
  const message = token === '' ? `Removed the token for ${name}.` : `Saved the token for ${name} at ${address}.`;
  void vscode.window.showInformationMessage(safeText(message, 500));
}

/** Asks for a token; undefined where the person cancels. `whenEmpty`: what an empty input means. */
export async function askToken(name: string, address: string, whenEmpty: SafeText): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: safe`IPFS Kit: Token for ${safeText(name)} at ${safeText(address)}`,
    prompt: safe`A bearer token or user:password, saved in VS Code's secret storage. ${whenEmpty}`,
    password: true,
    validateInput: (text) =>
      text.includes(':') || isPlain(text.trim()) ? undefined : 'Use printable ASCII characters without spaces.',
    ignoreFocusOut: true,
  });
  return typed?.trim();
}

/** Says that a token was rejected, and with which HTTP status. */
async function offerAnother(name: string, { message }: IpfsKitError, parts: TokenParts): Promise<void> {
  parts.log.warn(message);
  const again = 'Try Again';
  const [status] = /\bHTTP \d{3}\b/.exec(message) ?? [];
  const text = safeText(`${name} rejected this token${status === undefined ? '' : ` (${status})`}.`, 300);
  if ((await vscode.window.showWarningMessage(text, again)) === again) await setToken(parts);
}

/** Saves the token. A locked keyring may ask for its password, so that saving can be canceled. */
export async function saveToken(secrets: vscode.SecretStorage, address: string, token: string): Promise<void> {
  await withLateProgress(safe`Saving the token`, (_, signal) => {
    const saving = token === '' ? secrets.delete(tokenKey(address)) : secrets.store(tokenKey(address), authorizationOf(token));
    return new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(new IpfsKitError('cancelled', 'The token may not have been saved.')));
      saving.then(resolve, (error: unknown) => {
        const why = IpfsKitError.from(error).message.replace(/\.$/, '');
        const next = 'Unlock or set up the keyring of your system, and set the token again.';
        reject(new IpfsKitError('unreadable', `The secret storage of VS Code couldn't save the token: ${why}. ${next}`));
      });
    });
  });
}

/** Whether a token can be sent in a header as it is, with or without `Bearer` or `Basic`. Text with a colon is encoded in base64 instead. */
function isPlain(token: string): boolean {
  return /^(?:(?:Bearer|Basic) )?[\x21-\x7e]*$/i.test(token);
}

async function askWhose(lists: readonly SourceList[]): Promise<SourceList | undefined> {
  const needsToken = ({ model }: SourceList): boolean => IpfsKitError.is(model.state.error, 'needs-token');
  const items = [...lists]
    .sort((a, b) => Number(needsToken(b)) - Number(needsToken(a)))
    .map((list) => ({ label: safeText(list.source.name), description: needsToken(list) ? safe`token required` : safe``, list }));
  return (await vscode.window.showQuickPick(items, { title: 'IPFS Kit: Set Token', placeHolder: 'Select a source' }))?.list;
}

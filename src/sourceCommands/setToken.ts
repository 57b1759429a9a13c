import * as vscode from 'vscode';
import { authorizationOf } from '../daemonClient/keptTokens';
import { IpfsKitError } from '../base/ipfsKitError';
import type { PinLists } from '../pinTree/list/pinLists';
import type { SourceList } from '../pinTree/list/sourceList';
import { safe, safeText } from '../base/safeText';
import { tokenKey } from '../daemonClient/tokenKey';

export interface TokenParts {
  readonly lists: PinLists;
  readonly chosenList: SourceList | undefined;
  readonly secrets: vscode.SecretStorage;
}

/** Asks for the token of a source, and keeps it in the secret storage alone. An empty one takes it back. */
export async function setToken({ lists, chosenList, secrets }: TokenParts): Promise<void> {
  const able = lists.shown().filter(({ source }) => source.capabilities.token);
  const list = chosenList && able.includes(chosenList) ? chosenList : able.length > 1 ? await askWhose(able) : able[0];
  if (!list) {
    if (able.length === 0) void vscode.window.showInformationMessage('None of the listed sources takes a token.');
    return;
  }
  const { name } = list.source;
  const place = await list.source.place?.();
  if (place === undefined)
    throw new IpfsKitError('missing', `Where ${name} listens is not known. Start it, or set its address first.`);
  const typed = await vscode.window.showInputBox({
    title: safe`IPFS Kit: Token for ${safeText(name)} at ${safeText(place)}`,
    prompt: 'A bearer token, or user:password. It is kept in the secret storage of the editor. Empty: none.',
    password: true,
    validateInput: (text) =>
      text.includes(':') || isPlain(text.trim()) ? undefined : 'A token has letters of ASCII alone, and no blanks.',
    ignoreFocusOut: true,
  });
  if (typed === undefined) return;
  const token = typed.trim();
  await saveToken(secrets, place, token);
  await list.model.list();
  const { error } = list.model.state;
  if (token !== '' && IpfsKitError.is(error, 'needs-token'))
    return void vscode.window.showWarningMessage(safeText(`${name} does not take this token. ${error.message}`, 500));
  const told = token === '' ? `No token is kept for ${name}.` : `The token for ${name} at ${place} is kept.`;
  void vscode.window.showInformationMessage(safeText(told, 500));
}

/** A locked keyring may ask for its password meanwhile: that can be canceled. */
async function saveToken(secrets: vscode.SecretStorage, place: string, token: string): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Notification, title: safe`Saving the token`, cancellable: true };
  await vscode.window.withProgress(progress, (_, stop) => {
    const saving = token === '' ? secrets.delete(tokenKey(place)) : secrets.store(tokenKey(place), authorizationOf(token));
    return new Promise<void>((resolve, reject) => {
      stop.onCancellationRequested(() => reject(new IpfsKitError('cancelled', 'The token may not have been saved.')));
      saving.then(resolve, (error: unknown) => {
        const why = IpfsKitError.from(error).message.replace(/\.$/, '');
        const next = 'Unlock or set up the keyring of your system, and set the token again.';
        reject(new IpfsKitError('unreadable', `The secret storage of VS Code couldn't save the token: ${why}. ${next}`));
      });
    });
  });
}

/** What a header may hold; what has a colon is sent in base64. `Bearer …` may be written out. */
function isPlain(token: string): boolean {
  return /^(?:(?:Bearer|Basic) )?[\x21-\x7e]*$/i.test(token);
}

async function askWhose(lists: readonly SourceList[]): Promise<SourceList | undefined> {
  const wants = ({ model }: SourceList): boolean => IpfsKitError.is(model.state.error, 'needs-token');
  const items = [...lists]
    .sort((a, b) => Number(wants(b)) - Number(wants(a)))
    .map((list) => ({ label: safeText(list.source.name), description: wants(list) ? safe`wants one` : safe``, list }));
  return (await vscode.window.showQuickPick(items, { title: 'IPFS Kit: Set Token', placeHolder: 'Select a source' }))?.list;
}

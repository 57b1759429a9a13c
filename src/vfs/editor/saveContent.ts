import path from 'node:path';
import * as vscode from 'vscode';
import { homeFolder } from '../../base/homePath';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { fileNameOf } from '../../pin/fileName';
import { isObeyedName } from '../obeyedNames';
import { plainName } from '../plainNames';
import type { CommandParts } from './askedContent';
import { endingFor, statOf } from './askedContent';
import type { ContentTarget } from './contentTarget';
import { savedText } from './savedText';

const LONGEST_NAME = 100;

/** Saves a file to disk as a stream. */
export async function saveContent(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  target.row?.learn(stat.type);
  if (stat.type === 'directory' || stat.type === 'symlink')
    throw new IpfsKitError(
      'not-a-file',
      stat.type === 'directory'
        ? `${safeText(target.name)} is a folder. Open it and save its files, or add it to the workspace.`
        : `${safeText(target.name)} is a symbolic link that leads out of its pin. There is nothing to save.`,
    );
  const ending = await endingFor(parts, target, stat);
  const name = `${plainName(fileNameOf(target) ?? target.at.cid).slice(0, LONGEST_NAME)}${ending}`;
  // Beside the person's other files, an editor would act at once on a name that it obeys, so the person has to confirm such a name.
  const proposed = stat.isObeyed || isObeyedName(name) ? `${name}.txt` : name;
  const file = await vscode.window.showSaveDialog({
    title: safe`Save ${safeText(name)}`,
    defaultUri: vscode.Uri.file(path.join(folder(), proposed)),
  });
  if (!file) return;
  if (file.scheme !== 'file')
    throw new IpfsKitError('invalid-argument', 'Content can only be saved to a local file. Choose a folder on this machine.');
  const { sizeBytes: total } = stat;
  const location = vscode.ProgressLocation.Notification;
  const title = safe`Saving ${safeText(path.basename(file.fsPath))}`;
  const bytes = await vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    let before = 0;
    const onSign = ({ bytes: written }: { readonly bytes: number }): void => {
      progress.report({
        message: total === undefined ? safe`${sizeText(written)}` : safe`${sizeText(written)} of ${sizeText(total)}`,
        ...(total !== undefined && total > 0 && { increment: (100 * (written - before)) / total }),
      });
      before = written;
    };
    return parts.thread.request('save', { ...parts.target(target.at), file: file.fsPath }, { signal: cancel.signal, onSign });
  });
  const { text, isWarning } = savedText(path.basename(file.fsPath), bytes, stat);
  void (isWarning ? vscode.window.showWarningMessage(text) : vscode.window.showInformationMessage(text));
}

function folder(): string {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  return workspace?.uri.scheme === 'file' ? workspace.uri.fsPath : homeFolder();
}

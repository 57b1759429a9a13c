import path from 'node:path';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { fileNameOf } from '../../pin/fileName';
import { isObeyedName } from '../obeyedNames';
import { plainName } from '../plainNames';
import type { CommandParts } from './askedContent';
import { endingFor, statOf } from './askedContent';
import type { ContentTarget } from './contentTarget';
import { withLateProgress } from './lateProgress';
import { localFolder, onlyLocal } from './localFolder';
import { saveFolder } from './saveFolder';
import { savedText } from './savedText';
import { tellSaved } from './tellSaved';

const LONGEST_NAME = 100;

/** Saves a file or a folder to disk, as a stream. */
export async function saveContent(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  target.row?.learn(stat.type);
  if (stat.type === 'directory') return saveFolder(parts, target);
  if (stat.type === 'symlink')
    throw new IpfsKitError(
      'not-a-file',
      `${safeText(target.name)} is a symbolic link that leads out of its pin. There is nothing to save.`,
    );
  const ending = await endingFor(parts, target, stat);
  const name = `${plainName((fileNameOf(target) ?? target.at.cid).slice(0, LONGEST_NAME))}${ending}`;
  // Beside the person's other files, an editor would act at once on a name that it obeys, so the person has to confirm such a name.
  const proposed = stat.isObeyed || isObeyedName(name) ? `${name}.txt` : name;
  const file = await vscode.window.showSaveDialog({
    title: safe`Save ${safeText(name)}`,
    defaultUri: vscode.Uri.joinPath(localFolder(), proposed),
  });
  if (!file) return;
  const { fsPath } = onlyLocal(file);
  const { sizeBytes: total } = stat;
  const title = safe`Saving ${safeText(path.basename(fsPath))}`;
  const bytes = await withLateProgress(title, (report, signal) => {
    let before = 0;
    const onSign = ({ bytes: written }: { readonly bytes: number }): void => {
      const increment = total === undefined || total === 0 ? undefined : (100 * (written - before)) / total;
      report(total === undefined ? safe`${sizeText(written)}` : safe`${sizeText(written)} of ${sizeText(total)}`, increment);
      before = written;
    };
    return parts.thread.request('save', { ...parts.target(target.at), file: fsPath }, { signal, onSign });
  });
  void tellSaved(parts.log, { ...savedText(path.basename(fsPath), bytes, stat), uri: file, isFolder: false });
}

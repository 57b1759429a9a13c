import * as vscode from 'vscode';
import { safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { fileNameOf } from '../../pin/fileName';
import { parsePasted, pastedFileName } from '../../pin/pastedPath';
import { hasObeyedName } from '../obeyedNames';
import { isPlainName, plainName } from '../plainNames';
import type { CommandParts, Stat } from './askedContent';
import { endingFor, statOf } from './askedContent';
import { askForCid } from './cidBox';
import type { ContentTarget } from './contentTarget';
import { TEXT_EDITOR, viewerFor } from './inertViewers';
import { ipfsUri, pathOfUri } from './ipfsUri';
import { withoutCommandLinks } from './linklessMarkdown';
import { MOST_PLAIN_TEXT, plainTextUri } from './plainTextUri';
import { canOpenInBrowser, openInBrowser } from './openInBrowser';
import { saveContent } from './saveContent';

/** A larger file is opened only after a question. */
const ASK_FROM_BYTES = 10 * 2 ** 20;
/** The most bytes that VS Code reads as a whole (vfs.ts). */
const MOST_OPENED_BYTES = 256 * 2 ** 20;
/** Larger text files are checked shortly after they are shown instead of before. */
const MOST_LOOKED_AT = 2 ** 20;

/** How an editor is opened. */
export type Opening = Pick<vscode.TextDocumentShowOptions, 'preview' | 'preserveFocus' | 'viewColumn'>;
/** As by a click in the Explorer: the next preview takes its place, and the focus stays. */
export const PREVIEW: Opening = { preview: true, preserveFocus: true };
export const KEPT: Opening = { preview: false };
export const BESIDE: Opening = { preview: false, viewColumn: vscode.ViewColumn.Beside };

/** `opening` is asked when the editor opens. */
export async function openContent(parts: CommandParts, target: ContentTarget, opening = (): Opening => KEPT): Promise<void> {
  const stat = await statOf(parts, target).catch(async (error: unknown) => {
    if ((await target.row?.reveal()) !== true) throw error; // otherwise a row below says what is wrong
  });
  if (!stat) return;
  target.row?.learn(stat.type);
  switch (stat.type) {
    case 'directory':
      if ((await target.row?.reveal()) !== true) await (await parts.view()).showFolder(target.at, target.name, stat.cid);
      return;
    case 'symlink':
      return void vscode.window.showInformationMessage(
        safe`${safeText(target.name)} is a symbolic link to ${safeText(stat.target ?? 'nowhere')}, which is not below its pin.`,
      );
    case 'file':
    case 'data':
    case 'unknown':
      return openFile(parts, target, stat, opening);
  }
}

/**
 * Opens the file in the text editor or a viewer that runs nothing (inertViewers.ts), regardless of the editor that the person or an extension has chosen for
 * other files.
 */
async function openFile(parts: CommandParts, target: ContentTarget, stat: Stat, opening: () => Opening): Promise<void> {
  const { sizeBytes } = stat;
  const uri = uriOf(target, stat, await endingFor(parts, target, stat));
  const isObeyed = stat.isObeyed || hasObeyedName(pathOfUri(uri).path);
  const most = isObeyed ? MOST_PLAIN_TEXT : MOST_OPENED_BYTES;
  if (sizeBytes === undefined || sizeBytes >= ASK_FROM_BYTES || sizeBytes > most) {
    const answer = await askBeforeOpening(parts, target, sizeBytes, most);
    if (answer === IN_BROWSER) return openInBrowser(parts, target);
    if (answer === SAVE) return saveContent(parts, target);
    if (answer !== OPEN) return;
  }
  if (stat.whyBytes !== undefined)
    void vscode.window.showInformationMessage(
      safe`${safeText(target.name)} is shown as raw bytes. ${safeText(stat.whyBytes, 600)}`,
    );
  if (isObeyed) {
    const document = await vscode.workspace.openTextDocument(plainTextUri(uri));
    await withoutCommandLinks(document);
    await vscode.window.showTextDocument(document, opening());
    return;
  }
  const viewer = viewerFor(uri.path);
  // The check comes before the file is shown, since a link could be followed at once.
  if (viewer === TEXT_EDITOR && sizeBytes !== undefined && sizeBytes <= MOST_LOOKED_AT)
    await vscode.workspace.openTextDocument(uri).then(withoutCommandLinks, () => undefined); // The editor shows the error.
  await vscode.commands.executeCommand('vscode.openWith', uri, viewer, opening());
}

const [IN_BROWSER, SAVE, OPEN] = ['Open in Browser', 'Save to Disk…', 'Open'] as const;

/** The browser comes first, where it can be used: it plays a video while that arrives. The editor comes last, because it loads the whole file. */
async function askBeforeOpening(
  { settings }: CommandParts,
  { name }: ContentTarget,
  sizeBytes: number | undefined,
  most: number,
): Promise<typeof IN_BROWSER | typeof SAVE | typeof OPEN | undefined> {
  const isTooLarge = sizeBytes !== undefined && sizeBytes > most;
  const size =
    sizeBytes === undefined ? safe`${safeText(name)} doesn't state its size` : safe`${safeText(name)} is ${sizeText(sizeBytes)}`;
  const answers = [...((await canOpenInBrowser(settings)) ? [IN_BROWSER] : []), SAVE, ...(isTooLarge ? [] : [OPEN])];
  return isTooLarge
    ? vscode.window.showWarningMessage(safe`${size}, which is too large for the editor.`, { modal: true }, ...answers)
    : vscode.window.showWarningMessage(
        safe`${size}. Open it in the editor?`,
        { modal: true, detail: 'The editor loads the whole file.' },
        ...answers,
      );
}

/** The URI of a file: its path, or its own CID and a similar name where VS Code would draw a name of the path. */
function uriOf({ at, ...target }: ContentTarget, { cid, type }: Stat, ending: string): vscode.Uri {
  if (ending !== '')
    return ipfsUri(
      at.path.length === 0 ? at : { cid, path: [] },
      `${plainName(at.path.at(-1) ?? fileNameOf(target) ?? cid)}${ending}`,
    );
  if (!at.path.every(isPlainName)) return ipfsUri({ cid, path: [] }, plainName(at.path.at(-1) ?? cid));
  if (at.path.length > 0) return ipfsUri(at);
  const name = fileNameOf(target);
  const shown = name === undefined ? undefined : plainName(name);
  return ipfsUri(at, type === 'data' ? `${shown ?? at.cid}.json` : shown);
}

/** Opens the content of a CID that the person enters, pinned or not. */
export async function openCid(parts: CommandParts, given: unknown): Promise<void> {
  const text =
    typeof given === 'string' ? given : await askForCid({ title: safe`IPFS Kit: Open CID`, prompt: safe`CID or link to open` });
  if (text === undefined) return;
  const at = parsePasted(text);
  await openContent(parts, { at, name: at.path.at(-1) ?? fileNameOf({ name: pastedFileName(text) ?? '' }) ?? at.cid });
}

import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../base/ipfsKitError';
import { canonicalCid } from '../../pin/cid';
import { parsePasted } from '../../pin/pastedPath';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { sizeText } from '../../base/sizeAndAge';
import { hasObeyedName, isObeyedName } from '../hiddenNames';
import type { IpfsPath } from '../ipfsPath';
import type { Target, VfsOperations } from '../protocol';
import { isPlainName, plainName } from '../plainNames';
import type { VfsThread } from '../vfsThread';
import { browserGateway, forwardedGateway, gatewayUrl } from './browserGateway';
import type { ContentTarget } from './contentTarget';
import { fileNameOf } from '../../pin/fileName';
import { TEXT_EDITOR, viewerFor } from './inertViewers';
import { ipfsUri, pathOfUri } from './ipfsUri';
import { withoutCommandLinks } from './linklessMarkdown';
import { MOST_PLAIN_TEXT, plainTextUri } from './plainText';
import { savedText } from './savedText';
import type { ContentCommand, VfsParts } from './contentParts';

interface CommandParts extends VfsParts {
  readonly thread: VfsThread;
  readonly target: (at: IpfsPath) => Target;
}

type Stat = VfsOperations['stat']['result'];

type Run = (parts: CommandParts, target: ContentTarget, given: unknown) => Promise<void>;

/** A larger file is opened only after a question. */
const ASK_FROM_BYTES = 10 * 2 ** 20;
/** The most bytes that VS Code reads as a whole (vfs.ts). */
const MOST_OPENED_BYTES = 256 * 2 ** 20;
const LONGEST_NAME = 100;
/** Larger text files are checked shortly after they are shown instead of before. */
const MOST_LOOKED_AT = 2 ** 20;
/** The entries of a folder that are checked for what is left out, and the names that a question lists. */
const LOOKED_THROUGH = 500;
const NAMED = 5;

const COMMANDS: Readonly<
  Record<Exclude<ContentCommand, 'copyIpfsPath' | 'copyGatewayUrl' | 'copyCidV0' | 'copyCidV1' | 'openCid'>, Run>
> = {
  openPin: open,
  openInBrowser: async ({ settings }, target) => {
    const gateway = browserGateway(settings);
    if ((await seenFromWindow(gateway)) === undefined)
      throw new IpfsKitError(
        'unsupported',
        `This editor shows ${gateway} as a part of its own site, where a page could act as the editor. Set ipfsKit.content.browserGateway to a gateway with a host of its own.`,
      );
    await vscode.env.openExternal(vscode.Uri.parse(gatewayUrl(gateway, target.at), true)); // The call finds the forwarded port by itself.
  },
  saveContent: save,
  addToWorkspace,
};

/** The texts of all selected items, one per line. */
const COPIES: Readonly<
  Record<
    'copyIpfsPath' | 'copyGatewayUrl' | 'copyCidV0' | 'copyCidV1',
    (parts: CommandParts, target: ContentTarget) => Promise<string>
  >
> = {
  copyIpfsPath: (_parts, { at }) => Promise.resolve(`/ipfs/${[canonicalCid(at.cid), ...at.path].join('/')}`),
  copyGatewayUrl: async ({ settings }, { at }) => {
    const gateway = browserGateway(settings);
    return gatewayUrl((await seenFromWindow(gateway)) ?? gateway, at);
  },
  copyCidV0: async (parts, target) => {
    const { v0 } = await parts.thread.request('forms', { cid: await cidOf(parts, target) });
    if (v0 !== undefined) return v0;
    throw new IpfsKitError(
      'unsupported',
      `${safeText(target.name)} has no CID of version 0: version 0 supports only dag-pb with SHA-256. Copy CID v1 instead.`,
    );
  },
  copyCidV1: async (parts, target) => (await parts.thread.request('forms', { cid: await cidOf(parts, target) })).v1,
};

export async function runContentCommand(
  command: ContentCommand,
  parts: CommandParts,
  targets: readonly ContentTarget[],
  given: unknown,
): Promise<void> {
  if (command === 'openCid') return openCid(parts, given);
  const [first] = targets;
  if (!first) return void vscode.window.showInformationMessage('Select a pin in the Pins view first.');
  if (!(command in COPIES)) return COMMANDS[command as keyof typeof COMMANDS](parts, first, given);
  const copy = COPIES[command as keyof typeof COPIES];
  await vscode.env.clipboard.writeText((await Promise.all(targets.map((target) => copy(parts, target)))).join('\n'));
  vscode.window.setStatusBarMessage('$(check) Copied', 2000);
}

async function open(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  target.row?.learn(stat.type);
  switch (stat.type) {
    case 'directory':
      if ((await target.row?.reveal()) !== true) await addToWorkspace(parts, target);
      return;
    case 'symlink':
      return void vscode.window.showInformationMessage(
        safe`${safeText(target.name)} is a symbolic link to ${safeText(stat.target ?? 'nowhere')}, which is not below its pin.`,
      );
    case 'file':
    case 'data':
    case 'unknown':
      return openFile(parts, target, stat);
  }
}

/** Opens the file in the text editor or a viewer that runs nothing (inertViewers.ts), whatever editor the person or an extension has chosen for other files. */
async function openFile(parts: CommandParts, target: ContentTarget, stat: Stat): Promise<void> {
  const { sizeBytes } = stat;
  const uri = uriOf(target, stat, await endingFor(parts, target, stat));
  const isObeyed = stat.isObeyed || hasObeyedName(pathOfUri(uri).path);
  const most = isObeyed ? MOST_PLAIN_TEXT : MOST_OPENED_BYTES;
  if (sizeBytes === undefined || sizeBytes >= ASK_FROM_BYTES || sizeBytes > most) {
    const [openIt, saveIt] = ['Open', 'Save As…'] as const;
    const isTooLarge = sizeBytes !== undefined && sizeBytes > most;
    const answers = isTooLarge ? ([saveIt] as const) : ([openIt, saveIt] as const);
    const name = safeText(target.name);
    const question = sizeBytes === undefined ? safe`${name} doesn't state its size.` : safe`${name} has ${sizeText(sizeBytes)}.`;
    const detail = isTooLarge
      ? 'That is more than the editor takes. It can be saved to disk.'
      : 'The whole file is loaded into the editor.';
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...answers);
    if (answer === saveIt) return save(parts, target);
    if (answer !== openIt) return;
  }
  if (stat.whyBytes !== undefined)
    void vscode.window.showInformationMessage(
      safe`${safeText(target.name)} is shown as raw bytes. ${safeText(stat.whyBytes, 600)}`,
    );
  if (isObeyed) {
    const document = await vscode.workspace.openTextDocument(plainTextUri(uri));
    await withoutCommandLinks(document);
    await vscode.window.showTextDocument(document, { preview: true });
    return;
  }
  const viewer = viewerFor(uri.path);
  // The check comes before the file is shown, since a link could be followed at once.
  if (viewer === TEXT_EDITOR && sizeBytes !== undefined && sizeBytes <= MOST_LOOKED_AT)
    await vscode.workspace.openTextDocument(uri).then(withoutCommandLinks, () => undefined); // The editor shows the error.
  await vscode.commands.executeCommand('vscode.openWith', uri, viewer, { preview: true });
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

/** The name ending to add for a file that has none, by its first bytes; '' where they don't tell, or can't be read. */
async function endingFor({ thread, target }: CommandParts, of: ContentTarget, { type, isObeyed }: Stat): Promise<string> {
  const name = of.at.path.at(-1) ?? fileNameOf(of) ?? '';
  if (type !== 'file' || isObeyed || /\.[a-z][\w-]{0,29}$/i.test(name)) return '';
  return (await thread.request('ending', target(of.at)).catch(() => undefined)) ?? '';
}

/** Saves a file to disk as a stream. */
async function save(parts: CommandParts, target: ContentTarget): Promise<void> {
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

const WHAT_IS_ADDED =
  'VS Code trusts folders on IPFS without asking, whoever wrote them. IPFS Kit adds this one read-only and leaves out what an editor acts on by itself: names that begin with a dot (.vscode, .github), workspace files, and agent instructions. You can read those in the Pins view. Extensions and chat can read everything else in the folder.';

/** Asks first, since VS Code trusts a folder of this scheme without asking. */
async function addToWorkspace(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  if (stat.type !== 'directory')
    throw new IpfsKitError('not-a-folder', `${safeText(target.name)} isn't a folder. Open it instead.`);
  if (stat.isObeyed)
    throw new IpfsKitError(
      'invalid-argument',
      `${safeText(target.name)} holds configuration, which is never added to a workspace. Expand it in the Pins view.`,
    );
  // A window without folders becomes trusted with the first folder of such a scheme.
  if (!vscode.workspace.isTrusted)
    throw new IpfsKitError(
      'cancelled',
      'Pinned folders can’t be added to an untrusted workspace. Expand the folder in the Pins view, or add it in a window that you trust.',
    );
  const add = 'Add to Workspace';
  const question = safe`Add “${safeText(target.name)}” to the workspace?`;
  const detail = joined([WHAT_IS_ADDED, await leftOut(parts, target)], '\n\n');
  if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, add)) !== add) return;
  const { workspaceFolders = [] } = vscode.workspace;
  vscode.workspace.updateWorkspaceFolders(workspaceFolders.length, 0, {
    uri: ipfsUri(target.at.path.every(isPlainName) ? target.at : { cid: stat.cid, path: [] }),
    name: safeText(target.name, LONGEST_NAME),
  });
}

/** The names that are left out of the folder itself, as far as one look shows. */
async function leftOut({ thread, target }: CommandParts, { at }: ContentTarget): Promise<SafeText | undefined> {
  const entries = await thread.request('list', { ...target(at), offset: 0, limit: LOOKED_THROUGH }).then(
    (listed) => listed.entries,
    () => [], // The Explorer shows the error.
  );
  const names = entries.map(({ name }) => name).filter(isObeyedName);
  if (names.length === 0) return undefined;
  const more = names.length > NAMED ? safe` and ${names.length - NAMED} more` : '';
  const named = names.slice(0, NAMED).map((name) => safeText(name, LONGEST_NAME));
  return safe`Left out of this folder: ${joined(named, ', ')}${more}.`;
}

/** The gateway as the person's browser reaches it: from a remote window, the editor forwards a port to a gateway of the remote machine. As forwardedGateway. */
async function seenFromWindow(gateway: string): Promise<string | undefined> {
  if (vscode.env.remoteName === undefined || new URL(gateway).hostname !== 'localhost') return gateway;
  return forwardedGateway((await vscode.env.asExternalUri(vscode.Uri.parse(gateway, true))).toString(true));
}

/** Opens the content of a CID that the person enters, pinned or not. */
async function openCid(parts: CommandParts, given: unknown): Promise<void> {
  const text =
    typeof given === 'string'
      ? given
      : await vscode.window.showInputBox({
          title: 'IPFS Kit: Open CID',
          prompt: 'A CID, a path below one, or the URL of a gateway',
          placeHolder: 'bafy…/readme.md',
        });
  if (text === undefined || text.trim() === '') return;
  const at = parsePasted(text);
  await open(parts, { at, name: at.path.at(-1) ?? at.cid });
}

/** Shows the request in the status bar, since it may take a while. */
async function statOf({ thread, target }: CommandParts, { at }: ContentTarget): Promise<Stat> {
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title: 'Reading from IPFS' }, () => thread.request('stat', target(at)));
}

/** The CID of the object itself; for something below a pin, it has to be looked up. */
async function cidOf(parts: CommandParts, target: ContentTarget): Promise<string> {
  return target.at.path.length === 0 ? target.at.cid : (await statOf(parts, target)).cid;
}

function folder(): string {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  return workspace?.uri.scheme === 'file' ? workspace.uri.fsPath : homedir();
}

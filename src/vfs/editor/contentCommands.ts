import { browserGateway } from './browserGateway';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { IpfsKitError } from '../../ipfsKitError';
import { safe, safeText } from '../../safeText';
import { sizeText } from '../../sizeAndAge';
import type { IpfsStat } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';
import type { Target } from '../protocol';
import { splitIpfsPath } from '../splitPath';
import type { VfsThread } from '../vfsThread';
import type { ContentTarget } from './contentTarget';
import { fileNameOf } from './contentTarget';
import { ipfsUri } from './ipfsUri';
import type { ContentCommand, VfsParts } from './contentParts';

interface CommandParts extends VfsParts {
  readonly thread: VfsThread;
  readonly target: (at: IpfsPath) => Target;
  /** Opens the row of a folder; false where it has none. */
  readonly reveal: (target: ContentTarget) => Promise<boolean>;
}

type Run = (parts: CommandParts, target: ContentTarget, given: unknown) => Promise<void>;

/** A larger file is opened when the user says so. */
const ASK_FROM_BYTES = 10 * 2 ** 20;
/** What VS Code takes whole at most (vfs.ts). */
const MOST_OPENED_BYTES = 256 * 2 ** 20;
const LONGEST_NAME = 100;

const COMMANDS: Readonly<
  Record<Exclude<ContentCommand, 'copyIpfsPath' | 'copyGatewayUrl' | 'copyCidV0' | 'copyCidV1' | 'openCid'>, Run>
> = {
  openPin: open,
  openInBrowser: async ({ settings }, target) => {
    await vscode.env.openExternal(vscode.Uri.parse(gatewayUrl(browserGateway(settings), target), true));
  },
  saveContent: save,
  addToWorkspace,
};

/** Texts of all that are selected, a line each. */
const COPIES: Readonly<
  Record<
    'copyIpfsPath' | 'copyGatewayUrl' | 'copyCidV0' | 'copyCidV1',
    (parts: CommandParts, target: ContentTarget) => Promise<string>
  >
> = {
  copyIpfsPath: (_parts, { at }) => Promise.resolve(`/ipfs/${[at.cid, ...at.path].join('/')}`),
  copyGatewayUrl: ({ settings }, target) => Promise.resolve(gatewayUrl(browserGateway(settings), target)),
  copyCidV0: async (parts, target) => {
    const { v0 } = await parts.thread.request('forms', { cid: await cidOf(parts, target) });
    if (v0 !== undefined) return v0;
    throw new IpfsKitError(
      'unsupported',
      `${safeText(target.name)} has no CID of version 0: those name dag-pb with SHA-256 alone. Copy CID v1 instead.`,
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
  switch (stat.type) {
    case 'directory':
      if (!(await parts.reveal(target))) await offerWorkspace(parts, target);
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

async function openFile(parts: CommandParts, target: ContentTarget, { type, sizeBytes = 0 }: IpfsStat): Promise<void> {
  if (sizeBytes >= ASK_FROM_BYTES) {
    const [openIt, saveIt] = ['Open', 'Save As…'] as const;
    const answers = sizeBytes > MOST_OPENED_BYTES ? ([saveIt] as const) : ([openIt, saveIt] as const);
    const question = safe`${safeText(target.name)} has ${sizeText(sizeBytes)}.`;
    const detail =
      sizeBytes > MOST_OPENED_BYTES
        ? 'That is more than the editor takes. It can be saved to disk.'
        : 'The whole file is loaded into the editor.';
    const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, ...answers);
    if (answer === saveIt) return save(parts, target);
    if (answer !== openIt) return;
  }
  const name = target.at.path.length > 0 ? undefined : fileNameOf(target);
  const uri = ipfsUri(target.at, type === 'data' && target.at.path.length === 0 ? `${name ?? target.at.cid}.json` : name);
  await vscode.commands.executeCommand('vscode.open', uri, { preview: true });
}

/** Writes a file to disk, streamed. */
async function save(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  if (stat.type === 'directory' || stat.type === 'symlink')
    throw new IpfsKitError(
      'not-a-file',
      `${safeText(target.name)} is a folder. Open it and save its files, or add it to the workspace.`,
    );
  const name = (fileNameOf(target) ?? target.at.cid).slice(0, LONGEST_NAME);
  const file = await vscode.window.showSaveDialog({
    title: safe`Save ${safeText(name)}`,
    defaultUri: vscode.Uri.file(path.join(folder(), name)),
  });
  if (!file) return;
  if (file.scheme !== 'file')
    throw new IpfsKitError('invalid-argument', 'Content is saved to files alone. Choose a folder on this machine.');
  const total = stat.sizeBytes ?? 0;
  const location = vscode.ProgressLocation.Notification;
  const title = safe`Saving ${safeText(path.basename(file.fsPath))}`;
  const bytes = await vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    const cancel = new AbortController();
    token.onCancellationRequested(() => cancel.abort());
    let before = 0;
    const onSign = ({ bytes: written }: { readonly bytes: number }): void => {
      progress.report({
        message: safe`${sizeText(written)} of ${sizeText(total)}`,
        increment: total === 0 ? 0 : (100 * (written - before)) / total,
      });
      before = written;
    };
    return parts.thread.request('save', { ...parts.target(target.at), file: file.fsPath }, { signal: cancel.signal, onSign });
  });
  void vscode.window.showInformationMessage(
    safe`Saved ${safeText(path.basename(file.fsPath))} (${sizeText(bytes)}), every byte checked.`,
  );
}

/** It has no row that could be opened. */
async function offerWorkspace(parts: CommandParts, target: ContentTarget): Promise<void> {
  const add = 'Add to Workspace';
  const question = safe`${safeText(target.name)} is a folder. It can be shown beside your own, read-only.`;
  if ((await vscode.window.showInformationMessage(question, add)) === add) await addToWorkspace(parts, target);
}

async function addToWorkspace(parts: CommandParts, target: ContentTarget): Promise<void> {
  const stat = await statOf(parts, target);
  if (stat.type !== 'directory')
    throw new IpfsKitError('not-a-folder', `${safeText(target.name)} is no folder. Open it instead.`);
  const { workspaceFolders = [] } = vscode.workspace;
  vscode.workspace.updateWorkspaceFolders(workspaceFolders.length, 0, {
    uri: ipfsUri(target.at),
    name: safeText(target.name, LONGEST_NAME),
  });
}

/** Opens what the user has a CID of, pinned or not. */
async function openCid(parts: CommandParts, given: unknown): Promise<void> {
  const text =
    typeof given === 'string'
      ? given
      : await vscode.window.showInputBox({
          title: 'IPFS Kit: Open CID',
          prompt: 'A CID, or a path below one',
          placeHolder: 'bafy…/readme.md',
        });
  const [cid = '', ...names] = splitIpfsPath(text ?? '');
  if (cid === '') return;
  await open({ ...parts, reveal: () => Promise.resolve(false) }, { at: { cid, path: names }, name: names.at(-1) ?? cid });
}

/** Takes longer than a person waits without a word: shown in the status bar. */
async function statOf({ thread, target }: CommandParts, { at }: ContentTarget): Promise<IpfsStat> {
  const location = vscode.ProgressLocation.Window;
  return vscode.window.withProgress({ location, title: 'Reading from IPFS' }, () => thread.request('stat', target(at)));
}

/** The CID of the object itself, which for something below a pin has to be looked up. */
async function cidOf(parts: CommandParts, target: ContentTarget): Promise<string> {
  return target.at.path.length === 0 ? target.at.cid : (await statOf(parts, target)).cid;
}

function gatewayUrl(gateway: string, { at }: ContentTarget): string {
  return `${gateway}/ipfs/${[at.cid, ...at.path].map((name) => encodeURIComponent(name)).join('/')}`;
}

function folder(): string {
  const [workspace] = vscode.workspace.workspaceFolders ?? [];
  return workspace?.uri.scheme === 'file' ? workspace.uri.fsPath : homedir();
}

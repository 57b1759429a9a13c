import * as vscode from 'vscode';
import { looksLikeCid } from '../pin/cid';
import type { Pin } from '../pin/pin';
import { fileNameOf } from '../vfs/editor/contentTarget';
import type { IpfsPath } from '../vfs/ipfsPath';
import type { GroupRow } from './groupRow';
import { pinDescription, pinFacts, pinLabel, pinSpoken, shortCid } from './pinText';

const ICON_OF_TYPE: Record<string, string> = { recursive: 'pinned', direct: 'pin', indirect: 'references' };

/** A pin in the tree. Its id stays the same over refreshes, so that the selection does. */
export class PinNode {
  /** Set for a moment after its CID was copied: the inline icon is a tick. */
  copied = false;

  constructor(
    readonly pin: Pin,
    readonly id: string,
    readonly parent: GroupRow | undefined,
  ) {}

  get at(): IpfsPath {
    return { cid: this.pin.cid, path: [] };
  }

  /** For when the pin turns out to be a file. */
  get fileName(): string {
    return fileNameOf(this.pin) ?? shortCid(this.pin.cid);
  }

  /** Without tooltip: that is built by resolve(), when it is wanted. `canOpen`: there is a place where its content could be. */
  item(now: number, canOpen: boolean): vscode.TreeItem {
    const { pin: whole, parent } = this;
    // Among the folders of the VFS, a pin goes by its name there.
    const pin = parent?.by === 'folder' && whole.vfsPath !== undefined ? { ...whole, name: this.fileName } : whole;
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(pinLabel(pin), canOpen && mayBeFolder(pin) ? Collapsed : None);
    item.id = this.id;
    item.description = pinDescription(pin, now);
    item.iconPath = new vscode.ThemeIcon(looksLikeCid(pin.cid) ? (ICON_OF_TYPE[pin.type ?? ''] ?? 'circle-outline') : 'warning');
    item.contextValue = this.copied ? 'pin.copied' : 'pin';
    item.accessibilityInformation = { label: pinSpoken(pin, now) };
    return item;
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = pinTooltip(this.pin);
    return item;
  }
}

/** dag-pb in base58btc or base32, the beginning of every such CID with SHA-256: folders are no other. */
const DAG_PB = /^(?:Qm|bafybe|zdj7)/;

/** Without looking: a name with an ending is taken for a file, which has nothing below it. */
function mayBeFolder(pin: Pin): boolean {
  return DAG_PB.test(pin.cid) && looksLikeCid(pin.cid) && !/[^.]\.[a-z\d]{1,5}$/i.test(fileNameOf(pin) ?? '');
}

/** Untrusted Markdown, every value as plain text: no links, no icons, no HTML. */
function pinTooltip(pin: Pin): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  tooltip.isTrusted = false;
  tooltip.supportHtml = false;
  if (pin.name !== undefined) tooltip.appendMarkdown('**').appendText(pinLabel(pin)).appendMarkdown('**\n\n');
  for (const [title, value] of pinFacts(pin)) tooltip.appendMarkdown(`${title}: `).appendText(value).appendMarkdown('  \n');
  return tooltip;
}

import * as vscode from 'vscode';
import type { Pin } from '../pin/pin';
import type { GroupRow } from './groupRow';
import { looksLikeCid, pinDescription, pinFacts, pinLabel, pinSpoken } from './pinText';

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

  /** Without tooltip: that is built by resolve(), when it is wanted. */
  item(now: number): vscode.TreeItem {
    const { pin } = this;
    const item = new vscode.TreeItem(pinLabel(pin), vscode.TreeItemCollapsibleState.None);
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

/** Untrusted Markdown, every value as plain text: no links, no icons, no HTML. */
function pinTooltip(pin: Pin): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString();
  tooltip.isTrusted = false;
  tooltip.supportHtml = false;
  if (pin.name !== undefined) tooltip.appendMarkdown('**').appendText(pinLabel(pin)).appendMarkdown('**\n\n');
  for (const [title, value] of pinFacts(pin)) tooltip.appendMarkdown(`${title}: `).appendText(value).appendMarkdown('  \n');
  return tooltip;
}

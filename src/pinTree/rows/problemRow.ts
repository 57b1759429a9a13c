import * as vscode from 'vscode';
import type { IpfsKitError } from '../../base/ipfsKitError';
import { shortCid } from '../../pin/cid';
import { safe, safeText } from '../../base/safeText';
import { partsMissing } from '../../vfs/editor/contentParts';
import type { ContentParent } from './contentRow';
import type { Row } from './row';

const LABEL: Partial<Readonly<Record<IpfsKitError['reason'], string>>> = {
  missing: 'Not available here',
  mismatch: "Not shown: doesn't match its CID",
  timeout: "Didn't respond in time",
  malformed: 'Damaged or untrusted',
  'invalid-argument': 'Not a CID',
};

/** The row of an error: the whole folder, or `parts` of its parts, can't be shown. */
export class ProblemRow implements Row {
  readonly id: string;

  constructor(
    private readonly problem: IpfsKitError,
    readonly parent: ContentParent,
    private readonly parts?: number,
  ) {
    this.id = `${parent.id}/!${parts === undefined ? 'problem' : 'parts'}`;
  }

  item(): vscode.TreeItem {
    const { reason, message } = this.problem;
    const label = this.parts === undefined ? safeText(LABEL[reason] ?? "Can't be shown") : partsMissing(this.parts);
    const item = new vscode.TreeItem(label);
    item.id = this.id;
    item.description = safeText(message.replace(/\b(?:Qm|ba)\w{40,}/g, shortCid)); // A row is narrow; the tooltip has all.
    item.iconPath = new vscode.ThemeIcon('warning');
    item.tooltip = safeText(message, 2000);
    item.contextValue = 'problem';
    item.accessibilityInformation = { label: safe`${label}: ${safeText(message)}` };
    return item;
  }
}

import * as vscode from 'vscode';
import { DAG_PB, decodeCid, shortCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';
import { fileNameOf } from '../../pin/fileName';
import type { IpfsPath } from '../../vfs/ipfsPath';
import type { AskedFacts } from '../../pinSource/pinSource';
import { pinDescription, pinIcon, pinLabel, pinSpoken } from '../text/pinText';
import type { PinnedRow } from './contentRow';
import { GroupRow } from './groupRow';
import type { Row } from './row';
import type { RowSource } from './rowSource';
import { pinTooltip } from './rowTooltips';
import { openOnClick } from '../../vfs/editor/openOnClick';

/** The row of a pin. Its id stays the same when the list is refreshed, so the row stays selected. */
export class PinRow implements PinnedRow {
  private asked: AskedFacts | undefined;

  constructor(
    readonly source: RowSource,
    readonly pin: Pin,
    readonly id: string,
    readonly parent: Row | undefined,
  ) {}

  /** The pin with the facts that were requested for it, as far as they are known. */
  get known(): Pin {
    return withFacts(this.pin, this.asked);
  }

  /** The status in full, a line for each machine. */
  get detail(): string | undefined {
    return this.asked?.detail;
  }

  get at(): IpfsPath {
    return { cid: this.pin.cid, path: [] };
  }

  /** The file name to show if the pin is a file. */
  get fileName(): string {
    return fileNameOf(this.pin) ?? shortCid(this.pin.cid);
  }

  /** Undefined while it is neither told nor seen. */
  private get isFile(): boolean | undefined {
    return this.asked?.isFile ?? this.source.content.isFile(this.pin.cid);
  }

  get isExpandable(): boolean {
    return this.source.content.canOpen && !(this.isFile ?? !mayBeFolder(this.pin));
  }

  item(): vscode.TreeItem {
    const { parent, source } = this;
    const { content } = source;
    const { actions } = source.list.source.capabilities;
    const now = Date.now();
    this.asked = source.factsOf(this);
    const whole = this.known;
    // Below a VFS folder, a pin is shown by its name in that folder.
    const pin =
      parent instanceof GroupRow && parent.by === 'folder' && whole.vfsPath !== undefined
        ? { ...whole, name: this.fileName }
        : whole;
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(pinLabel(pin), this.isExpandable ? Collapsed : None);
    item.id = this.id;
    item.description = pinDescription(pin, now);
    item.iconPath = new vscode.ThemeIcon(pinIcon(pin));
    const isFailed = /fail|error|unexpected/i.test(pin.status ?? '');
    item.contextValue = ['pin', this.isExpandable ? 'folder' : 'file', ...(isFailed ? ['failed'] : []), ...actions].join(':');
    if (content.canOpen && this.isFile !== false) item.command = openOnClick(this);
    item.accessibilityInformation = { label: pinSpoken(pin, now) };
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.source.content.below(this);
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    item.tooltip = pinTooltip(this.known, this.detail);
    return item;
  }
}

/** Adds facts to a pin. A requested status replaces that of the list, because it is newer and more precise. */
function withFacts(pin: Pin, { sizeBytes, status }: AskedFacts = {}): Pin {
  return { ...(sizeBytes !== undefined && { sizeBytes }), ...pin, ...(status !== undefined && { status }) };
}

/** Guesses whether a pin that hasn't been opened is a folder: folders are dag-pb, and a name with an extension is taken for a file. */
function mayBeFolder(pin: Pin): boolean {
  return decodeCid(pin.cid)?.codec === DAG_PB && !/[^.]\.[a-z\d]{1,5}$/i.test(fileNameOf(pin) ?? '');
}

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

/** A pin in the tree. Its id stays the same over refreshes, so that the selection does. */
export class PinRow implements PinnedRow {
  /** Set for a moment after its CID was copied: the inline icon is a tick. */
  copied = false;

  private asked: AskedFacts | undefined;

  constructor(
    readonly source: RowSource,
    readonly pin: Pin,
    readonly id: string,
    readonly parent: Row | undefined,
  ) {}

  /** With what is known besides by now. */
  get known(): Pin {
    return withFacts(this.pin, this.asked);
  }

  /** How it stands, a line for each machine. */
  get detail(): string | undefined {
    return this.asked?.detail;
  }

  get at(): IpfsPath {
    return { cid: this.pin.cid, path: [] };
  }

  /** For when the pin turns out to be a file. */
  get fileName(): string {
    return fileNameOf(this.pin) ?? shortCid(this.pin.cid);
  }

  item(): vscode.TreeItem {
    const { parent, source } = this;
    const { content } = source;
    const { actions } = source.list.source.capabilities;
    const now = Date.now();
    this.asked = source.factsOf(this);
    const whole = this.known;
    // Among the folders of the VFS, a pin goes by its name there.
    const pin =
      parent instanceof GroupRow && parent.by === 'folder' && whole.vfsPath !== undefined
        ? { ...whole, name: this.fileName }
        : whole;
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const isLeaf = this.asked?.isFile ?? content.isFile(pin.cid) ?? !mayBeFolder(pin);
    const item = new vscode.TreeItem(pinLabel(pin), content.canOpen && !isLeaf ? Collapsed : None);
    item.id = this.id;
    item.description = pinDescription(pin, now);
    item.iconPath = new vscode.ThemeIcon(pinIcon(pin));
    item.contextValue = [this.copied ? 'pin.copied' : 'pin', ...actions].join(':');
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

/** What the list says, and what it does not; how a pin stands is told in more words, and later. */
function withFacts(pin: Pin, { sizeBytes, status }: AskedFacts = {}): Pin {
  return { ...(sizeBytes !== undefined && { sizeBytes }), ...pin, ...(status !== undefined && { status }) };
}

/** A guess, for as long as nothing is known: folders are dag-pb, and a name with an ending is taken for a file, which has nothing below it. */
function mayBeFolder(pin: Pin): boolean {
  return decodeCid(pin.cid)?.codec === DAG_PB && !/[^.]\.[a-z\d]{1,5}$/i.test(fileNameOf(pin) ?? '');
}

import * as vscode from 'vscode';
import { mayBeFolder, shortCid } from '../../pin/cid';
import { asksJoin } from '../../pin/joinQuery';
import type { Pin } from '../../pin/pin';
import { pinKey } from '../../pin/pinKey';
import { fileNameOf, hasFileEnding } from '../../pin/fileName';
import type { IpfsPath } from '../../vfs/ipfsPath';
import type { SafeText } from '../../base/safeText';
import { safe, safeName } from '../../base/safeText';
import { plainName } from '../../vfs/plainNames';
import type { AskedFacts } from '../../pinSource/pinSource';
import { actionsOn } from '../../pinSource/pinSource';
import { copiesLines, otherSources } from '../text/copiesText';
import { kindName } from '../text/kindName';
import { newSinceText } from '../text/newText';
import { STATE_ICON, stateOf } from '../text/pinState';
import type { Noun } from '../text/pinCount';
import { nounOf } from '../text/pinCount';
import { pinDescription, pinLabel, pinSpoken } from '../text/pinText';
import { isLeftOnDisk } from '../text/sourceText';
import type { PinnedRow } from './contentRow';
import { GroupRow } from './groupRow';
import { hover } from './hover';
import type { Row } from './row';
import type { RowSource } from './rowSource';
import { openOnClick } from '../../vfs/editor/openOnClick';
import { hoverFacts } from './rowTooltips';
import { rowUri } from './rowUris';
import { themeIcon } from './themeIcon';

/** The most of a name in a hover, in UTF-16 units. */
const LONGEST_NAME = 500;

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

  get isEntry(): boolean {
    return this.source.list.source.entries !== undefined;
  }

  get isChangeable(): boolean {
    const { source, model } = this.source.list;
    return this.isEntry && !isLeftOnDisk(source, model.state.listing);
  }

  /** Undefined while it is neither told by the source, nor seen in a block or by opening it. */
  get isFile(): boolean | undefined {
    return this.asked?.isFile ?? this.source.content.isFile(this.pin.cid) ?? (mayBeFolder(this.pin.cid) ? undefined : true);
  }

  /** As `isFile`. While that is unknown, a name with the ending of a file is taken for that of a file. */
  private get isFileAsFarAsKnown(): boolean | undefined {
    return this.isFile ?? (hasFileEnding(fileNameOf(this.pin) ?? '') || undefined);
  }

  /** A pin that may be a folder can be expanded. If it is a file, that shows its only row. */
  get isExpandable(): boolean {
    return this.source.content.canOpen && this.isFileAsFarAsKnown !== true;
  }

  /** Since when the pin is new and hasn't been looked at, in ms since 1970. */
  private get newSinceMs(): number | undefined {
    return this.source.list.model.newRows.since(pinKey(this.pin, this.isEntry));
  }

  /** The user looks at the pin. True where it was new, so that the row has to be drawn again. */
  look(): boolean {
    return this.source.list.model.newRows.look(pinKey(this.pin, this.isEntry));
  }

  private get noun(): Noun {
    return nounOf(this.source.list.model.state);
  }

  item(): vscode.TreeItem {
    const now = Date.now();
    this.asked = this.source.factsOf(this);
    const { shown: pin, kind, isFile } = this;
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(pinLabel(pin, kind), this.isExpandable ? Collapsed : None);
    item.id = this.id;
    const { also } = this;
    item.description = pinDescription(pin, now, also);
    this.draw(item, pin, this.isFileAsFarAsKnown);
    const spoken = pinSpoken(pin, now, kind, this.noun, also);
    item.accessibilityInformation = { label: this.newSinceMs === undefined ? spoken : safe`${spoken}, new` };
    if (this.source.content.canOpen && isFile !== false) item.command = openOnClick(this);
    return item;
  }

  children(): Promise<readonly Row[]> {
    return this.source.content.below(this);
  }

  async resolve(item: vscode.TreeItem): Promise<vscode.TreeItem> {
    const { content, list, nameOf } = this.source;
    const copies = copiesLines(await this.source.copiesOf(this), list.source.id, nameOf);
    const pin = this.shown;
    const { newSinceMs } = this;
    const news = newSinceMs === undefined ? [] : [newSinceText(newSinceMs, Date.now())];
    const facts = [...news, ...hoverFacts(pin, list.source.name, this.detail, Date.now(), this.noun, copies)];
    const name = pin.name === undefined ? pinLabel(pin, this.kind) : safeName(pin.name, LONGEST_NAME);
    item.tooltip = hover(this, name, facts, pin.cid, content.canOpen);
    return item;
  }

  /** The other sources of the content, where the list is arranged by what they know and no group names them. */
  private get also(): SafeText | undefined {
    const { list, nameOf } = this.source;
    const { view } = list.model.state;
    return asksJoin(view) && view.group !== 'source' ? otherSources(this.pin, list.source.id, nameOf) : undefined;
  }

  /** The known pin; below a VFS folder, with its name in that folder. */
  private get shown(): Pin {
    const { known, parent } = this;
    const isInFolder = parent instanceof GroupRow && parent.by === 'folder' && known.vfsPath !== undefined;
    return isInFolder ? { ...known, name: this.fileName } : known;
  }

  /** What a pin without a name is. */
  private get kind(): string | undefined {
    return this.pin.name === undefined && this.asked ? kindName(this.asked) : undefined;
  }

  /** Sets the icon, the URI that gives the row its file icon and badge, and the words for menus. */
  private draw(item: vscode.TreeItem, pin: Pin, isFile: boolean | undefined): void {
    const state = stateOf(pin);
    const mark = state === 'failed' ? state : pin.type === 'direct' || pin.type === 'indirect' ? pin.type : 'row';
    const { newSinceMs } = this;
    const isMarked = mark !== 'row' || newSinceMs !== undefined;
    const icon = state ? STATE_ICON[state] : { icon: iconOf(isFile, isMarked) };
    item.iconPath = themeIcon(icon);
    if (state !== 'invalid' && (icon.icon === 'file' || isMarked))
      item.resourceUri = rowUri(this.at, this.iconName, mark, newSinceMs);
    const kind = isFile === undefined ? [] : [isFile ? 'file' : 'folder'];
    const failed = state === 'failed' ? [state] : [];
    item.contextValue = [
      'pin',
      ...kind,
      ...failed,
      ...(this.noun === 'pin' ? [] : [this.noun]),
      ...(this.isChangeable ? ['entry'] : []),
      ...actionsOn(pin, this.source.list.source.capabilities),
    ].join(':');
  }

  /** The name by which the icon theme chooses an icon. */
  private get iconName(): string | undefined {
    const name = fileNameOf(this.pin);
    const ending = this.asked?.ending;
    if (name === undefined) return ending === undefined ? undefined : `${shortCid(this.pin.cid)}${ending}`;
    return plainName(name);
  }
}

/** A folder with a URI would have the icon of the theme, and none where the theme has no icon for folders: the second icon is the same picture. */
function iconOf(isFile: boolean | undefined, isMarked: boolean): string {
  if (isFile === undefined) return 'pinned';
  return isFile ? 'file' : isMarked ? 'file-directory' : 'folder';
}

/** Adds facts to a pin. A requested status replaces that of the list, because it is newer and more precise. */
function withFacts(pin: Pin, { sizeBytes, status }: AskedFacts = {}): Pin {
  return { ...(sizeBytes !== undefined && { sizeBytes }), ...pin, ...(status !== undefined && { status }) };
}

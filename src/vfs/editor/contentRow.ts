import * as vscode from 'vscode';
import { COMMAND } from '../../base/contributions';
import type { IpfsKitError } from '../../base/ipfsKitError';
import type { SafeText } from '../../base/safeText';
import { joined, safe, safeText } from '../../base/safeText';
import { sizeText, UNIT_WORDS } from '../../base/sizeAndAge';
import type { IpfsEntry, IpfsType } from '../ipfsFiles';
import type { IpfsPath } from '../ipfsPath';
import { hasObeyedName, isObeyedName } from '../obeyedNames';
import { isPathName, isPlainName, plainName } from '../plainNames';
import { ipfsUri } from './ipfsUri';
import { shortCid } from '../../pin/cid';
import type { Pin } from '../../pin/pin';

/** The row of a pin, as far as its content is concerned. */
interface PinnedRow {
  readonly pin: Pin;
  readonly id: string;
  readonly at: IpfsPath;
  /** For when the pin turns out to be a file. */
  readonly fileName: string;
}

/** What has content below it: a pin, or a folder of one. */
export type ContentParent = PinnedRow | EntryRow;

const WORD: Readonly<Record<IpfsType, string>> = {
  file: 'file',
  data: 'data',
  directory: 'folder',
  symlink: 'symbolic link',
  unknown: 'kind unknown',
};

/** UTF-16 units; file systems end at 255 bytes. */
const LONGEST_NAME = 1024;

/** A file or folder below a pin. */
export class EntryRow {
  readonly kind = 'entry';
  readonly at: IpfsPath;

  constructor(
    readonly entry: IpfsEntry,
    readonly id: string,
    readonly parent: ContentParent,
    /** The pin itself is a file, and this is it. */
    isPinItself = false,
  ) {
    const { at } = parent;
    // What no path leads to, or no URI may hold, is known by its own CID.
    const isBelow = isPathName(entry.name) && isPlainName(entry.name) && entry.name.length <= LONGEST_NAME;
    this.at = isPinItself ? at : isBelow ? { cid: at.cid, path: [...at.path, entry.name] } : { cid: entry.cid, path: [] };
  }

  item(): vscode.TreeItem {
    const { id, at, entry } = this;
    const { name, type, sizeBytes, cid } = entry;
    const isFolder = type === 'directory';
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(safeText(name === '' ? '(no name)' : name), isFolder ? Collapsed : None);
    item.id = id;
    const size = sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes));
    const word = isFolder || type === 'file' ? undefined : safeText(WORD[type]);
    item.description = joined([size, word, safeText(shortCid(cid), 40)], ' · ');
    // The icon that the user's theme has for such a name. Not every theme has one for folders: theirs is always the same.
    if (!isFolder) item.resourceUri = ipfsUri(at, plainName(name));
    item.iconPath =
      type === 'unknown' ? new vscode.ThemeIcon('question') : isFolder ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
    item.contextValue = `content.${isFolder ? 'folder' : type === 'symlink' ? 'link' : 'file'}`;
    const spokenSize = sizeBytes === undefined ? '' : `, ${sizeText(sizeBytes, UNIT_WORDS)}`;
    item.accessibilityInformation = { label: safe`${safeText(name)}, ${WORD[type]}${spokenSize}` };
    if (!isFolder) item.command = { command: COMMAND.openPin, title: 'Open', arguments: [this] };
    return item;
  }

  resolve(item: vscode.TreeItem): vscode.TreeItem {
    const { name, cid, sizeBytes, problem } = this.entry;
    const size = sizeBytes === undefined ? undefined : safeText(sizeText(sizeBytes));
    const isObeyed = hasObeyedName(this.at.path) || isObeyedName(name);
    const obeyed = isObeyed ? 'Configuration: opened as plain text, left out of workspace folders' : undefined;
    const why = problem && safe`It isn't known what this is. ${safeText(problem.message, 1000)}`;
    item.tooltip = joined([safeText(name, 500), safeText(cid, 500), size, obeyed, why], '\n');
    return item;
  }
}

/** What a folder, or so many of its parts, could not be shown for. */
export class ProblemRow {
  readonly kind = 'problem';
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
    const label = this.parts === undefined ? safeText(LABEL[reason] ?? 'Cannot be shown') : partsMissing(this.parts);
    const item = new vscode.TreeItem(label);
    item.id = this.id;
    item.description = safeText(message);
    item.iconPath = new vscode.ThemeIcon('warning');
    item.tooltip = safeText(message, 2000);
    item.contextValue = 'problem';
    item.accessibilityInformation = { label: safe`${label}: ${safeText(message)}` };
    return item;
  }
}

export function partsMissing(parts: number): SafeText {
  return parts === 1 ? safe`A part of this folder is missing` : safe`${parts} parts of this folder are missing`;
}

const LABEL: Partial<Readonly<Record<IpfsKitError['reason'], string>>> = {
  missing: 'Not available here',
  mismatch: 'Not shown: wrong bytes',
  timeout: 'No answer in time',
  malformed: 'Damaged, or not to be trusted',
  'invalid-argument': 'Not a CID',
};

/** The last row of a folder with more entries than rows. */
export class MoreEntriesRow {
  readonly kind = 'more-entries';
  readonly id: string;

  constructor(readonly parent: ContentParent) {
    this.id = `${parent.id}/!more`;
  }

  item(): vscode.TreeItem {
    const item = new vscode.TreeItem('Show more');
    item.id = this.id;
    item.iconPath = new vscode.ThemeIcon('ellipsis');
    item.contextValue = 'more';
    item.command = { command: COMMAND.showMore, title: 'Show More', arguments: [this] };
    return item;
  }
}
